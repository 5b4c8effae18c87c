import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hoursAlone, megabytesLeft } from './banner.ts';

const HOUR_MS = 3_600_000;

test('a device with work that is nowhere else says so after half a day, and says nothing while it is connected or has none', () => {
  const away = { connection: 'offline', pending: 3, lastSyncAtMs: 0 } as const;

  assert.is(hoursAlone(away, 11 * HOUR_MS), undefined);
  assert.is(hoursAlone(away, 13.5 * HOUR_MS), 13);
  assert.is(hoursAlone({ ...away, pending: 0 }, 99 * HOUR_MS), undefined);
  assert.is(hoursAlone({ ...away, connection: 'connected' }, 99 * HOUR_MS), undefined);
});

test('a disk with little left is told before it is full', () => {
  const disk = { persisted: true, failure: undefined, quotaBytes: 1_000_000_000 };

  assert.is(megabytesLeft({ ...disk, usedBytes: 800_000_000 }), undefined);
  assert.is(megabytesLeft({ ...disk, usedBytes: 950_000_000 }), 50);
  assert.is(megabytesLeft({ ...disk, usedBytes: 1_100_000_000 }), 0);
  assert.is(megabytesLeft({ ...disk, usedBytes: undefined }), undefined);
});

test.run();
