import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { PostgresLog } from '../log/postgres-log.ts';
import { encodeSnapshot } from '../materializer/snapshot-file.ts';
import { openTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
let log: PostgresLog;
test.before(async () => {
  server = await openTestServer();
  log = new PostgresLog({ pool: server.database.pool, instance: 'test' });
  for (const workspace of ['one', 'two'])
    for (const [document, text] of [
      ['work/2026-11', 'first'],
      ['work/2026-11', 'second'],
      ['admin', 'secret'],
    ] as const)
      await append(workspace, document, `${text} of ${workspace}`);
  await append('two', 'work/2026-12', 'only in two');
});
test.after(async () => {
  await log.close();
  await server.close();
});

test('heads are of the documents one may read, in the own workspace', async () => {
  const headsFor = async (user: string, workspace?: string) => {
    const { body } = await server.call('GET', '/api/documents', {
      token: await server.token(user, workspace),
    });
    return body.documents.map(({ document, head }: { document: string; head: number }) => [document, head]);
  };

  assert.equal(await headsFor('admin'), [
    ['admin', 1],
    ['work/2026-11', 2],
  ]);
  assert.equal(await headsFor('reader'), [['work/2026-11', 2]]);
  assert.equal(await headsFor('nobody'), []);
  assert.equal(await headsFor('reader', 'two'), [
    ['work/2026-11', 2],
    ['work/2026-12', 1],
  ]);
});

test('updates after a seq are those of the own workspace', async () => {
  const token = await server.token('reader');
  const updates = async (query: string) => {
    const { body } = await server.call('GET', `/api/documents/work%2F2026-11/updates${query}`, { token });
    return body.updates.map(({ seq, update }: { seq: number; update: string }) => [
      seq,
      Buffer.from(update, 'base64').toString(),
    ]);
  };

  assert.equal(await updates(''), [
    [1, 'first of one'],
    [2, 'second of one'],
  ]);
  assert.equal(await updates('?after=1'), [[2, 'second of one']]);
  assert.equal(await updates('?limit=1'), [[1, 'first of one']]);
  assert.equal(await updates('?after=2'), []);
});

test('a document of another workspace does not exist, one of another family is not allowed', async () => {
  const token = await server.token('reader');
  const status = async (path: string) =>
    (await server.call('GET', `/api/documents/${path}`, { token })).status;

  for (const suffix of ['', '/updates', '/snapshot']) {
    assert.is(await status(`work%2F2026-12${suffix}`), 404);
    assert.is(await status(`admin${suffix}`), 403);
  }
});

test('tricks in names are refused before Postgres is asked', async () => {
  const token = await server.token('admin');
  for (const name of [
    '..%2Fadmin',
    'work%2F..',
    'WORK',
    "work'--",
    'work%00',
    '%2Fadmin',
    'admin%2F',
    'a'.repeat(201),
  ])
    assert.is((await server.call('GET', `/api/documents/${name}`, { token })).status, 400, name);
});

test('updates behind a snapshot are 409, and the snapshot says up to where it goes', async () => {
  const token = await server.token('reader');
  const path = '/api/documents/work%2F2026-11';
  assert.is((await server.call('GET', `${path}/snapshot`, { token })).body.code, 'no-snapshot');
  const state = new TextEncoder().encode('state');
  const file = encodeSnapshot({ workspace: 'one', document: 'work/2026-11', epoch: 1, seq: 1 }, state);
  await server.objects.putIfAbsent(file.key, file.bytes);
  await server.database.pool.query(
    `update espejo.document set snapshot_seq = 1, trimmed_seq = 1, snapshot_key = $1, snapshot_sha256 = $2
     where workspace = 'one' and name = 'work/2026-11'`,
    [file.key, file.sha256],
  );

  assert.is((await server.call('GET', `${path}/updates`, { token })).body.code, 'trimmed');
  assert.is((await server.call('GET', `${path}/updates?after=1&epoch=2`, { token })).status, 409);
  assert.is((await server.call('GET', `${path}/updates?after=1`, { token })).body.updates.length, 1);
  const snapshot = await server.call('GET', `${path}/snapshot`, { token });
  assert.is(snapshot.headers.get('espejo-seq'), '1');
  assert.equal(snapshot.body, state);
});

async function append(workspace: string, document: string, text: string): Promise<void> {
  const update = new TextEncoder().encode(text);
  const commit = { id: newId(), device: 'AAAAAAA1' as never, hlc: 4096, schema: 1, label: 'test' };
  await log.append([{ workspace, user: 'admin', device: 'AAAAAAA1', commit, parts: [{ document, update }] }]);
}

test.run();
