import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import type { Replica } from './replica.ts';
import { openTestReplica } from './testing/open-replica.ts';

const test = suite('statement-rules');

const ENDS_OR_SETS = [
  'begin',
  'commit',
  'rollback',
  'vacuum',
  'analyze',
  "attach ':memory:' as other",
  'pragma recursive_triggers = off',
  'pragma user_version = 7',
  'pragma user_version(7)',
  '; pragma recursive_triggers = off',
  '/* a note */ -- and another\n ;; begin',
];

for (const sql of ENDS_OR_SETS) {
  test(`[WRITE-4] neither a write nor a query runs: ${JSON.stringify(sql)}`, async () => {
    const replica = await withCustomer();

    assert.match(await failureOf(replica.execute(sql)), /may not be run here/);
    assert.throws(() => replica.query(sql), /may not be run here|may not write/);
    assert.match(await failureOfWatch(replica, sql), /may not be run here|may not write/);

    const id = newId();
    const { commit } = await replica.execute("replace into customers (id, name) values (?, 'Eva')", [id]);
    assert.type(commit, 'string');
    await replica.close();
  });
}

for (const sql of ['savepoint mine', 'release mine', 'detach temp']) {
  test(`[WRITE-4] a query does not run: ${sql}`, async () => {
    const replica = await withCustomer();

    assert.throws(() => replica.query(sql), /a query only reads/);
    await replica.close();
  });
}

for (const sql of [
  'delete from _outbox',
  "update _sync set stage = 'archived'",
  'update temp._capture set capturing = 0',
  'delete from _touched',
  'insert into main."_conflict" select * from _conflict',
  'with gone as (select 1) delete from _document',
]) {
  test(`[WRITE-4] the engine's own tables are not for a page to write: ${sql}`, async () => {
    const replica = await withCustomer();

    assert.match(await failureOf(replica.execute(sql)), /may only be read/);

    const { commit } = await replica.execute("update customers set name = 'Eva'");
    assert.type(commit, 'string');
    assert.is(replica.query('select * from _outbox').length, 2);
    await replica.close();
  });
}

test('[WRITE-4] a write may read the engine’s own tables, and its triggers may note what it touches', async () => {
  const replica = await withCustomer();

  await replica.execute(
    "update customers set name = 'in the outbox' where id in (select row_id from _sync where stage = 'local')",
  );

  assert.equal(replica.query('select name from customers'), [{ name: 'in the outbox' }]);
  await replica.close();
});

test('[WRITE-4] two statements in one text are refused, and neither is run', async () => {
  const replica = await withCustomer();
  const two = "update customers set name = 'a'; update customers set phone = '1'";

  assert.match(await failureOf(replica.execute(two)), /one statement at a time/);
  assert.match(
    await failureOf(replica.execute('select 1; delete from customers')),
    /one statement at a time/,
  );
  assert.throws(() => replica.query('select 1; select 2'), /one statement at a time/);
  assert.match(await failureOfWatch(replica, 'select 1; select 2'), /one statement at a time/);
  assert.equal(replica.query('select name, phone from customers'), [{ name: 'Ana', phone: null }]);
  await replica.close();
});

test('[WRITE-4] semicolons in texts, names and comments, and those at the end, are no second statement', async () => {
  const replica = await withCustomer();

  await replica.execute("update customers set name = 'a; b' /* ; */ where name = 'Ana'; -- done; really\n ;");

  assert.equal(replica.query(`select name as "n;m" from customers where name like '%;%' ;`), [
    { 'n;m': 'a; b' },
  ]);
  await replica.close();
});

test('[WRITE-4] what tells of tables may be asked', async () => {
  const replica = await withCustomer();

  assert.is(replica.query('pragma table_info(customers)').length > 3, true);
  assert.is(replica.query('explain query plan select * from customers').length, 1);
  assert.is(replica.query('pragma integrity_check').length, 1);
  assert.equal(replica.query('values (1), (2)').length, 2);
  assert.equal(replica.query('with one as (select 1 as n) select n from one'), [{ n: 1 }]);
  await replica.close();
});

