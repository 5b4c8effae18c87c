import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DeviceId, newId } from '../../shared/base/ids.ts';
import { decodeBatch } from '../../shared/protocol/batch.ts';
import type { Session } from '../client/engine-messages.ts';
import { openIndexedDbStore } from '../replica/store/indexeddb-store.ts';
import type { OutboxEntry } from '../replica/store/store.ts';
import { sendOutbox } from './send-outbox.ts';

test('what waits is posted in the order of making, without the rejected', async () => {
  const tablet = await setup();
  await tablet.write([entry(2), entry(1), entry(3, 'rejected')]);

  assert.is(await tablet.send(), 'sent');

  assert.equal(tablet.posted, [['t1', [1, 2]]]);
  assert.is((await tablet.outbox()).length, 3, 'the replica takes them out when it hears the acks');
});

test('a commit whose bytes are only in its updates is posted whole; one that is stored meanwhile is not', async () => {
  const tablet = await setup();
  const [first, second] = [entry(1), entry(2)];
  await tablet.writeWithUpdates([first, second]);
  await tablet.dropUpdatesOf(second);

  assert.is(await tablet.send(), 'sent');

  assert.equal(tablet.posted, [['t1', [1]]]);
});

test('with nothing to send, or nobody signed in, nothing is asked', async () => {
  const empty = await setup();
  assert.is(await empty.send(), 'nothing');

  const stranger = new IDBFactory();
  const outcome = await sendOutbox({ indexedDB: stranger, fetch: failingFetch, name: 'taller' });
  assert.is(outcome, 'signed-out');
  assert.equal(await stranger.databases(), [], 'looking made no database');
});

test('a token that has ended is renewed, and the new session kept before it is used', async () => {
  const tablet = await setup();
  await tablet.write([entry(1)]);
  tablet.validToken = 't2';

  assert.is(await tablet.send(), 'sent');

  assert.equal(tablet.posted, [['t2', [1]]]);
  assert.is((await tablet.session())?.refreshToken, 'r2');
});

test('an outage asks the browser to wake us again; a device that was shut out does not', async () => {
  const tablet = await setup();
  await tablet.write([entry(1)]);
  tablet.status = 503;
  let rejected = false;
  await tablet.send().catch(() => {
    rejected = true;
  });
  assert.ok(rejected);

  tablet.status = 200;
  tablet.validToken = 'none that we could get';
  tablet.canRenew = false;
  assert.is(await tablet.send(), 'signed-out');
});

test.run();

const failingFetch = (async () => {
  throw new Error('nothing should be asked');
}) as unknown as typeof fetch;

/** A tablet as its replica left it, and a relay that knows one token. */
async function setup() {
  const name = `tablet-${newId()}`;
  const sessions = await openDB(`${name}:session`, 1, {
    upgrade: (database) => {
      database.createObjectStore('session');
    },
  });
  const session: Session = {
    relayUrl: 'https://relay.example',
    workspace: 'one',
    user: 'ana',
    displayName: 'Ana',
    role: 'writer',
    token: 't1',
    expiresAtMs: 0,
    refreshToken: 'r1',
    grants: { role: 'writer', families: {}, other: 'none' },
  };
  await sessions.put('session', session, 'last');
  const store = await openIndexedDbStore(`${name}:one:ana`);
  await store.readHead();
  await store.write({ durability: 'strict', meta: { device: 'AAAAAAA1' as DeviceId } });
  const tablet = {
    validToken: 't1',
    canRenew: true,
    status: 202,
    posted: [] as [token: string, numbers: number[]][],
    write: (entries: readonly OutboxEntry[]) => store.write({ durability: 'strict', outboxPut: entries }),
    writeWithUpdates: (entries: readonly OutboxEntry[]) =>
      store.write({
        durability: 'strict',
        outboxPut: entries,
        updates: entries.flatMap(({ commit, number }) =>
          commit.parts.map(({ document, update }) => ({ document, number, update, commit: commit.id })),
        ),
      }),
    dropUpdatesOf: ({ commit, number }: OutboxEntry) =>
      store.write({
        durability: 'strict',
        dropUpdates: commit.parts.map(({ document }) => [document, number] as const),
      }),
    outbox: async () => (await store.readHead()).outbox,
    session: (): Promise<Session | undefined> => sessions.get('session', 'last'),
    send: () => sendOutbox({ indexedDB, fetch: relay, name }),
  };
  const relay = (async (
    url: string,
    init: { headers: Record<string, string>; body: Uint8Array | string },
  ) => {
    if (url.endsWith('/refresh')) {
      if (!tablet.canRenew) return new Response('{}', { status: 401 });
      assert.equal(JSON.parse(init.body as string), { refreshToken: 'r1', device: 'AAAAAAA1' });
      const { token: _, ...rest } = session;
      return Response.json({ ...rest, token: 't2', refreshToken: 'r2' });
    }
    const token = init.headers.authorization!.replace('Bearer ', '');
    if (tablet.status === 503) return new Response('{}', { status: 503 });
    if (token !== tablet.validToken) return new Response('{}', { status: 401 });
    const labels = decodeBatch(init.body as Uint8Array, 100).map((one) =>
      'commit' in one ? Number(one.commit.label) : -1,
    );
    tablet.posted.push([token, labels]);
    return Response.json({ accepted: [], rejected: [] }, { status: 202 });
  }) as unknown as typeof fetch;
  return tablet;
}

function entry(number: number, state: 'waiting' | 'rejected' = 'waiting'): OutboxEntry {
  const parts = [{ document: 'work/2026-11', update: new Uint8Array([0, 0]) }];
  const commit = {
    id: newId(),
    device: 'AAAAAAA1' as DeviceId,
    hlc: 4096,
    schema: 1,
    label: String(number),
    parts,
  };
  return { commit, number, createdAtMs: 0, priority: 50, attempts: 0, state };
}
