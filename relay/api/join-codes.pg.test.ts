/** A tablet joins with a code: once, in time, and never as somebody who has more to prove. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTestServer, type TestServer } from '../testing/test-server.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 9);
const MINUTE_MS = 60_000;

let server: TestServer;
let nowMs = NOW_MS;
test.before(async () => {
  server = await openTestServer({ nowMs: () => nowMs });
});
test.before.each(() => {
  nowMs = NOW_MS;
});
test.after(() => server.close());

test('a code opens one session of its account, typed as people type', async () => {
  const { code, expiresAtMs } = await make('writer');
  assert.match(code, /^[A-HJ-NP-Z2-9]{8}$/);
  assert.is(expiresAtMs, NOW_MS + 15 * MINUTE_MS);

  const joined = await join(`${code.slice(0, 4).toLowerCase()} ${code.slice(4)}`);
  assert.is(joined.status, 200);
  assert.is(joined.body.workspace, 'one');
  assert.is(joined.body.user.name, 'writer');
  const session = await server.call('GET', '/api/session', { token: joined.body.token });
  assert.is(session.body.user.role, 'writer');

  assert.is((await join(code)).body.code, 'wrong-code', 'a code is worth one session');
});

test('a code is worth a quarter of an hour, and nothing once the account is closed', async () => {
  const late = await make('writer');
  nowMs += 15 * MINUTE_MS;
  assert.is((await join(late.code)).status, 401);

  nowMs = NOW_MS;
  const token = await server.token('admin');
  const { code } = await make('reader');
  await server.call('PATCH', '/api/users/reader', { token, body: { disabled: true } });
  assert.is((await join(code)).status, 401);
  assert.is((await server.call('POST', '/api/join-codes', { token, body: { user: 'reader' } })).status, 404);
});

test('whoever manages the workshop gives a password; only they make codes', async () => {
  const token = await server.token('admin');
  const refused = await server.call('POST', '/api/join-codes', { token, body: { user: 'admin' } });
  assert.is(refused.body.code, 'needs-password');

  const other = await server.call('POST', '/api/join-codes', {
    token: await server.token('writer'),
    body: { user: 'writer' },
  });
  assert.is(other.status, 403);
});

test('the code is not kept, only its hash', async () => {
  const { code } = await make('writer');
  const { rows } = await server.database.pool.query('select * from espejo.join_code');
  assert.not.match(JSON.stringify(rows), code);
});

test.run();

async function make(user: string): Promise<{ code: string; expiresAtMs: number }> {
  const token = await server.token('admin');
  return (await server.call('POST', '/api/join-codes', { token, body: { user } })).body;
}

function join(code: string) {
  return server.call('POST', '/api/join', { body: { code } });
}
