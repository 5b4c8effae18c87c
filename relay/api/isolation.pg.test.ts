/**
 * Every endpoint that the OpenAPI document lists, asked by nobody, by a stranger and with tokens that are no good: an
 * endpoint that is added later is asked as well. Workspace `one` has something of everything, marked; the stranger
 * administers workspace `two`.
 */
import { randomBytes } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ASKED_ENV,
  ask,
  type Endpoint,
  endpointsOf,
  exampleOf,
  fillWorkspace,
  MARK,
} from '../testing/api-endpoints.ts';
import { openTestServer, type TestServer } from '../testing/test-server.ts';

/** They answer without a token, and say what they must. */
const OPEN = [
  'GET /health',
  'GET /api/health',
  'GET /ready',
  'POST /api/join',
  'POST /api/session',
  'POST /api/session/refresh',
  'GET /api/objects/{family}/{sha256}/content',
];
/** They cannot work here, and why. */
const NOT_HERE: Readonly<Record<string, string>> = {
  'GET /api/objects/{family}/{sha256}/content': 'wants an address that the relay signed: objects.pg.test.ts',
  'POST /api/sync/poll': 'wants a socket: relay.pg.test.ts',
  'POST /api/join': 'wants a code that was made: join-codes.pg.test.ts',
};

let server: TestServer;
let endpoints: readonly Endpoint[];
let refreshToken: string;
test.before(async () => {
  server = await openTestServer({ env: ASKED_ENV });
  ({ refreshToken } = await fillWorkspace(server, 'one'));
  endpoints = await endpointsOf(server);
});
test.after(() => server.close());

test('without a token every endpoint answers 401, but for the few that must be open', async () => {
  const answered: string[] = [];
  for (const endpoint of endpoints) {
    const { status } = await ask(server, endpoint);
    if (status !== 401) answered.push(endpoint.name);
  }

  assert.equal(answered.sort(), [...OPEN].sort());
  assert.equal(
    endpoints
      .filter(({ isOpen }) => isOpen)
      .map(({ name }) => name)
      .sort(),
    [...OPEN].sort(),
  );
});

test('no endpoint takes a token that is not signed by us, for us, for now, for somebody who may come in', async () => {
  const before = await workspaceOne();
  for (const [why, token] of await badTokens()) {
    for (const endpoint of endpoints.filter(({ isOpen }) => !isOpen)) {
      const { status, text } = await ask(server, endpoint, {
        token,
        example: exampleOf(endpoint, { workspace: 'one' }),
      });
      assert.is(status, 401, `${endpoint.name}: ${why}`);
      assert.not.match(text, MARK, `${endpoint.name}: ${why}`);
    }
  }

  assert.equal(await workspaceOne(), before);
});

test('no endpoint shows or changes anything of another workspace', async () => {
  const before = await workspaceOne();
  const { body } = await server.call('POST', '/api/session', {
    body: { workspace: 'two', user: 'admin', password: 'correct horse battery', device: 'TWOTWO22' },
  });
  const own = { workspace: 'two', refreshToken: body.refreshToken };
  for (const endpoint of endpoints) {
    // What ends the stranger's own token ends the test too.
    if (endpoint.name === 'DELETE /api/session' || endpoint.name === 'POST /api/session/password') continue;
    const { status, text } = await ask(server, endpoint, {
      token: body.token,
      example: exampleOf(endpoint, own),
    });
    assert.not.match(text, MARK, endpoint.name);
    assert.not.match(text, MARK.toLowerCase(), endpoint.name);
    assert.not.match(text, Buffer.from(MARK).toString('base64'), endpoint.name);
    assert.ok(status < 500 || endpoint.name in NOT_HERE, `${endpoint.name}: ${status}`);
  }

  assert.equal(await workspaceOne(), before);
  assert.is(
    (await server.call('GET', '/api/session', { token: body.token })).status,
    200,
    'it was asked with a good token to the end',
  );
});

