/**
 * The demo workspace: written once into the log as ordinary commits, so that replicas, reports and history treat it
 * like any other. The engine makes the commits in process; nothing is copied from rows.
 */
import { loadSqlJs, openSqlJs } from '../shared/mirror/sqljs.ts';
import { playDemo } from '../shared/taller/demo/play.ts';
import type { AppendRequest, Log } from './log/log.ts';

export interface DemoSeed {
  readonly log: Pick<Log, 'append' | 'documents'>;
  /** `demo` when absent. */
  readonly workspace?: string;
  /** 120 when absent. */
  readonly orders?: number;
  /** End of the three months; now when absent. */
  readonly nowMs?: number;
}

export const DEMO_WORKSPACE = 'demo';
/** Commits appended at once: all of the usual workspace, so that it is there completely or not at all. */
const COMMITS_PER_APPEND = 5000;

/** Seeds a workspace that has no documents yet; any other is left alone. */
export async function seedDemo(seed: DemoSeed): Promise<'seeded' | 'already-there'> {
  const workspace = seed.workspace ?? DEMO_WORKSPACE;
  const documents = await seed.log.documents(workspace);
  if (documents.length > 0) return 'already-there';
  const sql = openSqlJs(await loadSqlJs());
  try {
    let requests: AppendRequest[] = [];
    const options = {
      nowMs: seed.nowMs ?? Date.now(),
      ...(seed.orders === undefined ? {} : { orders: seed.orders }),
    };
    for (const { user, commit } of playDemo(sql, options)) {
      const { parts, ...head } = commit;
      requests.push({ workspace, user, device: commit.device, commit: head, parts });
      if (requests.length < COMMITS_PER_APPEND) continue;
      await seed.log.append(requests);
      requests = [];
    }
    if (requests.length > 0) await seed.log.append(requests);
  } finally {
    sql.close();
  }
  return 'seeded';
}
