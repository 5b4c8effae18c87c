/** The short way must come to what the merge of all registers comes to. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../testing/prng.ts';
import { documentOfRegisters } from '../testing/test-document.ts';
import { testSchema } from '../testing/test-schema.ts';
import { conflictsOf } from './conflict.ts';
import { cellKey, flagKey, recordKey } from './key.ts';
import { plainCellsOf } from './plain-row.ts';
import { shapesOf } from './row-shape.ts';
import { type CellWrite, isLater, mergeRegisters, shownCell, writeOf } from './winner.ts';

const DEVICES = ['AAAAAAAA', 'BBBBBBBB', 'CCCCCCCC'];
const VALUES = [null, 0, 1, 2, 'x', 'signed', '{}'];

test('[REG-8] cells, conflicts and breaches of a row are those of its merge, whichever way they are read', () => {
  const seed = Date.now() % 1_000_000;
  const random = new Prng(seed);
  let plain = 0;
  for (let round = 0; round < 4_000; round++) {
    const note = `seed ${seed}, round ${round}`;
    const shape = random.pick([...shapesOf(testSchema).values()]);
    const rows = documentOfRegisters(testSchema, {
      [shape.table.name]: registersOf(
        random,
        shape.columns.map(({ name }) => name),
      ),
    });
    const { name } = shape.table;

    const cells = rows.readCells(name, 'x');
    const conflicts = rows.conflicts(name, 'x');
    const breaches = rows.breaches(name, 'x');

    const registers = rows.registers(name, 'x');
    if (registers.length > 1 && plainCellsOf(shape, registers)) plain++;
    const merge = mergeRegisters(shape, registers);
    const merged = shape.columns.map((column, index) =>
      column.shared ? (column.column.nullable ? null : '') : shownCell(column, merge.winners[index]),
    );
    assert.equal(cells, merge.visible ? merged : undefined, note);
    assert.equal(breaches, merge.breaches, note);
    assert.equal(conflicts, conflictsOf(shape, 'x', merge), note);
    const lost = shape.columns.flatMap(({ name: column, common }, index) => {
      const winner = merge.winners[index];
      if (!merge.visible || winner === undefined || common) return [];
      return lastWrites(index)
        .filter(
          ({ device, hlc, value }) => device !== winner.device && hlc > winner.seen && value !== winner.value,
        )
        .map(({ device }) => `${column} ${device}`);
    });
    assert.equal(
      conflicts.filter(({ column }) => column !== '').map(({ column, loser }) => `${column} ${loser.device}`),
      lost,
      note,
    );

    function lastWrites(index: number): CellWrite[] {
      return DEVICES.flatMap((device) => {
        let last: CellWrite | undefined;
        for (const register of merge.effective) {
          const write = register.device === device ? writeOf(shape, register, index) : undefined;
          if (write && (last === undefined || isLater(write, last))) last = write;
        }
        return last ? [last] : [];
      });
    }
  }
  assert.ok(plain > 200, `the short way was taken ${plain} times`);
});

test.run();

/** Mostly written by whoever had seen what was there. */
function registersOf(random: Prng, columns: readonly string[]): Record<string, unknown> {
  const registers: Record<string, unknown> = {};
  let hlc = 1;
  const count = 1 + random.int(5);
  for (let index = 0; index < count; index++) {
    const before = hlc;
    hlc += random.int(3);
    const seen = random.int(5) === 0 ? random.int(hlc + 1) : before;
    const device = random.pick(DEVICES);
    const kind = index === 0 && random.int(8) > 0 ? 0 : random.int(12);
    if (kind === 0) {
      const chosen = columns.filter(() => random.int(2) === 0);
      registers[recordKey('x', device)] = [
        hlc,
        seen,
        Object.fromEntries(chosen.map((column) => [column, random.pick(VALUES.slice(random.int(2)))])),
      ];
    } else if (kind === 1) registers[flagKey('x', device)] = [hlc, seen, random.int(2)];
    else registers[cellKey('x', device, random.pick(columns))] = [hlc, seen, random.pick(VALUES)];
  }
  return registers;
}
