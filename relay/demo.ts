/**
 * What a new workspace is filled with: the demo workspace, or the few rows every workshop begins with. Written once
 * into the log as ordinary commits, so that replicas, reports and history treat it like any other; the engine makes
 * the commits in process.
 */

import type pg from 'pg';
import { newDeviceId } from '../shared/base/ids.ts';
import type { SqlDatabase } from '../shared/mirror/sql.ts';
import { loadSqlJs, openSqlJs } from '../shared/mirror/sqljs.ts';
import type { DemoPhotoSubject } from '../shared/taller/demo/photos.ts';
import { type PlayedCommit, playDemo, playScript } from '../shared/taller/demo/play.ts';
import { insert } from '../shared/taller/flows/statement.ts';
import { starterStatements } from '../shared/taller/starter.ts';
import { objectKey } from './api/objects.ts';
import { DemoPhotographer, type DrawnPhoto } from './demo-photos.ts';
import type { AppendRequest, Log } from './log/log.ts';
import type { ObjectStore } from './objects/object-store.ts';

export interface DemoSeed {
  readonly log: Pick<Log, 'append' | 'documents'>;
  /** `demo` when absent. */
  readonly workspace?: string;
  /** 120 when absent. */
  readonly orders?: number;
  /** Where the photos of its open orders go; absent: they have none. */
  readonly photos?: { readonly pool: pg.Pool; readonly objects: Pick<ObjectStore, 'putIfAbsent'> };
  /** End of the three months; now when absent. */
  readonly nowMs?: number;
}

const DEMO_WORKSPACE = 'demo';
/** Commits appended at once: all of the usual workspace, so that it is there completely or not at all. */
const COMMITS_PER_APPEND = 5000;
/** Family that photos of receptions belong to, as the page sends them. */
const PHOTO_FAMILY = 'work';

/** Seeds a workspace that has no documents yet; any other is left alone. */
export async function seedDemo(seed: DemoSeed): Promise<'seeded' | 'already-there'> {
  const workspace = seed.workspace ?? DEMO_WORKSPACE;
  const photographer = seed.photos === undefined ? undefined : new DemoPhotographer();
  const options = {
    nowMs: seed.nowMs ?? Date.now(),
    ...(seed.orders === undefined ? {} : { orders: seed.orders }),
    ...(photographer && { photoOf: (subject: DemoPhotoSubject) => photographer.photoOf(subject) }),
  };
  return appendOnce(
    seed.log,
    workspace,
    (sql) => playDemo(sql, options),
    async () => {
      if (photographer && seed.photos) await storePhotos(seed.photos, workspace, photographer.photos);
    },
  );
}

/** Photos before the rows that name them: no order is ever seen with a photo that is nowhere. */
async function storePhotos(
  { pool, objects }: NonNullable<DemoSeed['photos']>,
  workspace: string,
  photos: readonly DrawnPhoto[],
): Promise<void> {
  const files = photos.flatMap((photo) => [
    { sha256: photo.sha256, png: photo.png },
    { sha256: photo.thumbSha256, png: photo.thumbPng },
  ]);
  for (const { sha256, png } of files) {
    await objects.putIfAbsent(objectKey(workspace, PHOTO_FAMILY, sha256), png, { contentType: 'image/png' });
    await pool.query(
      `insert into espejo.object (workspace, family, sha256, bytes, content_type, uploaded_by, stored_at)
       values ($1, $2, $3, $4, 'image/png', 'recepcion', clock_timestamp()) on conflict do nothing`,
      [workspace, PHOTO_FAMILY, sha256, png.length],
    );
  }
}

export interface WorkshopSeed {
  readonly log: Pick<Log, 'append' | 'documents'>;
  readonly workspace: string;
  /** People who get a row in `users`; name is the account's. */
  readonly users: readonly { readonly name: string; readonly displayName: string; readonly role: string }[];
  readonly nowMs?: number;
}

/** A new workshop: roles, permissions, statuses, ways to pay and its people. Does nothing once it has documents. */
export async function seedWorkshop(seed: WorkshopSeed): Promise<'seeded' | 'already-there'> {
  const nowMs = seed.nowMs ?? Date.now();
  const users = seed.users.map(({ name, displayName, role }) =>
    insert('users', name, {
      display_name: displayName,
      role_id: role,
      is_technician: role === 'mecanico' ? 1 : 0,
    }),
  );
  const step = {
    atMs: nowMs,
    user: seed.users[0]?.name ?? 'admin',
    device: newDeviceId(),
    label: 'setup.workshop',
    statements: [...starterStatements(), ...users],
  };
  return appendOnce(seed.log, seed.workspace, (sql) => playScript(sql, [step], nowMs));
}

async function appendOnce(
  log: Pick<Log, 'append' | 'documents'>,
  workspace: string,
  play: (sql: SqlDatabase) => Iterable<PlayedCommit>,
  beforeAppend: () => Promise<void> = async () => {},
): Promise<'seeded' | 'already-there'> {
  const documents = await log.documents(workspace);
  if (documents.length > 0) return 'already-there';
  const sql = openSqlJs(await loadSqlJs());
  try {
    let requests: AppendRequest[] = [];
    for (const { user, commit } of play(sql)) {
      const { parts, ...head } = commit;
      requests.push({ workspace, user, device: commit.device, commit: head, parts });
      if (requests.length < COMMITS_PER_APPEND) continue;
      await beforeAppend();
      await log.append(requests);
      requests = [];
    }
    await beforeAppend();
    if (requests.length > 0) await log.append(requests);
  } finally {
    sql.close();
  }
  return 'seeded';
}
