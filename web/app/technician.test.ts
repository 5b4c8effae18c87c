import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runningMs } from './technician.ts';

const test = suite('a technician at work');
const HOUR_MS = 3_600_000;
const NOW_MS = 1_790_000_000_000;

test('clocks that run count up to now, and of those since yesterday only what is of today', () => {
  const entries = [{ started_at: NOW_MS - HOUR_MS }, { started_at: NOW_MS - 3 * HOUR_MS }];

  assert.is(runningMs(entries, NOW_MS), 4 * HOUR_MS);
  assert.is(runningMs(entries, NOW_MS, NOW_MS - 2 * HOUR_MS), 3 * HOUR_MS);
  assert.is(runningMs([], NOW_MS), 0);
});

test('a clock that another tablet started ahead of this one counts nothing', () => {
  assert.is(runningMs([{ started_at: NOW_MS + 5_000 }], NOW_MS), 0);
});

test.run();
