import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../testing/prng.ts';
import { estimateContent, estimatedJobs, rangeOfJobs, totalsOfJobs } from './estimate-content.ts';

const NO_DISCOUNT = { discount_bp: 0, discount_minor: 0 };
const job = (id: string, lump_price_minor: number | null = null) => ({
  id,
  title: `job ${id}`,
  lump_price_minor,
});
const line = (job_id: string | null, unit_price_minor: number, tax_rate_bp = 2100) => ({
  job_id,
  kind: 'part' as const,
  description: 'part',
  qty_milli: 1000,
  unit_price_minor,
  discount_bp: 0,
  tax_rate_bp,
});

test('[TALLER-17] an estimate copies the lines of its jobs and no others', () => {
  const content = estimateContent(
    [job('a'), job('b')],
    [line('b', 500), line('a', 100), line('x', 9), line(null, 9)],
    {
      discount: NO_DISCOUNT,
      defaultTaxBp: 2100,
    },
  );

  assert.equal(
    content.lines.map(({ job_id, job_title, total_minor }) => ({ job_id, job_title, total_minor })),
    [
      { job_id: 'a', job_title: 'job a', total_minor: 100 },
      { job_id: 'b', job_title: 'job b', total_minor: 500 },
    ],
  );
  assert.is(content.totals.totalMinor, 726);
});

test('[TALLER-5] a job with a lump price is estimated at that price, with lines and without', () => {
  const content = estimateContent([job('a', 10_000), job('b', 5_000)], [line('a', 300), line('a', 100)], {
    discount: NO_DISCOUNT,
    defaultTaxBp: 1000,
  });

  assert.equal(
    content.lines.map(({ job_id, total_minor, tax_rate_bp }) => [job_id, total_minor, tax_rate_bp]),
    [
      ['a', 7_500, 2100],
      ['a', 2_500, 2100],
      ['b', 5_000, 1000],
    ],
  );
  assert.is(content.totals.totalMinor, 10_000 + 2_100 + 5_000 + 500);
});

test('[TALLER-8] what some of the jobs come to has its share of the discount', () => {
  const content = estimateContent([job('a'), job('b')], [line('a', 30_000), line('b', 10_000)], {
    discount: { discount_bp: 1000, discount_minor: 0 },
    defaultTaxBp: 2100,
  });
  const [a, b] = estimatedJobs(content.lines, content.totals.discountMinor);

  assert.is(a?.totals.totalMinor, 32_670);
  assert.is(totalsOfJobs(b ? [b] : []).totalMinor, 10_890);
  assert.is(totalsOfJobs([]).totalMinor, 0);
});

test('[TALLER-8] all jobs of an estimate come to what it says, to the cent', () => {
  const random = new Prng(20_261_122);
  for (let history = 0; history < 200; history++) {
    const jobs = Array.from({ length: 1 + random.int(4) }, (_, index) =>
      job(String(index), random.chance(4) ? random.int(50_000) : null),
    );
    const lines = jobs.flatMap(({ id }) =>
      Array.from({ length: random.int(4) }, () =>
        line(id, random.int(20_000), random.pick([400, 1000, 2100])),
      ),
    );
    const content = estimateContent(jobs, lines, {
      discount: { discount_bp: random.int(2000), discount_minor: random.int(500) },
      defaultTaxBp: 2100,
    });

    const whole = totalsOfJobs(estimatedJobs(content.lines, content.totals.discountMinor));

    assert.is(whole.subtotalMinor, content.totals.subtotalMinor, `history ${history}`);
    assert.is(whole.discountMinor, content.totals.discountMinor, `history ${history}`);
  }
});

test('[OPT-1] an estimate comes to the first option of each group, and every option has its own price', () => {
  const option = (id: string, option_group: string) => ({ ...job(id), option_group });
  const content = estimateContent(
    [option('a', 'Frenos'), job('oil'), option('b', 'Frenos'), option('alone', 'Ruedas')],
    [line('a', 30_000), line('oil', 10_000), line('b', 20_000), line('alone', 5_000)],
    { discount: { discount_bp: 1000, discount_minor: 0 }, defaultTaxBp: 2100 },
  );
  const jobs = estimatedJobs(content.lines, content.totals.discountMinor);

  assert.equal(
    content.lines.map(({ job_id, option_group }) => `${job_id} ${option_group}`),
    ['a Frenos', 'b Frenos', 'oil ', 'alone '],
    'side by side; an option without another is no choice',
  );
  assert.equal(
    jobs.map(({ id, isCounted, discountMinor, totals }) => [id, isCounted, discountMinor, totals.totalMinor]),
    [
      ['a', true, 3_000, 32_670],
      ['b', false, 2_000, 21_780],
      ['oil', true, 1_000, 10_890],
      ['alone', true, 500, 5_445],
    ],
  );
  assert.is(content.totals.totalMinor, 32_670 + 10_890 + 5_445);
  assert.equal(rangeOfJobs(jobs), { leastMinor: 38_115, mostMinor: 49_005 });
  assert.is(rangeOfJobs(jobs.slice(2)), undefined);
});

test.run();
