/** A tablet opens with a PIN, and five wrong ones cost time. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hashPin } from '../../shared/taller/pin.ts';
import { checkPin, isLocked, lock, unlock } from './lock.ts';
import { FakeStorage } from './testing/fake-storage.ts';

const { hash, salt } = await hashPin('1234');
const MARTA = { pin_hash: hash, pin_salt: salt };
const NOW_MS = Date.UTC(2026, 10, 22, 12);

test('[LOCK-1] a locked tablet opens with the PIN of who takes it, and with nothing else', async () => {
  const storage = new FakeStorage();
  assert.is(isLocked(storage), false);
  lock(storage);

  assert.equal(await checkPin('4321', MARTA, NOW_MS, storage), { open: false, because: 'wrong' });
  assert.is(isLocked(storage), true);
  assert.equal(await checkPin('1234', MARTA, NOW_MS, storage), { open: true });
  assert.is(isLocked(storage), true, 'until whoever it is has taken over');
  unlock(storage);
  assert.is(isLocked(storage), false);
});

test('[LOCK-1] the fifth wrong PIN makes everybody wait; locking again does not shorten it', async () => {
  const storage = new FakeStorage();
  lock(storage);
  for (let attempt = 1; attempt < 5; attempt++) await checkPin('0000', MARTA, NOW_MS, storage);

  const fifth = await checkPin('0000', MARTA, NOW_MS, storage);
  lock(storage);

  assert.equal(fifth, { open: false, because: 'wait', untilMs: NOW_MS + 30_000 });
  assert.equal(await checkPin('1234', MARTA, NOW_MS + 29_999, storage), fifth);
  assert.equal(await checkPin('1234', MARTA, NOW_MS + 30_000, storage), { open: true });
});

test.run();
