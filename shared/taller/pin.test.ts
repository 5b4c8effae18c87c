import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEMO_PIN, DEMO_PIN_HASH } from './demo/people-data.ts';
import { hashPin, isPin, verifyPin } from './pin.ts';

test('a PIN opens with its digits and no others', async () => {
  const { hash, salt } = await hashPin('4711');
  const user = { pin_hash: hash, pin_salt: salt };

  assert.ok(await verifyPin('4711', user));
  assert.not.ok(await verifyPin('4712', user));
  assert.not.ok(await verifyPin('', user));
  assert.not.ok(await verifyPin('4711', { pin_hash: '', pin_salt: '' }), 'a user without a PIN');
});

test('one PIN of two people is stored as two texts', async () => {
  assert.is.not((await hashPin('4711')).hash, (await hashPin('4711')).hash);
});

test('a PIN has four to eight digits', async () => {
  for (const pin of ['1234', '12345678']) assert.ok(isPin(pin));
  for (const pin of ['123', '123456789', '12a4', '', ' 1234']) assert.not.ok(isPin(pin), pin);
  try {
    await hashPin('abc');
    assert.unreachable('a PIN of letters was hashed');
  } catch (error) {
    assert.instance(error, RangeError);
  }
});

test('the PIN of the demo workshop is the one that is told', async () => {
  assert.ok(await verifyPin(DEMO_PIN, { pin_hash: DEMO_PIN_HASH.hash, pin_salt: DEMO_PIN_HASH.salt }));
});

test.run();
