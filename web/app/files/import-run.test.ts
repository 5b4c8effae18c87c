/** An import that is stopped half-way, against an engine and a worker that only record. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ROWS_PER_PORTION } from '../../../shared/taller/import/import-flow.ts';
import type { Statement } from '../../client/engine-messages.ts';
import { runPortions } from './import-run.ts';

const test = suite('running an import');

test('a batch that was stopped says how many rows came in', async () => {
  const { run, written } = setup();

  assert.is(await run((rows) => rows < 2 * ROWS_PER_PORTION), false);

  assert.equal(written('import_batches set rows_ok'), [[2 * ROWS_PER_PORTION, 'batch']]);
});

test('a batch that went through keeps the rows it was made with', async () => {
  const { run, written } = setup();

  assert.is(await run(() => true), true);

  assert.equal(written('import_batches set rows_ok'), []);
});

test('a batch that broke off is gone on with from the portion that is missing, and is whole then', async () => {
  const { run, written, portions } = setup();

  assert.is(await run(() => true, 2), true);

  assert.equal(portions, [2, 3]);
  assert.is(written("'$.marks'").length, 1);
  assert.equal(written('import_batches set rows_ok'), []);
});

test.run();

function setup() {
  const portions: number[] = [];
  const statements: Statement[] = [];
  const engine = {
    transaction: async (made: readonly Statement[]) => {
      statements.push(...made);
      return { changes: made.length, commit: 'commit', rows: [] };
    },
    query: async () => [],
  };
  const worker = {
    forget: async () => {},
    know: async () => {},
    portion: async (index: number) => {
      portions.push(index);
      return [];
    },
  };
  const plan = { batchId: 'batch', portions: 4, rows: 4 * ROWS_PER_PORTION - 1 };
  return {
    portions,
    run: (isWanted: (rows: number) => boolean, from?: number) =>
      runPortions(engine, worker as never, plan as never, 'customers', isWanted, from),
    written: (text: string) => statements.filter(({ sql }) => sql.includes(text)).map(({ params }) => params),
  };
}
