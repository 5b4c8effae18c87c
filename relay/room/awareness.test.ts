import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness';
import * as Y from 'yjs';
import { until } from '../../shared/testing/until.ts';
import { AwarenessLane } from './awareness.ts';
import { PresenceAccounts } from './presence-accounts.ts';

const test = suite('AwarenessLane');
const opened: { destroy(): void }[] = [];
test.after.each(() => {
  for (const one of opened.splice(0)) one.destroy();
});

test('[AWARE-1] many changes within the interval go out as one message with the latest state of each', async () => {
  const { lane, sent } = setup();
  const [ana, eva] = [person('ana'), person('eva')];
  for (let index = 0; index < 30; index++) {
    ana.setLocalState({ name: 'ana', index });
    lane.receive(update(ana), ana);
    lane.receive(update(eva), eva);
  }
  await sleep(80);

  assert.is(sent.length, 1);
  const watcher = person('watcher');
  applyAwarenessUpdate(watcher, sent[0]!, 'relay');
  assert.equal(watcher.getStates().get(ana.clientID), { name: 'ana', index: 29 });
  assert.equal(watcher.getStates().get(eva.clientID), { name: 'eva' });
});

test('[AWARE-1] a steady stream of changes goes out twenty times a second', async () => {
  let nowMs = 1_000_000;
  const { lane, sent } = setup({ nowMs: () => nowMs });
  const ana = person('ana');
  const change = (index: number) => {
    ana.setLocalState({ index });
    lane.receive(update(ana), ana);
  };
  change(0);
  await until(() => sent.length > 0);
  for (let index = 1; index < 6; index++) change(index);
  await sleep(5); // less than the interval
  assert.is(sent.length, 1);

  nowMs += 50;
  await until(() => sent.length > 1);
  const watcher = person('watcher');
  applyAwarenessUpdate(watcher, sent[1]!, 'relay');
  assert.equal(watcher.getStates().get(ana.clientID), { index: 5 });
});

test('[AWARE-1] what everybody knows is not sent again', async () => {
  const { lane, sent } = setup();
  const [ana, eva] = [person('ana'), person('eva')];
  lane.receive(update(ana), ana);
  await sleep(60);
  lane.receive(update(ana), eva); // stock clients repeat what they hear
  await sleep(60);

  assert.is(sent.length, 1);
});

test('[AWARE-2] whoever leaves is gone for the others, and comes back with the clock it had', async () => {
  const { lane, sent } = setup();
  const [ana, watcher] = [person('ana'), person('watcher')];
  const socket = {};
  lane.receive(update(ana), socket);
  await sleep(60);
  lane.leave(socket);
  await sleep(80);
  for (const message of sent) applyAwarenessUpdate(watcher, message, 'relay');
  assert.not(watcher.getStates().has(ana.clientID));

  const again = {};
  const reply = lane.receive(update(ana), again);
  assert.ok(reply, 'told that it is believed gone');
  applyAwarenessUpdate(ana, reply, 'relay');
  lane.receive(update(ana), again);
  await sleep(80);
  applyAwarenessUpdate(watcher, sent.at(-1)!, 'relay');

  assert.equal(watcher.getStates().get(ana.clientID), { name: 'ana' });
});

test('[AWARE-2] a farewell of the client itself is passed on', async () => {
  const { lane, sent } = setup();
  const [ana, watcher] = [person('ana'), person('watcher')];
  lane.receive(update(ana), ana);
  await sleep(60);
  const farewell = new Promise<Uint8Array>((resolve) => {
    ana.once('update', () => resolve(encodeAwarenessUpdate(ana, [ana.clientID])));
  });
  removeAwarenessStates(ana, [ana.clientID], 'test');
  lane.receive(await farewell, ana);
  await sleep(80);
  for (const message of sent) applyAwarenessUpdate(watcher, message, 'relay');

  assert.not(watcher.getStates().has(ana.clientID));
  assert.is(lane.everyone(), undefined);
});

test('[AWARE-3] one socket speaks for at most 20 clients, and a document holds a limited number', () => {
  const { lane } = setup({ maxClients: 30 });
  const [mal, eva] = [{}, {}];
  for (let index = 0; index < 50; index++) lane.receive(update(person(`mal ${index}`)), mal);
  assert.is(lane.size, 20);
  for (let index = 0; index < 50; index++) lane.receive(update(person(`eva ${index}`)), eva);
  assert.is(lane.size, 30);
  lane.close();
});

test('[AWARE-3] one socket says a limited number of bytes over all its documents; what it takes back makes room', () => {
  const accounts = new PresenceAccounts(1_000);
  const [here, there] = [setup({ accounts }).lane, setup({ accounts }).lane];
  const [mal, eva] = [{}, {}];
  const [first, second, third] = ['first', 'second', 'third'].map(person);
  const fill = (awareness: Awareness, bytes: number) => {
    awareness.setLocalState({ name: 'x'.repeat(bytes - '{"name":""}'.length) });
    return update(awareness);
  };
  const says = (lane: AwarenessLane, of: Awareness) => {
    const watcher = person('watcher');
    applyAwarenessUpdate(watcher, lane.everyone() ?? Uint8Array.of(0), 'relay');
    return JSON.stringify(watcher.getStates().get(of.clientID) ?? '').length;
  };

  here.receive(fill(first!, 600), mal);
  there.receive(fill(second!, 400), mal);
  there.receive(fill(third!, 20), mal);
  here.receive(fill(first!, 601), mal);
  assert.equal([says(here, first!), says(there, second!), there.size], [600, 400, 1]);

  here.receive(fill(first!, 100), mal);
  there.receive(fill(third!, 500), mal);
  assert.equal([says(here, first!), says(there, third!)], [100, 500]);

  there.receive(fill(third!, 900), eva); // another socket speaks for it now
  here.receive(fill(first!, 600), mal);
  assert.equal([says(here, first!), says(there, third!)], [600, 900]);

  there.leave(mal);
  here.receive(fill(first!, 1_000), mal);
  assert.is(says(here, first!), 1_000);
  here.close();
  there.close();
});

test('[AWARE-2] those of an instance that gives no sign are gone after a while', async () => {
  let nowMs = 1_000_000;
  const { lane, sent } = setup({ nowMs: () => nowMs });
  const ana = person('ana');
  lane.receive(update(ana), undefined);
  await sleep(20);
  nowMs += 60_000;
  lane.sweep();
  await sleep(20);
  const watcher = person('watcher');
  for (const message of sent) applyAwarenessUpdate(watcher, message, 'relay');

  assert.is(sent.length, 2);
  assert.not(watcher.getStates().has(ana.clientID));
});

test.run();

interface SetupOptions {
  readonly maxClients?: number;
  readonly accounts?: PresenceAccounts;
  readonly nowMs?: () => number;
}

function setup(options: SetupOptions = {}) {
  const sent: Uint8Array[] = [];
  const lane = new AwarenessLane({
    maxBytes: 10_000,
    maxClients: options.maxClients ?? 100,
    accounts: options.accounts ?? new PresenceAccounts(100_000),
    nowMs: options.nowMs ?? Date.now,
    broadcast: (message) => sent.push(message),
  });
  return { lane, sent };
}

function person(name: string): Awareness {
  const awareness = new Awareness(new Y.Doc());
  awareness.setLocalState({ name });
  opened.push(awareness);
  return awareness;
}

const update = (awareness: Awareness) => encodeAwarenessUpdate(awareness, [awareness.clientID]);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
