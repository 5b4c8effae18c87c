import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RefusedWriteError } from '../../shared/mirror/refused-write.ts';
import { EngineError, failureOf } from '../client/failures.ts';
import { refusalText } from './refusals.ts';

const test = suite('refusals');

test('a broken rule is told in the words of the page, also as it comes from the worker', () => {
  const refusal = new RefusedWriteError(
    { rule: 'type', table: 'receptions', column: 'odometer', row: '' },
    'the value is not of the kind of the column',
  );

  assert.is(
    refusalText(new EngineError(failureOf(refusal))),
    'No se ha guardado. Ese valor no vale: Cuentakilómetros.',
  );
  assert.is(
    refusalText(
      new RefusedWriteError({ rule: 'sealed', table: 'receptions', column: '', row: 'r' }, 'sealed'),
    ),
    'No se ha guardado. Ya está cerrado: Recepción.',
  );
});

test('every rule has its own sentence, about the column or about the table', () => {
  const told = (['not-null', 'check', 'unique', 'reference', 'append-only', 'id'] as const).map((rule) =>
    refusalText(new RefusedWriteError({ rule, table: 'vehicles', column: 'odometer', row: 'v' }, 'why')),
  );

  assert.equal(told, [
    'No se ha guardado. Falta: Cuentakilómetros.',
    'No se ha guardado. Ese valor no vale: Cuentakilómetros.',
    'No se ha guardado. Ya existe: Vehículo.',
    'No se ha guardado. Ya no existe aquello a lo que se refiere: Cuentakilómetros.',
    'No se ha guardado. Lo anotado no se cambia: Vehículo.',
    'vehicles.odometer, row v: why',
  ]);
});

test('what others point to is told by its table, because it is the row that cannot go', () => {
  const broken = { rule: 'reference', table: 'customers', column: '', row: 'c' } as const;

  assert.is(
    refusalText(new RefusedWriteError(broken, 'row v of vehicles points to it')),
    'No se ha borrado. Otros datos se refieren a ello: Cliente.',
  );
});

test('what is no broken rule says what it says', () => {
  assert.is(refusalText(new Error('the disk is full')), 'the disk is full');
  assert.is(refusalText('no'), 'no');
});

test.run();
