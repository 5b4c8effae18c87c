import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { openTestReplica, settleAll } from './testing/open-replica.ts';

const test = suite('undo');
const INSERT = 'insert into customers (id, name) values (?, ?)';

test('[UNDO-1] a step over several tables and documents is taken back and done again', async () => {
  const replica = await openTestReplica();
  const [customer, order] = [newId(), newId()];
  await replica.execute(INSERT, [customer, 'Ana']);
  await replica.transaction(
    [
      { sql: "update customers set name = 'Eva', phone = '1' where id = ?", params: [customer] },
      { sql: 'insert into orders (id, customer_id) values (?, ?)', params: [order, customer] },
    ],
    { label: 'wo.create' },
  );

  const undone = await replica.undo();
  assert.is(undone.done && undone.label, 'wo.create');
  assert.equal(replica.query('select name, phone from customers'), [{ name: 'Ana', phone: null }]);
  assert.is(replica.query('select * from orders').length, 0);

  assert.is((await replica.redo()).done, true);
  assert.equal(replica.query('select name, phone from customers'), [{ name: 'Eva', phone: '1' }]);
  assert.equal(replica.query('select id, customer_id from orders'), [{ id: order, customer_id: customer }]);
  assert.is((await replica.redo()).done, false);
  await replica.close();
});

test('[UNDO-2] a cell that another device wrote since is not touched: the undo is refused', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  const id = newId();
  await a.execute(INSERT, [id, 'Ana']);
  await a.execute("update customers set name = 'Eva' where id = ?", [id]);
  await settleAll(a, b);
  await b.execute("update customers set name = 'Eve' where id = ?", [id]);
  await settleAll(a, b);

  const result = await a.undo();
  assert.is(result.done, false);
  assert.match(result.done ? '' : result.because, /changed since/);
  assert.equal(a.query('select name from customers'), [{ name: 'Eve' }]);
  await a.close();
  await b.close();
});

test('[UNDO-2] another device may have changed other cells of the row: those stay', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  const id = newId();
  await a.execute(INSERT, [id, 'Ana']);
  await a.execute("update customers set name = 'Eva' where id = ?", [id]);
  await settleAll(a, b);
  await b.execute("update customers set phone = '9' where id = ?", [id]);
  await settleAll(a, b);

  assert.is((await a.undo()).done, true);
  await settleAll(a, b);
  for (const replica of [a, b])
    assert.equal(replica.query('select name, phone from customers'), [{ name: 'Ana', phone: '9' }]);
  await a.close();
  await b.close();
});

test('[UNDO-4] a step is taken back by its commit, and nothing that was done after it', async () => {
  const replica = await openTestReplica();
  const [ana, eva] = [newId(), newId()];
  await replica.execute(INSERT, [ana, 'Ana']);
  await replica.execute(INSERT, [eva, 'Eva']);
  const { commit: ofAna } = await replica.execute('delete from customers where id = ?', [ana]);
  const { commit: ofEva } = await replica.execute('delete from customers where id = ?', [eva]);

  assert.is((await replica.undo(ofAna)).done, true);
  assert.equal(replica.query('select name from customers'), [{ name: 'Ana' }]);
  assert.equal(await replica.undo(ofAna), { done: false, because: 'nothing-to-undo' });
  assert.is((await replica.undo(ofEva)).done, true);
  assert.is(replica.query('select name from customers').length, 2);
  await replica.close();
});

test('[UNDO-2] what is only added is not undone, and with nothing done there is nothing to undo', async () => {
  const replica = await openTestReplica();
  assert.equal(await replica.undo(), { done: false, because: 'nothing-to-undo' });

  await replica.execute("insert into movements (id, item, qty) values (?, 'oil', 1)", [newId()]);
  const result = await replica.undo();
  assert.match(result.done ? '' : result.because, /only added/);
  await replica.close();
});

test.run();
