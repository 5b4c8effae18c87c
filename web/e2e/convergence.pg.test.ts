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
import { FolderStore } from '../../relay/objects/folder-store.ts';
import { openTestDatabase, type TestDatabase } from '../../relay/testing/postgres.ts';
import { forSeeds, type PinnedSeed, type Prng } from '../../shared/testing/prng.ts';
import { testSchema } from '../../shared/testing/test-schema.ts';
import type { Chaos } from './chaos.ts';
import { playHistory } from './history.ts';
import { differences, replicaContents, reportContents } from './report-rows.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 300);
const PARTS = 3;

/** Seeds that once failed, and what they broke. They run first, for ever. */
const PINNED: readonly PinnedSeed[] = [];

let database: TestDatabase;
let folder: string;
let log: PostgresLog;
let materializer: Materializer;

test.before(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'espejo-convergence-'));
  log = new PostgresLog({ pool: database.pool, instance: 'test' });
  materializer = new Materializer({
    pool: database.pool,
    objects: await FolderStore.open(folder),
    application: { name: 'test', schema: testSchema, reportViews: [] },
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
      const chaos = await playHistory(random);
      await assertReport(chaos, random);
      await chaos.close();
    }));
}

test.run();

/** The relay's log, commit by commit, through the real log and the real materializer. */
async function assertReport(chaos: Chaos, random: Prng): Promise<void> {
  const workspace = `w${random.seed}`;
  for (const commit of chaos.commits()) {
    const { parts, ...rest } = commit;
    await log.append([{ workspace, user: 'test', device: commit.device, commit: rest, parts }]);
    if (random.chance(10)) await materializer.runUntilLevel();
  }
  await materializer.runUntilLevel();
  const [replica] = chaos.replicas;
  assert.equal(
    differences(
      replicaContents(replica!, testSchema),
      await reportContents(database.pool, testSchema, workspace),
      ['replica', 'report'],
    ),
    [],
  );
}
