import { TOTP } from 'otpauth';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../shared/testing/until.ts';
import type { Seat } from '../identity/seat.ts';
import { openTestServer, TEST_PASSWORD, type TestServer } from '../testing/test-server.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 9);

let server: TestServer;
let nowMs = NOW_MS;
test.before(async () => {
  server = await openTestServer({ nowMs: () => nowMs });
});
test.before.each(() => {
  nowMs = NOW_MS;
});
test.after(() => server.close());

test('an administrator creates, lists, changes and resets accounts', async () => {
  const token = await server.token('admin');
  const created = await server.call('POST', '/api/users', {
    token,
    body: { name: 'ana', displayName: 'Ana Ruiz', role: 'reader', password: 'una clave larga' },
  });
  assert.is(created.status, 201);

  await server.call('PATCH', '/api/users/ana', { token, body: { role: 'writer', displayName: 'Ana R.' } });
  await server.call('POST', '/api/users/ana/password', { token, body: { password: 'otra clave larga' } });

  const listed = (await server.call('GET', '/api/users', { token })).body.users;
  const ana = listed.find(({ name }: { name: string }) => name === 'ana');
  assert.is(ana.role, 'writer');
  assert.is(ana.displayName, 'Ana R.');
  assert.is((await logIn('ana', 'una clave larga')).status, 401);
  assert.is((await logIn('ana', 'otra clave larga')).status, 200);
  assert.not.match(JSON.stringify(listed), 'scrypt');
});

test('weak passwords, taken names, unknown roles and odd names are refused with a reason', async () => {
  const token = await server.token('admin');
  const create = async (body: object) =>
    (
      await server.call('POST', '/api/users', {
        token,
        body: { name: 'beto', role: 'reader', password: 'una clave larga', ...body },
      })
    ).body.code;

  assert.is(await create({ password: 'corta' }), 'weak-password');
  assert.is(await create({ password: 'aaaaaaaaaaaa' }), 'weak-password');
  assert.is(await create({ password: 'password123' }), 'weak-password');
  assert.is(await create({ password: 'soy beto 2026' }), 'weak-password');
  assert.is(await create({ name: 'admin' }), 'exists');
  assert.is(await create({ role: 'king' }), 'unknown-role');
  assert.is(await create({ role: '__proto__' }), 'unknown-role');
  assert.is(await create({ name: 'Be to\r\nSet-Cookie: a=b' }), 'bad-name');
});

test('nobody but an administrator manages users, devices or roles', async () => {
  for (const user of ['writer', 'reader', 'nobody']) {
    const token = await server.token(user);
    for (const [method, path, body] of ADMIN_CALLS) {
      const answer = await server.call(method, path, { token, ...(body && { body }) });
      assert.is(answer.status, 403, `${user} ${method} ${path}`);
    }
  }
});

test('an administrator of one workspace neither sees nor changes another', async () => {
  const token = await server.token('admin', 'one');
  await server.services.accounts.create({
    workspace: 'two',
    name: 'zoe',
    role: 'reader',
    password: 'una clave larga',
  });
  await server.services.devices.enter('two', 'ZZZZZZZ1', 'zoe', 'tablet');

  assert.not.match(JSON.stringify((await server.call('GET', '/api/users', { token })).body), 'zoe');
  assert.not.match(JSON.stringify((await server.call('GET', '/api/devices', { token })).body), 'ZZZZZZZ1');
  for (const [method, path, body] of [
    ['PATCH', '/api/users/zoe', { disabled: true }],
    ['POST', '/api/users/zoe/password', { password: 'clave del ladron' }],
    ['DELETE', '/api/users/zoe/second-factor', undefined],
    ['PATCH', '/api/devices/ZZZZZZZ1', { label: 'mine' }],
    ['POST', '/api/devices/ZZZZZZZ1/revoke', {}],
  ] as const)
    assert.is((await server.call(method, path, { token, ...(body && { body }) })).status, 404, path);
  await server.call('DELETE', '/api/users/zoe/sessions', { token });

  assert.is((await logIn('zoe', 'una clave larga', 'two')).status, 200);
  assert.is(await server.services.devices.enter('two', 'ZZZZZZZ1', 'zoe', undefined), true);
});

