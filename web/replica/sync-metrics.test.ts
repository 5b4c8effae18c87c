import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { until } from '../../shared/testing/until.ts';
import { SyncMetrics } from './sync-metrics.ts';
import { ManualTime } from './testing/manual-time.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { openTestReplica, settleAll } from './testing/open-replica.ts';

const test = suite('sync metrics');
const INSERT = 'insert into customers (id, name) values (?, ?)';

test('[METRIC-1] durations are averaged 0.9 to 0.1, errors over the last hundred answers', () => {
  const time = new ManualTime(1_000_000);
  const metrics = new SyncMetrics(time.nowMs);
  for (const ms of [100, 200]) {
    metrics.sent('a');
    time.advance(ms);
    metrics.stored('a');
  }
  assert.is(metrics.read(0).lastSyncDurationMs, 200);
  assert.is(metrics.read(0).avgSyncDurationMs, 110);

  metrics.failed('b', 'storage-away', 'come back');
  assert.is(metrics.read(0).errorRate, 1 / 3);
  for (let count = 0; count < 98; count++) metrics.stored(`c${count}`);
  assert.is(metrics.read(0).errorRate, 0.01);
  metrics.stored('d');
  assert.is(metrics.read(0).errorRate, 0.01, 'the oldest answer was forgotten, the failure was not');
  metrics.stored('e');
  assert.is(metrics.read(0).errorRate, 0);
  assert.equal(metrics.read(0).lastError, { code: 'storage-away', message: 'come back', atMs: 1_000_300 });
});

test('[METRIC-1] throughput is that of the last minute, and of the time there was before', () => {
  const time = new ManualTime(1_000_000);
  const metrics = new SyncMetrics(time.nowMs);
  metrics.passed(600);
  metrics.received(3);
  time.advance(10_000);
  assert.is(metrics.read(0).bytesPerSecond, 60);
  assert.is(metrics.read(0).eventsPerMinute, 18);
  time.advance(49_000);
  metrics.passed(60);
  time.advance(1_000);
  assert.is(metrics.read(0).bytesPerSecond, 1);
  assert.is(metrics.read(0).eventsPerMinute, 0);
});

test('[METRIC-1] a replica measures what it sends, receives, and what fails', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  await settleAll(a, b);
  await a.execute(INSERT, [newId(), 'Ana']);
  await a.execute(INSERT, [newId(), 'Eva']);
  await settleAll(a, b);
  relay.refuse = () => ({ code: 'not-allowed', message: 'no', retry: false });
  await a.execute(INSERT, [newId(), 'refused']);
  await a.settled();
  relay.refuse = () => undefined;
  relay.dropAcks = true;
  await a.execute(INSERT, [newId(), 'lost on the way']);
  await a.core.queue.idle();
  await until(() => a.syncReport().failedEvents >= 2 && b.syncReport().receivedEvents >= 3);

  const [of, other] = [a.syncReport(), b.syncReport()];
  assert.equal(
    [of.syncedEvents, of.failedEvents, of.pendingEvents, of.receivedEvents, of.errorRate],
    [2, 2, 1, 0, 0.5],
  );
  assert.is(of.lastError?.code, 'connection-lost');
  assert.ok(of.lastSyncDurationMs! >= 0 && of.avgSyncDurationMs! < 10_000);
  assert.ok(of.bytesPerSecond > 50 && of.eventsPerMinute > 1);
  assert.equal([other.syncedEvents, other.receivedEvents], [0, 3]);
  await Promise.all([a.close(), b.close()]);
});

test.run();
