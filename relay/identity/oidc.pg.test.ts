import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTestServer, TEST_PASSWORD, type TestServer } from '../testing/test-server.ts';

let issuer: LocalIssuer;
let server: TestServer;
test.before(async () => {
  issuer = await LocalIssuer.open();
  server = await openTestServer({
    env: {
      OIDC_ISSUER: issuer.url,
      OIDC_AUDIENCE: 'taller-client',
      OIDC_ROLES: 'Bosses=admin,Front desk=writer',
    },
  });
});
test.after(async () => {
  await server.close();
  await issuer.close();
});

test('a token of the issuer is a seat; its group is mapped to a role', async () => {
  const token = await issuer.token({ 'cognito:groups': ['Somebody', 'Front desk'] });

  const me = await server.call('GET', '/api/session', { token });

  assert.is(me.status, 200);
  assert.is(me.body.workspace, 'one');
  assert.is(me.body.user.name, 'olga@example.org');
  assert.is(me.body.user.role, 'writer');
  assert.is(me.body.grants.families.work, 'write');
});

test('a group that is itself a role needs no mapping; one that is none opens nothing', async () => {
  assert.is(await statusOf(await issuer.token({ 'cognito:groups': 'reader' })), 200);
  assert.is(await statusOf(await issuer.token({ 'cognito:groups': ['Bosses of nothing'] })), 401);
  assert.is(await statusOf(await issuer.token({ 'cognito:groups': ['constructor', '__proto__'] })), 401);
  assert.is(await statusOf(await issuer.token({ 'cognito:groups': undefined })), 401);
  assert.is(await statusOf(await issuer.token({ 'custom:workspace': undefined })), 401);
  assert.is(await statusOf(await issuer.token({ 'custom:workspace': '../one' })), 401);
});

test('a provider token is exchanged for a session of a device', async () => {
  const providerToken = await issuer.token({});
  const { status, body } = await server.call('POST', '/api/session', {
    body: { providerToken, device: 'OIDCDEV1' },
  });

  assert.is(status, 200);
  assert.ok(body.refreshToken);
  assert.is((await server.call('GET', '/api/session', { token: body.token })).body.device, 'OIDCDEV1');
});

test('expired, for another client, of another issuer, with another key: none of them opens anything', async () => {
  const stranger = await LocalIssuer.open();
  try {
    const past = Math.floor(Date.now() / 1000) - 60;
    for (const [why, token] of [
      ['expired', await issuer.token({ exp: past })],
      ['not yet', await issuer.token({ nbf: past + 3600 })],
      ['audience', await issuer.token({ aud: 'another-client' })],
      ['no audience', await issuer.token({ aud: undefined })],
      ['issuer', await stranger.token({})],
      ['key', await stranger.token({ iss: issuer.url })],
      ['none', new UnsecuredJWT({ ...issuer.claims(), exp: past + 3600 }).encode()],
      ['hmac with the public key', await issuer.forgedWithPublicKey()],
    ] as const)
      assert.is(await statusOf(token), 401, why);
  } finally {
    await stranger.close();
  }
});

test('a client_id stands for the audience, as in access tokens of Cognito', async () => {
  assert.is(await statusOf(await issuer.token({ aud: undefined, client_id: 'taller-client' })), 200);
});

test('the issuer cannot hand out the name of an account that has a password here', async () => {
  const { accounts } = server.services;
  await accounts.create({
    workspace: 'one',
    name: 'boss@example.org',
    role: 'admin',
    password: TEST_PASSWORD,
  });

  assert.is(await statusOf(await issuer.token({ email: 'boss@example.org', sub: 'somebody-else' })), 401);
});

test('nor one person the name of another', async () => {
  assert.is(await statusOf(await issuer.token({ email: 'pat@example.org', sub: 'pat' })), 200);
  assert.is(await statusOf(await issuer.token({ email: 'pat@example.org', sub: 'mallory' })), 401);
});

