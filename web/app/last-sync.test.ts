import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lastSyncText } from './last-sync.ts';

const test = suite('last sync');
const NOW_MS = 1_790_000_000_000;
const TWENTY_MINUTES_AGO = NOW_MS - 20 * 60_000;

test('on a line that holds everything is of now, however long nothing changed', () => {
  const told = lastSyncText(
    { connection: 'connected', level: true, lastSyncAtMs: TWENTY_MINUTES_AGO },
    NOW_MS,
  );
  assert.is(told, 'este minuto');
});

test('without a line, or while it catches up, it is of when it was last whole', () => {
  for (const [connection, level] of [
    ['offline', true],
    ['connected', false],
  ] as const)
    assert.is(lastSyncText({ connection, level, lastSyncAtMs: TWENTY_MINUTES_AGO }, NOW_MS), 'hace 20 min');
  assert.is(lastSyncText({ connection: 'offline', level: false, lastSyncAtMs: undefined }, NOW_MS), 'Nunca');
});

test.run();
