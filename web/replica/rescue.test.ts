import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { loadSqlJs, openSqlJs } from '../../shared/mirror/sqljs.ts';
import { decodeRescueFile } from '../../shared/protocol/rescue-file.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { connectTestReplica, contentsOf, openTestReplica, settleAll } from './testing/open-replica.ts';

const test = suite('rescue');
const INSERT = 'insert into customers (id, name) values (?, ?)';

test('[RESCUE-1] unsent commits of a device that never connects again arrive through another, once', async () => {
  const relay = new MemoryRelay();
  const lost = await openTestReplica();
  const other = await openTestReplica({ relay });
  await lost.execute(INSERT, [newId(), 'one']);
  await lost.execute(INSERT, [newId(), 'two']);
  await lost.execute("update customers set phone = '5' where name = 'one'");
  const file = lost.exportRescue();

  assert.equal(await other.importRescue(file), { commits: 3, alreadyKnown: 0 });
  assert.equal(await other.importRescue(file), { commits: 0, alreadyKnown: 3 });
  await other.settled();

  assert.equal(contentsOf(other).customers, contentsOf(lost).customers);
  assert.is(relay.commits.size, 3);
  const third = await openTestReplica({ relay });
  await settleAll(third);
  assert.equal(contentsOf(third).customers, contentsOf(lost).customers);
  await Promise.all([lost.close(), other.close(), third.close()]);
});

test('[RESCUE-1] what builds on changes that have not come here yet is left to be imported again, and told', async () => {
  const relay = new MemoryRelay();
  const lost = await openTestReplica({ relay });
  await lost.execute(INSERT, ['c1', 'one']);
  await lost.settled();
  lost.disconnect();
  await lost.transaction([
    { sql: 'insert into orders (id, customer_id) values (?, ?)', params: [newId(), 'c1'] },
    { sql: "update customers set name = 'two' where id = 'c1'" },
  ]);
  await lost.execute('insert into movements (id, item, qty) values (?, ?, ?)', [newId(), 'oil', 1000]);
  const file = lost.exportRescue();
  const other = await openTestReplica({ deps: { openSocket: relay.openSocket } });

  assert.equal(await other.importRescue(file), { commits: 1, alreadyKnown: 0, behind: 1 });
  assert.equal(contentsOf(other).orders, [], 'a commit is taken whole or not at all');

  connectTestReplica(other);
  await other.settled();
  assert.equal(await other.importRescue(file), { commits: 1, alreadyKnown: 1 });
  assert.equal(contentsOf(other), contentsOf(lost));
  await Promise.all([lost.close(), other.close()]);
});

test('[RESCUE-1] who is no administrator cannot hand in what another device wrote, and is told so at once', async () => {
  const grants = { role: 'mechanic', families: { admin: 'read' }, other: 'write' } as const;
  const lost = await openTestReplica();
  await lost.execute(INSERT, [newId(), 'one']);
  const other = await openTestReplica({ grants });

  const refusal = await other.importRescue(lost.exportRescue()).catch((error: Error) => error.message);

  assert.match(refusal as string, /only an administrator/);
  assert.equal(other.query('select * from _outbox'), []);
  assert.equal(await other.importRescue(other.exportRescue()), { commits: 0, alreadyKnown: 0 });
  await Promise.all([lost.close(), other.close()]);
});

test('[RESCUE-2] the image in it opens with any SQLite, without tables or triggers of the engine', async () => {
  const replica = await openTestReplica();
  await replica.execute(INSERT, [newId(), 'one']);

  const sql = openSqlJs(await loadSqlJs(), decodeRescueFile(replica.exportRescue()).sqlite);
  assert.equal(sql.rows('select name from customers'), [{ name: 'one' }]);
  assert.equal(
    sql.rows("select name from sqlite_schema where type = 'trigger' or name in ('_outbox', '_sync')"),
    [],
  );
  assert.equal(sql.rows('pragma integrity_check'), [{ integrity_check: 'ok' }]);
  sql.close();
  await replica.close();
});

test('a file that is none, or was cut, is refused with a sentence and changes nothing', async () => {
  const replica = await openTestReplica();
  await replica.execute(INSERT, [newId(), 'one']);
  const file = replica.exportRescue();
  const refusal = (bytes: Uint8Array) => replica.importRescue(bytes).catch((error: Error) => error.message);

  assert.match((await refusal(new Uint8Array([1, 2, 3]))) as string, /not a rescue file/);
  assert.match((await refusal(file.slice(0, file.length - 10))) as string, /cut short/);
  assert.is(replica.query('select * from customers').length, 1);
  await replica.close();
});

test.run();
