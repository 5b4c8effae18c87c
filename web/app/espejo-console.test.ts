import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EngineClient } from '../client/engine-client.ts';
import { consoleOf } from './espejo-console.ts';

test('a wrong call is refused in one sentence that says what to give, and reaches no engine', async () => {
  const { espejo, calls } = setup();
  const typed = espejo as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>;
  const refused: readonly (readonly [call: string, values: readonly unknown[], says: string])[] = [
    ['query', [], 'a query is a text; nothing was given'],
    ['query', [5], 'a query is a text; a value of type number was given'],
    ['query', [' '], 'a query is a text; an empty one was given'],
    ['query', [{ params: [] }], 'a query is a text; nothing was given'],
    ['query', ['select ?', 'a'], 'the parameters are string; give an array'],
    [
      'query',
      ['select ?', [() => 1]],
      'parameter 1 is function; give null, a number, a text or bytes (a Uint8Array)',
    ],
    ['execute', [null], 'a statement is a text; null was given'],
    [
      'execute',
      ['delete from t', [], 'x'],
      'the options of a write are { label }, a text that says what was done',
    ],
    [
      'execute',
      ['delete from t', [], { label: 5 }],
      'the options of a write are { label }, a text that says what was done',
    ],
    ['transaction', [], 'a transaction is an array of { sql, params }; nothing was given'],
    ['transaction', ['x'], 'a transaction is an array of { sql, params }; a value of type string was given'],
    ['transaction', [[{ sql: 'a' }, null]], 'statement 2 is null; give { sql, params }'],
    ['transaction', [[{}]], 'statement 1 is a text; nothing was given'],
    [
      'transaction',
      [[{ sql: 'a', params: [Symbol('x')] }]],
      'statement 1: parameter 1 is symbol; give null, a number, a text or bytes (a Uint8Array)',
    ],
    ['resolve', [], 'a conflict is { table, id, column }, each a text, as "_conflict" names them'],
    ['undo', [5], 'a commit is a text; a value of type number was given'],
    ['importRescue', ['x'], 'a rescue file is its bytes, a Uint8Array; a value of type string was given'],
  ];

  for (const [call, values, says] of refused) {
    const said = await typed[call]!(...values).catch((error: Error) => error.message);
    assert.is(said, says, `${call}(${values.map(String).join()})`);
  }

  assert.equal(calls, []);
});

test('a right call goes through as it is, and what ends or changes a session is not offered', async () => {
  const { espejo, calls } = setup();

  await espejo.query('select ?', [1]);
  await espejo.query({ sql: 'select 1' });
  await espejo.execute('delete from t', [], { label: 't.clear' });
  await espejo.transaction([{ sql: 'delete from t' }]);

  assert.equal(calls, [
    ['query', 'select ?', [1]],
    ['query', 'select 1', []],
    ['execute', 'delete from t', [], { label: 't.clear' }],
    ['transaction', [{ sql: 'delete from t' }], {}],
  ]);
  for (const call of ['openSession', 'closeSession', 'actAs', 'close']) assert.not(call in espejo, call);
});

test.run();

/** An engine that only notes what it is asked. */
function setup() {
  const calls: unknown[][] = [];
  const engine = new Proxy({} as EngineClient, {
    get:
      (_, name) =>
      async (...values: unknown[]) =>
        void calls.push([name, ...values]),
  });
  return { espejo: consoleOf(engine), calls };
}
