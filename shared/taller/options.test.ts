import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countedJobs, groupedOptions, isOtherOption } from './options.ts';
import type { WoJob } from './tables/orders.ts';

const job = (id: string, option_group: string, approval: WoJob['approval'] = 'proposed') => ({
  id,
  option_group,
  approval,
});
const counted = (...jobs: ReturnType<typeof job>[]) => countedJobs(jobs).map(({ id }) => id);

test('[OPT-1] options stand together where the first of them stands, and jobs without a group alone', () => {
  const groups = groupedOptions([job('a', 'Frenos'), job('oil', ''), job('b', 'Frenos'), job('tyre', '')]);

  assert.equal(
    groups.map((group) => group.map(({ id }) => id)),
    [['a', 'b'], ['oil'], ['tyre']],
  );
});

test('[OPT-1] of a group counts what was taken, else the first that waits, else the first', () => {
  assert.equal(counted(job('a', 'F'), job('oil', ''), job('b', 'F')), ['a', 'oil']);
  assert.equal(counted(job('a', 'F', 'declined'), job('b', 'F'), job('c', 'F', 'approved')), ['c']);
  assert.equal(counted(job('a', 'F', 'declined'), job('b', 'F'), job('c', 'F')), ['b']);
  assert.equal(counted(job('a', 'F', 'declined'), job('b', 'F', 'declined')), ['a']);
  assert.equal(counted(job('a', 'F', 'approved'), job('b', 'F', 'approved')), ['a'], 'one, whatever merged');
});

test('[OPT-2] a declined job is another option only where one of its group was taken', () => {
  const taken = [job('a', 'F', 'declined'), job('b', 'F', 'approved'), job('oil', '', 'declined')];

  assert.equal(
    taken.map((one) => isOtherOption(one, taken)),
    [true, false, false],
  );
  const none = [job('a', 'F', 'declined'), job('b', 'F', 'declined')];
  assert.equal(
    none.map((one) => isOtherOption(one, none)),
    [false, false],
  );
});

test.run();