test('the last administrator can be neither disabled nor demoted', async () => {
  const token = await server.token('admin', 'two');
  const change = (body: object) => server.call('PATCH', '/api/users/admin', { token, body });

  assert.is((await change({ disabled: true })).body.code, 'last-admin');
  assert.is((await change({ role: 'reader' })).body.code, 'last-admin');
  assert.is((await server.call('GET', '/api/users', { token })).status, 200, 'nothing has changed');
});

test('[ID-2] five wrong passwords lock a name, known or not; the lock ends and then doubles', async () => {
  await server.services.accounts.create({
    workspace: 'one',
    name: 'carl',
    role: 'reader',
    password: 'una clave larga',
  });
  for (const name of ['carl', 'nobody-of-this-name']) {
    for (let failure = 1; failure <= 5; failure++) assert.is((await logIn(name, 'wrong wrong')).status, 401);
    const locked = await logIn(name, 'una clave larga');
    assert.is(locked.status, 429);
    assert.is(locked.body.retryAfterMs, 60_000);
    assert.is(locked.headers.get('retry-after'), '60');
  }

  nowMs += 60_001;
  assert.is((await logIn('carl', 'wrong wrong')).status, 401);
  assert.is((await logIn('carl', 'una clave larga')).body.retryAfterMs, 120_000);
  nowMs += 120_001;
  assert.is((await logIn('carl', 'una clave larga')).status, 200);
  assert.is((await logIn('carl', 'wrong wrong')).status, 401, 'the count starts again');
});

test('[ID-2] a crowd of attempts at once gets no further than as many in a row', async () => {
  const body = { workspace: 'one', user: 'crowded', password: 'wrong wrong' };

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => server.call('POST', '/api/session', { body })),
  );

  assert.is(answers.filter(({ status }) => status === 401).length, 5);
  assert.is(answers.filter(({ status }) => status === 429).length, 15);
});

test('[ID-2] wrong passwords count over all instances', async () => {
  const elsewhere = await openTestServer({ database: server.database, nowMs: () => nowMs });
  try {
    const body = { workspace: 'one', user: 'spread', password: 'wrong wrong' };
    for (let failure = 1; failure <= 5; failure++) {
      const instance = failure % 2 === 0 ? server : elsewhere;
      assert.is((await instance.call('POST', '/api/session', { body })).status, 401);
    }

    for (const instance of [server, elsewhere])
      assert.is((await instance.call('POST', '/api/session', { body })).status, 429);
  } finally {
    await elsewhere.close();
  }
});

test('[ID-6] an address that fails too often is locked on all instances, whatever names it types', async () => {
  const instance = () =>
    openTestServer({
      database: server.database,
      env: { LIMIT_MAX_FAILED_LOGINS_PER_ADDRESS: '3', TRUSTED_PROXIES: '1' },
      nowMs: () => nowMs,
    });
  const [first, second] = [await instance(), await instance()];
  const tryAs = (at: TestServer, user: string, password: string, address = '203.0.113.7') =>
    at.call('POST', '/api/session', {
      body: { workspace: 'one', user, password },
      headers: { 'x-forwarded-for': address },
    });
  try {
    for (let right = 1; right <= 4; right++)
      assert.is((await tryAs(first, 'writer', TEST_PASSWORD)).status, 200, 'right ones are taken back');
    for (let failure = 1; failure <= 3; failure++)
      assert.is((await tryAs(failure % 2 ? first : second, `nobody-${failure}`, 'wrong wrong')).status, 401);

    for (const at of [first, second]) {
      const locked = await tryAs(at, 'writer', TEST_PASSWORD);
      assert.is(locked.body.code, 'locked');
      assert.is(locked.body.retryAfterMs, 900_000);
      const headers = { 'x-forwarded-for': '203.0.113.7' };
      const join = await at.call('POST', '/api/join', { body: { code: 'AAAAAAAA' }, headers });
      assert.is(join.body.code, 'locked', 'a code for joining cannot be guessed either');
      assert.is((await tryAs(at, 'writer', TEST_PASSWORD, '203.0.113.8')).status, 200, 'others go on');
    }
    nowMs += 900_000;
    assert.is((await tryAs(second, 'writer', TEST_PASSWORD)).status, 200);
  } finally {
    await first.close();
    await second.close();
  }
});

