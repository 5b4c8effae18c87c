import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readyMadeJob } from './ready-made.ts';

const JOB = { id: 'brakes', name_es: 'Frenos delanteros', est_minutes: 90, lump_price_minor: null };
const HOUR = { amount_minor_h: 4800, tax_rate_id: 'iva21', tax_rate_bp: 2100 };
const LABOUR = {
  kind: 'labour' as const,
  description: 'Mano de obra',
  qty_milli: 1000,
  unit_price_minor: null,
  minutes: 90,
  sort: 1,
  item: undefined,
};
const PADS = {
  kind: 'part' as const,
  description: '',
  qty_milli: 2000,
  unit_price_minor: null,
  minutes: 0,
  sort: 2,
  item: {
    id: 'pads',
    sku: 'PAS-1',
    name_es: 'Pastillas',
    unit: 'ud',
    price_minor: 5000,
    last_cost_minor: 2500,
    tax_rate_id: 'iva10',
    tax_rate_bp: 1000,
  },
};

test('[TALLER-7] a ready-made job brings labour by the hour and parts, each with its own tax', () => {
  const made = readyMadeJob(JOB, [PADS, LABOUR], { hour: HOUR, atMs: 0 });

  assert.is(made.title, 'Frenos delanteros');
  assert.equal(
    made.lines.map(({ description, qty_milli, unit_price_minor, tax_rate_bp }) => [
      description,
      qty_milli,
      unit_price_minor,
      tax_rate_bp,
    ]),
    [
      ['Mano de obra', 1500, 4800, 2100],
      ['Pastillas', 2000, 5000, 1000],
    ],
  );
});

test('[TALLER-6] its parts cost what the price list of the order says', () => {
  const list = {
    id: 'l',
    includes_tax: 0,
    base: 'price' as const,
    adjust_bp: -1000,
    rounding_minor: 0,
    active: 1,
  };

  const made = readyMadeJob(JOB, [PADS], { hour: HOUR, list, atMs: 0 });

  assert.is(made.lines[0]?.unit_price_minor, 4500);
});

test.run();
