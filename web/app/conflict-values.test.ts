import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellInWords, isWritable, writtenCell } from './conflict-values.ts';

const SPANISH = { nowMs: 0, locale: 'es' } as const;

test('a price, a quantity and a yes are shown as people write them', () => {
  assert.is(cellInWords('items', 'price_minor', 1250, SPANISH), '12,50');
  assert.is(cellInWords('wo_lines', 'qty_milli', 1500, SPANISH), '1,5');
  assert.is(cellInWords('customers', 'tax_exempt', 1, SPANISH), 'Sí');
  assert.is(cellInWords('customers', 'phone', '600 1', SPANISH), '600 1');
  assert.is(cellInWords('customers', 'phone', null, SPANISH), 'vacío');
});

test('a third value is typed where it is no choice, no date and no other record', () => {
  assert.ok(isWritable('items', 'price_minor'));
  assert.ok(isWritable('customers', 'name'));
  assert.not(isWritable('customers', 'kind'));
  assert.not(isWritable('work_orders', 'promised_at'));
  assert.not(isWritable('work_orders', 'technician_id'));
  assert.not(isWritable('customers', ''));
});

test('what is typed is stored in the unit of its column, and what is no such value is not', () => {
  assert.is(writtenCell('items', 'price_minor', ' 12,50 '), 1250);
  assert.is(writtenCell('wo_lines', 'qty_milli', '1,5'), 1500);
  assert.is(writtenCell('customers', 'name', ' Nuria '), 'Nuria');
  assert.is(writtenCell('items', 'price_minor', 'mucho'), undefined);
  assert.is(writtenCell('items', 'price_minor', ''), undefined);
});

test.run();
