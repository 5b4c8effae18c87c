/** Orders in lists say what is known of the customer and the vehicle that stand now. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { loadSqlJs } from '../../shared/mirror/sqljs.ts';
import { mergeInto } from '../../shared/taller/flows/people-flow.ts';
import { tallerSchema } from '../../shared/taller/schema.ts';
import { Prng } from '../../shared/testing/prng.ts';
import { TestReplica } from '../../shared/testing/replicas.ts';
import { orderQuery } from './order-view.ts';
import { boardQuery, type OrderFilter, orderListQuery } from './orders.ts';

const ALL: OrderFilter = { scope: 'all', technician: '', status: '', onlyLate: false, nowMs: 0 };

test('[TALLER-22] an order of a merged customer and vehicle shows the names of those that were kept', async () => {
  const id = newId();
  const replica = new TestReplica({ sqlJs: await loadSqlJs(), schema: tallerSchema, random: new Prng(1) });
  replica.write(
    "insert into customers (id, name) values ('c1', 'Clara Vidal'), ('c2', 'Clara V.')",
    "insert into vehicles (id, plate, make) values ('v1', '1234 BCD', 'Seat'), ('v2', '1234 BCE', '')",
    `insert into work_orders (id, number, customer_id, vehicle_id, opened_at) values ('${id}', '1', 'c2', 'v2', 1)`,
    ...mergeInto('customers', 'c2', 'c1'),
    ...mergeInto('vehicles', 'v2', 'v1'),
  );

  for (const query of [orderListQuery(ALL, 0, 10), boardQuery(ALL, 10), orderQuery(id)]) {
    const [row] = replica.query(query.sql, query.params);
    assert.equal([row?.customer, row?.plate, row?.vehicle], ['Clara Vidal', '1234 BCD', 'Seat']);
  }
});

test.run();
