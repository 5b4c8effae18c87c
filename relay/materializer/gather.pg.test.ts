/** How often the materializer writes, when commits come in a burst. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { withMaterializer } from '../testing/materializer-fixture.ts';
import { insert, TEST_START_MS } from '../testing/test-writer.ts';
import { Materializer, type MaterializerLimits } from './materializer.ts';

const test = suite('gather');

test('[MAT-11] the first commit is reported at once, those of a burst in one batch', async () => {
  await withCounting({ gatherMs: 3_000 }, async ({ batches, start, commit, reported }) => {
    start();
    await commit(1);
    await reported(1);
    await commit(9);
    await reported(10);

    assert.equal(batches, [1, 9]);
  });
});

test('[MAT-11] a full batch is followed by the next, and nobody who closes waits', async () => {
  await withCounting({ gatherMs: 3_600_000, entries: 5 }, async ({ batches, start, commit, reported }) => {
    await commit(12);
    start();
    await reported(12);

    assert.equal(batches, [5, 5, 2]);
  });
});

test.run();

interface Counting {
  /** Updates of each batch so far. */
  readonly batches: readonly number[];
  start(): void;
  commit(count: number): Promise<void>;
  /** Resolves when so many rows are in the report. */
  reported(count: number): Promise<void>;
}

async function withCounting(
  limits: Partial<MaterializerLimits>,
  run: (counting: Counting) => Promise<void>,
): Promise<void> {
  await withMaterializer(async ({ database, objects, application, ana, rows }) => {
    const batches: number[] = [];
    const ignored = { set: () => {} };
    const materializer = new Materializer({
      pool: database.pool,
      objects,
      application,
      limits,
      metrics: {
        materialized: { inc: (updates) => batches.push(updates) },
        materializerLag: ignored,
        materializerLagSeconds: ignored,
        quarantined: ignored,
      },
    });
    await materializer.prepare();
    const commit = async (count: number) => {
      for (let index = 0; index < count; index++) {
        await ana.commit('step', {
          'work/2026-11': insert('jobs', newId(TEST_START_MS), { title: `${index}` }),
        });
        materializer.wake();
      }
    };
    const reported = async (count: number) => {
      for (;;) {
        const [{ n } = { n: 0 }] = await rows<{ n: number }[]>('select count(*)::int as n from report.jobs');
        if (n === count) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    try {
      await run({ batches, commit, reported, start: () => materializer.start() });
    } finally {
      await materializer.close();
    }
  });
}
