/** A tablet whose clock is three hours ahead of the relay's, as after a journey or with an empty battery. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { Device } from './device.ts';
import { Stack } from './stack.ts';

const test = suite('clock');
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

let stack: Stack;
let ana: Device;
const customer = newId();

test.before(async () => {
  stack = await Stack.open({ orders: 1, users: { ana: 'recepcion' } });
  stack.relay.setClock(-3 * HOUR_MS);
  ana = await stack.device('ana');
});

test.after(async () => {
  await stack?.close();
});

test('[OUT-4] three hours ahead: the tablet knows by how much, and what it writes is taken, at the time of the relay', async () => {
  const { clockOffsetMs } = await ana.status();
  assert.ok(Math.abs(clockOffsetMs + 3 * HOUR_MS) < MINUTE_MS, `${clockOffsetMs} ms`);

  await ana.goOffline();
  await ana.execute(`insert into customers (id, name) values (?, 'Tres horas')`, [customer]);
  await ana.page.reload();
  await ana.engineReady();
  assert.equal(await nameOf(customer), [{ name: 'Tres horas' }]);
  await ana.goOnline();
  await ana.settled();

  assert.is((await ana.status()).rejected, 0);
  const { device } = await ana.status();
  const { rows } = await stack.pool.query('select max(hlc) as hlc from espejo.commit where device = $1', [
    device,
  ]);
  const writtenAtMs = Number(rows[0].hlc) / 4096;
  assert.ok(writtenAtMs > 0);
  assert.ok(writtenAtMs < Date.now() - 3 * HOUR_MS + MINUTE_MS, `${new Date(writtenAtMs).toISOString()}`);
});

test('[OUT-4] a clock that is put right while the tablet works: nothing is refused, and the last writer wins', async () => {
  stack.relay.setClock(0);
  await ana.execute(`update customers set name = 'Puesto en hora' where id = ?`, [customer]);
  await ana.settled();
  stack.relay.setClock(-3 * HOUR_MS);
  await ana.execute(`update customers set name = 'Otra vez tarde' where id = ?`, [customer]);
  await ana.settled();

  assert.is((await ana.status()).rejected, 0);
  assert.equal(await nameOf(customer), [{ name: 'Otra vez tarde' }]);
  await ana.until('the report', async () => {
    const { rows } = await stack.pool.query('select name from report.customers where id = $1', [customer]);
    return rows[0]?.name === 'Otra vez tarde';
  });
});

test.run();

function nameOf(id: string) {
  return ana.query('select name from customers where id = ?', [id]);
}
