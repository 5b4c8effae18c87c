import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expiredSnapshots } from './retention.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const HOUR_MS = 3_600_000;

test('[SNAP-4] every snapshot of the last seven days is kept', () => {
  const snapshots = madeHoursAgo(0, 1, 2, 100, 167);

  assert.equal(expiredSnapshots(snapshots, NOW_MS), []);
});

test('[SNAP-4] after seven days the last of each day is kept, for thirty days', () => {
  // 10 days ago at 12:00, 11:00 and 10:00, 11 days ago at 12:00.
  const snapshots = madeHoursAgo(0, 240, 241, 242, 264);

  assert.equal(hoursOf(expiredSnapshots(snapshots, NOW_MS)), [242, 241]);
});

test('[SNAP-4] after thirty days the last of each month is kept, for five years', () => {
  const days = [0, 60, 61, 62, 95, 5 * 365, 5 * 366 + 1];
  const snapshots = madeHoursAgo(...days.map((day) => day * 24));

  assert.equal(
    hoursOf(expiredSnapshots(snapshots, NOW_MS)).map((hours) => hours / 24),
    [5 * 366 + 1, 62, 61],
  );
});

test('[SNAP-4] the youngest is kept whatever its age', () => {
  assert.equal(expiredSnapshots(madeHoursAgo(24 * 4000), NOW_MS), []);
});

function madeHoursAgo(...hours: number[]) {
  return hours.map((ago, index) => ({ epoch: 1, seq: 1000 - index, madeAtMs: NOW_MS - ago * HOUR_MS }));
}

function hoursOf(snapshots: readonly { madeAtMs: number }[]): number[] {
  return snapshots.map(({ madeAtMs }) => (NOW_MS - madeAtMs) / HOUR_MS);
}

test.run();
