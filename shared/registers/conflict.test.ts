import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { documentOfRegisters } from '../testing/test-document.ts';
import { testSchema } from '../testing/test-schema.ts';

const [A, B, C] = ['AAAAAAAA', 'BBBBBBBB', 'CCCCCCCC'];

test('[REG-4] two writes to one cell that had not seen each other are in conflict', () => {
  const conflicts = conflictsOf('items', {
    [`x~${A}`]: [1, 0, { price_minor: 1 }],
    [`x~${A}~price_minor`]: [5, 1, 50],
    [`x~${B}~price_minor`]: [7, 1, 70],
  });

  assert.equal(conflicts, [
    {
      table: 'items',
      id: 'x',
      column: 'price_minor',
      winner: { value: 70, device: B, hlc: 7 },
      loser: { value: 50, device: A, hlc: 5 },
    },
  ]);
});

test('[REG-4] a write that had seen the other is no conflict', () => {
  assert.equal(
    conflictsOf('items', {
      [`x~${A}`]: [1, 0, { price_minor: 1 }],
      [`x~${A}~price_minor`]: [5, 1, 50],
      [`x~${B}~price_minor`]: [7, 5, 70],
    }),
    [],
  );
});

test('[REG-4] the same value written twice is no conflict', () => {
  assert.equal(
    conflictsOf('items', {
      [`x~${A}`]: [1, 0, {}],
      [`x~${A}~price_minor`]: [5, 1, 50],
      [`x~${B}~price_minor`]: [7, 1, 50],
    }),
    [],
  );
});

test('[REG-4] a later write that has seen both ends the conflict', () => {
  assert.equal(
    conflictsOf('items', {
      [`x~${A}`]: [1, 0, {}],
      [`x~${A}~price_minor`]: [5, 1, 50],
      [`x~${B}~price_minor`]: [7, 1, 70],
      [`x~${C}~price_minor`]: [9, 7, 60],
    }),
    [],
  );
});

test('[REG-4] records of two devices for one id conflict in the cells that both set', () => {
  const conflicts = conflictsOf('items', {
    [`x~${A}`]: [1, 0, { brand: 'acme', code: 'x' }],
    [`x~${B}`]: [2, 0, { brand: 'bosch' }],
  });

  assert.equal(
    conflicts.map(({ column, winner, loser }) => [column, winner.value, loser.value]),
    [['brand', 'bosch', 'acme']],
  );
});

test('[REG-4] a delete and an edit that it had not seen are in conflict, whichever wins', () => {
  const registers = { [`x~${A}`]: [1, 0, {}], [`x~${A}~`]: [5, 1, 1], [`x~${B}~points`]: [7, 0, 3] };
  const [deleteWins] = conflictsOf('items', { ...registers, [`x~${B}~price_minor`]: [7, 0, 3] });
  const [editWins] = conflictsOf('customers', registers);

  assert.equal([deleteWins?.column, deleteWins?.winner.device, deleteWins?.loser.device], ['', A, B]);
  assert.equal([editWins?.column, editWins?.winner.device, editWins?.loser.device], ['', B, A]);
});

test('[REG-4] a restore that has seen both ends the conflict of delete and edit', () => {
  assert.equal(
    conflictsOf('customers', {
      [`x~${A}`]: [1, 0, {}],
      [`x~${A}~`]: [5, 1, 1],
      [`x~${B}~points`]: [7, 0, 3],
      [`x~${C}~`]: [9, 7, 0],
    }),
    [],
  );
});

test('[REG-4] a row that is gone has no conflicts in its cells', () => {
  const conflicts = conflictsOf('items', {
    [`x~${A}`]: [1, 0, {}],
    [`x~${A}~price_minor`]: [5, 1, 50],
    [`x~${B}~price_minor`]: [7, 1, 70],
    [`x~${C}~`]: [9, 7, 1],
  });

  assert.equal(conflicts, []);
});

test.run();

function conflictsOf(table: string, registers: Record<string, unknown>) {
  return documentOfRegisters(testSchema, { [table]: registers }).conflicts(table, 'x');
}
