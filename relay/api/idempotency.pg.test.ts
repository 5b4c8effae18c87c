/** `Idempotency-Key` on every POST that the OpenAPI document lists, those added later included. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ASKED_ENV,
  ask,
  type Endpoint,
  type Example,
  endpointsOf,
  exampleOf,
  fillWorkspace,
} from '../testing/api-endpoints.ts';
import { openTestServer, type TestServer } from '../testing/test-server.ts';

/** Its answer is true at that moment only, and may have 64 MB; asking again is what it is for. */
const NEVER_REPLAYED = ['POST /api/sync/poll'];
/** It ends the session that would ask again: whoever lost the answer signs in with the next password. */
const ENDS_ITS_SESSION = 'POST /api/session/password';

let server: TestServer;
let posts: readonly Endpoint[];
let refreshToken: string;
let adminToken: string;
test.before(async () => {
  server = await openTestServer({ env: ASKED_ENV });
  ({ refreshToken } = await fillWorkspace(server, 'one'));
  adminToken = await server.token('admin');
  posts = (await endpointsOf(server)).filter(
    ({ method, name }) => method === 'POST' && !NEVER_REPLAYED.includes(name),
  );
});
test.after(() => server.close());

test('every POST sent twice with one key runs once and is answered the same', async () => {
  assert.ok(posts.length >= 10);
  for (const endpoint of posts) {
    const { first, again } = await twice(endpoint);
    assert.ok(first.status < 300, `${endpoint.name}: ${first.status} ${first.text}`);
    assert.is(first.headers.get('idempotency-replayed'), null, endpoint.name);
    if (endpoint.name === ENDS_ITS_SESSION) {
      assert.is(again.status, 401);
      continue;
    }
    assert.is(again.headers.get('idempotency-replayed'), 'true', endpoint.name);
    assert.equal([again.status, again.text], [first.status, first.text], endpoint.name);
  }
});

test('one key for two different requests is refused at every POST', async () => {
  for (const endpoint of posts.filter(({ name }) => name !== ENDS_ITS_SESSION)) {
    const { body } = exampleOf(endpoint, { workspace: 'one', refreshToken })!;
    const other = await send(endpoint, { body: { ...body, another: true } });

    assert.is(other.status, 422, endpoint.name);
    assert.match(other.text, 'key-reused', endpoint.name);
  }
});

test('a key is honoured for 24 hours and no longer', async () => {
  const endpoint = posts.find(({ name }) => name === 'POST /api/users')!;
  const example = exampleOf(endpoint, { workspace: 'one' })!;
  const age = (hours: number) =>
    server.database.pool.query(
      `update espejo.idempotency set created_at = clock_timestamp() - make_interval(secs => $1) where key = 'aged'`,
      [hours * 3600],
    );
  const post = () => send(endpoint, example, 'aged');
  assert.is((await post()).status, 201);

  await age(23.99);
  assert.is((await post()).status, 201, 'the answer of yesterday');
  await age(24.01);
  const late = await post();

  assert.is(late.status, 409, 'it runs again, and the user exists by now');
  assert.is(late.headers.get('idempotency-replayed'), null);
});

async function twice(endpoint: Endpoint) {
  const body = { user: 'reader' };
  const { code: joinCode } = (await server.call('POST', '/api/join-codes', { token: adminToken, body })).body;
  const example = exampleOf(endpoint, { workspace: 'one', refreshToken, joinCode });
  assert.ok(example, `${endpoint.name}: give an example in api-endpoints.ts`);
  const token = endpoint.name === ENDS_ITS_SESSION ? await server.token('nobody') : adminToken;
  const options = { token, example, headers: { 'idempotency-key': keyOf(endpoint) } };
  return { first: await ask(server, endpoint, options), again: await ask(server, endpoint, options) };
}

function send(endpoint: Endpoint, example: Example, key = keyOf(endpoint)) {
  return ask(server, endpoint, { token: adminToken, example, headers: { 'idempotency-key': key } });
}

function keyOf({ path }: Endpoint): string {
  return `once-${path}`;
}

test.run();
