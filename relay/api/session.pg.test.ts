import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTestServer, TEST_PASSWORD, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
test.before(async () => {
  server = await openTestServer();
});
test.after(() => server.close());

test('health is exactly {"status":"ok"}, at both addresses', async () => {
  for (const path of ['/health', '/api/health']) {
    const answer = await fetch(server.url + path);
    assert.is(answer.status, 200);
    assert.is(await answer.text(), '{"status":"ok"}');
  }
});

test('a right password opens a session with token, user and grants', async () => {
  const answer = await server.call('POST', '/api/session', {
    body: { workspace: 'one', user: 'writer', password: TEST_PASSWORD },
  });

  assert.is(answer.status, 200);
  assert.equal(answer.body.user, { name: 'writer', displayName: 'writer', role: 'writer' });
  assert.is(answer.body.grants.families.work, 'write');
  assert.is(answer.body.refreshToken, undefined);
  assert.ok(answer.body.expiresAtMs > Date.now());
  const me = await server.call('GET', '/api/session', { token: answer.body.token });
  assert.is(me.body.workspace, 'one');
});

test('[ID-1] a wrong password, a wrong user and a wrong workspace get the same answer', async () => {
  const answers = await Promise.all(
    [
      { workspace: 'one', user: 'reader', password: 'not the password' },
      { workspace: 'one', user: 'no-such-user', password: TEST_PASSWORD },
      { workspace: 'three', user: 'reader', password: TEST_PASSWORD },
    ].map((body) => server.call('POST', '/api/session', { body })),
  );

  for (const { status, body } of answers) {
    assert.is(status, 401);
    assert.equal(body, answers[0]!.body);
  }
});

test('a malformed login names the field and never the value', async () => {
  const answer = await server.call('POST', '/api/session', {
    body: { workspace: 'one', user: 'reader', password: TEST_PASSWORD, device: 'hunter2 is my secret' },
  });

  assert.is(answer.status, 400);
  assert.is(answer.body.code, 'malformed');
  assert.not.match(JSON.stringify(answer.body), 'hunter2');
});

test('a refresh token is exchanged on its device and not on another', async () => {
  const { body } = await server.call('POST', '/api/session', {
    body: { workspace: 'one', user: 'writer', password: TEST_PASSWORD, device: 'AAAAAAA1' },
  });
  const fresh = await server.call('POST', '/api/session/refresh', {
    body: { refreshToken: body.refreshToken, device: 'AAAAAAA1' },
  });
  assert.is(fresh.status, 200);
  assert.is((await server.call('GET', '/api/session', { token: fresh.body.token })).body.device, 'AAAAAAA1');

  const stolen = await server.call('POST', '/api/session/refresh', {
    body: { refreshToken: fresh.body.refreshToken, device: 'AAAAAAA2' },
  });
  assert.is(stolen.status, 401);
  const owner = await server.call('POST', '/api/session/refresh', {
    body: { refreshToken: fresh.body.refreshToken, device: 'AAAAAAA1' },
  });
  assert.is(owner.status, 401, 'a token that turned up elsewhere ends its chain');
});

test('a session is bound to a device once its replica is open, and then to no other', async () => {
  const token = await server.token('writer');
  const bind = (bearer: string, device: string) =>
    server.call('POST', '/api/session/device', { token: bearer, body: { device, deviceLabel: 'Tablet' } });

  const bound = await bind(token, 'AAAAAAA6');
  assert.is(bound.status, 200);
  assert.is((await server.call('GET', '/api/session', { token: bound.body.token })).body.device, 'AAAAAAA6');
  const refresh = { refreshToken: bound.body.refreshToken, device: 'AAAAAAA6' };
  assert.is((await server.call('POST', '/api/session/refresh', { body: refresh })).status, 200);
  assert.is((await bind(bound.body.token, 'AAAAAAA7')).body.code, 'other-device');
});

