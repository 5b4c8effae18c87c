import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allocate, documentTotals, lineNetMinor, mulDivRound, netOfGrossMinor, taxMinor } from './money.ts';

/** Worked out by hand; they may only change together with the printed documents. */
const GOLDEN_LINES = [
  // qty, price, discount -> net
  [1000, 1999, 0, 1999],
  [1500, 333, 0, 500], // 499.5
  [2500, 1001, 0, 2503], // 2502.5
  [333, 1000, 0, 333],
  [1000, 5, 1000, 5], // 4.5
  [1000, 15, 1000, 14], // 13.5
  [3000, 3333, 1250, 8749], // 8749.125
  [-1500, 333, 0, -500], // a credit note mirrors its line
  [0, 9999, 0, 0],
  [1000, 9999, 10000, 0],
  [9_007_199, 999_999_999, 0, 9_007_198_990_993], // beyond 2^53 before the division
] as const;

test('[TALLER-8] a line is rounded half up, away from zero', () => {
  for (const [qty_milli, unit_price_minor, discount_bp, net] of GOLDEN_LINES)
    assert.is(
      lineNetMinor({ qty_milli, unit_price_minor, discount_bp }),
      net,
      `${qty_milli} × ${unit_price_minor}`,
    );
});

test('[TALLER-8] tax is computed per rate on the sum of nets, not line by line', () => {
  const line = { qty_milli: 1000, unit_price_minor: 12, discount_bp: 0, tax_rate_bp: 2100 };

  const totals = documentTotals(Array.from({ length: 8 }, () => line));

  // 21 % of 96 is 20.16; line by line it would be 8 × round(2.52) = 24.
  assert.equal(totals.taxes, [{ rateBp: 2100, netMinor: 96, taxMinor: 20 }]);
  assert.is(totals.totalMinor, 116);
});

test('[TALLER-8] two rates, a discount in percent and one in money', () => {
  const totals = documentTotals(
    [
      { qty_milli: 1000, unit_price_minor: 10_000, discount_bp: 0, tax_rate_bp: 2100 },
      { qty_milli: 1000, unit_price_minor: 5_000, discount_bp: 0, tax_rate_bp: 1000 },
    ],
    { discount: { discount_bp: 1000, discount_minor: 1 } },
  );

  assert.is(totals.subtotalMinor, 15_000);
  assert.is(totals.discountMinor, 1_501);
  // 1501 over 10000 and 5000: 1000.67 and 500.33; the cent goes to the larger remainder.
  assert.equal(totals.taxes, [
    { rateBp: 2100, netMinor: 8_999, taxMinor: 1_890 },
    { rateBp: 1000, netMinor: 4_500, taxMinor: 450 },
  ]);
  assert.is(totals.totalMinor, 15_839);
});

test('[TALLER-8] a discount never takes more than there is', () => {
  const totals = documentTotals(
    [{ qty_milli: 1000, unit_price_minor: 100, discount_bp: 0, tax_rate_bp: 2100 }],
    {
      discount: { discount_bp: 5000, discount_minor: 900 },
    },
  );

  assert.is(totals.discountMinor, 100);
  assert.is(totals.totalMinor, 0);
});

test('[TALLER-8] shares add up, and no share is off by more than a cent', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
      fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 20 }),
      (amount, weights) => {
        const shares = allocate(amount, weights);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        assert.is(
          shares.reduce((sum, share) => sum + share, 0),
          amount,
        );
        if (total === 0) return;
        for (const [index, share] of shares.entries())
          assert.ok(
            Math.abs(share - (amount * (weights[index] ?? 0)) / total) < 1,
            `${amount} over ${weights}: ${shares}`,
          );
      },
    ),
    { numRuns: 300, verbose: false },
  );
});

test('[TALLER-8] what rounding leaves goes to the largest remainder first', () => {
  assert.equal(allocate(100, [1, 1, 1]), [34, 33, 33]);
  assert.equal(allocate(10, [6, 3, 1]), [6, 3, 1]);
  assert.equal(allocate(5, [10, 20, 30]), [1, 2, 2]);
  assert.equal(allocate(1, [3, 7]), [0, 1]);
  assert.equal(allocate(7, [0, 0]), [7, 0]);
  assert.equal(allocate(0, []), []);
});

test('[TALLER-5] a lump price replaces the prices of its lines and is taxed like them', () => {
  const lines = [
    {
      job_id: 'j',
      kind: 'labour',
      qty_milli: 1000,
      unit_price_minor: 6_000,
      discount_bp: 0,
      tax_rate_bp: 2100,
    },
    {
      job_id: 'j',
      kind: 'part',
      qty_milli: 1000,
      unit_price_minor: 4_000,
      discount_bp: 0,
      tax_rate_bp: 1000,
    },
    { job_id: null, kind: 'fee', qty_milli: 1000, unit_price_minor: 100, discount_bp: 0, tax_rate_bp: 2100 },
  ];

  const totals = documentTotals(lines, { jobs: [{ id: 'j', lump_price_minor: 5_000 }] });

  assert.equal(totals.lineNetsMinor, [3_000, 2_000, 100]);
  assert.equal(totals.taxes, [
    { rateBp: 2100, netMinor: 3_100, taxMinor: 651 },
    { rateBp: 1000, netMinor: 2_000, taxMinor: 200 },
  ]);
});

test('[TALLER-5] a lump price without lines is taxed at the usual rate; text lines cost nothing', () => {
  const totals = documentTotals(
    [{ kind: 'text', qty_milli: 1000, unit_price_minor: 777, discount_bp: 0, tax_rate_bp: 2100 }],
    { jobs: [{ id: 'j', lump_price_minor: 10_000 }], defaultTaxBp: 2100 },
  );

  assert.is(totals.netMinor, 10_000);
  assert.is(totals.totalMinor, 12_100);
});

test('[TALLER-8] products beyond 2^53 stay exact', () => {
  assert.is(mulDivRound(9_007_199_254_740_991, 9_999, 10_000), 9_006_298_534_815_517);
  assert.is(mulDivRound(-5, 1, 2), -3);
  assert.is(mulDivRound(5, 1, 2), 3);
  assert.is(taxMinor(10_000, 2100), 2_100);
  assert.is(netOfGrossMinor(12_100, 2100), 10_000);
});

test.run();
