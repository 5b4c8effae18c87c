/** Registers in, SQL rows out. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DeviceId, newId } from '../base/ids.ts';
import { defineSchema, defineTable, text } from '../schema/table.ts';
import { Prng } from '../testing/prng.ts';
import { TestReplica } from '../testing/replicas.ts';
import { documentOfRegisters } from '../testing/test-document.ts';
import { testSchema } from '../testing/test-schema.ts';
import { Mirror } from './mirror.ts';
import { loadSqlJs, openSqlJs } from './sqljs.ts';

const sqlJs = await loadSqlJs();
const [A, B] = ['AAAAAAAA', 'BBBBBBBB'];
const ORDER = newId(Date.UTC(2026, 10, 15), () => new Uint8Array(16));
const OCTOBER_ORDER = newId(Date.UTC(2026, 9, 15), () => new Uint8Array(16));

test('[MIR-1] projecting tells what changed, and nothing when nothing did', () => {
  const { mirror, sql } = open();
  const rows = documentOfRegisters(testSchema, { items: { [`i1~${A}`]: [10, 0, { price_minor: 5 }] } });
  const touched = new Map([['items', new Set(['i1'])]]);

  const [inserted] = mirror.project('catalog', rows, touched);
  assert.is(inserted?.before, undefined);
  assert.is(inserted?.after?.price_minor, 5);
  assert.equal(mirror.project('catalog', rows, touched), []);

  rows.doc.getMap('items').set(`i1~${B}~price_minor`, [20, 10, 7]);
  const [updated] = mirror.project('catalog', rows, touched);
  assert.equal([updated?.before?.price_minor, updated?.after?.price_minor], [5, 7]);

  rows.doc.getMap('items').set(`i1~${B}~`, [30, 20, 1]);
  const [deleted] = mirror.project('catalog', rows, touched);
  assert.is(deleted?.after, undefined);
  assert.equal(sql.rows('select * from items'), []);
});

test('[MIR-2] a register in a document of another family or month is not shown', () => {
  const { mirror, sql } = open();
  const registers = {
    items: { [`i1~${A}`]: [10, 0, {}] },
    customers: { [`c1~${A}`]: [10, 0, {}] },
    orders: {
      [`${ORDER}~${A}`]: [10, 0, {}],
      [`${OCTOBER_ORDER}~${A}`]: [10, 0, {}],
      [`${OCTOBER_ORDER}~${A}~status`]: [20, 10, 'done'],
      [`${OCTOBER_ORDER}~${B}~status`]: [30, 10, 'lost'],
      [`plain~${A}`]: [10, 0, {}],
    },
    order_lines: { [`l1~${A}`]: [10, 0, { order_id: OCTOBER_ORDER }], [`l2~${A}`]: [10, 0, {}] },
  };
  const rows = documentOfRegisters(testSchema, registers);
  const touched = new Map(Object.keys(registers).map((table) => [table, new Set(rows.ids(table))] as const));

  mirror.project('work/2026-11', rows, touched);

  assert.equal(sql.rows('select id from orders'), [{ id: ORDER }]);
  for (const table of ['items', 'customers', 'order_lines'])
    assert.equal(sql.rows(`select * from ${table}`), []);
  assert.equal(sql.rows('select * from _violation'), []);
  assert.equal(sql.rows('select * from _conflict'), []);
});

test('[MIR-3] merged rows that break a rule are shown and listed, and the list ends when they are mended', () => {
  const [ana, eva] = openReplicas();
  share(ana, eva, [
    ana.write(
      "insert into customers (id, email) values ('c1', 'a@x')",
      "insert into items (id, price_minor, cost_minor) values ('i1', 500, 100)",
    ),
  ]);
  const byAna = [
    ana.write("insert into customers (id, email) values ('c2', 'b@x')"),
    ana.write("delete from customers where id = 'c1'"),
    ana.write("update items set price_minor = 300 where id = 'i1'"),
  ].flat();
  const byEva = [
    eva.write("insert into customers (id, email) values ('c3', 'b@x')"),
    eva.write({ sql: "insert into orders (id, customer_id) values (?, 'c1')", params: [ORDER] }),
    eva.write("update items set cost_minor = 400 where id = 'i1'"),
  ].flat();
  ana.receive(byEva);
  eva.receive(byAna);

  assert.equal(violationsOf(ana), [
    ['check', 'items', 'i1', 'price_minor >= cost_minor'],
    ['reference', 'orders', ORDER, 'customer_id'],
    ['unique', 'customers', 'c3', 'email'],
  ]);
  assert.is(ana.dump(), eva.dump());
  assert.is(ana.query('select count(*) as n from customers')[0]?.n, 2);

  eva.receive(
    ana.write(
      "update items set price_minor = 400 where id = 'i1'",
      "update customers set email = 'c@x' where id = 'c3'",
      "insert into customers (id) values ('c1')",
    ),
  );
  assert.equal(violationsOf(ana), []);
  assert.is(ana.dump(), eva.dump());
  assert.is(ana.dump(), ana.dumpAfresh());
});

test('[MIR-4] the keeper of a unique key is the row made first, then the lower id', () => {
  const { mirror, sql } = open();
  const rows = documentOfRegisters(testSchema, {
    customers: {
      [`c1~${A}`]: [4096 * 300, 0, { email: 'a@x' }],
      [`c2~${A}`]: [4096 * 200, 0, { email: 'a@x' }],
      [`c3~${B}`]: [4096 * 200, 0, { email: 'a@x' }],
      [`c4~${B}`]: [4096 * 100, 0, { email: null }],
      [`c5~${B}`]: [4096 * 100, 0, { email: null }],
    },
  });

  for (const id of ['c1', 'c3', 'c5', 'c2', 'c4']) {
    mirror.project('people', rows, new Map([['customers', new Set([id])]]));
  }

  assert.equal(
    sql
      .rows('select row_id, keeper_id, key from _violation order by row_id')
      .map((row) => Object.values(row)),
    [
      ['c1', 'c2', '["a@x"]'],
      ['c3', 'c2', '["a@x"]'],
    ],
  );

  rows.doc.getMap('customers').set(`c2~${B}~email`, [4096 * 400, 0, 'b@x']);
  mirror.project('people', rows, new Map([['customers', new Set(['c2'])]]));
  assert.equal(sql.rows('select row_id, keeper_id from _violation'), [{ row_id: 'c1', keeper_id: 'c3' }]);
});

test('[MIR-5] what a class forbids is listed with its device, and not shown', () => {
  const { mirror, sql } = open();
  const rows = documentOfRegisters(testSchema, {
    movements: { [`${ORDER}~${A}`]: [10, 0, { qty_milli: 5 }], [`${ORDER}~${B}~qty_milli`]: [20, 10, 7] },
  });

  mirror.rebuild('stock/2026-11', rows);

  assert.equal(sql.rows('select qty_milli from movements'), [{ qty_milli: 5 }]);
  assert.equal(
    sql.rows('select kind, row_id, rule, device, hlc from _violation').map((row) => Object.values(row)),
    [['append-only', ORDER, 'qty_milli', B, 20]],
  );
});

test('[REG-4] conflicts are rows of _conflict on every replica, and end with a write that saw both', () => {
  const [ana, eva] = openReplicas();
  share(ana, eva, [ana.write("insert into items (id, price_minor) values ('i1', 100)")]);
  eva.wall.advance(1_000);
  share(ana, eva, [
    ana.write("update items set price_minor = 200 where id = 'i1'"),
    eva.write("update items set price_minor = 300 where id = 'i1'"),
  ]);

  const [conflict] = ana.query('select * from _conflict');
  assert.equal(
    [
      conflict?.column_name,
      conflict?.winner_value,
      conflict?.winner_device,
      conflict?.loser_value,
      conflict?.policy,
    ],
    ['price_minor', 300, B, 200, 'manual'],
  );
  assert.is(ana.dump(), eva.dump());

  eva.receive(ana.write("update items set price_minor = 250 where id = 'i1'"));
  assert.equal(ana.query('select * from _conflict'), []);
  assert.equal(eva.query('select * from _conflict'), []);
});

test('[REG-3] a row revived by an edit stops being in conflict once somebody writes to it again', () => {
  const [ana, eva] = openReplicas();
  share(ana, eva, [ana.write("insert into customers (id, name) values ('c1', 'Ana')")]);
  share(ana, eva, [
    ana.write("delete from customers where id = 'c1'"),
    eva.write("update customers set points = 5 where id = 'c1'"),
  ]);
  assert.equal(ana.query('select name, points from customers'), [{ name: 'Ana', points: 5 }]);
  assert.is(ana.query('select * from _conflict').length, 1);

  eva.receive(ana.write("update customers set points = 6 where id = 'c1'"));

  assert.equal(eva.query('select * from _conflict'), []);
  assert.is(ana.dump(), eva.dump());
  assert.is(ana.dump(), ana.dumpAfresh());
});

test('[REG-1] an old offline write never beats a newer one, whatever the client ids', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const [ana, eva] = openReplicas(seed);
    share(ana, eva, [ana.write("insert into items (id, price_minor) values ('i1', 0)")]);
    const offline = ana.write("update items set price_minor = 1 where id = 'i1'");
    const newer = [2, 3, 4, 5, 6].map((price) => {
      eva.wall.advance(60_000);
      return eva.write({ sql: "update items set price_minor = ? where id = 'i1'", params: [price] });
    });

    share(ana, eva, [offline, ...newer]);

    assert.equal(ana.query('select price_minor from items'), [{ price_minor: 6 }], `seed ${seed}`);
    assert.equal(eva.query('select price_minor from items'), [{ price_minor: 6 }], `seed ${seed}`);
  }
});

test('[REG-2] two devices that insert one id offline lose no column that only one of them set', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const [ana, eva] = openReplicas(seed);

    share(ana, eva, [
      ana.write("insert into items (id, brand, price_minor) values ('i1', 'acme', 5)"),
      eva.write("insert into items (id, code, weight) values ('i1', 'x', 1.5)"),
    ]);

    for (const replica of [ana, eva]) {
      assert.equal(replica.query('select brand, code, price_minor, weight from items'), [
        { brand: 'acme', code: 'x', price_minor: 5, weight: 1.5 },
      ]);
    }
  }
});

test('[REG-7] a gap in the updates deletes nothing from SQL', () => {
  const [ana, eva] = openReplicas();
  const first = ana.write("insert into items (id, price_minor) values ('i1', 1)");
  const second = ana.write("update items set price_minor = 2 where id = 'i1'");
  const third = ana.write("update items set price_minor = 3 where id = 'i1'");
  eva.receive(first);

  eva.receive(third);
  assert.equal(eva.query('select price_minor from items'), [{ price_minor: 1 }]);
  assert.is(eva.waiting, 1);

  eva.receive(second);
  assert.equal(eva.query('select price_minor from items'), [{ price_minor: 3 }]);
  assert.is(eva.waiting, 0);
});

test('[MIR-6] an exported image holds no TEMP objects and needs no functions of ours', () => {
  const [ana] = openReplicas();
  ana.write("insert into customers (id, email, points) values ('c1', 'a@x', 3)");

  const image = openSqlJs(sqlJs, ana.sql.export());

  const names = image.rows(
    "select name from sqlite_master where name not like 'sqlite_%' and type in ('table', 'trigger')",
  );
  assert.equal(
    names.map(({ name }) => name).sort(),
    [
      '_conflict',
      '_quarantine',
      '_shadow',
      '_violation',
      ...testSchema.tables.map(({ name }) => name),
    ].sort(),
  );
  assert.equal(image.rows('pragma integrity_check'), [{ integrity_check: 'ok' }]);
  image.run("update customers set points = 4 where id = 'c1'");
  assert.equal(image.rows('select email, points from customers'), [{ email: 'a@x', points: 4 }]);
});

test('[MIR-7] a column that a newer schema adds is there at once, and shows its registers after a rebuild', () => {
  const schemaWith = (columns: Parameters<typeof defineTable>[2]) =>
    defineSchema({
      version: 1,
      minVersion: 1,
      families: [{ name: 'people', bucketed: false }],
      tables: [defineTable('customers', { family: 'people' }, columns)],
    });
  const [older, newer] = [
    schemaWith({ name: text() }),
    schemaWith({ name: text(), city: text({ index: true }) }),
  ];
  const registers = { customers: { [`c1~${A}`]: [10, 0, { name: 'Ana', city: 'Lima' }] } };
  const sql = openSqlJs(sqlJs);
  const before = new Mirror(sql, older);
  before.createTables();
  before.rebuild('people', documentOfRegisters(older, registers));

  const mirror = new Mirror(sql, newer);
  mirror.createTables();
  assert.equal(sql.rows('select name, city from customers'), [{ name: 'Ana', city: '' }]);

  mirror.rebuild('people', documentOfRegisters(newer, registers));
  assert.equal(sql.rows('select name, city from customers'), [{ name: 'Ana', city: 'Lima' }]);
});

test('[MIR-8] dropping a document takes its rows, conflicts and violations, and what pointed to them is listed', () => {
  const { mirror, sql } = open();
  mirror.rebuild('people', documentOfRegisters(testSchema, { customers: { [`c1~${A}`]: [10, 0, {}] } }));
  mirror.rebuild(
    'work/2026-11',
    documentOfRegisters(testSchema, { orders: { [`${ORDER}~${A}`]: [10, 0, { customer_id: 'c1' }] } }),
  );
  assert.equal(sql.rows('select * from _violation'), []);

  mirror.drop('people');
  assert.equal(sql.rows('select kind, row_id from _violation'), [{ kind: 'reference', row_id: ORDER }]);

  mirror.drop('work/2026-11');
  assert.equal(sql.rows('select * from _violation'), []);
});

test('[MIR-9] references into a family that this replica may not read are not judged', () => {
  const sql = openSqlJs(sqlJs);
  let mayReadPeople = false;
  const mirror = new Mirror(sql, testSchema, {
    isReadable: (family) => family !== 'people' || mayReadPeople,
  });
  mirror.createTables();
  mirror.rebuild(
    'work/2026-11',
    documentOfRegisters(testSchema, { orders: { [`${ORDER}~${A}`]: [10, 0, { customer_id: 'c1' }] } }),
  );
  assert.equal(sql.rows('select * from _violation'), []);

  mayReadPeople = true;
  mirror.recheck();
  assert.is(sql.rows('select * from _violation').length, 1);
});

test("[MIR-10] a child row that two devices put into two months is the earlier month's, in any order, until that is gone", () => {
  const inMonths = [
    ['work/2026-10', { [`l1~${A}`]: [10, 0, { order_id: OCTOBER_ORDER, label: 'October' }] }],
    ['work/2026-11', { [`l1~${B}`]: [20, 0, { order_id: ORDER, label: 'November' }] }],
  ] as const;
  for (const order of [inMonths, [...inMonths].reverse()]) {
    const { mirror, sql } = open();
    const labels = () => sql.rows('select label from order_lines').map(({ label }) => label);
    for (const [document, registers] of order) {
      const rows = documentOfRegisters(testSchema, { order_lines: registers });
      mirror.project(document, rows, new Map([['order_lines', new Set(['l1'])]]));
    }
    assert.equal(labels(), ['October']);

    mirror.drop('work/2026-10');
    assert.equal(labels(), ['November']);
    mirror.rebuild('work/2026-10', documentOfRegisters(testSchema, { order_lines: inMonths[0][1] }));
    assert.equal(labels(), ['October']);
    mirror.drop('work/2026-11');
    mirror.drop('work/2026-10');
    assert.equal(labels(), []);
  }
});

test.run();

function open() {
  const sql = openSqlJs(sqlJs);
  const mirror = new Mirror(sql, testSchema);
  mirror.createTables();
  return { sql, mirror };
}

function openReplicas(seed = 1): [TestReplica, TestReplica] {
  const random = new Prng(seed);
  const open = (device: string) =>
    new TestReplica({ sqlJs, schema: testSchema, random, device: device as DeviceId });
  return [open(A), open(B)];
}

/** Everyone receives everything. */
function share(
  one: TestReplica,
  other: TestReplica,
  updates: readonly Parameters<TestReplica['receive']>[0][],
): void {
  one.receive(updates.flat());
  other.receive(updates.flat());
}

function violationsOf(replica: TestReplica): unknown[][] {
  return replica
    .query('select kind, table_name, row_id, rule from _violation order by kind')
    .map((row) => Object.values(row));
}
