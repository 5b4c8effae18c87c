import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { openTestReplica } from './testing/open-replica.ts';

const test = suite('returning');
const IN_MARCH = newId(Date.UTC(2026, 2, 3));

test('[WRITE-5] a write answers with what RETURNING gave', async () => {
  const replica = await openTestReplica();
  const id = newId();

  const inserted = await replica.execute(
    "insert into customers (id, name) values (?, 'Ana') returning id, upper(name) as shouted",
    [id],
  );
  const updated = await replica.execute("update customers set phone = '1' RETURNING name, phone");
  const untouched = await replica.execute('delete from customers where id = ? returning id', ['nobody']);
  const deleted = await replica.execute('delete from customers returning id');

  assert.equal(inserted.rows, [{ id, shouted: 'ANA' }]);
  assert.type(inserted.commit, 'string');
  assert.equal(updated.rows, [{ name: 'Ana', phone: '1' }]);
  assert.equal([untouched.rows, untouched.changes, untouched.commit], [[], 0, undefined]);
  assert.equal([deleted.rows, deleted.changes], [[{ id }], 1]);
  await replica.close();
});

test('[WRITE-5] a transaction answers with the rows of all its statements, in their order', async () => {
  const replica = await openTestReplica();
  const insert = 'insert into customers (id, name) values (?, ?) returning name';

  const { rows, changes } = await replica.transaction([
    { sql: insert, params: [newId(), 'Ana'] },
    { sql: insert, params: [newId(), 'Eva'] },
    { sql: "update customers set phone = 'returning' where name = 'Ana'" },
    { sql: "with one as (select 'Ana' as name) select phone from customers join one using (name)" },
    { sql: '/* how many */ select count(*) as n from customers' },
  ]);

  assert.equal(rows, [{ name: 'Ana' }, { name: 'Eva' }, { phone: 'returning' }, { n: 2 }]);
  assert.is(changes, 3);
  await replica.close();
});

test('[WRITE-5] run again once its document was read, a statement gives its rows once', async () => {
  const replica = await openTestReplica();
  const { id: customer } = (
    await replica.execute("insert into customers (id, name) values (?, 'Ana') returning id", [newId()])
  ).rows[0]!;
  await replica.execute("insert into orders (id, customer_id, status) values (?, ?, 'open')", [
    IN_MARCH,
    customer!,
  ]);
  replica.core.documents.dropAll();

  const { rows } = await replica.execute("update orders set status = 'done' returning id, status");

  assert.equal(rows, [{ id: IN_MARCH, status: 'done' }]);
  await replica.close();
});

test.run();
