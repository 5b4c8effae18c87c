import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { hlcOfMs } from '../base/hlc.ts';
import { defineSchema, defineTable, integer, optional, text } from '../schema/table.ts';
import { forSeeds, type Prng } from '../testing/prng.ts';
import { applyRemoteUpdate } from './apply.ts';
import type { RegisterValue } from './codec.ts';
import { DocumentRows } from './document-rows.ts';
import { cellKey, flagKey, recordKey } from './key.ts';
import { type RowRegisters, writeRegisters } from './write-registers.ts';

const schema = defineSchema({
  version: 1,
  minVersion: 1,
  families: [{ name: 'people', bucketed: false }],
  tables: [
    defineTable(
      'customers',
      { family: 'people' },
      { name: text(), phone: optional(text()), visits: integer() },
    ),
    defineTable('vehicles', { family: 'people' }, { plate: text() }),
  ],
});
const DEVICE = 'AAAAAAAA';

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  '',
  'short',
  'Citroën ✓ 🚗',
  'a lone \ud800 surrogate',
  'x'.repeat(127),
  'x'.repeat(128),
  'ñ'.repeat(70),
  'long '.repeat(5_000),
  0,
  -0,
  1,
  -1,
  63,
  64,
  -64,
  8_191,
  8_192,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) + 1,
  -(2 ** 31),
  2 ** 32,
  1_790_000_000_123,
  Number.MAX_SAFE_INTEGER,
  0.5,
  0.1,
  1e300,
  new Uint8Array([1, 2, 255]),
  [1, ['a', null]],
];

test('documents and updates are byte for byte those of Yjs', () =>
  forSeeds(30, [], (random) => {
    const [ours, theirs, other] = [new Y.Doc(), new Y.Doc(), new Y.Doc()];
    theirs.clientID = ours.clientID;
    const rows = new DocumentRows(ours, schema);
    new DocumentRows(theirs, schema);
    for (let commit = 1; commit <= 12; commit++) {
      if (random.chance(3)) {
        // Registers of somebody else, and of this very device, as after it was restored.
        const before = Y.encodeStateVector(other);
        const key = recordKey(`r${random.int(6)}`, random.pick([DEVICE, 'BBBBBBBB']));
        other.getMap('customers').set(key, [hlcOfMs(commit), 0, {}]);
        for (const doc of [ours, theirs])
          applyRemoteUpdate(doc, Y.encodeStateAsUpdate(other, before), 'relay');
      }
      const written = randomWrites(random, commit);

      const update = writeRegisters(rows, written, 'test');

      assert.equal(new Uint8Array(update), updateOfYjs(theirs, written));
      assert.equal(Y.encodeStateAsUpdate(ours), Y.encodeStateAsUpdate(theirs));
      Y.applyUpdate(other, update);
    }
    const afresh = new DocumentRows(theirs, schema);
    assert.equal(stateOf(rows), stateOf(afresh));
    assert.is(rows.maxHlc, afresh.maxHlc);
    assert.is(rows.registerCount, afresh.registerCount);
  }));

test('a write is read at once, and told to whoever observes', () => {
  const rows = new DocumentRows(new Y.Doc(), schema);
  const told: unknown[] = [];
  assert.is(rows.read('customers', 'c1'), undefined);
  writeRegisters(rows, [record('c1', 1, { name: 'Ana' })], 'test');
  const stop = rows.observe((touched, origin) =>
    told.push(
      [...touched].map(([t, ids]) => [t, [...ids]]),
      origin,
    ),
  );
  writeRegisters(rows, [record('c2', 2, { name: 'Eva' })], 'test');
  stop();
  writeRegisters(rows, [cell('c1', 3, 'phone', '600')], 'test');

  assert.equal(told, [[['customers', ['c2']]], 'test']);
  assert.is(rows.read('customers', 'c1')!.cells.phone, '600');
  assert.is(rows.registerCount, 3);
  assert.is(rows.maxHlc, 3);
});

test.run();

function record(id: string, hlc: number, value: unknown): RowRegisters {
  return { table: 'customers', id, registers: [{ key: recordKey(id, DEVICE), value: [hlc, 0, value] }] };
}

function cell(id: string, hlc: number, column: string, value: unknown): RowRegisters {
  return {
    table: 'customers',
    id,
    registers: [{ key: cellKey(id, DEVICE, column), value: [hlc, 0, value] }],
  };
}

function randomWrites(random: Prng, commit: number): RowRegisters[] {
  const hlc = hlcOfMs(commit);
  const ids = [...new Set(Array.from({ length: 1 + random.int(5) }, () => `r${random.int(6)}`))];
  return ids.map((id) => {
    const value = (): RegisterValue => [hlc, random.int(3) * 1_000, random.pick(VALUES)];
    const all = [
      {
        key: recordKey(id, DEVICE),
        value: [hlc, 0, { name: random.pick(VALUES), ñ: random.pick(VALUES) }] as const,
      },
      { key: cellKey(id, DEVICE, 'phone'), value: value() },
      { key: cellKey(id, DEVICE, 'visits'), value: value() },
      { key: flagKey(id, DEVICE), value: [hlc, 0, random.int(2)] as const },
    ];
    const registers = all.filter(() => !random.chance(3));
    return {
      table: random.pick(['customers', 'vehicles']),
      id,
      registers: registers.length > 0 ? registers : all,
    };
  });
}

function updateOfYjs(doc: Y.Doc, written: readonly RowRegisters[]): Uint8Array {
  let update = new Uint8Array();
  const keep = (bytes: Uint8Array) => {
    update = new Uint8Array(bytes);
  };
  doc.on('update', keep);
  doc.transact(() => {
    for (const { table, registers } of written)
      for (const { key, value } of registers) doc.getMap(table).set(key, value);
  });
  doc.off('update', keep);
  return update;
}

function stateOf(rows: DocumentRows): unknown {
  return [...rows.tables()]
    .sort()
    .map((table) => [table, [...rows.ids(table)].sort().map((id) => [id, rows.registers(table, id)])]);
}
