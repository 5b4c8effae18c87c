import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../../shared/base/ids.ts';
import { CLOSE_CODES } from '../../../shared/protocol/close-codes.ts';
import { until } from '../../../shared/testing/until.ts';
import type { Presence } from '../../client/engine-messages.ts';
import { ManualTime } from '../testing/manual-time.ts';
import { MemoryRelay } from '../testing/memory-relay.ts';
import { connectTestReplica, openTestReplica, settleAll } from '../testing/open-replica.ts';

const test = suite('connection');

test('[CONN-1] a lost connection is tried again after 1, 2, 4 s, and at once when asked', async () => {
  const relay = new MemoryRelay();
  const time = new ManualTime(Date.now());
  const replica = await openTestReplica({
    relay,
    deps: { nowMs: time.nowMs, setTimer: time.setTimer, random: () => 0.5 },
  });
  await until(() => replica.status().level);
  relay.isDown = true;
  relay.cut();

  for (const delayMs of [1000, 2000, 4000]) {
    assert.is(replica.status().connection, 'offline');
    assert.is(replica.status().nextAttemptAtMs, time.nowMs() + delayMs);
    time.advance(delayMs);
    await until(() => replica.status().nextAttemptAtMs !== undefined);
  }
  relay.isDown = false;
  replica.retry();
  await until(() => replica.status().level);
  assert.is(replica.status().nextAttemptAtMs, undefined);
  await replica.close();
});

test('[CONN-3] a line that has gone silent is given up after three pings without an answer', async () => {
  const { relay, time, replica } = await openWithTime();
  await until(() => replica.status().level);
  relay.isStuck = () => true;

  await pass(time, 45);
  assert.is(replica.status().connection, 'connected');
  await pass(time, 15);

  assert.is(replica.status().connection, 'offline');
  assert.is(replica.status().lastError, 'the relay has gone silent');
  await replica.close();
});

test('[CONN-3] a large document on a slow line is waited for', async () => {
  const relay = new MemoryRelay();
  const writer = await openTestReplica({ relay });
  await writer.execute('insert into customers (id, name) values (?, ?)', [newId(), 'Ana']);
  await writer.settled();
  let isSnapshotHere = false;
  relay.isStuck = (frame) =>
    !isSnapshotHere && !(frame.kind === 'control' && ['welcome', 'document'].includes(frame.message.type));
  const { time, replica } = await openWithTime(relay);
  await until(() => replica.status().grants !== undefined);

  await pass(time, 240);
  assert.is(replica.status().connection, 'connected');
  assert.is(relay.connections, 2);

  await pass(time, 90);
  assert.is(replica.status().lastError, 'the relay has gone silent');
  isSnapshotHere = true;
  relay.cut(); // it has tried again by now, and waits behind the same line
  replica.retry();
  await until(() => replica.status().level);
  assert.is(replica.query('select * from customers').length, 1);
  await replica.close();
  await writer.close();
});

const endings: readonly [keyof typeof CLOSE_CODES, string | undefined][] = [
  ['badToken', 'token-expired'],
  ['notAllowed', 'not-allowed'],
  ['protocolTooOld', 'update-required'],
  ['badMessage', 'refused'],
  ['relayRestarting', undefined],
  ['storageAway', undefined],
  ['tooManyMessages', undefined],
];
for (const [reason, stopped] of endings) {
  test(`[CONN-2] closed with ${reason}, it ${stopped ? `stops: ${stopped}` : 'comes back'}; writes go on`, async () => {
    const relay = new MemoryRelay();
    const replica = await openTestReplica({ relay });
    await replica.settled();

    relay.cut(CLOSE_CODES[reason], 'because');

    const status = replica.status();
    assert.is(status.stopped, stopped);
    assert.is(status.nextAttemptAtMs === undefined, stopped !== undefined);
    assert.is(status.lastError, 'because');
    await replica.execute('insert into customers (id, name) values (?, ?)', [newId(), 'Ana']);
    assert.is(replica.status().pending, 1);
    connectTestReplica(replica);
    await replica.settled();
    assert.is(replica.status().pending, 0);
    await replica.close();
  });
}

test('[WIRE-4] a reconnect costs what was missed, not the document', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  for (let batch = 0; batch < 5; batch++)
    await a.transaction(
      Array.from({ length: 200 }, (_, index) => ({
        sql: 'insert into customers (id, name) values (?, ?)',
        params: [newId(), `a customer with a long name ${batch} ${index}`],
      })),
    );
  await settleAll(a, b);
  b.disconnect();
  await a.execute('insert into customers (id, name) values (?, ?)', [newId(), 'last']);
  await a.settled();
  const before = relay.sentBytes;

  connectTestReplica(b);
  await b.settled();

  assert.is(b.query('select * from customers').length, 1001);
  assert.ok(relay.sentBytes - before < 2_000, `${relay.sentBytes - before} bytes`);
  await a.close();
  await b.close();
});

test('[SEND-1] the first commit of a burst is sent at once, the others together, a full group at once', async () => {
  const relay = new MemoryRelay();
  const time = new ManualTime(Date.now());
  const replica = await openTestReplica({ relay, deps: { nowMs: time.nowMs, setTimer: time.setTimer } });
  await until(() => replica.status().level);
  const write = async (count: number) => {
    for (let index = 0; index < count; index++)
      await replica.execute('insert into customers (id, name) values (?, ?)', [newId(), 'Ana']);
  };
  const pending = () => replica.status().pending;

  await write(1);
  await until(() => pending() === 0);
  await write(3);
  time.advance(9);
  await turns();
  assert.is(pending(), 3);
  time.advance(1);
  await until(() => pending() === 0);

  await write(31);
  await turns();
  assert.is(pending(), 31);
  await write(1);
  await until(() => pending() === 0);
  await replica.close();
});

test('[PRES-1] who has a document open is seen by the others, until they leave or lose the line', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay, user: 'eva' })];
  await a.execute('insert into customers (id, name) values (?, ?)', [newId(), 'Ana']);
  await settleAll(a, b);
  let present: readonly Presence[] = [];
  b.watchPresence('people', (now) => {
    present = now;
  });

  a.setPresence('people', { field: 'name' });
  await until(() => present.length === 1);
  assert.equal(
    present.map(({ user, device, state, self }) => ({ user, device, state, self })),
    [{ user: 'ana', device: a.device, state: { field: 'name' }, self: false }],
  );
  a.setPresence('people', null);
  await until(() => present.length === 0);

  a.setPresence('people', {});
  await until(() => present.length === 1);
  b.disconnect();
  await until(() => present.length === 0);
  await a.close();
  await b.close();
});

test.run();

async function openWithTime(relay = new MemoryRelay()) {
  const time = new ManualTime(Date.now());
  const replica = await openTestReplica({ relay, deps: { nowMs: time.nowMs, setTimer: time.setTimer } });
  return { relay, time, replica };
}

/** Second by second, so that answers arrive in between. */
async function pass(time: ManualTime, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    time.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Long enough for a commit to be sent and acked, were it sent. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
