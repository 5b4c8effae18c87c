import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { defineSchema, defineTable, sharedText, text } from '../schema/table.ts';
import { documentOfRegisters } from '../testing/test-document.ts';
import { testSchema } from '../testing/test-schema.ts';
import { DocumentRows, type Touched } from './document-rows.ts';

const [A, B] = ['AAAAAAAA', 'BBBBBBBB'];

test('a row is read from its registers, with who wrote each cell', () => {
  const rows = documentOfRegisters(testSchema, {
    items: { [`i1~${A}`]: [10, 0, { price_minor: 5 }], [`i1~${B}~price_minor`]: [20, 10, 7] },
  });

  const row = rows.read('items', 'i1');

  assert.is(row?.visible, true);
  assert.is(row?.cells.price_minor, 7);
  assert.equal(row?.stamps.price_minor, { hlc: 20, device: B });
  assert.is(row?.stamps.weight, undefined);
});

test('who made a row and when is told by its record, without being stored in it', () => {
  const rows = documentOfRegisters(testSchema, { items: { [`i1~${A}`]: [4096 * 1_790_000_000_000, 0, {}] } });

  assert.is(rows.read('items', 'i1')?.cells.created_at, 1_790_000_000_000);
  assert.is(rows.read('items', 'i1')?.cells.created_device, A);
});

test('the short way of reading a row gives what the long way gives', () => {
  const registers = {
    [`i1~${A}`]: [10, 0, { price_minor: null, brand: 'acme', weight: 'heavy', unknown: 1 }],
  };
  const short = documentOfRegisters(testSchema, { items: registers });
  const long = documentOfRegisters(testSchema, {
    items: { ...registers, [`i1~${A}~weight`]: [11, 0, 'heavier'] },
  });

  assert.equal(short.readCells('items', 'i1'), long.readCells('items', 'i1'));
  assert.equal(short.readCells('items', 'i1'), Object.values(short.read('items', 'i1')!.cells));
});

test('[REG-6] what has an unknown shape is neither shown nor thrown at, and stays in the document', () => {
  const strange = {
    i1: 1,
    'i1~': [1, 0, {}],
    [`i1~${A}~price_minor~x`]: [1, 0, 1],
    [`i1~${A}~nothing`]: [9, 0, 1],
    [`i1~${B}`]: 'text',
    [`i1~${B}~brand`]: [1],
    [`i1~${B}~code`]: [-5, 0, 'x'],
    [`i1~${B}~weight`]: [5, 'x', 1],
    [`i1~${B}~`]: [5, 0, 2],
    [`i2~${A}`]: [1, 0, [1, 2]],
  };
  const rows = documentOfRegisters(testSchema, {
    items: { ...strange, [`i1~${A}`]: [1, 0, { price_minor: 5 }] },
    unknown_table: { [`x~${A}`]: [1, 0, {}] },
  });

  assert.is(rows.readCells('items', 'i1')?.[2], 5);
  assert.equal(rows.readCells('items', 'i1')?.slice(0, 6), [null, null, 5, 0, null, '{}']);
  assert.is(rows.readCells('items', 'i2'), undefined);
  assert.is(rows.read('unknown_table', 'x'), undefined);
  assert.is(rows.doc.getMap('items').size, Object.keys(strange).length + 1);
});

test('[MIR-5] null in the only record of a row is a breach where null is not allowed', () => {
  const rows = documentOfRegisters(testSchema, {
    items: { [`i1~${A}`]: [1, 0, { price_minor: null, brand: null }], [`i2~${A}`]: [1, 0, { brand: null }] },
  });

  assert.equal(rows.breaches('items', 'i1'), [
    { rule: 'not-null', column: 'price_minor', device: A, hlc: 1 },
  ]);
  assert.equal(rows.breaches('items', 'i2'), []);
});

test('[REG-6] cells that a peer smuggles in as a prototype are not there', () => {
  const peer = new Y.Doc();
  peer.getMap('items').set(`i1~${A}`, [1, 0, JSON.parse('{"__proto__": {"price_minor": 9}}')]);
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(peer), 'peer');

  assert.is(new DocumentRows(doc, testSchema).read('items', 'i1')?.cells.price_minor, 0);
});

