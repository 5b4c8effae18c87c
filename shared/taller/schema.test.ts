import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tallerSchema } from './schema.ts';

test('every table and column says what it holds', () => {
  const silent = tallerSchema.tables.flatMap((table) => [
    ...(table.comment === '' ? [table.name] : []),
    ...Object.entries(table.columns)
      .filter(([, { comment }]) => comment === '')
      .map(([column]) => `${table.name}.${column}`),
  ]);

  assert.equal(silent, []);
});

test('units are in the names: money ends in minor, quantities in milli, rates in bp, times in at', () => {
  const odd = tallerSchema.tables.flatMap((table) =>
    Object.entries(table.columns)
      .filter(([name, { kind }]) => {
        if (kind === 'money') return !/_minor(_|$)/.test(name);
        if (kind === 'quantity') return !/_milli$|_below$/.test(name);
        if (kind === 'timestamp') return !/_at$|^at$|_until$|_from$|_to$/.test(name);
        return /_minor$|_milli$|_at$/.test(name);
      })
      .map(([name, { kind }]) => `${table.name}.${name}: ${kind}`),
  );

  assert.equal(odd, []);
});

test('ledgers are only added to, and what was signed or sent is sealed', () => {
  const classOf = (name: string) => tallerSchema.tables.find((table) => table.name === name)?.class;

  for (const name of [
    'stock_movements',
    'wo_status_log',
    'approvals',
    'signatures',
    'number_uses',
    'gate_events',
    'odometer_readings',
    'comments',
    'estimate_lines',
  ])
    assert.is(classOf(name), 'append-only', name);
  for (const name of ['receptions', 'inspections', 'estimates']) assert.is(classOf(name), 'sealed', name);
});

test('[TALLER-9] prices and rates that two devices typed wait for a person', () => {
  const manual = tallerSchema.tables.flatMap((table) =>
    Object.entries(table.columns)
      .filter(([, { onConflict }]) => onConflict === 'manual')
      .map(([column]) => `${table.name}.${column}`),
  );

  assert.equal(manual.sort(), [
    'items.last_cost_minor',
    'items.price_minor',
    'labour_rates.amount_minor_h',
    'price_list_items.price_minor',
    'tax_rates.rate_bp',
  ]);
});

test.run();