for (const [name, value] of [
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['of class Date', new Date(0)],
  ['of class Object', { a: 1 }],
  ['of class Array', [1]],
] as const) {
  test(`[WRITE-4] a parameter that is ${name} is refused in a sentence, by place and by name`, async () => {
    const replica = await withCustomer();
    const params = ['Eva', value as unknown as CellValue];
    const named = { $phone: value } as unknown as CellValue[];

    assert.is(
      await failureOf(replica.execute('update customers set name = ?, phone = ?', params)),
      `parameter 2 is ${name}; give null, a number, a text or bytes (a Uint8Array)`,
    );
    assert.is(
      await failureOf(replica.execute('update customers set phone = $phone', named)),
      `parameter $phone is ${name}; give null, a number, a text or bytes (a Uint8Array)`,
    );
    assert.equal(replica.query('select name, phone from customers'), [{ name: 'Ana', phone: null }]);
    await replica.close();
  });
}

test('a query tells in a sentence what it cannot take as a parameter', async () => {
  const replica = await withCustomer();

  assert.throws(
    () => replica.query('select ? as x', [undefined as unknown as CellValue]),
    /^parameter 1 is undefined; give null/,
  );
  await replica.close();
});

for (const [params, given] of [
  [['Eva'], '1 value was given'],
  [['Eva', '1', '2'], '3 values were given'],
  [['Eva', null, null], '3 values were given'],
  [undefined, '0 values were given'],
] as const) {
  test(`[WRITE-4] values that are not one for each parameter are refused, and nothing is written: ${given}`, async () => {
    const replica = await withCustomer();
    const says = `the statement has 2 parameters and ${given}; give an array with one value for each, null where there is none`;
    const update = 'update customers set name = ?, phone = ?';
    const select = 'select * from customers where name = ? or phone = ?';

    assert.is(await failureOf(replica.execute(update, params)), says);
    const statements = [{ sql: "update customers set phone = '1'" }, { sql: update, params }];
    assert.is(await failureOf(replica.transaction(statements)), says);
    assert.throws(
      () => replica.query(select, params),
      (error: Error) => error.message === says,
    );
    assert.is(await failureOfWatch(replica, select, params), says);

    assert.equal(replica.query('select name, phone from customers'), [{ name: 'Ana', phone: null }]);
    await replica.close();
  });
}

test('[WRITE-4] values by name are one for each name', async () => {
  const replica = await withCustomer();
  const sql = 'update customers set name = $name, phone = $phone';
  const execute = (params: object) => failureOf(replica.execute(sql, params as CellValue[]));

  assert.match(await execute({ $name: 'Eva' }), /^parameter \$phone has no value; give one/);
  assert.match(
    await execute({ $name: 'Eva', phone: '1' }),
    /^phone is no parameter of the statement; give values for \$name, \$phone$/,
  );
  assert.is(await execute({ $name: 'Eva', $phone: '1' }), 'it was run');
  assert.equal(replica.query('select name, phone from customers'), [{ name: 'Eva', phone: '1' }]);
  await replica.close();
});

test('a statement is explained without values', async () => {
  const replica = await withCustomer();

  assert.is(replica.query('explain query plan select * from customers where name = ?').length, 1);
  await replica.close();
});

test('a closed replica says so when it is asked', async () => {
  const replica = await withCustomer();
  await replica.close();

  assert.throws(() => replica.query('select 1'), /the database was closed/);
});

test.run();

async function withCustomer(): Promise<Replica> {
  const replica = await openTestReplica();
  await replica.execute('insert into customers (id, name) values (?, ?)', [newId(), 'Ana']);
  return replica;
}

function failureOf(write: Promise<unknown>): Promise<string> {
  return write.then(
    () => 'it was run',
    (error: Error) => error.message,
  );
}

function failureOfWatch(replica: Replica, sql: string, params?: readonly CellValue[]): Promise<string> {
  return new Promise((resolve, reject) => {
    replica.watch(
      sql,
      params ?? [],
      () => reject(new Error(`${sql} was run`)),
      (error) => resolve((error as Error).message),
    );
  });
}