test('a visitor is listed, can be disabled, and then stays out', async () => {
  const token = await issuer.token({ email: 'guest@example.org', sub: 'guest' });
  assert.is(await statusOf(token), 200);
  const admin = await server.token('admin');

  const { users } = (await server.call('GET', '/api/users', { token: admin })).body;
  assert.is(users.find(({ name }: { name: string }) => name === 'guest@example.org').provider, issuer.url);
  await server.call('PATCH', '/api/users/guest%40example.org', { token: admin, body: { disabled: true } });

  assert.is(await statusOf(token), 401);
  assert.is((await server.call('POST', '/api/session', { body: { providerToken: token } })).status, 401);
});

test('keys that the issuer rotates in are fetched', async () => {
  const rotating = await LocalIssuer.open();
  const own = await openTestServer({
    database: server.database,
    env: { OIDC_ISSUER: rotating.url, OIDC_AUDIENCE: 'taller-client' },
  });
  try {
    await rotating.rotate();
    const token = await rotating.token({
      email: 'rita@example.org',
      sub: 'rita',
      'cognito:groups': ['reader'],
    });
    assert.is((await own.call('GET', '/api/session', { token })).status, 200);
  } finally {
    await own.close();
    await rotating.close();
  }
});

test('an issuer that is away is 503 for its tokens, and nothing to own accounts', async () => {
  const away = await LocalIssuer.open();
  const token = await away.token({});
  await away.close();
  const own = await openTestServer({
    database: server.database,
    env: { OIDC_ISSUER: away.url, OIDC_AUDIENCE: 'taller-client' },
  });
  try {
    assert.is((await own.call('GET', '/api/session', { token })).status, 503);
    assert.is((await own.call('POST', '/api/session', { body: { providerToken: token } })).status, 503);
    assert.is((await own.call('GET', '/api/session', { token: await own.token('writer') })).status, 200);
  } finally {
    await own.close();
  }
});

async function statusOf(token: string): Promise<number> {
  return (await server.call('GET', '/api/session', { token })).status;
}

/** An OpenID Connect issuer with nothing but keys: metadata, JWKS, and tokens as Cognito makes them. */
class LocalIssuer {
  readonly url: string;
  readonly #server: Server;
  #keys: Awaited<ReturnType<typeof newKeys>>;

  static async open(): Promise<LocalIssuer> {
    const keys = await newKeys('first');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new LocalIssuer(server, keys);
  }

  private constructor(server: Server, keys: Awaited<ReturnType<typeof newKeys>>) {
    this.#server = server;
    this.#keys = keys;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/.well-known/openid-configuration')
        response.end(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/keys` }));
      else if (request.url === '/keys') response.end(JSON.stringify({ keys: [this.#keys.jwk] }));
      else response.writeHead(404).end();
    });
  }

  claims(): JWTPayload {
    return {
      iss: this.url,
      sub: 'olga-subject',
      aud: 'taller-client',
      email: 'olga@example.org',
      'custom:workspace': 'one',
      'cognito:groups': ['writer'],
    };
  }

  token(change: JWTPayload): Promise<string> {
    return new SignJWT({ exp: Math.floor(Date.now() / 1000) + 600, ...this.claims(), ...change })
      .setProtectedHeader({ alg: 'RS256', kid: this.#keys.jwk.kid! })
      .sign(this.#keys.privateKey);
  }

  /** The classic: the RSA public key, which everybody has, used as an HMAC secret. */
  async forgedWithPublicKey(): Promise<string> {
    const secret = new TextEncoder().encode(await exportSPKI(this.#keys.publicKey));
    return new SignJWT({ ...this.claims(), exp: Math.floor(Date.now() / 1000) + 600 })
      .setProtectedHeader({ alg: 'HS256', kid: this.#keys.jwk.kid! })
      .sign(secret);
  }

  async rotate(): Promise<void> {
    this.#keys = await newKeys('second');
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

async function newKeys(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
}

test.run();
