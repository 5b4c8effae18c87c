import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hashPin } from '../../shared/taller/pin.ts';
import { guardedPath, handedOver, handOver, keepChoices, takeBack } from './customer-mode.ts';
import { FakeStorage } from './testing/fake-storage.ts';

const ESTIMATE = { orderId: 'o', estimateId: 'e', returnTo: '/ordenes/o/presupuesto' };

test('[HAND-1] while the tablet is handed over, every address leads to what the customer sees', async () => {
  const storage = new FakeStorage();
  assert.is(guardedPath('/clientes', storage), '/clientes');

  const path = await handOver(ESTIMATE, '2580', storage);

  assert.match(path, /^\/cliente-vista\/[0-9a-f-]{36}$/);
  for (const other of ['/clientes', '/', '/cliente-vista/other'])
    assert.is(guardedPath(other, storage), path);
});

test('[HAND-2] the PIN of a user takes it back, or the code it was handed over with, and nothing else', async () => {
  const storage = new FakeStorage();
  const { hash, salt } = await hashPin('1234');
  const users = [{ pin_hash: hash, pin_salt: salt }];

  for (const pin of ['1234', '2580']) {
    await handOver(ESTIMATE, '2580', storage);
    assert.equal(await takeBack('9999', users, 0, storage), { done: false, because: 'wrong' });
    assert.ok(handedOver(storage));
    assert.equal(await takeBack(pin, users, 0, storage), { done: true, returnTo: ESTIMATE.returnTo });
    assert.is(handedOver(storage), undefined);
  }
});

test('[HAND-2] after five wrong tries each further one waits, the right one too', async () => {
  const storage = new FakeStorage();
  await handOver(ESTIMATE, '2580', storage);

  for (let tries = 0; tries < 4; tries++) await takeBack('0000', [], 1000, storage);
  assert.equal(await takeBack('0000', [], 1000, storage), { done: false, because: 'wait', untilMs: 31_000 });
  assert.equal(await takeBack('2580', [], 30_999, storage), {
    done: false,
    because: 'wait',
    untilMs: 31_000,
  });
  assert.equal(await takeBack('2580', [], 31_000, storage), { done: true, returnTo: ESTIMATE.returnTo });
});

test('[HAND-1] what the customer chose is there after a reload', async () => {
  const storage = new FakeStorage();
  await handOver(ESTIMATE, '2580', storage);

  keepChoices({ brakes: 'approved' }, storage);

  assert.equal(handedOver(storage)?.choices, { brakes: 'approved' });
});

test('what another build wrote keeps nobody out', () => {
  const storage = new FakeStorage();
  storage.setItem('taller.customer-mode', '{"token":1}');

  assert.is(guardedPath('/clientes', storage), '/clientes');
});

test.run();
