import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../shared/testing/prng.ts';
import { keyRunsOf } from './key-runs.ts';

test('neighbours are one range, and a key that stays ends it', () => {
  assert.equal(keyRunsOf([], ['a']), []);
  assert.equal(keyRunsOf(['b'], ['a', 'b', 'c']), [['b', 'b']]);
  assert.equal(keyRunsOf(['c', 'b', 'd'], ['a', 'b', 'c', 'd', 'e']), [['b', 'd']]);
  assert.equal(keyRunsOf(['a', 'b', 'e', 'f'], ['a', 'b', 'c', 'd', 'e', 'f']), [
    ['a', 'b'],
    ['e', 'f'],
  ]);
});

test('the ranges hold every removed key and none that stays', () => {
  const seed = Date.now() % 1_000_000;
  const random = new Prng(seed);
  for (let round = 0; round < 500; round++) {
    const there = new Set(
      Array.from({ length: random.int(30) }, () => String(random.int(60)).padStart(2, '0')),
    );
    const removed = [...there].filter(() => random.int(3) > 0);
    const runs = keyRunsOf(removed, there);
    const inside = [...there].filter((key) => runs.some(([first, last]) => key >= first && key <= last));
    assert.equal(inside.sort(), [...removed].sort(), `seed ${seed}, round ${round}`);
  }
});

test.run();
