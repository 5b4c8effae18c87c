import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { backoffMs } from './backoff.ts';

const test = suite('backoff');

test('doubles from one second and stays at a minute', () => {
  const plan = [1, 2, 3, 4, 5, 6, 7, 8, 5000].map((attempt) => backoffMs(attempt, () => 0.5));
  assert.equal(plan, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('jitter is 20 % either way', () => {
  assert.is(
    backoffMs(3, () => 0),
    3200,
  );
  assert.is(
    backoffMs(3, () => 1),
    4800,
  );
});

test.run();
