import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hlcOfMs } from '../../shared/base/hlc.ts';
import { type DeviceId, newId } from '../../shared/base/ids.ts';
import { forSeeds } from '../../shared/testing/prng.ts';
import { Outbox } from './outbox.ts';
import type { OutboxEntry } from './store/store.ts';

const test = suite('outbox');
const half = () => 0.5;

test('[OUT-2] commits of one document keep their order whatever their priority', () => {
  const outbox = new Outbox(
    [entry(1, ['people'], 10), entry(2, ['people'], 100), entry(3, ['cash'], 50)],
    half,
  );

  assert.equal(numbers(outbox.takeSendable(0)), [3, 1, 2]);
});

test('[OUT-2] a commit over two documents waits for earlier commits of either', () => {
  const outbox = new Outbox(
    [entry(1, ['stock'], 10), entry(2, ['cash'], 20), entry(3, ['cash', 'stock'], 100)],
    half,
  );

  assert.equal(numbers(outbox.takeSendable(0)), [2, 1, 3]);
});

test('[OUT-2] each next commit is the first of the highest priority that no earlier one of its documents holds back', async () => {
  await forSeeds(200, [], (random) => {
    const entries = Array.from({ length: random.int(60) }, (_, index) => {
      const documents = ['people', 'stock', 'cash', 'work'].filter(() => random.int(3) === 0);
      return entry(index + 1, documents.length > 0 ? documents : ['work'], 10 * random.int(3));
    });
    const outbox = new Outbox(entries, half);
    const due = entries.filter(({ commit }) => {
      const isDue = random.int(10) > 0;
      if (!isDue) outbox.refused(commit.id, 'storage-away', 'come back', true, 0);
      return isDue;
    });
    const expected: number[] = [];
    const left = [...entries];
    for (;;) {
      const free = left.filter(
        (one, at) => due.includes(one) && !left.slice(0, at).some((e) => shares(e, one)),
      );
      const [next] = free.sort((a, b) => b.priority - a.priority || a.number - b.number);
      if (!next) break;
      expected.push(next.number);
      left.splice(left.indexOf(next), 1);
    }

    assert.equal(numbers(outbox.takeSendable(0)), expected);
  });
});

test('[OUT-2] a commit that is stored after one made later goes before it', () => {
  const outbox = new Outbox([entry(1, ['people'])], half);
  outbox.add(entry(3, ['people']));
  outbox.add(entry(2, ['people']));
  outbox.add(entry(4, ['people']));

  assert.equal(numbers(outbox.takeSendable(0)), [1, 2, 3, 4]);
});

test('the oldest entry is known by its clock, whatever its place', () => {
  const madeAt = (ms: number): OutboxEntry => {
    const { commit, ...rest } = entry(ms, ['people']);
    return { ...rest, commit: { ...commit, hlc: hlcOfMs(ms) } };
  };

  assert.is(new Outbox([madeAt(20), madeAt(10), madeAt(30)], half).oldestAtMs, 10);
  assert.is(new Outbox([], half).oldestAtMs, undefined);
});

test('what is on its way is not taken again until the connection is lost', () => {
  const outbox = new Outbox([entry(1, ['people'])], half);

  assert.equal(numbers(outbox.takeSendable(0)), [1]);
  assert.equal(numbers(outbox.takeSendable(0)), []);
  outbox.connectionLost();
  const again = outbox.takeSendable(9);
  assert.equal(numbers(again), [1]);
  assert.is(again[0]!.attempts, 2);
  assert.is(again[0]!.lastAttemptAtMs, 9);
});

test('[OUT-3] a rejected commit stays, with the reason, and does not block those behind it', () => {
  const first = entry(1, ['people']);
  const outbox = new Outbox([first, entry(2, ['people'])], half);
  outbox.takeSendable(0);
  outbox.connectionLost();

  outbox.refused(first.commit.id, 'not-allowed', 'no write access', false, 0);

  assert.is(outbox.get(first.commit.id)!.error, 'no write access');
  assert.is(outbox.rejectedCount, 1);
  assert.is(outbox.pendingCount, 1);
  assert.equal(numbers(outbox.takeSendable(0)), [2]);
});

test('[OUT-2] the next attempt is when the one in front may go, not when those behind it might have', () => {
  const [first, second] = [entry(1, ['people']), entry(2, ['people'])];
  const outbox = new Outbox([first, second], half);
  outbox.takeSendable(0);
  outbox.refused(second.commit.id, 'after-rejected', 'come back', true, 1000);
  outbox.refused(first.commit.id, 'storage-away', 'come back', true, 5000);

  assert.equal(numbers(outbox.takeSendable(2000)), []);
  assert.is(outbox.nextAttemptAtMs(2000), 6000);
  assert.equal(numbers(outbox.takeSendable(6000)), [1, 2]);
});

test('a commit told to come back waits 1, 2, 4 s and holds back later ones of its document only', () => {
  const first = entry(1, ['people']);
  const outbox = new Outbox([first, entry(2, ['people']), entry(3, ['cash'])], half);
  outbox.takeSendable(0);
  outbox.connectionLost();

  outbox.refused(first.commit.id, 'storage-away', 'come back', true, 1000);

  assert.is(outbox.nextAttemptAtMs(1000), 2000);
  assert.equal(numbers(outbox.takeSendable(1500)), [3]);
  assert.equal(numbers(outbox.takeSendable(2000)), [1, 2]);
});

test('a held outbox sends nothing', () => {
  const outbox = new Outbox([entry(1, ['people'])], half);
  outbox.hold();

  assert.equal(outbox.takeSendable(0), []);
  outbox.release();
  assert.is(outbox.takeSendable(0).length, 1);
});

test('many commits go in portions', () => {
  const outbox = new Outbox(
    Array.from({ length: 200 }, (_, index) => entry(index + 1, ['people'])),
    half,
  );

  assert.is(outbox.takeSendable(0).length, 64);
  assert.is(outbox.takeSendable(0).length, 0);
});

test.run();

function shares(a: OutboxEntry, b: OutboxEntry): boolean {
  return a.commit.parts.some(({ document }) => b.commit.parts.some((part) => part.document === document));
}

function numbers(entries: readonly OutboxEntry[]): number[] {
  return entries.map(({ number }) => number);
}

function entry(number: number, documents: string[], priority = 25): OutboxEntry {
  return {
    commit: {
      id: newId(),
      device: 'AAAAAAAA' as DeviceId,
      hlc: number,
      schema: 1,
      label: '',
      parts: documents.map((document) => ({ document, update: new Uint8Array([1]) })),
    },
    number,
    createdAtMs: 0,
    priority,
    attempts: 0,
    state: 'waiting',
  };
}