test('an answer that holds a token is replayed for its Idempotency-Key, and is not readable in Postgres', async () => {
  const body = { workspace: 'one', user: 'writer', password: TEST_PASSWORD };
  const headers = { 'idempotency-key': 'login-1' };
  const first = await server.call('POST', '/api/session', { body, headers });
  const again = await server.call('POST', '/api/session', { body, headers });
  const other = await server.call('POST', '/api/session', {
    body: { ...body, password: 'guess guess' },
    headers,
  });

  assert.is(again.body.token, first.body.token);
  assert.is(other.status, 422);
  const { rows } = await server.database.pool.query(
    `select answer, request_hash from espejo.idempotency where key = 'login-1'`,
  );
  assert.not.match(rows[0].answer.toString('latin1'), first.body.token.slice(0, 20));
});

test('a request that is refused keeps its verdict for its Idempotency-Key; a lock does not', async () => {
  const body = { workspace: 'one', user: 'nobody', password: 'wrong wrong' };
  const post = (key: string) =>
    server.call('POST', '/api/session', { body, headers: { 'idempotency-key': key } });
  const first = await post('refused-1');
  const again = await post('refused-1');

  assert.is(first.status, 401);
  assert.is(again.status, 401);
  assert.is(again.headers.get('idempotency-replayed'), 'true');
  for (let failure = 2; failure <= 5; failure++) await post(`refused-${failure}`);
  assert.is((await post('refused-6')).status, 429);
  assert.is((await post('refused-6')).headers.get('idempotency-replayed'), null);
});

test('[ID-5] a refresh whose answer was lost is repeated; a copy used later ends the chain', async () => {
  const { body } = await server.call('POST', '/api/session', {
    body: { workspace: 'one', user: 'writer', password: TEST_PASSWORD, device: 'AAAAAAA3' },
  });
  const refresh = (refreshToken: string) =>
    server.call('POST', '/api/session/refresh', { body: { refreshToken, device: 'AAAAAAA3' } });

  const lost = await refresh(body.refreshToken);
  const again = await refresh(body.refreshToken);
  assert.is(again.status, 200);
  assert.is(
    (await refresh(lost.body.refreshToken)).status,
    401,
    'the answer that nobody got is worth nothing',
  );

  const next = await refresh(again.body.refreshToken);
  assert.is(next.status, 200);
  assert.is((await refresh(body.refreshToken)).status, 401);
  assert.is((await refresh(next.body.refreshToken)).status, 401, 'the chain has ended');
});

test('signing out ends the refresh tokens of the device; everywhere ends all sessions', async () => {
  const open = (device: string) =>
    server.call('POST', '/api/session', {
      body: { workspace: 'two', user: 'writer', password: TEST_PASSWORD, device },
    });
  const [first, second] = [(await open('AAAAAAA4')).body, (await open('AAAAAAA5')).body];

  await server.call('DELETE', '/api/session', { token: first.token });
  const refreshed = await server.call('POST', '/api/session/refresh', {
    body: { refreshToken: first.refreshToken, device: 'AAAAAAA4' },
  });
  assert.is(refreshed.status, 401);
  assert.is((await server.call('GET', '/api/session', { token: second.token })).status, 200);

  await server.call('DELETE', '/api/session?everywhere=true', { token: first.token });
  assert.is((await server.call('GET', '/api/session', { token: second.token })).status, 401);
});

test('the own password is changed with the present one, by the rules', async () => {
  await server.services.accounts.create({
    workspace: 'one',
    name: 'changer',
    role: 'reader',
    password: TEST_PASSWORD,
  });
  const token = await server.token('changer');
  const change = (body: object) => server.call('POST', '/api/session/password', { token, body });

  assert.is((await change({ password: 'wrong', next: 'a much better one' })).body.code, 'wrong-password');
  assert.is((await change({ password: TEST_PASSWORD, next: 'changer-1234' })).body.code, 'weak-password');
  assert.is((await change({ password: TEST_PASSWORD, next: 'a much better one' })).status, 200);
  assert.is((await server.call('GET', '/api/session', { token })).status, 401);
  const again = await server.call('POST', '/api/session', {
    body: { workspace: 'one', user: 'changer', password: 'a much better one' },
  });
  assert.is(again.status, 200);
});

test.run();
