import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SendPace } from './send-pace.ts';

test('[SEND-1] what comes alone leaves at once, however often', () => {
  const pace = new SendPace();

  for (const nowMs of [1_000, 1_011, 1_050, 9_000]) {
    assert.is(pace.waitMs(nowMs), 0);
    pace.sent(1, nowMs);
  }
});

test('[SEND-1] what comes right after a sending waits for more, the longer the burst lasts the longer', () => {
  const pace = new SendPace();
  pace.sent(1, 1_000);

  assert.is(pace.waitMs(1_003), 7);
  pace.sent(4, 1_010);
  assert.is(pace.waitMs(1_010), 20);
  pace.sent(8, 1_030);
  assert.is(pace.waitMs(1_030), 40);
  pace.sent(16, 1_070);
  assert.is(pace.waitMs(1_070), 40);
  pace.sent(1, 1_110);
  assert.is(pace.waitMs(1_110), 10);
});

test('a clock that was set back keeps nothing waiting', () => {
  const pace = new SendPace();
  pace.sent(1, 10_000_000);

  assert.is(pace.waitMs(1_000), 0);
});

test.run();