test('[ID-4] disabling a user ends its tokens and cuts its sockets within a second', async () => {
  const admin = await server.token('admin');
  await server.services.accounts.create({
    workspace: 'one',
    name: 'dora',
    role: 'writer',
    password: 'una clave larga',
  });
  const { token } = (await logIn('dora', 'una clave larga')).body;
  server.live.open.add(await server.services.identity.authenticate(token));
  const other = await server.services.identity.authenticate(await server.token('writer'));
  server.live.open.add(other);

  await server.call('PATCH', '/api/users/dora', { token: admin, body: { disabled: true } });

  await until(() => server.live.open.size === 1);
  assert.ok(server.live.open.has(other), 'nobody else is cut');
  assert.is((await server.call('GET', '/api/session', { token })).status, 401);
  assert.is((await logIn('dora', 'una clave larga')).body.code, 'wrong-password');
});

test('[ID-4] revoking a device cuts it on every instance, and shuts it out for good', async () => {
  const elsewhere = await openTestServer({ database: server.database, nowMs: () => nowMs });
  try {
    const admin = await server.token('admin');
    const login = { workspace: 'one', user: 'writer', password: TEST_PASSWORD, device: 'LOSTLOST' };
    const { token, refreshToken } = (await server.call('POST', '/api/session', { body: login })).body;
    const seat: Seat = await elsewhere.services.identity.authenticate(token);
    elsewhere.live.open.add(seat);

    await server.call('POST', '/api/devices/LOSTLOST/revoke', { token: admin });

    await until(() => elsewhere.live.open.size === 0);
    assert.equal(elsewhere.live.cuts, ['badToken']);
    for (const instance of [server, elsewhere])
      assert.is((await instance.call('GET', '/api/session', { token })).status, 401);
    assert.is((await server.call('POST', '/api/session', { body: login })).body.code, 'revoked');
    const refresh = { refreshToken, device: 'LOSTLOST' };
    assert.is((await server.call('POST', '/api/session/refresh', { body: refresh })).status, 401);
  } finally {
    await elsewhere.close();
  }
});

test('[ID-3] with the second factor switched on an administrator sets it up, and a code works once', async () => {
  const strict = await openTestServer({
    database: server.database,
    env: { SECOND_FACTOR_FOR_ADMINS: 'true' },
    nowMs: () => nowMs,
  });
  try {
    const open = (code?: string, user = 'admin') =>
      strict.call('POST', '/api/session', {
        body: { workspace: 'two', user, password: TEST_PASSWORD, ...(code === undefined ? {} : { code }) },
      });
    assert.is((await open(undefined, 'writer')).status, 200, 'others need none');

    const setup = await open();
    assert.is(setup.status, 403);
    assert.is(setup.body.code, 'setup-needed');
    assert.match(setup.body.otpauthUrl, 'otpauth://totp/notebook:');
    const codeAt = (ms: number) => new TOTP({ secret: setup.body.secret }).generate({ timestamp: ms });

    assert.is((await open('000000')).body.code, 'code-wrong');
    assert.is((await open()).body.secret, setup.body.secret, 'a wrong code does not change the secret');
    assert.is((await open(codeAt(nowMs))).status, 200);
    assert.is((await open(codeAt(nowMs))).body.code, 'code-wrong', 'the same code again');
    const needed = await open();
    assert.is(needed.body.code, 'code-needed');
    assert.is(needed.body.secret, undefined, 'the secret is told once');
    nowMs += 30_000;
    assert.is((await open(codeAt(nowMs))).status, 200);
  } finally {
    await strict.close();
  }
});

const ADMIN_CALLS = [
  ['GET', '/api/users', undefined],
  ['POST', '/api/users', { name: 'eve', role: 'admin', password: 'una clave larga' }],
  ['PATCH', '/api/users/admin', { disabled: true }],
  ['POST', '/api/users/admin/password', { password: 'una clave larga' }],
  ['DELETE', '/api/users/admin/second-factor', undefined],
  ['DELETE', '/api/users/admin/sessions', undefined],
  ['GET', '/api/devices', undefined],
  ['PATCH', '/api/devices/AAAAAAA1', { label: 'mine' }],
  ['POST', '/api/devices/AAAAAAA1/revoke', {}],
  ['GET', '/api/roles', undefined],
] as const;

function logIn(user: string, password: string, workspace = 'one') {
  return server.call('POST', '/api/session', { body: { workspace, user, password } });
}

test.run();
