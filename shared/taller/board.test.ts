/** What the board shows of an order: its promise, its place, the technician's clock. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { minutesOf, resolveRunning } from './clock.ts';
import { promiseState, SOON_MS } from './promised.ts';
import { rankBetween, rankOfId } from './rank.ts';

test('a promise is on time, soon, late, kept or broken', () => {
  const order = { promised_at: 10_000_000, ready_at: null, delivered_at: null };

  assert.is(promiseState(order, 'work', 10_000_000 - SOON_MS - 1), 'on-time');
  assert.is(promiseState(order, 'work', 10_000_000 - SOON_MS), 'soon');
  assert.is(promiseState(order, 'work', 10_000_000), 'soon');
  assert.is(promiseState(order, 'waiting', 10_000_001), 'late');
  assert.is(promiseState({ ...order, ready_at: 10_000_000 }, 'ready', 99_000_000), 'kept');
  assert.is(promiseState({ ...order, ready_at: 10_000_001 }, 'delivered', 99_000_000), 'broken');
  assert.is(promiseState({ ...order, delivered_at: 11_000_000 }, 'delivered', 99_000_000), 'broken');
  assert.is(promiseState({ ...order, promised_at: null }, 'work', 0), 'none');
  assert.is(promiseState(order, 'cancelled', 99_000_000), 'none');
});

test('of two clocks that run at once, the one started last goes on', () => {
  assert.equal(
    resolveRunning([
      { id: 'b', started_at: 200 },
      { id: 'a', started_at: 100 },
      { id: 'c', started_at: 300 },
    ]),
    [
      { id: 'a', stoppedAtMs: 300 },
      { id: 'b', stoppedAtMs: 300 },
    ],
  );
  assert.equal(resolveRunning([{ id: 'a', started_at: 1 }]), []);
});

test('minutes of a clock are whole and never negative', () => {
  assert.is(minutesOf({ started_at: 0, stopped_at: 119_999 }, 0), 1);
  assert.is(minutesOf({ started_at: 0, stopped_at: null }, 180_000), 3);
  assert.is(minutesOf({ started_at: 500_000, stopped_at: null }, 0), 0);
});

test('between any two places there is one more', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), (choices) => {
      const ranks = ['0192f3a1b2c37abc8def0123456789ab'];
      for (const choice of choices) {
        const at = choice % (ranks.length + 1);
        const rank = rankBetween(ranks[at - 1], ranks[at]);
        ranks.splice(at, 0, rank);
      }
      assert.equal(ranks, [...ranks].sort());
      assert.is(new Set(ranks).size, ranks.length);
    }),
    { numRuns: 200 },
  );
});

test('a new order starts after those made before it; places out of order are refused', () => {
  assert.ok(
    rankOfId('0192f3a1-b2c3-7abc-8def-0123456789ab') < rankOfId('0192f3a1-b2c4-7abc-8def-0123456789ab'),
  );
  assert.throws(() => rankBetween('b', 'a'), RangeError);
});

test.run();
