import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forSeeds, Prng } from './prng.ts';

test('the same seed gives the same numbers, another seed others', () => {
  const numbers = (seed: number) => {
    const random = new Prng(seed);
    return [random.int(1_000), random.int(1_000), random.int(1_000)];
  };

  assert.equal(numbers(7), numbers(7));
  assert.not.equal(numbers(7), numbers(8));
});

test('int stays below its limit and reaches every number', () => {
  const random = new Prng(1);
  const seen = new Set(Array.from({ length: 1_000 }, () => random.int(10)));
  assert.equal(
    [...seen].sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test('shuffle keeps every element', () => {
  assert.equal(new Prng(3).shuffle([1, 2, 3, 4]).sort(), [1, 2, 3, 4]);
});

test('a failing history names its seed, and pinned seeds run first', async () => {
  const pinned = [{ seed: 42, broke: 'an example' }];
  let message = '';
  try {
    await forSeeds(1, pinned, (random) => assert.is(random.seed, 0));
  } catch (error) {
    message = (error as Error).message;
  }
  assert.match(message, /^seed 42 \(SEED=42/);
});

test.run();
