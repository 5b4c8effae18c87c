/** Compaction against an S3 that misbehaves: whatever it does, the pointer names a snapshot that can be read. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { Prng } from '../../shared/testing/prng.ts';
import { S3Store } from '../objects/s3-store.ts';
import { type Fixture, withMaterializer } from '../testing/materializer-fixture.ts';
import { type Fault, openTestS3, type TestS3 } from '../testing/s3.ts';
import { insert, TEST_START_MS, update } from '../testing/test-writer.ts';
import { Compactor } from './compactor.ts';
import { Materializer } from './materializer.ts';
import { readSnapshot } from './snapshot-file.ts';

const test = suite('compaction with a faulty S3');
const WORK = 'work/2026-11';
const JOB = newId(TEST_START_MS);

const FAULTS: readonly { readonly name: string; readonly fault: Fault; readonly method: 'PUT' | 'GET' }[] = [
  { name: '409', method: 'PUT', fault: { kind: 'status', status: 409, code: 'ConditionalRequestConflict' } },
  { name: '412', method: 'PUT', fault: { kind: 'status', status: 412, code: 'PreconditionFailed' } },
  { name: '503 on write', method: 'PUT', fault: { kind: 'status', status: 503, code: 'SlowDown' } },
  { name: 'lost answer', method: 'PUT', fault: { kind: 'answer-lost' } },
  { name: 'slow write', method: 'PUT', fault: { kind: 'slow', ms: 150 } },
  { name: '503 on read', method: 'GET', fault: { kind: 'status', status: 503, code: 'SlowDown' } },
  { name: 'torn read', method: 'GET', fault: { kind: 'torn' } },
  { name: 'corrupt read', method: 'GET', fault: { kind: 'corrupt' } },
  { name: 'slow read', method: 'GET', fault: { kind: 'slow', ms: 150 } },
];

for (const { name, method, fault } of FAULTS) {
  test(`[SNAP-2] ${name}, once and without end`, async () => {
    await withS3(async ({ fixture, s3, store, compactor, patient }) => {
      await writeJobs(fixture, 2);
      s3.faults = (asked) => (asked === method ? fault : undefined);
      await compactor.runOnce({ all: true });
      await assertPointerReads(fixture, s3, store);

      await writeJobs(fixture, 1);
      let left = 1;
      s3.faults = (asked) => (asked === method && left-- > 0 ? fault : undefined);
      await compactor.runOnce({ all: true });
      await assertPointerReads(fixture, s3, store);

      s3.faults = () => undefined;
      await patient.runOnce({ all: true });
      assert.equal(await fixture.rows('select head - snapshot_seq as behind from espejo.document'), [
        { behind: 0 },
      ]);
    });
  });
}

test('[SNAP-2] [SNAP-3] 20 rounds of chance: log and snapshots always give the whole document', async () => {
  const random = new Prng(Number(process.env.SEED ?? Date.now() % 1_000_000));
  await withS3(async ({ fixture, s3, store, compactor }) => {
    try {
      for (let round = 0; round < 20; round++) {
        await writeJobs(fixture, 1);
        s3.faults = (method) => {
          if (!random.chance(3)) return undefined;
          return random.pick(FAULTS.filter((one) => one.method === method).map(({ fault }) => fault));
        };
        await compactor.runOnce({ all: true });
        s3.faults = () => undefined;
        await assertPointerReads(fixture, s3, store);
      }
      const fresh = new Materializer({
        pool: fixture.database.pool,
        objects: store,
        application: fixture.application,
      });
      await fresh.prepare();
      await fixture.ana.commit('last', { [WORK]: update('jobs', JOB, 'title', 'last') });
      await fresh.runUntilLevel();
      await fresh.close();
      assert.equal(await fixture.rows('select title from report.jobs'), [{ title: 'last' }]);
      assert.is((await fixture.rows(`select 1 from report.history where action = 'update'`)).length, 20);
    } catch (error) {
      if (error instanceof Error) error.message = `seed ${random.seed}: ${error.message}`;
      throw error;
    }
  });
});

test.run();

async function withS3(
  run: (parts: {
    fixture: Fixture;
    s3: TestS3;
    store: S3Store;
    /** Gives up soon, so that the tests need not wait for slow answers. */
    compactor: Compactor;
    /** Waits as long as a machine with much to do takes. */
    patient: Compactor;
  }) => Promise<void>,
): Promise<void> {
  const s3 = await openTestS3();
  const options = { ...s3.options, wait: async () => {} };
  const store = new S3Store(options);
  const impatient = new S3Store({ ...options, attempts: 2, requestTimeoutMs: 100 });
  try {
    await withMaterializer(async (fixture) => {
      const [compactor, patient] = [impatient, store].map(
        (objects) =>
          new Compactor({
            pool: fixture.database.pool,
            objects,
            schema: fixture.schema,
            limits: { graceMs: 0 },
          }),
      ) as [Compactor, Compactor];
      // The fixture's own consumer reads from its folder; this one has to find its snapshots in S3.
      const materializer = new Materializer({
        pool: fixture.database.pool,
        objects: store,
        application: fixture.application,
      });
      await materializer.prepare();
      await run({ fixture: { ...fixture, materializer }, s3, store, compactor, patient });
      await materializer.close();
    });
  } finally {
    store.close();
    impatient.close();
    await s3.close();
  }
}

async function writeJobs({ ana, materializer, rows }: Fixture, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const isThere = (await rows('select 1 from espejo.document')).length > 0;
    const title = `t${Math.random()}`;
    await ana.commit('job', {
      [WORK]: isThere ? update('jobs', JOB, 'title', title) : insert('jobs', JOB, { title }),
    });
  }
  await materializer.runUntilLevel();
}

/** What any joining replica would do: the snapshot, if there is one, and the whole log after it. */
async function assertPointerReads({ rows }: Fixture, s3: TestS3, store: S3Store): Promise<void> {
  const before = s3.faults;
  s3.faults = () => undefined;
  const [document] = await rows<
    [{ key: string | null; sha256: string; seq: number; head: number; trimmed: number }]
  >(
    `select snapshot_key as key, snapshot_sha256 as sha256, snapshot_seq as seq, head, trimmed_seq as trimmed
       from espejo.document`,
  );
  if (document.key !== null) await readSnapshot(store, { key: document.key, sha256: document.sha256 });
  const log = await rows<{ seq: number }[]>(
    `select seq from espejo.log where seq > ${document.seq} order by seq`,
  );
  assert.is(log.length, document.head - document.seq);
  assert.ok(document.trimmed <= document.seq);
  s3.faults = before;
}
