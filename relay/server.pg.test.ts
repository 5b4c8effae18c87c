import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../shared/testing/until.ts';
import { openTestServer, TEST_PASSWORD, type TestServer } from './testing/test-server.ts';

let server: TestServer;
let appDir: string;
test.before(async () => {
  appDir = await mkdtemp(join(tmpdir(), 'espejo-test-app-'));
  await mkdir(join(appDir, 'assets'));
  await writeFile(join(appDir, 'index.html'), '<!doctype html><title>app</title>');
  await writeFile(join(appDir, 'service-worker.js'), '// worker');
  await writeFile(join(appDir, 'manifest.webmanifest'), '{}');
  await writeFile(join(appDir, 'assets/sql-8f3a.wasm'), new Uint8Array([0, 97, 115, 109]));
  server = await openTestServer({ appDir });
});
test.after(async () => {
  await server.close();
  await rm(appDir, { recursive: true, force: true });
});

test('hashed assets are kept a year, pages five minutes, the service worker not at all', async () => {
  const cacheOf = async (path: string) => (await fetch(server.url + path)).headers.get('cache-control');

  assert.is(await cacheOf('/assets/sql-8f3a.wasm'), 'public, max-age=31536000, immutable');
  assert.is(await cacheOf('/'), 'public, max-age=300');
  assert.is(await cacheOf('/ordenes/42'), 'public, max-age=300');
  assert.is(await cacheOf('/service-worker.js'), 'no-cache');
});

test('wasm and manifest have the type that browsers insist on', async () => {
  const typeOf = async (path: string) => (await fetch(server.url + path)).headers.get('content-type');

  assert.is(await typeOf('/assets/sql-8f3a.wasm'), 'application/wasm');
  assert.match((await typeOf('/manifest.webmanifest')) ?? '', 'application/manifest+json');
});

test('an address of the app answers the app; a wrong one of api, sync or assets answers 404', async () => {
  assert.match(await (await fetch(`${server.url}/recepcion/nueva`)).text(), '<title>app</title>');
  for (const path of ['/api/nothing', '/api', '/sync/one', '/assets/old-1234.js', '/missing.png']) {
    const answer = await fetch(server.url + path);
    assert.is(answer.status, 404, path);
    assert.is(((await answer.json()) as { code: string }).code, 'not-found');
  }
  assert.is((await fetch(`${server.url}/recepcion`, { method: 'POST' })).status, 404);
});

test('no path leads out of the app folder', async () => {
  for (const path of [
    '/../config.ts',
    '/..%2f..%2fetc/passwd',
    '/assets/%2e%2e/%2e%2e/etc/passwd',
    '/%00',
    '/.env',
  ]) {
    const { status, body } = await raw(path);
    assert.ok(
      status === 400 || status === 403 || status === 404 || body.includes('<title>app'),
      `${path}: ${status}`,
    );
    assert.not.match(body, 'root:');
  }
});

test('the served app may load nothing from a third party, and wasm but no code from text', async () => {
  const { headers } = await fetch(server.url);
  const policy = headers.get('content-security-policy') ?? '';

  assert.match(policy, "default-src 'self'");
  assert.match(policy, "script-src 'self' 'wasm-unsafe-eval'");
  assert.match(policy, "object-src 'none'");
  assert.match(policy, "frame-ancestors 'none'");
  assert.not.match(policy, /https?:|'unsafe-eval'|\*/);
  assert.not.match(policy.replace("style-src-attr 'unsafe-inline'", ''), 'unsafe-inline');
  assert.is(headers.get('x-content-type-options'), 'nosniff');
  assert.is(headers.get('x-frame-options'), 'DENY');
  assert.is(headers.get('referrer-policy'), 'no-referrer');
  assert.is(headers.get('x-powered-by'), null);
});

test('the API is described in OpenAPI, with every endpoint and assets of our own', async () => {
  const page = await fetch(`${server.url}/api/docs`, { redirect: 'follow' });
  assert.is(page.status, 200);
  assert.not.match(await page.text(), /(src|href)="https?:/);
  const document = (await (await fetch(`${server.url}/api/docs/json`)).json()) as {
    openapi: string;
    paths: Record<string, Record<string, { summary?: string }>>;
  };

  assert.is(document.openapi, '3.1.0');
  for (const path of ['/api/session', '/api/sync/batch', '/api/documents/{document}/updates'])
    assert.ok(document.paths[path], path);
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, { summary }] of Object.entries(methods)) assert.ok(summary, `${method} ${path}`);
});

test("an upgrade at /sync is the live part's, any other is refused", async () => {
  assert.is(await upgradeStatus('/elsewhere'), 404);
  assert.is(await upgradeStatus('/api/session'), 404);
  assert.is(await upgradeStatus('/sync/one?token=x'), 418);
  assert.equal(server.live.upgrades, ['/sync/one?token=x']);
});

test('ready says whether Postgres answers; metrics have help texts', async () => {
  assert.equal((await server.call('GET', '/ready')).body, { ready: true });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();

  assert.match(metrics, '# HELP espejo_connections sockets open now');
  assert.match(metrics, 'espejo_http_requests_total');
});

