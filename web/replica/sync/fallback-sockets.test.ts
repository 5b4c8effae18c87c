import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SocketLike } from './channels.ts';
import { fallbackSockets } from './fallback-sockets.ts';

const MINUTE_MS = 60_000;

test('three WebSockets that never opened, while HTTP got through, are followed by polls', async () => {
  const { attempt, kinds } = setup();
  for (let failure = 0; failure < 3; failure++) await attempt('fails');
  await attempt('opens');

  assert.equal(kinds, ['socket', 'socket', 'socket', 'poll']);
});

test('a WebSocket that was open and broke says nothing about the network', async () => {
  const { attempt, kinds } = setup();
  await attempt('fails');
  await attempt('fails');
  await attempt('opens');
  await attempt('fails');
  await attempt('fails');
  await attempt('opens');

  assert.equal(new Set(kinds), new Set(['socket']));
});

test('whoever comes back from offline gets a WebSocket, however often it was tried meanwhile', async () => {
  const { attempt, kinds, network } = setup();
  await attempt('fails');
  await attempt('fails');
  network.isReachable = false;
  for (let failure = 0; failure < 10; failure++) await attempt('fails');
  network.isReachable = true;
  await attempt('opens');

  assert.equal(new Set(kinds), new Set(['socket']));
});

test('after ten minutes of polls a WebSocket is tried, and one failure is enough to go on polling', async () => {
  const { attempt, kinds, clock } = setup();
  for (let failure = 0; failure < 3; failure++) await attempt('fails');
  await attempt('opens');
  clock.nowMs += 10 * MINUTE_MS;
  await attempt('fails');
  await attempt('opens');
  clock.nowMs += 10 * MINUTE_MS;
  await attempt('opens');

  assert.equal(kinds.slice(3), ['poll', 'socket', 'poll', 'socket']);
});

function setup() {
  const kinds: string[] = [];
  const clock = { nowMs: 0 };
  const network = { isReachable: true };
  let last: SocketLike | undefined;
  const opener = (kind: string) => () => {
    kinds.push(kind);
    last = {
      binaryType: '',
      readyState: 0,
      send() {},
      close() {},
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
    };
    return last;
  };
  const open = fallbackSockets({
    openSocket: opener('socket'),
    openPoll: opener('poll'),
    isReachable: async () => network.isReachable,
    nowMs: () => clock.nowMs,
  });
  return {
    kinds,
    clock,
    network,
    async attempt(outcome: 'opens' | 'fails') {
      open('ws://relay/sync/one', []);
      if (outcome === 'opens') last!.onopen!({} as never);
      last!.onclose!({ code: 1006, reason: '' });
      await new Promise((resolve) => setImmediate(resolve)); // the answer of isReachable
    },
  };
}

test.run();
