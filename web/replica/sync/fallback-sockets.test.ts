import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SocketLike } from './channels.ts';
import { fallbackSockets } from './fallback-sockets.ts';

const MINUTE_MS = 60_000;

test('three WebSockets that never opened are followed by polls', () => {
  const { attempt, kinds } = setup();
  for (let failure = 0; failure < 3; failure++) attempt('fails');
  attempt('opens');

  assert.equal(kinds, ['socket', 'socket', 'socket', 'poll']);
});

test('a WebSocket that was open and broke says nothing about the network', () => {
  const { attempt, kinds } = setup();
  attempt('fails');
  attempt('fails');
  attempt('opens');
  attempt('fails');
  attempt('fails');
  attempt('opens');

  assert.equal(new Set(kinds), new Set(['socket']));
});

test('without any network it goes back to WebSockets, which cost less to try', () => {
  const { attempt, kinds } = setup();
  for (let failure = 0; failure < 6; failure++) attempt('fails');

  assert.equal(kinds, ['socket', 'socket', 'socket', 'poll', 'socket', 'poll']);
});

test('after ten minutes of polls a WebSocket is tried, and one failure is enough to go on polling', () => {
  const { attempt, kinds, clock } = setup();
  for (let failure = 0; failure < 3; failure++) attempt('fails');
  attempt('opens');
  clock.nowMs += 10 * MINUTE_MS;
  attempt('fails');
  attempt('opens');
  clock.nowMs += 10 * MINUTE_MS;
  attempt('opens');

  assert.equal(kinds.slice(3), ['poll', 'socket', 'poll', 'socket']);
});

function setup() {
  const kinds: string[] = [];
  const clock = { nowMs: 0 };
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
    nowMs: () => clock.nowMs,
  });
  return {
    kinds,
    clock,
    attempt(outcome: 'opens' | 'fails') {
      open('ws://relay/sync/one', []);
      if (outcome === 'opens') last!.onopen!({} as never);
      last!.onclose!({ code: 1006, reason: '' });
    },
  };
}

test.run();
