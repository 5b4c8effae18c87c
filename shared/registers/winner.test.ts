/** The rules of a row's life, on hand-made registers and on random ones. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { documentOfRegisters } from '../testing/test-document.ts';
import { customers, estimates, items, movements, testSchema } from '../testing/test-schema.ts';
import type { Register } from './codec.ts';
import { cellKey, flagKey, recordKey } from './key.ts';
import { shapeOf } from './row-shape.ts';
import { mergeRegisters, shownCell } from './winner.ts';

const [A, B, C] = ['AAAAAAAA', 'BBBBBBBB', 'CCCCCCCC'];

test('[REG-1] the highest hlc wins, whatever the device', () => {
  assert.is(itemOf(record(B, 1, { price_minor: 1 }), cell(A, 5, 'price_minor', 50)).price_minor, 50);
  assert.is(itemOf(record(A, 1, { price_minor: 1 }), cell(B, 5, 'price_minor', 50)).price_minor, 50);
  assert.is(itemOf(cell(B, 3, 'price_minor', 30), record(A, 5, { price_minor: 1 })).price_minor, 1);
});

test('[REG-1] of two writes with the same hlc the higher device wins', () => {
  const row = itemOf(record(A, 1, {}), cell(A, 5, 'price_minor', 50), cell(B, 5, 'price_minor', 70));

  assert.is(row.price_minor, 70);
});

test('[REG-1] the same registers, put into a document in any order, give the same row', () => {
  fc.assert(
    fc.property(registerSets(), fc.infiniteStream(fc.nat()), (registers, chance) => {
      const shuffled = [...registers].sort(() => (chance.next().value % 2 === 0 ? 1 : -1));
      for (const table of testSchema.tables) {
        const [one, other] = [registers, shuffled].map((order) =>
          documentOfRegisters(testSchema, { [table.name]: Object.fromEntries(order.map(entryOf)) }),
        );
        assert.equal(other?.readCells(table.name, 'x'), one?.readCells(table.name, 'x'));
        assert.equal(other?.conflicts(table.name, 'x'), one?.conflicts(table.name, 'x'));
        assert.equal(other?.breaches(table.name, 'x'), one?.breaches(table.name, 'x'));
      }
    }),
    { numRuns: 200 },
  );
});

test('[REG-2] writes to different cells all survive', () => {
  const row = itemOf(
    record(A, 1, { brand: 'acme', price_minor: 1 }),
    cell(B, 9, 'price_minor', 50),
    cell(C, 4, 'weight', 1.5),
    cell(A, 3, 'code', 'x'),
  );

  assert.equal([row.brand, row.price_minor, row.weight, row.code], ['acme', 50, 1.5, 'x']);
});

test('[REG-2] two devices that insert one id lose no column that only one of them set', () => {
  const row = itemOf(record(A, 1, { brand: 'acme' }), record(B, 2, { code: 'x' }));

  assert.equal([row.brand, row.code], ['acme', 'x']);
});

test('[REG-3] a row is visible once it has a record', () => {
  assert.not.ok(merged(items, cell(A, 1, 'price_minor', 5)).visible);
  assert.ok(merged(items, cell(A, 2, 'price_minor', 5), record(A, 1, {})).visible);
});

test('[REG-3] delete-wins: an edit that had not seen the delete does not bring the row back', () => {
  assert.not.ok(merged(items, record(A, 1, {}), flag(A, 5, 1, 1), cell(B, 7, 'price_minor', 9)).visible);
});

test('[REG-3] edit-wins: an edit that had not seen the delete revives the row', () => {
  const row = [record(A, 1, {}), flag(A, 5, 1, 1)];

  assert.not.ok(merged(customers, ...row).visible);
  assert.ok(merged(customers, ...row, cell(B, 7, 'name', 'Ana')).visible);
  assert.ok(
    merged(customers, ...row, cell(B, 3, 'name', 'Ana')).visible,
    'also one that was written before it',
  );
});

test('[REG-3] edit-wins: a delete that had seen the edit deletes it', () => {
  const row = [record(A, 1, {}), cell(B, 7, 'name', 'Ana')];

  assert.not.ok(merged(customers, ...row, flag(A, 9, 7, 1)).visible);
  assert.not.ok(
    merged(customers, ...row, flag(A, 9, 7, 1), flag(C, 11, 1, 1)).visible,
    'another delete that had not seen it does not undo that',
  );
});

test('[REG-3] a later restore shows the row again', () => {
  const row = [record(A, 1, {}), flag(A, 5, 1, 1), flag(B, 8, 5, 0)];

  assert.ok(merged(items, ...row).visible);
  assert.not.ok(merged(items, ...row, flag(C, 9, 8, 1)).visible);
});

test('[REG-6] a value that the column cannot hold counts as not written', () => {
  const row = itemOf(
    record(A, 1, { price_minor: 7, extra: '{}' }),
    cell(B, 9, 'price_minor', 'seven'),
    cell(B, 9, 'extra', '{'),
  );

  assert.equal([row.price_minor, row.extra], [7, '{}']);
});

test('[MIR-5] null in a column that may not be null reads as its fallback and is a breach', () => {
  const merge = merged(items, record(A, 1, { price_minor: 7 }), cell(B, 9, 'price_minor', null));

  assert.is(itemOf(record(A, 1, { price_minor: 7 }), cell(B, 9, 'price_minor', null)).price_minor, 0);
  assert.equal(merge.breaches, [{ rule: 'not-null', column: 'price_minor', device: B, hlc: 9 }]);
});

test('[MIR-5] a row of an append-only table is its record: later writes and deletes are breaches', () => {
  const merge = merged(
    movements,
    record(A, 1, { qty_milli: 5 }),
    cell(B, 9, 'qty_milli', 7),
    flag(B, 10, 9, 1),
  );

  assert.ok(merge.visible);
  assert.is(merge.winners[1]?.value, 5);
  assert.equal(
    merge.breaches.map(({ rule, column }) => [rule, column]),
    [
      ['append-only', 'qty_milli'],
      ['append-only', ''],
    ],
  );
});

test('[MIR-5] what is written after the seal is a breach; what was written before it still merges', () => {
  const merge = merged(
    estimates,
    record(A, 1, { total_minor: 10 }),
    cell(B, 4, 'total_minor', 40),
    cell(A, 5, 'status', 'signed'),
    cell(C, 7, 'total_minor', 70),
    flag(C, 8, 7, 1),
  );

  assert.ok(merge.visible && merge.sealed);
  assert.is(merge.winners[2]?.value, 40);
  assert.equal(
    merge.breaches.map(({ rule, column, hlc }) => [rule, column, hlc]),
    [
      ['sealed', 'total_minor', 7],
      ['sealed', '', 8],
    ],
  );
});

test.run();

function merged(table: Parameters<typeof shapeOf>[0], ...registers: Register[]) {
  return mergeRegisters(shapeOf(table), registers);
}

function itemOf(...registers: Register[]): Record<string, unknown> {
  const shape = shapeOf(items);
  const merge = mergeRegisters(shape, registers);
  return Object.fromEntries(
    shape.columns.map((column, index) => [column.name, shownCell(column, merge.winners[index])]),
  );
}

function record(device: string, hlc: number, value: Record<string, unknown>): Register {
  return { kind: 'record', device, column: '', hlc, seen: 0, value };
}

function cell(device: string, hlc: number, column: string, value: unknown): Register {
  return { kind: 'cell', device, column, hlc, seen: 0, value };
}

function flag(device: string, hlc: number, seen: number, value: 0 | 1): Register {
  return { kind: 'flag', device, column: '', hlc, seen, value };
}

function entryOf({ kind, device, column, hlc, seen, value }: Register): [string, unknown] {
  const key =
    kind === 'record'
      ? recordKey('x', device)
      : kind === 'flag'
        ? flagKey('x', device)
        : cellKey('x', device, column);
  return [key, [hlc, seen, value]];
}

/** One register for each key, as a Y.Map has them. */
function registerSets(): fc.Arbitrary<Register[]> {
  const device = fc.constantFrom(A, B, C);
  const hlc = fc.integer({ min: 1, max: 12 });
  const seen = fc.integer({ min: 0, max: 12 });
  const register: fc.Arbitrary<Register> = fc.oneof(
    fc.tuple(device, hlc, seen, fc.nat(3)).map(
      ([by, at, saw, n]): Register => ({
        ...record(by, at, { name: `n${n}`, price_minor: n, qty_milli: n }),
        seen: saw,
      }),
    ),
    fc
      .tuple(
        device,
        hlc,
        seen,
        fc.constantFrom('name', 'price_minor', 'total_minor', 'status'),
        fc.constantFrom(1, 2, 'signed', 'x'),
      )
      .map(([by, at, saw, column, value]): Register => ({ ...cell(by, at, column, value), seen: saw })),
    fc
      .tuple(device, hlc, seen, fc.constantFrom(0 as const, 1 as const))
      .map(([by, at, saw, value]) => flag(by, at, saw, value)),
  );
  return fc.uniqueArray(register, {
    maxLength: 8,
    selector: ({ kind, device: by, column }) => `${kind}${by}${column}`,
  });
}
