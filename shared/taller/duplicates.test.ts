/** Duplicates made on two tablets, merged by a pointer, and found again by whoever searches. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSqlJs } from '../mirror/sqljs.ts';
import { Prng } from '../testing/prng.ts';
import { TestReplica } from '../testing/replicas.ts';
import {
  DUPLICATE_CUSTOMERS_SQL,
  DUPLICATE_VEHICLES_SQL,
  joinKeptSql,
  keptSql,
  sameIdsSql,
  suggestKept,
} from './duplicates.ts';
import {
  createCustomer,
  createVehicle,
  mergeInto,
  mergeRecords,
  takeBackMerge,
  unmerge,
} from './flows/people-flow.ts';
import { tallerSchema } from './schema.ts';
import { fold, searchStatement } from './search.ts';

const sqlJs = await loadSqlJs();
const ACTOR = { user: 'ana', device: 'Tablet01', nowMs: Date.UTC(2026, 10, 15, 12) };

test('[TALLER-22] the same plate, tax id or phone from two tablets is found', () => {
  const [a, b] = [replica(1), replica(2)];
  const updates = b.write(
    ...createVehicle(ACTOR, { plate: '1234-BCD' }).statements,
    ...createCustomer(ACTOR, { name: 'Ana', phone: '+34 612 345 678' }).statements,
    ...createCustomer(ACTOR, { name: 'Taller Ruiz', tax_id: 'B-50.123.458' }).statements,
  );
  a.write(
    ...createVehicle(ACTOR, { plate: '1234 bcd' }).statements,
    ...createVehicle(ACTOR, { plate: '' }).statements,
    ...createVehicle(ACTOR, { plate: '' }).statements,
    ...createCustomer(ACTOR, { name: 'Ana N.', phone: '612345678' }).statements,
    ...createCustomer(ACTOR, { name: 'Ruiz S.L.', tax_id: 'B50123458' }).statements,
    ...createCustomer(ACTOR, { name: 'Otro' }).statements,
  );
  a.receive(updates);

  assert.equal(
    a.query(DUPLICATE_VEHICLES_SQL).map(({ because }) => because),
    ['plate'],
  );
  assert.equal(
    a
      .query(DUPLICATE_CUSTOMERS_SQL)
      .map(({ because }) => because)
      .sort(),
    ['phone', 'tax-id'],
  );
});

test('[TALLER-22] three of one plate are two pairs with the oldest; of two reasons the stronger is told', () => {
  const a = replica(1);
  for (const [id, plate, vin] of [
    ['v1', 'X1', 'VIN'],
    ['v2', 'X1', 'VIN'],
    ['v3', 'X1', ''],
    ['v4', 'X4', 'VIN'],
    ['v5', '', ''],
  ])
    a.sql.run('insert into vehicles (id, plate_norm, vin) values (?, ?, ?)', [
      id ?? '',
      plate ?? '',
      vin ?? '',
    ]);

  const pairs = a.query(`${DUPLICATE_VEHICLES_SQL} order by second_id`);

  assert.equal(
    pairs.map(({ first_id, second_id, because }) => `${first_id} ${second_id} ${because}`),
    ['v1 v2 plate', 'v1 v3 plate', 'v1 v4 vin'],
  );
});

test('[TALLER-22] a merge ends the duplicate and rewrites nothing; it can be taken back', () => {
  const a = replica(1);
  const [kept, twin] = [
    createCustomer(ACTOR, { name: 'Ana', phone: '612345678' }),
    createCustomer(ACTOR, { name: 'Ana', phone: '612345678' }),
  ];
  a.write(...kept.statements, ...twin.statements);
  a.write({
    sql: 'insert into customer_contacts (id, customer_id, name) values (?, ?, ?)',
    params: ['k', twin.id, 'Luis'],
  });

  a.write(...mergeInto('customers', twin.id, kept.id));

  assert.equal(a.query(DUPLICATE_CUSTOMERS_SQL), []);
  assert.is(a.query('select customer_id from customer_contacts')[0]?.customer_id, twin.id);
  assert.is(
    a.query(
      `with kept as (${keptSql('customers')}) select kept_id from customer_contacts join kept on kept.id = customer_id`,
    )[0]?.kept_id,
    kept.id,
  );
  a.write(...unmerge('customers', twin.id));
  assert.is(a.query(DUPLICATE_CUSTOMERS_SQL).length, 1);
});

test('[TALLER-22] a row is found with all that were merged into it, over two steps and in a circle', () => {
  const a = replica(1);
  for (const [id, into] of [
    ['v1', null],
    ['v2', 'v1'],
    ['v3', 'v2'],
    ['v4', null],
    ['v5', 'v6'],
    ['v6', 'v5'],
  ])
    a.sql.run('insert into vehicles (id, merged_into_id) values (?, ?)', [id ?? '', into ?? null]);
  const same = (id: string) =>
    a
      .query(sameIdsSql('vehicles'), [id])
      .map((row) => row.id)
      .sort();

  assert.equal(same('v1'), ['v1', 'v2', 'v3']);
  assert.equal(same('v2'), ['v2', 'v3']);
  assert.equal(same('v4'), ['v4']);
  assert.equal(same('v5'), ['v5', 'v6']);
});

test('[TALLER-22] the chosen cells of both go to the row that stays, searchable; taking it back restores it', () => {
  const a = replica(1);
  const kept = createCustomer(ACTOR, { name: 'Ana', phone: '612345678' });
  const twin = createCustomer(ACTOR, { name: 'Ana Núñez', phone: '612345678', tax_id: '12345678-Z' });
  a.write(...kept.statements, ...twin.statements);
  const read = (id: string) =>
    a.query('select name, tax_id, tax_id_norm, merged_into_id from customers where id = ?', [id])[0];

  a.write(...mergeRecords('customers', twin.id, kept.id, { name: 'Ana Núñez', tax_id: '12345678-Z' }));

  assert.equal(read(kept.id), {
    name: 'Ana Núñez',
    tax_id: '12345678-Z',
    tax_id_norm: '12345678Z',
    merged_into_id: null,
  });
  assert.equal(read(twin.id)?.merged_into_id, kept.id);

  a.write(...takeBackMerge('customers', twin.id, kept.id, { name: 'Ana', tax_id: '' }));
  assert.equal(read(kept.id), { name: 'Ana', tax_id: '', tax_id_norm: '', merged_into_id: null });
  assert.is(read(twin.id)?.merged_into_id, null);
});

test('[TALLER-22] two tablets that merge the other way round end with one row, the same on both', () => {
  const [a, b] = [replica(1), replica(2)];
  const [first, second] = [createVehicle(ACTOR, { plate: 'X1' }), createVehicle(ACTOR, { plate: 'X1' })];
  b.receive(a.write(...first.statements, ...second.statements));

  const mine = a.write(...mergeInto('vehicles', first.id, second.id));
  const theirs = b.write(...mergeInto('vehicles', second.id, first.id));
  a.receive(theirs);
  b.receive(mine);

  const [smaller = '', larger = ''] = [first.id, second.id].sort();
  for (const one of [a, b]) {
    const kept = one.query(`select kept_id from (${keptSql('vehicles')})`).map(({ kept_id }) => kept_id);
    assert.equal(kept, [smaller, smaller]);
  }
  a.write(...mergeInto('vehicles', smaller, larger));
  assert.equal(
    new Set(a.query(`select kept_id from (${keptSql('vehicles')})`).map(({ kept_id }) => kept_id)),
    new Set([larger]),
    'the next decision ends the circle',
  );
});

test('[TALLER-22] chains and circles are followed in SQL as in memory', () => {
  const a = replica(1);
  const pointers: Readonly<Record<string, string | null>> = {
    v0: 'v5',
    v1: null,
    v2: 'v1',
    v3: 'v2',
    v4: 'v5',
    v5: 'v4',
    v6: 'v4',
    v7: 'v7',
    v8: 'gone',
  };
  a.sql.exec('pragma foreign_keys = off');
  for (const [id, into] of Object.entries(pointers))
    a.sql.run('insert into vehicles (id, merged_into_id) values (?, ?)', [id, into]);

  const inSql = new Map(
    a
      .query(`select id, kept_id from (${keptSql('vehicles')})`)
      .map((row) => [String(row.id), String(row.kept_id)]),
  );

  const joined = new Map(
    a
      .query(`select t.id, v.id as kept_id from vehicles t ${joinKeptSql('vehicles', 'v', 't.id')}`)
      .map((row) => [String(row.id), String(row.kept_id)]),
  );

  assert.is(joined.get('v8'), 'v8', 'what points at nothing stands for itself');
  assert.equal(inSql.get('v3'), 'v1');
  assert.equal(
    ['v0', 'v4', 'v5', 'v6'].map((id) => inSql.get(id)),
    ['v4', 'v4', 'v4', 'v4'],
  );
  assert.is(inSql.get('v7'), 'v7');
  for (const id of ['v0', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7']) {
    assert.is(joined.get(id), inSql.get(id), `${id} joined`);
  }
});

test('[TALLER-22] the fuller of two rows is proposed to stay; of equals the older', () => {
  const plain = { id: 'b', name: 'Ana', phone: '' };
  const full = { id: 'c', name: 'Ana', phone: '612' };

  assert.is(suggestKept(plain, full), full);
  assert.is(suggestKept({ ...plain, id: 'a' }, plain).id, 'a');
});

test('[TALLER-22] search ignores accents, case, spaces and dashes', () => {
  const a = replica(1);
  const customer = createCustomer(ACTOR, {
    name: 'Íñigo Núñez Ñáñez',
    phone: '612 34 56 78',
    tax_id: '12345678Z',
  });
  a.write(
    ...customer.statements,
    ...createVehicle(ACTOR, { plate: '1234-BCD', make: 'Citroën', model: 'Berlingo' }).statements,
  );
  const kinds = (text: string) => {
    const statement = searchStatement(text);
    return statement === undefined
      ? undefined
      : a.query(statement.sql, statement.params).map(({ kind }) => kind);
  };

  assert.equal(kinds('nunez nan'), ['customer']);
  assert.equal(kinds('ÍÑIGO'), ['customer']);
  assert.equal(kinds('612345'), ['customer']);
  assert.equal(kinds('+34 612 34 56 78'), ['customer']);
  assert.equal(kinds('12345678-z'), ['customer']);
  assert.equal(kinds('34 b'), ['vehicle']);
  assert.equal(kinds('citroen berl'), ['vehicle']);
  assert.equal(kinds('PAD'), ['item']);
  assert.equal(kinds('gómez nunez'), [], 'words in order');
  assert.equal(kinds('100%'), []);
  assert.equal(kinds('[ñ]*?'), []);
  assert.equal(kinds('inigo ]'), []);
  assert.is(kinds('a'), undefined);
  assert.is(fold('  Señor   ÁGUILA '), 'senor aguila');
});

test('an order is found by its number and by its plate, the newest first', () => {
  const a = replica(1);
  a.sql.run("insert into vehicles (id, plate, plate_norm) values ('v', '1234 BCD', '1234BCD')");
  for (const [id, opened] of [
    ['000001', 1],
    ['000002', 2],
  ] as const)
    a.sql.run("insert into work_orders (id, number, vehicle_id, opened_at) values (?, ?, 'v', ?)", [
      id,
      `OR26-R1-${id}`,
      opened,
    ]);
  const orders = (text: string) => {
    const statement = searchStatement(text)!;
    return a
      .query(statement.sql, statement.params)
      .flatMap(({ kind, title }) => (kind === 'order' ? [title] : []));
  };

  assert.equal(orders('or26-r1-000002'), ['OR26-R1-000002']);
  assert.equal(orders('1234bc'), ['OR26-R1-000002', 'OR26-R1-000001']);
  assert.equal(orders('9999'), []);
});

test.run();

function replica(seed: number): TestReplica {
  const one = new TestReplica({ sqlJs, schema: tallerSchema, random: new Prng(seed) });
  one.write("insert into items (id, sku, name_es) values ('pad', 'PAD-1', 'Pastillas')");
  return one;
}
