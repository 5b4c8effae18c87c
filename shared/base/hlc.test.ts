import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HLC_COUNTER_SPAN, HybridClock, hlcOfMs, isHlc, msOfHlc } from './hlc.ts';

test('[HLC-1] ticks never go back, whatever the wall clock and the peers do', () => {
  const step = fc.oneof(
    fc.record({ wallMs: fc.integer({ min: 0, max: 2_000_000_000_000 }) }),
    fc.record({ observedMs: fc.integer({ min: 0, max: 2_000_000_000_000 }) }),
    fc.record({ offsetMs: fc.integer({ min: -10_000_000, max: 10_000_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let wallMs = 0;
      const clock = new HybridClock(() => wallMs);
      let last = 0;
      for (const move of steps) {
        if ('wallMs' in move) wallMs = move.wallMs;
        else if ('offsetMs' in move) clock.offsetMs = move.offsetMs;
        else {
          clock.observe(hlcOfMs(move.observedMs));
          last = Math.max(last, hlcOfMs(move.observedMs));
        }
        const tick = clock.tick();
        if (tick <= last) return false;
        last = tick;
      }
      return true;
    }),
  );
});

test('[HLC-1] a clock opened with its last tick is later than that tick', () => {
  const clock = new HybridClock(() => 5, hlcOfMs(1_000));

  assert.is(clock.tick(), hlcOfMs(1_000) + 1);
});

test('[HLC-2] a tick is relay time: wall time plus the measured offset', () => {
  const clock = new HybridClock(() => 1_000_000);
  clock.offsetMs = -400;

  assert.is(msOfHlc(clock.tick()), 999_600);
});

test('[HLC-2] an hlc counts 4096 ticks in a millisecond', () => {
  assert.is(HLC_COUNTER_SPAN, 4096);
  assert.is(msOfHlc(hlcOfMs(7) + 4095), 7);
  assert.is(msOfHlc(hlcOfMs(7) + 4096), 8);
});

test('only positive safe integers are an hlc', () => {
  for (const value of [0, -1, 1.5, 2 ** 53, Number.NaN, '1', null, undefined]) assert.not.ok(isHlc(value));
  assert.ok(isHlc(1));
});

test.run();
