/** Plain SQL in, registers out. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { msOfHlc } from '../base/hlc.ts';
import { type DeviceId, newId } from '../base/ids.ts';
import { DocumentRows } from '../registers/document-rows.ts';
import { defineSchema, defineTable, integer, text } from '../schema/table.ts';
import { Prng } from '../testing/prng.ts';
import { TestReplica } from '../testing/replicas.ts';
import { documentOfRegisters } from '../testing/test-document.ts';
import { testSchema } from '../testing/test-schema.ts';
import { Capture } from './capture.ts';
import { Mirror } from './mirror.ts';
import { RefusedWriteError } from './refused-write.ts';
import { loadSqlJs, openSqlJs } from './sqljs.ts';

const sqlJs = await loadSqlJs();
const NOVEMBER = Date.UTC(2026, 10, 15);
const ORDER = newId(NOVEMBER, () => new Uint8Array(16));
const OCTOBER_ORDER = newId(Date.UTC(2026, 9, 15), () => new Uint8Array(16));

test('[CAP-1] an insert is one record with the cells that differ from their fallbacks', () => {
  const replica = open();

  replica.write("insert into items (id, brand, price_minor, cost_minor) values ('i1', 'acme', 900, 0)");

  assert.equal(registersOf(replica, 'catalog', 'items'), {
    'i1~AAAAAAAA': { brand: 'acme', price_minor: 900, created_by: 'ana' },
  });
});

test('[CAP-1] an update is one register for each cell that differs', () => {
  const replica = open();
  replica.write("insert into items (id, brand, price_minor) values ('i1', 'acme', 900)");

  replica.write("update items set brand = 'acme', price_minor = 950, weight = 1.5 where id = 'i1'");

  assert.equal(Object.keys(registersOf(replica, 'catalog', 'items')), [
    'i1~AAAAAAAA',
    'i1~AAAAAAAA~price_minor',
    'i1~AAAAAAAA~weight',
  ]);
});

test('[CAP-1] a delete is a flag, and an insert after it a record and a restore', () => {
  const replica = open();
  replica.write("insert into items (id, price_minor) values ('i1', 900)");

  replica.write("delete from items where id = 'i1'");
  assert.is(registersOf(replica, 'catalog', 'items')['i1~AAAAAAAA~'], 1);
  assert.equal(replica.query('select * from items'), []);

  replica.write("insert into items (id, brand) values ('i1', 'new')");
  assert.is(registersOf(replica, 'catalog', 'items')['i1~AAAAAAAA~'], 0);
  assert.equal(replica.query('select brand, price_minor from items'), [{ brand: 'new', price_minor: 0 }]);
  assert.is(replica.dump(), replica.dumpAfresh());
});

test('[CAP-1] an insert after a delete is the row inserted, whatever other devices had written to it', () => {
  const [ana, eva] = [open('AAAAAAAA'), open('BBBBBBBB')];
  eva.receive(ana.write("insert into items (id) values ('i1')"));
  ana.receive(eva.write("update items set price_minor = 900, brand = 'acme' where id = 'i1'"));
  ana.write("delete from items where id = 'i1'");

  ana.write("insert into items (id) values ('i1')");

  assert.equal(ana.query('select brand, price_minor from items'), [{ brand: null, price_minor: 0 }]);
  assert.is(ana.dump(), ana.dumpAfresh());
});

test('[CAP-1] REPLACE, upserts, CTEs and statements without WHERE are what they do to the rows', () => {
  const replica = open();
  replica.write(
    "insert into items (id, brand, price_minor) values ('i1', 'a', 1), ('i2', 'b', 2), ('i3', 'c', 3)",
  );

  replica.write("replace into items (id, brand) values ('i1', 'replaced')");
  replica.write(
    "insert into items (id, brand) values ('i2', 'x') on conflict (id) do update set brand = excluded.brand || '!'",
  );
  replica.write(
    "with made (n) as (values (4), (5)) insert into items (id, price_minor) select 'i' || n, n from made",
  );
  replica.write('update items set price_minor = price_minor * 10');
  replica.write(
    'insert or replace into items (id, brand, price_minor) select id, upper(brand), price_minor from items',
  );

  assert.equal(
    replica.query('select id, brand, price_minor from items order by id').map((row) => Object.values(row)),
    [
      ['i1', 'REPLACED', 0],
      ['i2', 'X!', 20],
      ['i3', 'C', 30],
      ['i4', null, 40],
      ['i5', null, 50],
    ],
  );
  assert.is(replica.dump(), replica.dumpAfresh());

  replica.write('delete from items');
  assert.is(replica.dump(), replica.dumpAfresh());
});

test('[CAP-1] a row that changes its id is one row deleted and one inserted', () => {
  const replica = open();
  replica.write("insert into items (id, brand) values ('i1', 'acme')");

  replica.write("update items set id = 'i9' where id = 'i1'");

  assert.equal(Object.keys(registersOf(replica, 'catalog', 'items')).sort(), [
    'i1~AAAAAAAA',
    'i1~AAAAAAAA~',
    'i9~AAAAAAAA',
  ]);
  assert.is(replica.dump(), replica.dumpAfresh());
});

test('[CAP-2] one transaction over several documents is one update of each', () => {
  const replica = open();

  const updates = replica.write(
    "insert into items (id) values ('i1')",
    { sql: 'insert into orders (id) values (?)', params: [ORDER] },
    { sql: "insert into order_lines (id, order_id, item_id) values ('l1', ?, 'i1')", params: [ORDER] },
    { sql: "insert into movements (id, item_id, qty_milli) values (?, 'i1', -1000)", params: [ORDER] },
  );

  assert.equal(
    updates.map(({ document }) => document),
    ['catalog', 'stock/2026-11', 'work/2026-11'],
  );
});

test('[CAP-2] a transaction that leaves every row as it was is no commit', () => {
  const replica = open();
  replica.write("insert into items (id, price_minor) values ('i1', 5)");

  assert.equal(replica.write("update items set price_minor = price_minor where id = 'i1'"), []);
  assert.equal(
    replica.write("insert into items (id) values ('i2')", "delete from items where id = 'i2'"),
    [],
  );
  assert.equal(replica.write('update items set price_minor = 9', 'update items set price_minor = 5'), []);
  assert.equal(
    replica.write('delete from items', "insert into items (id, price_minor) values ('i1', 5)"),
    [],
  );
});

test('[CAP-2] a transaction that leaves a row as it was writes no document', () => {
  const { sql, capture } = openBare();
  const rows = documentOfRegisters(testSchema, { items: { 'i1~BBBBBBBB': [1, 0, { created_by: 'eva' }] } });
  sql.exec(
    "begin; insert into items (id, created_at, created_by, created_device) values ('i1', 0, 'eva', 'BBBBBBBB')",
  );
  const context = { user: 'ana', device: 'AAAAAAAA' as DeviceId, hlc: 10, documentRows: () => rows };
  capture.write(context).apply('test');

  sql.exec('update items set price_minor = 7; update items set price_minor = 0');

  assert.equal([...capture.write({ ...context, hlc: 20 }).documents], []);
});

test('[CAP-3] what a savepoint or a rollback took back is not captured', () => {
  const replica = open();
  const updates = replica.write(
    "insert into items (id) values ('i1')",
    'savepoint s',
    "insert into items (id) values ('i2')",
    "update items set price_minor = 5 where id = 'i1'",
    'rollback to s',
    'release s',
  );
  assert.is(updates.length, 1);
  assert.equal(Object.keys(registersOf(replica, 'catalog', 'items')), ['i1~AAAAAAAA']);

  assert.throws(() => replica.write("insert into items (id) values ('i3')", 'no such statement'), /syntax/);
  assert.equal(replica.write("update items set price_minor = 1 where id = 'i1'").length, 1);
  assert.equal(Object.keys(registersOf(replica, 'catalog', 'items')), [
    'i1~AAAAAAAA',
    'i1~AAAAAAAA~price_minor',
  ]);
});

test('[CAP-4] a new row tells who made it, when and where, unless the SQL said so', () => {
  const replica = open();

  replica.write(
    "insert into items (id) values ('i1')",
    "insert into items (id, created_at, created_by, created_device) values ('i2', 5, 'eva', 'import')",
  );

  assert.equal(
    replica
      .query('select created_at, created_by, created_device from items order by id')
      .map((row) => Object.values(row)),
    [
      [msOfHlc(replica.clock.last), 'ana', 'AAAAAAAA'],
      [5, 'eva', 'import'],
    ],
  );
  assert.is(replica.dump(), replica.dumpAfresh());
});

test('[CAP-4] a transaction that inserts and updates stamps the inserted rows alone', () => {
  const { sql, mirror, capture } = openBare();
  const rows = documentOfRegisters(testSchema, { items: { 'i1~BBBBBBBB': [4096 * 7, 0, {}] } });
  capture.pause(() => mirror.rebuild('catalog', rows));
  sql.exec("begin; update items set price_minor = 5; insert into items (id) values ('i2'), ('i3')");

  const hlc = 4096 * 9;
  capture.write({ user: 'ana', device: 'AAAAAAAA' as DeviceId, hlc, documentRows: () => rows }).apply('test');

  assert.equal(
    sql
      .rows('select * from items order by id')
      .map((row) => [row.created_at, row.created_by, row.created_device]),
    [
      [7, '', 'BBBBBBBB'],
      [9, 'ana', 'AAAAAAAA'],
      [9, 'ana', 'AAAAAAAA'],
    ],
  );
});

test('[CAP-4] REPLACE by another user does not change who made the row', () => {
  const replica = open();
  replica.write("insert into items (id, created_by) values ('i1', 'eva')");

  replica.write("replace into items (id, brand) values ('i1', 'acme')");

  assert.equal(replica.query('select brand, created_by from items'), [{ brand: 'acme', created_by: 'eva' }]);
  assert.is(replica.dump(), replica.dumpAfresh());
});

test('[CAP-5] a row that merging left in violation can still be edited elsewhere', () => {
  const [ana, eva] = [open('AAAAAAAA'), open('BBBBBBBB')];
  const fromAna = ana.write("insert into customers (id, email) values ('c1', 'a@x')");
  eva.receive(fromAna);
  const second = ana.write("insert into customers (id, email) values ('c2', 'b@x')");
  const third = eva.write("insert into customers (id, email) values ('c3', 'b@x')");
  ana.receive(third);
  eva.receive(second);
  assert.is(ana.query("select * from _violation where kind = 'unique'").length, 1);

  ana.write(
    "update customers set name = 'Ana' where id in ('c2', 'c3')",
    "update customers set email = 'c@x' where id = 'c1'",
  );
  assertRefused(
    () => ana.write("update customers set email = 'c@x' where id = 'c3'"),
    ['unique', 'customers', 'email', 'c3'],
  );
});

test('[CAP-6] a local write that breaks a rule is refused with table, column and row, and nothing of it stays', () => {
  const cases: [rule: string[], ...sql: string[]][] = [
    [['not-null', 'items', 'price_minor', 'i2'], "insert into items (id, price_minor) values ('i2', null)"],
    [['not-null', 'items', 'price_minor', 'i1'], "update items set price_minor = null where id = 'i1'"],
    [['check', 'customers', 'points', 'c1'], "update customers set points = -1 where id = 'c1'"],
    [['check', 'items', '', 'i1'], "update items set cost_minor = 901 where id = 'i1'"],
    [['unique', 'customers', 'email', 'c2'], "insert into customers (id, email) values ('c2', 'a@x')"],
    [
      ['unique', 'items', 'brand,code', 'i2'],
      "insert into items (id, brand, code) values ('i2', 'acme', 'x')",
    ],
    [
      ['reference', 'orders', 'customer_id', ORDER],
      `update orders set customer_id = 'nobody' where id = '${ORDER}'`,
    ],
    [['reference', 'customers', '', 'c1'], "delete from customers where id = 'c1'"],
    [['append-only', 'movements', '', ORDER], `update movements set qty_milli = 2 where id = '${ORDER}'`],
    [['append-only', 'movements', '', ORDER], `delete from movements where id = '${ORDER}'`],
    [['sealed', 'estimates', '', 'e1'], "update estimates set total_minor = 2 where id = 'e1'"],
    [['sealed', 'estimates', '', 'e1'], "update estimates set status = 'draft' where id = 'e1'"],
    [['sealed', 'estimates', '', 'e1'], "delete from estimates where id = 'e1'"],
    [['type', 'items', 'extra', 'i1'], "update items set extra = '{' where id = 'i1'"],
    [['type', 'items', 'weight', 'i1'], "update items set weight = 9e999 where id = 'i1'"],
    [
      ['type', 'items', 'cost_minor', 'i1'],
      "update items set cost_minor = -9007199254740993 where id = 'i1'",
    ],
    [['type', 'customers', 'vip', 'c1'], "update customers set vip = 2 where id = 'c1'"],
    [
      ['type', 'customers', 'name', 'c1'],
      "update customers set name = 'a' || char(0) || 'b' where id = 'c1'",
    ],
    [
      ['type', 'orders', 'opened_at', ORDER],
      `update orders set opened_at = 999999999999999 where id = '${ORDER}'`,
    ],
    [['id', 'items', 'id', 'a~b'], "insert into items (id) values ('a~b')"],
    [['bucket', 'orders', 'id', 'o1'], "insert into orders (id) values ('o1')"],
  ];
  const replica = open();
  replica.write(
    "insert into customers (id, email) values ('c1', 'a@x')",
    "insert into items (id, brand, code, price_minor) values ('i1', 'acme', 'x', 900)",
    { sql: "insert into orders (id, customer_id) values (?, 'c1')", params: [ORDER] },
    { sql: 'insert into movements (id, qty_milli) values (?, 1)', params: [ORDER] },
    { sql: "insert into estimates (id, order_id, status) values ('e1', ?, 'signed')", params: [ORDER] },
  );
  const before = replica.dump();

  for (const [rule, ...sql] of cases) {
    assertRefused(() => replica.write(...sql), rule);
    assert.is(replica.dump(), before, sql.join());
  }
  assert.is(replica.dump(), replica.dumpAfresh());
});

test('[CAP-6] a check may name any column of its table, also id and names that the engine uses', () => {
  const schema = defineSchema({
    version: 1,
    minVersion: 1,
    families: [{ name: 'f', bucketed: false }],
    tables: [
      defineTable(
        'things',
        { family: 'f', checks: ['length(id) > 1 and bucket <> t and rid + fresh + x + s + r >= 0'] },
        {
          bucket: text({ default: 'b' }),
          t: text(),
          rid: integer(),
          fresh: integer(),
          x: integer(),
          s: integer(),
          r: integer(),
        },
      ),
    ],
  });
  const replica = new TestReplica({ sqlJs, schema, random: new Prng(1) });

  replica.write("insert into things (id) values ('aa')");
  assertRefused(() => replica.write("insert into things (id) values ('b')"), ['check', 'things', '', 'b']);
  assertRefused(() => replica.write('update things set x = -1'), ['check', 'things', '', 'aa']);
});

test('[CAP-6] rules hold at the end of the transaction, not after each statement', () => {
  const replica = open();

  replica.write(
    { sql: "insert into order_lines (id, order_id) values ('l1', ?)", params: [ORDER] },
    { sql: 'insert into orders (id) values (?)', params: [ORDER] },
    "insert into customers (id, email) values ('c1', 'a@x'), ('c2', 'a@x')",
    "update customers set email = 'b@x' where id = 'c2'",
  );
  replica.write({ sql: 'delete from orders where id = ?', params: [ORDER] }, 'delete from order_lines');

  assert.equal(replica.query('select count(*) as n from orders'), [{ n: 0 }]);
});

test('[CAP-7] a changed shared text is the smallest splice of its Y.Text', () => {
  const [ana, eva] = [open('AAAAAAAA'), open('BBBBBBBB')];
  eva.receive(ana.write("insert into customers (id, remarks) values ('c1', 'brakes squeal')"));

  const fromAna = ana.write("update customers set remarks = 'front brakes squeal' where id = 'c1'");
  const fromEva = eva.write("update customers set remarks = remarks || ' when wet 😀' where id = 'c1'");
  ana.receive(fromEva);
  eva.receive(fromAna);

  assert.equal(ana.query('select remarks from customers'), [{ remarks: 'front brakes squeal when wet 😀' }]);
  assert.is(ana.dump(), eva.dump());
  assert.is(ana.dump(), ana.dumpAfresh());
});

test('[CAP-7] emptying a shared text, or setting it to null, leaves the same row everywhere', () => {
  const replica = open();
  replica.write({ sql: "insert into orders (id, notes) values (?, '')", params: [ORDER] });
  assert.equal(replica.query('select notes from orders'), [{ notes: null }]);

  replica.write("update orders set notes = 'x'");
  replica.write('update orders set notes = null');

  assert.equal(replica.query('select notes from orders'), [{ notes: '' }]);
  assert.is(replica.dump(), replica.dumpAfresh());
});

test('[CAP-8] a row never moves to another month', () => {
  const replica = open();
  replica.write(
    { sql: 'insert into orders (id) values (?), (?)', params: [ORDER, OCTOBER_ORDER] },
    {
      sql: "insert into order_lines (id, order_id) values ('l1', ?)",
      params: [ORDER],
    },
  );

  assertRefused(
    () => replica.write({ sql: 'update order_lines set order_id = ?', params: [OCTOBER_ORDER] }),
    ['bucket', 'order_lines', 'order_id', 'l1'],
  );
});

test('[CAP-8] a deleted child row is deleted in the document it lived in', () => {
  const replica = open();
  replica.write(
    { sql: 'insert into orders (id) values (?)', params: [OCTOBER_ORDER] },
    {
      sql: "insert into order_lines (id, order_id) values ('l1', ?)",
      params: [OCTOBER_ORDER],
    },
  );

  const updates = replica.write("update order_lines set label = 'x'", 'delete from order_lines');

  assert.equal(
    updates.map(({ document }) => document),
    ['work/2026-10'],
  );
  assert.is(registersOf(replica, 'work/2026-10', 'order_lines')['l1~AAAAAAAA~'], 1);
});

test('[CAP-9] documents that are not in memory are named, and nothing is written', () => {
  const { sql, capture } = openBare();
  sql.exec("begin; insert into items (id) values ('i1'); insert into customers (id) values ('c1')");

  const result = capture.write({
    user: 'ana',
    device: 'AAAAAAAA' as DeviceId,
    hlc: 10,
    documentRows: (document) =>
      document === 'people' ? new DocumentRows(new Y.Doc(), testSchema) : undefined,
  });

  assert.equal([...result.missing], ['catalog']);
  assert.equal([...result.documents], []);
});

test("[CAP-10] what is written while capture is paused is nobody's write", () => {
  const { sql, capture } = openBare();
  sql.exec("begin; insert into items (id) values ('i1')");

  capture.pause(() => {
    sql.exec("insert into items (id) values ('i2')");
    capture.pause(() => sql.exec("update items set brand = 'x'"));
    sql.exec("delete from items where id = 'i2'");
  });
  sql.exec("insert into items (id) values ('i3')");

  assert.equal([...(capture.touched().get('items') ?? [])], ['i1', 'i3']);
});

test('sealing writes every cell, so that a draft write that comes late cannot show through', () => {
  const [ana, eva] = [open('AAAAAAAA'), open('BBBBBBBB')];
  eva.receive(
    ana.write(
      { sql: 'insert into orders (id) values (?)', params: [ORDER] },
      {
        sql: "insert into estimates (id, order_id, total_minor) values ('e1', ?, 10)",
        params: [ORDER],
      },
    ),
  );
  const late = eva.write("update estimates set total_minor = 99 where id = 'e1'");
  ana.wall.advance(1_000);
  const signed = ana.write("update estimates set status = 'signed' where id = 'e1'");
  ana.receive(late);
  eva.receive(signed);

  assert.equal(ana.query('select status, total_minor from estimates'), [
    { status: 'signed', total_minor: 10 },
  ]);
  assert.is(ana.dump(), eva.dump());
});

test.run();

function open(device = 'AAAAAAAA'): TestReplica {
  return new TestReplica({
    sqlJs,
    schema: testSchema,
    random: new Prng(device.charCodeAt(0)),
    device: device as DeviceId,
    user: 'ana',
  });
}

function openBare() {
  const sql = openSqlJs(sqlJs);
  const mirror = new Mirror(sql, testSchema);
  const capture = new Capture(sql, testSchema);
  mirror.createTables();
  capture.install();
  return { sql, mirror, capture };
}

/** The third part of each register: what was written. */
function registersOf(replica: TestReplica, document: string, table: string): Record<string, unknown> {
  const entries = Object.entries(
    replica.rows(document).doc.getMap<[number, number, unknown]>(table).toJSON(),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, value[2]]));
}

function assertRefused(run: () => unknown, [rule, table, column, row]: readonly string[]): void {
  try {
    run();
  } catch (error) {
    assert.instance(error, RefusedWriteError);
    const refused = error as RefusedWriteError;
    assert.equal([refused.rule, refused.table, refused.column, refused.row], [rule, table, column, row]);
    assert.ok(
      refused.message.startsWith(column === '' ? `${table}, row ${row}` : `${table}.${column}, row ${row}`),
    );
    return;
  }
  assert.unreachable(`not refused: ${rule} ${table}.${column}`);
}
