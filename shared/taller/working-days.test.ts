import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { estimateState, estimateValidUntil, mayWorkOn } from './estimates.ts';
import {
  addWorkingDays,
  type Calendar,
  dateOfMs,
  endOfWorkingDays,
  isWorkingDay,
  startOfDateMs,
} from './working-days.ts';

const SPAIN: Calendar = { timeZone: 'Europe/Madrid', country: 'ES', holidays: ['2026-12-07'] };

test('[TALLER-17] weekends, national and local holidays and Good Friday are no working days', () => {
  for (const day of [
    '2026-11-21',
    '2026-11-22',
    '2026-12-08',
    '2026-12-25',
    '2026-12-07',
    '2026-04-03',
    '2027-03-26',
  ])
    assert.not.ok(isWorkingDay(day, SPAIN), day);
  for (const day of ['2026-11-20', '2026-11-23', '2026-12-24', '2026-04-02', '2026-04-06'])
    assert.ok(isWorkingDay(day, SPAIN), day);
});

test('[TALLER-17] days are counted from the next one', () => {
  assert.is(addWorkingDays('2026-11-20', 1, SPAIN), '2026-11-23');
  assert.is(
    addWorkingDays('2026-11-20', 12, SPAIN),
    '2026-12-10',
    'over 7 (local) and 8 December (national)',
  );
  assert.is(addWorkingDays('2026-11-22', 0, SPAIN), '2026-11-22');
});

test('[TALLER-17] a validity ends with its last day in the time zone of the workshop', () => {
  const given = Date.parse('2026-11-20T09:00:00+01:00');

  assert.is(endOfWorkingDays(given, 1, SPAIN), Date.parse('2026-11-23T23:59:59.999+01:00'));
  // Across the change to summer time.
  assert.is(
    endOfWorkingDays(Date.parse('2026-03-27T09:00:00+01:00'), 1, SPAIN),
    Date.parse('2026-03-30T23:59:59.999+02:00'),
  );
  assert.is(dateOfMs(Date.parse('2026-11-20T23:30:00Z'), 'Europe/Madrid'), '2026-11-21');
  assert.is(startOfDateMs('2026-03-29', 'Europe/Madrid'), Date.parse('2026-03-29T00:00:00+01:00'));
  // The clocks change between the day's own beginning and that of the same day in UTC.
  assert.is(startOfDateMs('2026-10-04', 'Australia/Sydney'), Date.parse('2026-10-04T00:00:00+10:00'));
  assert.is(startOfDateMs('2026-11-20', 'America/Mexico_City'), Date.parse('2026-11-20T00:00:00-06:00'));
});

test('[TALLER-17] in Spain an estimate is valid for at least 12 working days', () => {
  const given = Date.parse('2026-11-20T09:00:00+01:00');

  assert.is(estimateValidUntil(given, 3, SPAIN), endOfWorkingDays(given, 12, SPAIN));
  assert.is(estimateValidUntil(given, 20, SPAIN), endOfWorkingDays(given, 20, SPAIN));
  assert.is(
    estimateValidUntil(given, 3, { ...SPAIN, country: 'MX' }),
    endOfWorkingDays(given, 3, { ...SPAIN, country: 'MX' }),
  );
});

test('[TALLER-17] what became of an estimate is derived from decisions, successors and time', () => {
  const sent = { status: 'sent' as const, valid_until: 1000 };
  const facts = { estimateDecisions: [], jobDecisions: [], superseded: false, nowMs: 500 };

  assert.is(estimateState({ ...sent, status: 'draft' }, facts), 'draft');
  assert.is(estimateState(sent, facts), 'sent');
  assert.is(estimateState(sent, { ...facts, nowMs: 1001 }), 'expired');
  assert.is(estimateState(sent, { ...facts, superseded: true }), 'superseded');
  assert.is(estimateState(sent, { ...facts, jobDecisions: ['approved', 'declined'] }), 'partial');
  assert.is(estimateState(sent, { ...facts, jobDecisions: ['declined'] }), 'declined');
  assert.is(estimateState(sent, { ...facts, estimateDecisions: ['approved'] }), 'approved');
  // A signature stays evidence for what was signed, whatever came later.
  assert.is(
    estimateState(sent, { ...facts, jobDecisions: ['approved'], superseded: true, nowMs: 5000 }),
    'approved',
  );
});

test('[TALLER-17] work on a job needs an approval, a waiver or a small amount', () => {
  const all = { totalMinor: 5000, toleratedMinor: 0 };

  assert.equal(mayWorkOn({ approval: 'approved' }, all), { allowed: true });
  assert.equal(mayWorkOn({ approval: 'not_needed' }, all), { allowed: true });
  assert.equal(mayWorkOn({ approval: 'proposed' }, all), { allowed: false, because: 'not-approved' });
  assert.equal(mayWorkOn({ approval: 'proposed' }, { totalMinor: 5000, toleratedMinor: 5000 }), {
    allowed: true,
  });
  assert.equal(mayWorkOn({ approval: 'declined' }, { totalMinor: 0, toleratedMinor: 5000 }), {
    allowed: false,
    because: 'declined',
  });
});

test.run();
