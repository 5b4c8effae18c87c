import { unzipSync } from 'fflate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
test.before(async () => {
  server = await openTestServer();
  await server.database.pool.query(`
    create table report.notes (workspace text, id text, body text, primary key (workspace, id));
    create table report.secrets (workspace text, id text, body text, primary key (workspace, id));
    comment on table report.notes is 'what was noted';
    create view report.note_count as select workspace, count(*)::int as notes from report.notes group by workspace;
    create view report.gossip as select workspace, id, body from report.secrets;
    create view report.more_gossip as select workspace, id from report.gossip;
    create view report.leak as select id, body from report.notes;
    insert into report.notes values ('one', 'a', 'first'), ('one', 'b', 'say "hi", then go'), ('one', 'c', null),
      ('two', 'z', 'of another workspace');
    insert into report.secrets values ('one', 's', 'secret'), ('two', 's', 'of another workspace');
    insert into report.history (workspace, table_name, row_id, action, column_name, user_name, changed_at, stored_at,
      document, epoch, seq)
    select w, t, 'a', 'insert', '', 'admin', now(), now(), t, 1, 1
    from unnest(array['one', 'two']) w, unnest(array['notes', 'secrets']) t`);
});
test.after(() => server.close());

test('a list of reports holds what one may read, and never a view without a workspace', async () => {
  const namesFor = async (user: string) => {
    const { body } = await server.call('GET', '/api/reports', { token: await server.token(user) });
    return body.reports.map(({ name }: { name: string }) => name);
  };

  assert.equal(await namesFor('admin'), [
    'conflict',
    'gossip',
    'history',
    'more_gossip',
    'note_count',
    'notes',
    'secrets',
    'violation',
  ]);
  assert.equal(await namesFor('reader'), ['conflict', 'history', 'note_count', 'notes', 'violation']);
  assert.equal(await namesFor('nobody'), []);
});

test('rows are those of the own workspace, filtered, ordered and paged', async () => {
  const token = await server.token('reader');
  const rows = async (query: string) =>
    (await server.call('GET', `/api/reports/notes${query}`, { token })).body.rows.map(([id]: string[]) => id);

  assert.equal(await rows(''), ['a', 'b', 'c']);
  assert.equal(await rows('?where=body:first'), ['a']);
  assert.equal(await rows('?order=-id&limit=2'), ['c', 'b']);
  assert.equal(await rows('?order=-id&limit=2&offset=2'), ['a']);
  assert.equal(await rows('?where=workspace:two'), [], 'a filter narrows the own rows and nothing else');
  assert.equal((await server.call('GET', '/api/reports/note_count', { token })).body.rows, [[3]]);
  assert.is((await server.call('GET', '/api/reports/notes?limit=2', { token })).body.more, true);
});

test('reports of a family one may not read do not exist, through views of views neither', async () => {
  const token = await server.token('reader');
  for (const name of ['secrets', 'gossip', 'more_gossip', 'leak', 'pg_class', 'no-such'])
    assert.is((await server.call('GET', `/api/reports/${name}`, { token })).status, 404, name);
});

test('history shows changes of tables one may read', async () => {
  const tablesFor = async (user: string) => {
    const { body } = await server.call('GET', '/api/reports/history', { token: await server.token(user) });
    return body.rows.map((row: unknown[]) => row[body.columns.indexOf('table_name')]);
  };

  assert.equal(await tablesFor('reader'), ['notes']);
  assert.equal(await tablesFor('admin'), ['notes', 'secrets']);
});

test('SQL in names, filters and orders is text or refused', async () => {
  const token = await server.token('admin');
  const get = (path: string) => server.call('GET', `/api/reports/${path}`, { token });

  assert.is((await get(`notes%22%3B%20drop%20table%20report.notes%3B--`)).status, 404);
  assert.is((await get(`notes?order=id%3Bdrop`)).status, 400);
  assert.is((await get(`notes?order=nothing`)).body.code, 'unknown-column');
  assert.is((await get(`notes?where=id%22%3D1%20or%201:1`)).status, 400);
  assert.equal((await get(`notes?where=id:${encodeURIComponent("a' or '1'='1")}`)).body.rows, []);
  assert.is((await get(`notes?limit=-1`)).status, 400);
  assert.is((await get('notes')).body.rows.length, 3);
});

test('an export holds the readable tables of the own workspace as CSV', async () => {
  const exported = async (user: string) => {
    const answer = await server.call('GET', '/api/export', { token: await server.token(user) });
    assert.is(answer.status, 200);
    assert.is(answer.headers.get('content-type'), 'application/zip');
    const files = Object.entries(unzipSync(answer.body));
    return Object.fromEntries(files.map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')]));
  };

  assert.equal(await exported('reader'), {
    'notes.csv': 'id,body\r\na,first\r\nb,"say ""hi"", then go"\r\nc,\r\n',
  });
  assert.equal(Object.keys(await exported('admin')), ['notes.csv', 'secrets.csv']);
  assert.equal(await exported('nobody'), {});
});

test.run();
