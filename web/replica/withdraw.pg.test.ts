/** A change of roles, with the real relay: what may no longer be read is gone, what was not sent is kept. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { decodeRescueFile } from '../../shared/protocol/rescue-file.ts';
import { until } from '../../shared/testing/until.ts';
import { RealRelay } from './testing/real-relay.ts';

const test = suite('withdraw');
const NOTE = 'insert into notes (id, body) values (?, ?)';
const SECRET = 'insert into secrets (id, body) values (?, ?)';

let real: RealRelay;
test.before(async () => {
  real = await RealRelay.open();
});
test.after(() => real.close());

test('[PERM-5] documents of a family that was taken away leave the device; unsent work on them is kept as refused', async () => {
  const keeper = await real.replica('keeper', 'admin');
  await real.accounts.create({
    workspace: 'one',
    name: 'eva',
    role: 'admin',
    password: 'correct horse battery',
  });
  let eva = await real.replica('eva', 'eva');
  const [kept, secret, unsent] = [newId(), newId(), newId()];
  await keeper.execute(NOTE, [kept, 'a note']);
  await keeper.execute(SECRET, [secret, 'the-hidden-word']);
  await until(() => eva.query('select * from secrets').length === 1);
  eva.disconnect();
  await eva.execute("update notes set body = 'a note, longer' where id = ?", [kept]);
  await eva.execute(SECRET, [unsent, 'never sent'], { label: 'secret.write' });
  const seen: number[] = [];
  eva.watch('select count(*) as n from secrets', [], ([row]) => seen.push(row!.n as number));
  await until(() => seen.at(-1) === 2);

  await real.accounts.update('one', 'eva', { role: 'writer' });
  await real.connect(eva, 'eva');
  await until(() => eva.status().rejected === 1 && eva.status().pending === 0);
  await eva.settled();

  assert.equal(eva.query('select * from secrets'), []);
  assert.is(seen.at(-1), 0);
  assert.equal(eva.query("select name from _document where name not like 'work/%'"), []);
  const [refused] = eva.query('select label, state, error_code, error from _outbox');
  assert.is(refused!.label, 'secret.write');
  assert.is(refused!.error_code, 'not-allowed');
  assert.match(refused!.error as string, /you may no longer read admin; this change was not sent/);
  assert.not.ok(new TextDecoder('latin1').decode(eva.exportSqlite()).includes('the-hidden-word'));
  await until(() => keeper.query('select body from notes').some(({ body }) => body === 'a note, longer'));
  assert.is(keeper.query('select * from secrets').length, 1);

  const { setAside } = decodeRescueFile(eva.exportRescue());
  assert.equal(
    setAside.map(({ label, registers }) => [label, JSON.stringify(registers).includes('never sent')]),
    [['secret.write', true]],
  );
  await eva.close();
  eva = await real.replica('eva', 'eva');
  assert.equal(eva.query('select * from secrets'), []);
  assert.is(eva.status().rejected, 1);
  await eva.close();

  // Given back, all of it returns, and the kept change can be sent.
  await real.accounts.update('one', 'eva', { role: 'admin' });
  eva = await real.replica('eva', 'eva');
  await until(() => eva.query('select * from secrets').length === 1);
  await eva.resend(eva.query('select id from _outbox')[0]!.id as string);
  await until(() => keeper.query('select * from secrets').length === 2);
  await Promise.all([eva.close(), keeper.close()]);
});

test.run();