test('a body above the limit is 413, nonsense is 400, prototype poison is 400', async () => {
  const send = (body: string) =>
    fetch(`${server.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });

  assert.is((await send(JSON.stringify({ password: 'x'.repeat(2_000_000) }))).status, 413);
  assert.is((await send('{"workspace":')).status, 400);
  assert.is((await send('{"__proto__":{"a":1},"workspace":"one"}')).status, 400);
  assert.is((await send('[]')).status, 400);
});

test('requests that dribble in, headers or body, are ended with 408, and others are served meanwhile', async () => {
  const slow = await openTestServer({ database: server.database, env: { LIMIT_REQUEST_TIMEOUT_MS: '300' } });
  const beginnings = [
    'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
    'GET /api/session HTTP/1.1\r\nHost: x\r\nX-Slow: ',
  ];
  try {
    const answers = Array.from({ length: 40 }, (_, index) =>
      firstLineAfter(slow.url, beginnings[index % beginnings.length]!),
    );
    assert.is((await slow.call('GET', '/health')).status, 200);

    for (const line of await Promise.all(answers)) assert.match(line, '408');
  } finally {
    await slow.close();
  }
});

test('logs hold no token, password or typed value', async () => {
  const token = await server.token('writer');
  await server.call('GET', `/api/session?token=${token}`, { token });
  await server.call('POST', '/api/session', {
    body: { workspace: 'one', user: 'writer', password: 'hunter2hunter2' },
  });
  await server.call('GET', '/api/documents/no%2Fsuch-secret-name', { token });
  await server.call('POST', '/api/sync/batch', { token, body: { commits: [{ id: 'plate-ABC123' }] } });

  const text = server.lines.join('');
  assert.ok(server.lines.length > 5);
  for (const secret of [token, TEST_PASSWORD, 'hunter2', 'no-such-secret', 'plate-ABC123', 'authorization'])
    assert.not.match(text, secret);
  for (const line of server.lines) assert.type(JSON.parse(line).level, 'string');
});

test('requests above the rate are 429 and say when to come back', async () => {
  const strict = await openTestServer({
    database: server.database,
    env: { LIMIT_MAX_REQUESTS_PER_MINUTE: '3' },
  });
  try {
    const statuses: number[] = [];
    for (let count = 0; count < 5; count++) statuses.push((await strict.call('GET', '/api/nothing')).status);
    const last = await strict.call('GET', '/api/session');

    assert.equal(statuses, [404, 404, 404, 429, 429]);
    assert.is(last.body.code, 'too-many');
    assert.ok(last.headers.get('retry-after'));
    assert.is((await strict.call('GET', '/health')).status, 200);
  } finally {
    await strict.close();
  }
});

test('passwords are tried slowly from one address, whatever names are typed', async () => {
  const strict = await openTestServer({
    database: server.database,
    env: { LIMIT_MAX_LOGINS_PER_MINUTE: '3' },
  });
  try {
    const statuses: number[] = [];
    for (let count = 0; count < 5; count++) {
      const body = { workspace: 'one', user: `guess-${count}`, password: 'wrong wrong' };
      statuses.push((await strict.call('POST', '/api/session', { body })).status);
    }

    assert.equal(statuses, [401, 401, 401, 429, 429]);
  } finally {
    await strict.close();
  }
});

test('a page of another origin can read nothing of the API', async () => {
  const preflight = await fetch(`${server.url}/api/users`, {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
  });
  const simple = await fetch(`${server.url}/health`, { headers: { origin: 'https://evil.example' } });

  assert.is(preflight.headers.get('access-control-allow-origin'), null);
  assert.is(simple.headers.get('access-control-allow-origin'), null);
  assert.is(simple.headers.get('cross-origin-resource-policy'), 'same-origin');
});

test('what a caller typed never becomes a header', async () => {
  const token = await server.token('admin');
  for (const name of ['a%0d%0aSet-Cookie:%20x=y', 'a%0aX-Evil:%201']) {
    const answer = await server.call('PATCH', `/api/users/${name}`, { token, body: { displayName: 'x' } });
    assert.is(answer.status, 404);
    assert.is(answer.headers.get('set-cookie'), null);
    assert.is(answer.headers.get('x-evil'), null);
  }
  const key = await server.call('POST', '/api/sync/batch', {
    token,
    body: { commits: [] },
    headers: { 'idempotency-key': 'x'.repeat(201) },
  });
  assert.is(key.status, 400);
});

test('closing lets a request in flight finish and takes no new one', async () => {
  const closing = await openTestServer({ database: server.database });
  const token = await closing.token('writer');
  let release = () => {};
  closing.live.holding = new Promise((resolve) => {
    release = resolve;
  });
  const inFlight = closing.call('POST', '/api/sync/batch', { token, body: { commits: [] } });
  await until(() => closing.live.batches.length > 0);

  const closed = closing.close();
  const late = await fetch(`${closing.url}/health`).then(
    () => 'served',
    () => 'refused',
  );
  release();

  assert.is((await inFlight).status, 202);
  assert.is(late, 'refused');
  await closed;
});

/** Begins a request and never ends it; resolves with the status line that comes all the same. */
function firstLineAfter(url: string, beginning: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', reject);
    socket.on('data', (chunk) => resolve(chunk.toString().split('\r\n', 1)[0]!));
    socket.write(beginning);
  });
}

/** fetch normalizes dots away; this does not. */
function raw(path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path }, (answer) => {
      let body = '';
      answer.on('data', (chunk) => {
        body += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

function upgradeStatus(path: string): Promise<number> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({
      hostname,
      port,
      path,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-version': '13',
      },
    });
    sent.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

test.run();
