import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../base/ids.ts';
import { loadSqlJs } from '../mirror/sqljs.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { Prng } from '../testing/prng.ts';
import { TestReplica } from '../testing/replicas.ts';
import { addLine } from './flows/order-flow.ts';
import { tallerSchema } from './schema.ts';
import { decideStock, NEGATIVE_STOCK_SQL, ON_HAND_SQL } from './stock.ts';

const sqlJs = await loadSqlJs();
const NOW_MS = Date.UTC(2026, 10, 15, 12);
const ORDER = newId(NOW_MS);

test('[TALLER-3] the policy refuses, warns or lets it be', () => {
  const short = { onHandMilli: 1000, takesMilli: 2000 };

  assert.equal(decideStock('block', short), { allowed: false, because: 'not-in-stock' });
  assert.equal(decideStock('warn', short), { allowed: true, warns: true });
  assert.equal(decideStock('allow', short), { allowed: true, warns: false });
  assert.equal(decideStock('block', { onHandMilli: 2000, takesMilli: 2000 }), {
    allowed: true,
    warns: false,
  });
  assert.equal(decideStock('block', { onHandMilli: -1000, takesMilli: -2000 }), {
    allowed: true,
    warns: false,
  });
});

test('[TALLER-3] two tablets take the last one: both lines stay, and the stock below zero is told', () => {
  const [a, b] = [device(1), device(2)];
  b.receive(
    a.write(
      "insert into items (id, sku, name_es) values ('pad', 'PAD', 'Pastillas')",
      { sql: 'insert into work_orders (id, opened_at) values (?, ?)', params: [ORDER, NOW_MS] },
      {
        sql: "insert into stock_movements (id, at, item_id, qty_milli, kind) values (?, ?, 'pad', 1000, 'initial')",
        params: [newId(NOW_MS), NOW_MS],
      },
    ),
  );
  const take = (one: TestReplica) =>
    one.write(
      ...addLine(
        { user: one.user, device: one.device, nowMs: one.wall.ms },
        ORDER,
        { kind: 'part', description: 'Pastillas', item_id: 'pad', qty_milli: 1000 },
        { itemId: 'pad', locationId: null, unitCostMinor: 0 },
      ).statements,
    );

  const [mine, theirs] = [take(a), take(b)];
  assert.equal(a.query(NEGATIVE_STOCK_SQL), [], 'each alone has sold what was there');
  a.receive(theirs);
  b.receive(mine);

  for (const one of [a, b]) {
    assert.is(one.query('select count(*) as n from wo_lines')[0]?.n, 2);
    assert.equal(one.query(ON_HAND_SQL), [{ item_id: 'pad', on_hand_milli: -1000 }]);
    const [issue] = one.query(NEGATIVE_STOCK_SQL);
    assert.equal([issue?.sku, issue?.on_hand_milli, issue?.ref_id], ['PAD', -1000, ORDER]);
  }
});

test.run();

function device(seed: number): TestReplica {
  return new TestReplica({
    sqlJs,
    schema: tallerSchema,
    random: new Prng(seed),
    clock: new FakeClock(NOW_MS),
  });
}