test('[REG-6] a renamed table and column read what older builds wrote, and the later write wins', () => {
  const schema = defineSchema({
    version: 2,
    minVersion: 1,
    families: [{ name: 'people', bucketed: false }],
    tables: [
      defineTable(
        'clients',
        { family: 'people', renamedFrom: ['customers'] },
        { title: text({ renamedFrom: ['name'] }) },
      ),
    ],
  });
  const rows = documentOfRegisters(schema, {
    customers: { [`c1~${A}`]: [10, 0, { name: 'Ana' }], [`c2~${A}`]: [10, 0, { name: 'Eva' }] },
    clients: { [`c2~${B}~title`]: [20, 10, 'Dr Eva'], [`c3~${B}`]: [30, 0, { title: 'New' }] },
  });

  assert.equal([...rows.ids('clients')].sort(), ['c1', 'c2', 'c3']);
  assert.is(rows.read('clients', 'c1')?.cells.title, 'Ana');
  assert.is(rows.read('clients', 'c2')?.cells.title, 'Dr Eva');
  assert.is(rows.read('clients', 'c3')?.cells.title, 'New');
});

test('[REG-6] what an older build ignored is shown by the build that knows it', () => {
  const doc = new Y.Doc();
  doc.getMap('customers').set(`c1~${A}`, [10, 0, { name: 'Ana' }]);
  doc.getMap('customers').set(`c1~${B}~nickname`, [20, 0, 'Anita']);
  const schemaWith = (columns: Parameters<typeof defineTable>[2]) =>
    defineSchema({
      version: 1,
      minVersion: 1,
      families: [{ name: 'people', bucketed: false }],
      tables: [defineTable('customers', { family: 'people' }, columns)],
    });

  const older = new DocumentRows(doc, schemaWith({ name: text() }));
  const newer = new DocumentRows(doc, schemaWith({ name: text(), nickname: text() }));

  assert.is(older.read('customers', 'c1')?.cells.nickname, undefined);
  assert.is(newer.read('customers', 'c1')?.cells.nickname, 'Anita');
});

test('every change of a register or a shared text touches its row, with the origin of the transaction', () => {
  const rows = documentOfRegisters(testSchema, { orders: { [`o1~${A}`]: [1, 0, {}] } });
  const told: [string, string[], unknown][] = [];
  const stop = rows.observe((touched, origin) => told.push(...flat(touched, origin)));

  rows.doc.transact(() => rows.doc.getMap('orders').set(`o1~${B}~status`, [2, 1, 'done']), 'first');
  rows.doc.transact(() => rows.doc.getText('orders~o2~notes').insert(0, 'hola'), 'second');
  rows.doc.transact(() => rows.doc.getMap('elsewhere').set('x', 1), 'third');
  stop();
  rows.doc.transact(() => rows.doc.getMap('orders').set(`o1~${B}~status`, [3, 1, 'open']), 'fourth');

  assert.equal(told, [
    ['orders', ['o1'], 'first'],
    ['orders', ['o2'], 'second'],
  ]);
});

test('a shared text is read from its Y.Text; one that nobody wrote is empty, or null where null is allowed', () => {
  const rows = documentOfRegisters(testSchema, {
    customers: { [`c1~${A}`]: [1, 0, { remarks: 'never from a record' }] },
    orders: { [`o1~${A}`]: [1, 0, {}] },
  });
  assert.is(rows.read('customers', 'c1')?.cells.remarks, '');
  assert.is(rows.read('orders', 'o1')?.cells.notes, null);

  rows.doc.getText('customers~c1~remarks').insert(0, 'hola');
  assert.is(rows.read('customers', 'c1')?.cells.remarks, 'hola');
});

test('a shared text that an older build began under an older name goes on there', () => {
  const schema = defineSchema({
    version: 2,
    minVersion: 1,
    families: [{ name: 'people', bucketed: false }],
    tables: [
      defineTable('customers', { family: 'people' }, { memo: sharedText({ renamedFrom: ['remarks'] }) }),
    ],
  });
  const rows = documentOfRegisters(schema, { customers: { [`c1~${A}`]: [1, 0, {}] } });
  rows.doc.getText('customers~c1~memo').insert(0, 'begun by a newer build meanwhile');
  rows.doc.getText('customers~c1~remarks').insert(0, 'old');

  rows.sharedText('customers', 'c1', 'memo').insert(3, ' and new');

  assert.is(rows.read('customers', 'c1')?.cells.memo, 'old and new');
});

test('the highest hlc of all registers is known, also of those that lose', () => {
  const rows = documentOfRegisters(testSchema, {
    items: { [`i1~${A}`]: [10, 0, {}], [`i1~${B}~brand`]: [99, 0, 5] },
  });
  assert.is(rows.maxHlc, 99);

  rows.doc.getMap('items').set(`i2~${A}`, [120, 0, {}]);
  assert.is(rows.maxHlc, 120);
  assert.is(rows.registerCount, 3);
});

test.run();

function flat(touched: Touched, origin: unknown): [string, string[], unknown][] {
  return [...touched].map(([table, ids]) => [table, [...ids], origin]);
}
