/**
 * Every endpoint that the OpenAPI document lists, asked by nobody and by a stranger: an endpoint that is added later
 * is asked as well. Workspace `one` has something of everything, marked; the stranger administers workspace `two`.
 */
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { PostgresLog } from '../log/postgres-log.ts';
import { encodeSnapshot } from '../materializer/snapshot-file.ts';
import { openTestServer, type TestServer } from '../testing/test-server.ts';

const MARK = 'MARKED-AS-OF-ONE';
const CONTENT = new TextEncoder().encode(MARK);
/** What stands for the parameters in an address: things that exist in workspace `one`. */
const PARAMS: Readonly<Record<string, string>> = {
  document: 'work%2F2026-11',
  family: 'work',
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
  part: '0',
  name: 'writer',
  device: 'ONEONE11',
};
/** Bodies that would do something if they reached workspace `one`. */
const BODIES: Readonly<Record<string, object>> = {
  'PATCH /api/users/{name}': { displayName: 'taken over' },
  'POST /api/users/{name}/password': { password: 'taken over by two' },
  'PATCH /api/devices/{device}': { label: 'taken over' },
};
/** They answer without a token, and say what they must. */
const OPEN = [
  'GET /health',
  'GET /api/health',
  'GET /ready',
  'POST /api/session',
  'POST /api/session/refresh',
  'GET /api/objects/{family}/{sha256}/content',
];

let server: TestServer;
let endpoints: readonly string[];
test.before(async () => {
  server = await openTestServer();
  await fillWorkspaceOne();
  const document = (await (await fetch(`${server.url}/api/docs/json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  endpoints = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
});
test.after(() => server.close());

test('without a token every endpoint answers 401, but for the few that must be open', async () => {
  const answered: string[] = [];
  for (const endpoint of endpoints) {
    const { status } = await ask(endpoint);
    if (status !== 401) answered.push(endpoint);
  }

  assert.equal(answered.sort(), [...OPEN].sort());
});

test('the marks are there for whoever is in the workspace', async () => {
  const token = await server.token('admin', 'one');
  const seen: string[] = [];
  for (const endpoint of endpoints.filter((one) => one.startsWith('GET'))) {
    const { text } = await ask(endpoint, token);
    if (text.includes(MARK) || text.includes(Buffer.from(MARK).toString('base64'))) seen.push(endpoint);
  }

  for (const endpoint of [
    'GET /api/users',
    'GET /api/devices',
    'GET /api/documents/{document}/updates',
    'GET /api/documents/{document}/snapshot',
    'GET /api/reports/{name}',
  ])
    assert.ok(seen.includes(endpoint), endpoint);
});

test('no endpoint shows or changes anything of another workspace', async () => {
  const before = await workspaceOne();
  const token = await server.token('admin', 'two');
  for (const endpoint of endpoints) {
    // Signing out would take the stranger's own token away.
    if (endpoint === 'DELETE /api/session') continue;
    const { status, text } = await ask(endpoint, token);
    assert.not.match(text, MARK, endpoint);
    assert.not.match(text, Buffer.from(MARK).toString('base64'), endpoint);
    assert.ok(status < 500, `${endpoint}: ${status}`);
  }

  assert.equal(await workspaceOne(), before);
  assert.is((await ask('GET /api/session', token)).status, 200, 'it was asked with a good token to the end');
});

async function ask(endpoint: string, token?: string): Promise<{ status: number; text: string }> {
  const [method, path] = endpoint.split(' ') as [string, string];
  const address = path
    .replace('/reports/{name}', '/reports/notes')
    .replace(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? `no-value-for-${name}`);
  const hasBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  const isBytes = method === 'PUT';
  const answer = await fetch(server.url + address, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(hasBody ? { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' } : {}),
    },
    ...(hasBody ? { body: isBytes ? CONTENT : JSON.stringify(BODIES[endpoint] ?? {}) } : {}),
  });
  return { status: answer.status, text: await answer.text() };
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
      '(select workspace, name, display_name, role, password_hash, generation, disabled_at from espejo.account)',
    ),
    devices: await rows('espejo.device'),
    documents: await rows('espejo.document'),
    objects: await rows('espejo.object'),
    sessions: await rows('espejo.refresh_token'),
    notes: await rows('report.notes'),
  };
}

async function fillWorkspaceOne(): Promise<void> {
  const { accounts, devices, refreshTokens } = server.services;
  const { pool } = server.database;
  await accounts.update('one', 'writer', { displayName: MARK });
  await devices.enter('one', 'ONEONE11', 'writer', MARK);
  await refreshTokens.issue('one', 'writer', 'ONEONE11');
  const log = new PostgresLog({ pool, instance: 'test' });
  const commit = { id: newId(), device: 'ONEONE11' as never, hlc: 4096, schema: 1, label: 'test' };
  const parts = [{ document: 'work/2026-11', update: CONTENT }];
  await log.append([{ workspace: 'one', user: 'writer', device: 'ONEONE11', commit, parts }]);
  await log.close();
  const file = encodeSnapshot({ workspace: 'one', document: 'work/2026-11', epoch: 1, seq: 1 }, CONTENT);
  await server.objects.putIfAbsent(file.key, file.bytes);
  await pool.query(`update espejo.document set snapshot_seq = 1, snapshot_key = $1, snapshot_sha256 = $2`, [
    file.key,
    file.sha256,
  ]);
  await server.objects.putIfAbsent(`objects/one/work/${PARAMS.sha256}`, CONTENT);
  await pool.query(
    `insert into espejo.object (workspace, family, sha256, bytes, content_type, uploaded_by, stored_at)
     values ('one', 'work', $1, $2, 'image/png', 'writer', now())`,
    [PARAMS.sha256, CONTENT.length],
  );
  await pool.query(
    'create table report.notes (workspace text, id text, body text, primary key (workspace, id))',
  );
  await pool.query(`insert into report.notes values ('one', 'a', $1)`, [MARK]);
}

test.run();
