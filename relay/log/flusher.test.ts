import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DeviceId, newId } from '../../shared/base/ids.ts';
import { until } from '../../shared/testing/until.ts';
import { type AppendFailure, Flusher, type PendingAppend } from './flusher.ts';
import type { AppendOutcome, AppendRequest } from './log.ts';
import { MemoryLog } from './memory-log.ts';

const test = suite('Flusher');

test('[LOG-4] what arrives during an append goes into the next one, in order', async () => {
  const { flusher, log, push, said } = setup();
  push('first');
  await turn();
  for (const name of ['second', 'third', 'fourth']) push(name);
  await flusher.idle();

  assert.is(log.batches, 2);
  assert.equal(said, ['first stored', 'second stored', 'third stored', 'fourth stored']);
});

test('[LOG-4] the next append is on its way before the last one is told to anyone', async () => {
  const order: string[] = [];
  const { flusher, log, push } = setup({ onStored: () => order.push('told') });
  const append = log.append.bind(log);
  log.append = async (requests) => {
    order.push('append');
    if (order.length === 1) push('second');
    return append(requests);
  };
  push('first');
  await flusher.idle();

  assert.equal(order, ['append', 'append', 'told', 'told']);
});

test('[LOG-3] one id twice at once is stored once and answered twice', async () => {
  const { flusher, push, said } = setup();
  const id = newId();
  push('first', { id });
  push('again', { id });
  await flusher.idle();

  assert.equal(said, ['first stored', 'again duplicate']);
});

test('[LOG-5] a request that can never be stored fails, with what its sender built on it, and nobody else', async () => {
  const { flusher, log, push, said } = setup();
  const [mal, eva] = [{}, {}];
  refuse(log, 'bad');
  push('before', { origin: mal });
  push('bad', { origin: mal, documents: ['a', 'b'] });
  push('same document of eva', { origin: eva, documents: ['a'] });
  push('builds on it', { origin: mal, documents: ['b', 'c'] });
  push('builds on that', { origin: mal, documents: ['c'] });
  push('elsewhere', { origin: mal, documents: ['d'] });
  await flusher.idle();

  assert.equal(said.sort(), [
    'bad unstorable',
    'before stored',
    'builds on it after-rejected',
    'builds on that after-rejected',
    'elsewhere stored',
    'same document of eva stored',
  ]);
});

test('[AWAY-1] an absent storage gives commits back at once, keeps stock updates, and gets them when it returns', async () => {
  const { flusher, log, push, said, away } = setup();
  log.isAway = true;
  push('commit', { id: newId() });
  push('stock');
  await until(() => flusher.isAway);
  push('later commit', { id: newId() });
  push('later stock');
  assert.equal(said, ['commit storage-away', 'later commit storage-away']);

  log.isAway = false;
  await flusher.idle();

  assert.equal(said.slice(2), ['stock stored', 'later stock stored']);
  assert.equal(away, [true, false]);
});

test('[AWAY-1] stock updates wait up to a limit of bytes', async () => {
  const { flusher, log, push, said } = setup({ maxWaitingBytes: 250 });
  log.isAway = true;
  for (const name of ['one', 'two', 'three']) push(name);
  await until(() => flusher.isAway);
  push('four');

  assert.equal(said, ['three storage-away', 'four storage-away']);
  log.isAway = false;
  await flusher.close();
});

test('close writes what is queued and takes nothing more', async () => {
  const { flusher, push, said } = setup();
  push('queued');
  await flusher.close();
  push('too late');

  assert.equal(said, ['queued stored', 'too late storage-away']);
});

test.run();

function setup(options: { readonly maxWaitingBytes?: number; readonly onStored?: () => void } = {}) {
  const log = new MemoryLog();
  const said: string[] = [];
  const away: boolean[] = [];
  const flusher = new Flusher({
    log,
    maxWaitingBytes: options.maxWaitingBytes ?? 1_000_000,
    onAway: (isAway) => away.push(isAway),
    onStored: (batch) => {
      options.onStored?.();
      for (const { pending, outcome } of batch) pending.stored(outcome);
    },
  });
  const push = (
    name: string,
    request: { readonly id?: string; readonly origin?: object; readonly documents?: readonly string[] } = {},
  ) => {
    const device = 'AbCdEf01' as DeviceId;
    const pending: PendingAppend = {
      request: {
        workspace: 'w',
        user: name,
        device: undefined,
        commit:
          request.id === undefined ? undefined : { id: request.id, device, hlc: 1, schema: 1, label: name },
        parts: (request.documents ?? ['a']).map((document) => ({ document, update: new Uint8Array(100) })),
      },
      origin: request.origin ?? {},
      bytes: 100,
      receivedAtMs: 0,
      stored: () => said.push(`${name} stored`),
      duplicate: () => said.push(`${name} duplicate`),
      failed: (because: AppendFailure) => said.push(`${name} ${because}`),
    };
    flusher.push(pending);
  };
  return { flusher, log, push, said, away };
}

/** Makes the log refuse every call that holds a request of this user. */
function refuse(log: MemoryLog, user: string): void {
  const append = log.append.bind(log);
  log.append = async (requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> => {
    if (requests.some((request) => request.user === user)) throw new Error('value out of range');
    return append(requests);
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
