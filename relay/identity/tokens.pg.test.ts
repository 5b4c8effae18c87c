import { randomBytes } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
let nowMs = Date.now();
test.before(async () => {
  server = await openTestServer({ nowMs: () => nowMs });
});
test.after(() => server.close());

test('a token that was changed, made up or signed by nobody opens nothing', async () => {
  const token = await server.token('writer');
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const claims = decodeJwt(token);
  const kid = decodeProtectedHeader(token).kid!;
  const foreign = (change: object, key: Uint8Array = randomBytes(32), alg = 'HS256') =>
    new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg, kid }).sign(key);
  const admin = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url');

  for (const [why, bad] of [
    ['empty', ''],
    ['not a token', 'hello'],
    ['two parts', `${header}.${payload}`],
    ['other user', `${header}.${admin}.${signature}`],
    ['signature cut', token.slice(0, -2)],
    ['no signature', `${header}.${payload}.`],
    ['alg none', new UnsecuredJWT(claims).encode()],
    ['alg None', `${Buffer.from('{"alg":"None"}').toString('base64url')}.${payload}.`],
    ['other key', await foreign({})],
    ['other algorithm', await foreign({}, randomBytes(64), 'HS512')],
    [
      'unknown key id',
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'x' }).sign(randomBytes(32)),
    ],
    ['enormous', `${header}.${'a'.repeat(9_000)}.${signature}`],
  ] as const)
    assert.is((await server.call('GET', '/api/session', { token: bad })).status, 401, why);
  assert.is((await server.call('GET', '/api/session', { token })).status, 200);
});

test('with our own key: another audience, another issuer, no expiry open nothing', async () => {
  const token = await server.token('writer');
  const claims = decodeJwt(token);
  const { rows } = await server.database.pool.query('select id, secret from espejo.signing_key');
  const sign = (change: object) =>
    new SignJWT({ ...claims, ...change })
      .setProtectedHeader({ alg: 'HS256', kid: rows[0].id })
      .sign(new Uint8Array(rows[0].secret));
  const status = async (change: object) =>
    (await server.call('GET', '/api/session', { token: await sign(change) })).status;

  assert.is(await status({}), 200);
  assert.is(await status({ aud: 'another' }), 401);
  assert.is(await status({ iss: 'another' }), 401);
  assert.is(await status({ exp: undefined }), 401);
  assert.is(await status({ ws: 'two', sub: 'no-such-user' }), 401);
  assert.is(await status({ gen: 99 }), 401);
});

test('a token ends with its hour', async () => {
  const token = await server.token('writer');
  nowMs += 59 * 60_000;
  assert.is((await server.call('GET', '/api/session', { token })).status, 200);
  nowMs += 2 * 60_000;
  assert.is((await server.call('GET', '/api/session', { token })).status, 401);
});

test("a token in the address is not taken: addresses end up in other people's logs", async () => {
  const token = await server.token('writer');

  assert.is((await server.call('GET', `/api/session?token=${token}`)).status, 401);
  assert.is(
    (await server.call('GET', '/api/session', { headers: { authorization: `Basic ${token}` } })).status,
    401,
  );
});

test('a second instance knows the keys of the first, and one added later', async () => {
  const second = await openTestServer({ database: server.database, nowMs: () => nowMs });
  try {
    assert.is(
      (await second.call('GET', '/api/session', { token: await server.token('writer') })).status,
      200,
    );
    const { rows } = await server.database.pool.query('select count(*)::int as keys from espejo.signing_key');
    assert.is(rows[0].keys, 1);

    const id = '019a0000-0000-7000-8000-000000000000';
    await server.database.pool.query('insert into espejo.signing_key (id, secret) values ($1, $2)', [
      id,
      randomBytes(32),
    ]);
    const third = await openTestServer({ database: server.database, nowMs: () => nowMs });
    const rotated = await third.token('writer');
    assert.is(decodeProtectedHeader(rotated).kid, id);
    nowMs += 1_001;
    assert.is((await second.call('GET', '/api/session', { token: rotated })).status, 200);
    await third.close();
  } finally {
    await second.close();
  }
});

test('a role that the application no longer has opens nothing', async () => {
  await server.services.accounts.create({
    workspace: 'one',
    name: 'left-over',
    role: 'reader',
    password: 'a perfectly fine one',
  });
  await server.database.pool.query(`update espejo.account set role = 'abolished' where name = 'left-over'`);

  const answer = await server.call('POST', '/api/session', {
    body: { workspace: 'one', user: 'left-over', password: 'a perfectly fine one' },
  });
  assert.is(answer.status, 403);
});

test.run();
