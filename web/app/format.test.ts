import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatSpace } from './format.ts';

test('space is told in megabytes, and from a thousand of them on in gigabytes', () => {
  assert.is(formatSpace(10_400_000, 'es'), '10 MB');
  assert.is(formatSpace(10_748_000_000, 'es'), '10,7 GB');
  assert.is(formatSpace(10_748_000_000, 'en'), '10.7 GB');
  assert.is(formatSpace(0, 'en'), '0 MB');
});

test.run();
