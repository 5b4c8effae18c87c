/**
 * The engine as a whole keeps its promise: after any history, every replica's SQL is the same, is the same as one
 * built from the documents alone, and is the same as the rows that the materializer writes into Postgres.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PostgresLog } from '../../relay/log/postgres-log.ts';
import { Materializer } from '../../relay/materializer/materializer.ts';
import { encodeSnapshot, storeVerified } from '../../relay/materializer/snapshot-file.ts';
import { FolderStore } from '../../relay/objects/folder-store.ts';
import { openTestDatabase, type TestDatabase } from '../../relay/testing/postgres.ts';
import { forSeeds, type PinnedSeed, type Prng } from '../../shared/testing/prng.ts';
import type { Chaos } from './chaos.ts';
import { playHistory } from './history.ts';
import { differences, replicaContents, reportContents } from './report-rows.ts';
import { Tally } from './tally.ts';
import { newerSchema } from './two-builds.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 300);
const PARTS = 3;

/** Seeds that once failed, and what they broke. They run first, for ever. */
const PINNED: readonly PinnedSeed[] = [];

const tally = new Tally();

let database: TestDatabase;
let folder: string;
let objects: FolderStore;
let log: PostgresLog;
let materializer: Materializer;

test.before(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'espejo-convergence-'));
  log = new PostgresLog({ pool: database.pool, instance: 'test' });
  objects = await FolderStore.open(folder);
  materializer = new Materializer({
    pool: database.pool,
    objects,
    application: { name: 'test', schema: newerSchema, reportViews: [] },
  });
  await materializer.prepare();
});

test.after(async () => {
  await materializer.close();
  await log.close();
  await database.close();
  await rm(folder, { recursive: true });
});

// In parts, so that a busy machine is not taken for a hung test.
for (let part = 1; part <= PARTS; part++) {
  test(`[REG-8] after any history all replicas, a rebuilt one and report hold the same rows (${part})`, () =>
    forSeeds(HISTORIES / PARTS, part === 1 ? PINNED : [], async (random) => {
      const chaos = await playHistory(random, tally);
      await assertReport(chaos, random);
      await chaos.close();
    }));
}

test.run();

/** What happened to the relay's log, through the real log and the real materializer. */
async function assertReport(chaos: Chaos, random: Prng): Promise<void> {
  const workspace = `w${random.seed}`;
  for (const event of chaos.log) {
    if (event.kind === 'recreated') await beginEpoch(workspace, event.document, event.update);
    else {
      const { parts, ...rest } = event.commit;
      await log.append([{ workspace, user: 'test', device: rest.device, commit: rest, parts }]);
    }
    if (random.chance(10)) await materializer.runUntilLevel();
  }
  await materializer.runUntilLevel();
  const [device] = chaos.devices;
  assert.equal(
    differences(
      replicaContents(device!.replica, newerSchema),
      await reportContents(database.pool, newerSchema, workspace),
      ['replica', 'report'],
    ),
    [],
  );
}

/** As relay/materializer/recreate-document.ts leaves it, but with the very copy that the replicas have. */
async function beginEpoch(workspace: string, document: string, update: Uint8Array): Promise<void> {
  await materializer.runUntilLevel();
  const { rows } = await database.pool.query(
    `update espejo.document set epoch = epoch + 1, head = 1, trimmed_seq = 1, log_bytes = 0
      where workspace = $1 and name = $2 returning id, epoch`,
    [workspace, document],
  );
  const { id, epoch } = rows[0];
  const file = encodeSnapshot({ workspace, document, epoch, seq: 1 }, update);
  await storeVerified(objects, file);
  const { key, sha256, bytes } = file;
  await database.pool.query(
    'insert into espejo.snapshot (document, epoch, seq, key, sha256, bytes) values ($1, $2, 1, $3, $4, $5)',
    [id, epoch, key, sha256, bytes.length],
  );
  await database.pool.query(
    `update espejo.document set snapshot_seq = 1, snapshot_key = $2, snapshot_sha256 = $3, snapshot_bytes = $4,
            snapshot_at = clock_timestamp() where id = $1`,
    [id, key, sha256, bytes.length],
  );
}
