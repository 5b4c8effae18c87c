import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { Fingerprint, hashOfRow, rangeOfId } from '../../shared/mirror/verify.ts';
import { postgresDdl } from '../../shared/schema/ddl-postgres.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import { openTestServer, type TestServer, testApplication } from '../testing/test-server.ts';

const IN_OCTOBER = Date.UTC(2026, 9, 5);
const IN_NOVEMBER = Date.UTC(2026, 10, 5);
const [first, second] = [newId(IN_NOVEMBER), newId(IN_NOVEMBER + 1)];
const WORK = '/api/documents/work%2F2026-11/report';

let server: TestServer;
test.before(async () => {
  server = await openTestServer({ env: { LIMIT_MAX_PROOF_ROWS: '3' } });
  const { pool } = server.database;
  for (const statement of postgresDdl(testApplication.schema)) await pool.query(statement);
  await pool.query(
    `insert into report.notes (workspace, id, body) values ('one', $1, 'first'), ('one', $2, 'second'), ('one', $3, 'of october'),
       ('two', $4, 'of another workspace')`,
    [first, second, newId(IN_OCTOBER), newId(IN_NOVEMBER)],
  );
  await pool.query(
    "insert into report.secrets (workspace, id, body) select 'one', 's' || n, 'secret' from generate_series(1, 4) n",
  );
  await pool.query(`
    with d as (insert into espejo.document (workspace, name, head)
      values ('one', 'work/2026-11', 9), ('one', 'admin', 4), ('two', 'work/2026-11', 2) returning id, workspace, name)
    insert into espejo.report_cursor (document, epoch, seq)
      select id, 1, case when workspace = 'two' then 2 when name = 'admin' then 4 else 7 end from d`);
});
test.after(() => server.close());

test('[MAT-10] the report of a document is told as fingerprints at its cursor, rows of other months left out', async () => {
  const { status, body } = await get('reader', WORK);

  const expected = new Fingerprint('notes');
  expected.add(first, cells('first'));
  expected.add(second, cells('second'));
  assert.is(status, 200);
  assert.equal(body, { document: 'work/2026-11', epoch: 1, seq: 7, tables: [expected.read()] });
});

test('[MAT-10] within a range each row is told by its hash', async () => {
  const { body } = await get('reader', `${WORK}/notes?ranges=${rangeOfId(first)}`);

  assert.is(body.seq, 7);
  assert.equal(
    body.rows.filter(([id]: string[]) => id === first),
    [[first, hashOfRow(first, cells('first'))]],
  );
  assert.ok(body.rows.every(([id]: [string]) => rangeOfId(id) === rangeOfId(first)));
  assert.not.match(JSON.stringify(body), 'second');
});

test('[MAT-10] another workspace has its own, and families one may not read are refused', async () => {
  const other = await get('reader', WORK, 'two');
  assert.equal([other.body.seq, other.body.tables[0].rowCount], [2, 1]);
  for (const path of ['/api/documents/admin/report', '/api/documents/admin/report/secrets?ranges=1']) {
    assert.is((await get('reader', path)).status, 403, path);
    assert.is((await get('admin', path, 'two')).status, 404, path);
  }
  assert.is((await get('reader', `${WORK}/secrets?ranges=1`)).status, 404, 'a table of another family');
});

test('[MAT-10] a document beyond the limit is refused with the limit, and so is what is malformed', async () => {
  const { status, body } = await get('admin', '/api/documents/admin/report');
  assert.equal([status, body.code], [413, 'too-large']);
  assert.match(body.message, 'more than 3 rows');
  for (const ranges of ['', '64', '-1', '1;drop', '1,'.repeat(70)])
    assert.is(
      (await get('reader', `${WORK}/notes?ranges=${encodeURIComponent(ranges)}`)).status,
      400,
      ranges,
    );
  assert.is((await get('reader', '/api/documents/free%2Ftext/report')).status, 403);
  assert.is((await get('admin', '/api/documents/free%2Ftext/report')).status, 404);
});

test.run();

/** As Postgres has it, the columns that every table has included. */
function cells(body: string): CellValue[] {
  return [body, 0, '', ''];
}

async function get(user: string, path: string, workspace = 'one') {
  return server.call('GET', path, { token: await server.token(user, workspace) });
}
