import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../testing/prng.ts';
import { isDeviceId, isUuidV7, newDeviceId, newId, timestampMsOfId } from './ids.ts';

test('an id tells the millisecond it was made in', () => {
  const atMs = Date.UTC(2026, 10, 22, 3, 4, 5, 678);

  const id = newId(atMs);

  assert.ok(isUuidV7(id));
  assert.is(timestampMsOfId(id), atMs);
});

test('ids of later milliseconds sort after earlier ones', () => {
  assert.ok(newId(1_790_000_000_000) < newId(1_790_000_000_001));
});

test('text that is no UUIDv7 has no timestamp', () => {
  for (const text of [
    '',
    'c1',
    '019aaf4e-0000-4000-8000-000000000000',
    '019AAF4E-0000-7000-8000-000000000000',
  ]) {
    assert.is(timestampMsOfId(text), undefined);
  }
});

test('a device id is 8 characters of base62, by the bytes it is given', () => {
  const random = new Prng(1);
  const ids = Array.from({ length: 500 }, () => newDeviceId((count) => random.bytes(count)));

  assert.ok(ids.every(isDeviceId));
  assert.is(new Set(ids).size, 500);
  assert.is(
    newDeviceId(() => new Uint8Array(8)),
    '00000000',
  );
});

test('bytes that would make some letters likelier are left out of a device id', () => {
  let calls = 0;
  const id = newDeviceId(() => new Uint8Array(8).fill(calls++ === 0 ? 255 : 61));

  assert.is(id, 'zzzzzzzz');
});

test.run();