test('the same requests show the marks, and do something, for whoever administers the workspace', async () => {
  const seen: string[] = [];
  const failed: string[] = [];
  for (const endpoint of endpoints) {
    if (endpoint.name in NOT_HERE) continue;
    const { status, text } = await ask(server, endpoint, {
      token: await tokenFor(endpoint),
      example: exampleOf(endpoint, { workspace: 'one', refreshToken }),
    });
    if (status >= 400) failed.push(`${endpoint.name}: ${status} ${text}`);
    const marks = [MARK, MARK.toLowerCase(), Buffer.from(MARK).toString('base64')];
    if (marks.some((mark) => text.includes(mark))) seen.push(endpoint.name);
  }

  assert.equal(failed, [], 'give an example that works in api-endpoints.ts');
  for (const name of [
    'GET /api/users',
    'GET /api/devices',
    'GET /api/documents',
    'GET /api/documents/{document}/updates',
    'GET /api/documents/{document}/snapshot',
    'GET /api/reports/{name}',
  ])
    assert.ok(seen.includes(name), name);
});

let adminToken: string | undefined;

/** Some end the session they come with: those of somebody who is not asked for later. */
async function tokenFor({ name }: Endpoint): Promise<string> {
  if (name === 'DELETE /api/session' || name === 'POST /api/session/password')
    return server.token('nobody', 'one');
  adminToken ??= await server.token('admin', 'one');
  return adminToken;
}

async function badTokens(): Promise<readonly (readonly [why: string, token: string])[]> {
  const { accounts } = server.services;
  const account = { workspace: 'one', name: 'former', role: 'admin', password: 'correct horse battery' };
  await accounts.create(account);
  const ofDisabled = await server.token('former', 'one');
  await accounts.update('one', 'former', { disabled: true });
  const good = await server.token('admin', 'one');
  const claims = decodeJwt(good);
  const { kid } = decodeProtectedHeader(good);
  const { rows } = await server.database.pool.query('select id, secret from espejo.signing_key');
  const sign = (change: object, key: Uint8Array = rows[0].secret, alg = 'HS256') =>
    new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg, kid: kid! }).sign(new Uint8Array(key));
  const [header, , signature] = good.split('.') as [string, string, string];
  const king = Buffer.from(JSON.stringify({ ...claims, ws: 'one', sub: 'admin' })).toString('base64url');
  const { token: ofTwo } = (
    await server.call('POST', '/api/session', {
      body: { workspace: 'two', user: 'admin', password: 'correct horse battery' },
    })
  ).body;
  return [
    ['not a token', 'hello'],
    ['alg none', new UnsecuredJWT(claims).encode()],
    ['expired', await sign({ exp: Math.floor(Date.now() / 1000) - 60 })],
    ['another audience', await sign({ aud: 'another' })],
    ['another issuer', await sign({ iss: 'https://issuer.example' })],
    ['another key', await sign({}, randomBytes(32))],
    ['another algorithm', await sign({}, randomBytes(64), 'HS512')],
    ['an earlier generation', await sign({ gen: -1 })],
    ['of a workspace that is not there', await sign({ ws: 'three' })],
    ['the claims of one under the signature of another', `${header}.${king}.${ofTwo.split('.')[2]}`],
    ['signature cut', good.slice(0, -signature.length + 10)],
    ['of somebody disabled', ofDisabled],
  ];
}

/** Everything of workspace `one` that an endpoint could change. */
async function workspaceOne(): Promise<object> {
  const { pool } = server.database;
  const rows = async (table: string) =>
    (
      await pool.query(
        `select row_to_json(t)::text as row from ${table} t where workspace = 'one' order by 1`,
      )
    ).rows;
  return {
    accounts: await rows(
      `(select workspace, name, display_name, role, password_hash, generation, disabled_at from espejo.account where name <> 'former')`,
    ),
    devices: await rows('espejo.device'),
    documents: await rows('espejo.document'),
    objects: await rows('espejo.object'),
    sessions: await rows('espejo.refresh_token'),
    notes: await rows('report.notes'),
  };
}

test.run();
