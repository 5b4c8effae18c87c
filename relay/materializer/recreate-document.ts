/**
 * Gives a grown document its next epoch. Nothing is lost on the way:
 *
 *   1  copy the document as it is in the report, put the copy into the object store, read it back
 *   2  lock the document row; bring the copy up to the head (a few updates); switch
 *   3  the report reads the old epoch's log to its end, then goes on with the new one
 *
 * The new epoch begins with seq 1, which is the snapshot; what happened between 1 and 2 is seq 2. Appends wait for step 2
 * only, which reads no object store. A commit that a device made on the old epoch is refused with `epoch-changed`, and
 * the device makes it again on the new one [EPOCH-1].
 */
import type { Pool } from 'pg';
import * as Y from 'yjs';
import { RELAY_DEVICE } from '../../shared/registers/register-guard.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { inTransaction } from '../transaction.ts';
import { Breath } from './breath.ts';
import { DocumentCopy } from './document-copy.ts';
import { ENTRY_COLUMNS, type EntryRow, entryOfRow } from './log-entry.ts';
import { encodeSnapshot, type SnapshotFile, storeVerified } from './snapshot-file.ts';
import type { WarmDocument } from './warm-document.ts';
import { isReported, WarmDocuments } from './warm-documents.ts';

export interface RecreateOptions {
  readonly pool: Pool;
  readonly objects: ObjectStore;
  readonly schema: Schema;
}

export type Recreated =
  | {
      readonly kind: 'recreated';
      readonly epoch: number;
      readonly clientsBefore: number;
      readonly bytes: number;
    }
  /** Not now, and why. */
  | { readonly kind: 'left'; readonly because: 'no-family' | 'report-behind' | 'updates-waiting' | 'busy' };

/** More updates than this between copy and switch would hold appends up: copy again first. */
const MAX_TAIL = 500;
const COPIES = 4;
const HOLD_MS = 8;

interface Place {
  readonly document: number;
  readonly workspace: string;
  readonly name: string;
  readonly epoch: number;
  readonly seq: number;
  readonly liveEpoch: number;
}

/** Call under the document's compaction lock: no snapshot of the old epoch may appear meanwhile. */
export async function recreateDocument(options: RecreateOptions, id: number): Promise<Recreated> {
  const { pool, schema } = options;
  for (let attempt = 0; attempt < COPIES; attempt++) {
    const { rows } = await pool.query<Place & { waiting: boolean }>(
      `select d.id as document, d.workspace, d.name, c.epoch, c.seq, d.epoch as "liveEpoch",
              exists (select from espejo.quarantine q
                       where q.document = d.id and q.epoch = d.epoch and q.state = 'waiting') as waiting
         from espejo.document d join espejo.report_cursor c on c.document = d.id where d.id = $1`,
      [id],
    );
    const place = rows[0];
    if (place === undefined || place.epoch !== place.liveEpoch)
      return { kind: 'left', because: 'report-behind' };
    if (!isReported(schema, place.name)) return { kind: 'left', because: 'no-family' };
    // What waits for its predecessor would wait for ever: the predecessor could only come for the old epoch.
    if (place.waiting) return { kind: 'left', because: 'updates-waiting' };
    const recreated = await copyAndSwitch(options, place);
    if (recreated !== undefined) return recreated;
  }
  return { kind: 'left', because: 'busy' };
}

/** Undefined: too much happened meanwhile. */
async function copyAndSwitch(options: RecreateOptions, place: Place): Promise<Recreated | undefined> {
  const { pool, objects, schema } = options;
  const documents = new WarmDocuments({ schema, objects, maxRegisters: 0, breath: new Breath(HOLD_MS) });
  let copy: DocumentCopy | undefined;
  try {
    const warm = await inTransaction(pool, (client) => documents.open(client, place));
    const clientsBefore = warm.doc.store.clients.size;
    copy = new DocumentCopy(warm.doc);
    const epoch = place.epoch + 1;
    const where = { workspace: place.workspace, document: place.name, epoch, seq: 1 };
    const file = encodeSnapshot(where, Y.encodeStateAsUpdate(copy.doc));
    await storeVerified(objects, file);
    const isSwitched = await switchEpoch(pool, { place, warm, copy, file });
    return isSwitched ? { kind: 'recreated', epoch, clientsBefore, bytes: file.bytes.length } : undefined;
  } finally {
    copy?.close();
    documents.close();
  }
}

async function switchEpoch(
  pool: Pool,
  { place, warm, copy, file }: { place: Place; warm: WarmDocument; copy: DocumentCopy; file: SnapshotFile },
): Promise<boolean> {
  const { document, workspace } = place;
  const epoch = place.epoch + 1;
  return inTransaction(pool, async (client) => {
    // From here on appends to this document wait.
    const { rows: locked } = await client.query<{ epoch: number; head: number }>(
      'select epoch, head from espejo.document where id = $1 for no key update',
      [document],
    );
    if (locked[0]?.epoch !== place.epoch || locked[0].head - place.seq > MAX_TAIL) return false;
    const { rows: tail } = await client.query<EntryRow>(
      `select ${ENTRY_COLUMNS} from espejo.log l
         left join espejo.commit k on k.workspace = $4 and k.id = l.commit
        where l.document = $1 and l.epoch = $2 and l.seq > $3 order by l.seq`,
      [document, place.epoch, place.seq, workspace],
    );
    const update = copy.follow(() => {
      for (const row of tail) warm.apply(entryOfRow(row));
    });
    if (warm.waiting.size > 0) return false;
    const head = update === undefined ? 1 : 2;
    if (update !== undefined) {
      await client.query(
        `insert into espejo.log (document, epoch, seq, position, commit, user_name, device, update)
         values ($1, $2, 2, nextval('espejo.position'), null, $3, $3, $4)`,
        [document, epoch, RELAY_DEVICE, Buffer.from(update)],
      );
    }
    await client.query(
      `insert into espejo.snapshot (document, epoch, seq, key, sha256, bytes) values ($1, $2, 1, $3, $4, $5)`,
      [document, epoch, file.key, file.sha256, file.bytes.length],
    );
    await client.query(
      `update espejo.document
          set epoch = $2, head = $3, trimmed_seq = 1, snapshot_seq = 1, snapshot_key = $4, snapshot_sha256 = $5,
              snapshot_bytes = $6, snapshot_at = clock_timestamp(), log_bytes = $7
        where id = $1`,
      [document, epoch, head, file.key, file.sha256, file.bytes.length, update?.length ?? 0],
    );
    await client.query(`select pg_notify('espejo_log', $1)`, [
      `recreate|${workspace}|${document}.${epoch}.${head}`,
    ]);
    return true;
  });
}
