import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { newId, secureRandomBytes } from '../../../shared/base/ids.ts';
import type { Replica } from '../replica.ts';
import { MemoryRelay } from '../testing/memory-relay.ts';
import { contentsOf, openTestReplica, settleAll } from '../testing/open-replica.ts';
import { replayIncident } from '../testing/replay-incident.ts';
import { shopSchema } from '../testing/shop-schema.ts';
import { decodeIncident } from './incident-file.ts';
import { makeIncident } from './make-incident.ts';
import { redactUpdate } from './redact-update.ts';
import { Redactor } from './redactor.ts';

const test = suite('incident');
/** Everything a person wrote in the incident below. */
const VALUES = [
  'Anastasia Zubiri',
  'Anastasia Z.',
  'Anastasia de Zubiri',
  '+34 600 123 123',
  'zubiri@correo.example',
  'brake pads, rear',
  'squeaks when cold',
  'customer-of-old',
  'ramon.l',
];

test('[INC-1] an incident file opens as the same replica: rows, conflict, refused and waiting commits, and the gap', async () => {
  const broken = await trouble();
  const file = await makeIncident(broken, { redact: false, engine: 'test' });

  const { replica, incident } = await replayIncident(file, shopSchema);

  assert.equal(contentsOf(replica), contentsOf(broken));
  assert.equal(outboxOf(replica), outboxOf(broken));
  assert.is(replica.device, broken.device);
  assert.is(replica.core.documents.hasGap('people'), true);
  await replica.core.documents.hydrate(['people']);
  assert.is(replica.core.documents.hasGap('people'), true);
  assert.is(incident.quarantine.length, 1);
  assert.equal(incident.errors.map(({ code }) => code).slice(0, 1), ['not-allowed']);
  assert.equal([incident.versions.schema, incident.versions.engine], [1, 'test']);
  assert.is(incident.proof?.tables[0]?.mendedIds.length, 1);
  await Promise.all([replica.close(), broken.close()]);
});

test('[INC-2] with values taken out it has the same structure and fault, and none of the values', async () => {
  const broken = await trouble();
  const whole = await makeIncident(broken, { redact: false, engine: 'test' });
  for (const value of VALUES) assert.ok(holds(whole, value), `${value} is in the file that keeps values`);
  const file = await makeIncident(broken, { redact: true, engine: 'test' });
  for (const value of VALUES) assert.not.ok(holds(file, value), value);

  const { replica, incident } = await replayIncident(file, shopSchema);

  assert.equal(shapeOf(replica), shapeOf(broken));
  assert.equal(outboxOf(replica), outboxOf(broken));
  await replica.core.documents.hydrate(['people']);
  assert.is(replica.core.documents.hasGap('people'), true);
  assert.equal(
    incident.documents.map(({ name, updates }) => [name, updates.length]),
    decodeIncident(whole).documents.map(({ name, updates }) => [name, updates.length]),
  );
  const [order] = replica.query('select * from orders');
  assert.is(order!.status, 'open', 'a word of the schema stays');
  assert.is(
    replica.query('select count(*) as n from orders o join customers c on c.id = o.customer_id')[0]!.n,
    1,
    'a reference by a natural key still finds its row',
  );
  assert.is.not(replica.query('select qty from lines')[0]!.qty, 87654);
  assert.is((order!.notes as string).length, 'squeaks when cold'.length);
  await Promise.all([replica.close(), broken.close()]);
});

test('[INC-2] the same value becomes the same stand-in in one file, and another in the next', () => {
  const [one, other] = [redactor(), redactor()];
  assert.is(one.text('Anastasia'), one.text('Anastasia'));
  assert.is(one.text('Anastasia').length, 9);
  assert.is.not(one.text('Anastasia'), other.text('Anastasia'));
  assert.equal(one.value([0, 1, null, true]), [0, 1, null, true]);
  assert.is(String(one.value(48_250)).length, 5);
  assert.is(Math.sign(one.value(-5.25) as number), -1);
  assert.is(one.value(1_790_000_000_000), 1_790_000_000_000, 'a time');
  assert.equal(Object.keys(JSON.parse(one.text('{"reason":"noise","level":3}'))), ['reason', 'level']);
  assert.is.not(one.sentence('no row "Anastasia" there'), 'no row "Anastasia" there');
});

test('[INC-2] any update keeps clients, clocks, deletions and what builds on what', () => {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const [map, text, list] = [doc.getMap('m'), doc.getText('orders~a~notes'), doc.getArray('l')];
  map.set('r1~AAAAAAAA', [1, 0, { name: 'Anastasia' }]);
  text.insert(0, 'squeaks 😀 when cold');
  text.delete(2, 4);
  text.format(0, 3, { bold: true });
  list.push(['a', 2, new Uint8Array([1, 2])]);
  map.set('r1~AAAAAAAA', [2, 1, { name: 'Eva' }]);
  map.set('nested', new Y.Map([['k', 'Anastasia']]));
  const hide = redactor();

  const again = new Y.Doc();
  for (const update of updates) Y.applyUpdate(again, redactUpdate(update, hide));

  assert.equal(Y.encodeStateVector(again), Y.encodeStateVector(doc));
  assert.is(again.getText(`orders~${hide.text('a')}~notes`).length, text.length);
  assert.is(again.getArray('l').length, 3);
  assert.equal((again.getMap('m').get(`${hide.text('r1')}~AAAAAAAA`) as unknown[]).slice(0, 2), [2, 1]);
  assert.is(again.store.pendingStructs, null);
});

test.run();

/** A replica in all kinds of trouble at once. */
async function trouble(): Promise<Replica> {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay, user: 'ramon.l' }), await openTestReplica({ relay })];
  const [line, order] = [newId(), newId()];
  await a.execute('insert into customers (id, name, phone, email) values (?, ?, ?, ?)', [
    'customer-of-old',
    'Anastasia Zubiri',
    '+34 600 123 123',
    'zubiri@correo.example',
  ]);
  await a.transaction([
    { sql: 'insert into orders (id, customer_id) values (?, ?)', params: [order, 'customer-of-old'] },
    {
      sql: "insert into lines (id, order_id, title, qty) values (?, ?, 'brake pads, rear', 87654)",
      params: [line, order],
    },
  ]);
  await a.editText({ table: 'orders', id: order, column: 'notes' }, '', 'squeaks when cold');
  await settleAll(a, b);
  b.disconnect();
  a.disconnect();
  await a.execute("update customers set name = 'Anastasia Z.'");
  await b.execute("update customers set name = 'Anastasia de Zubiri'");
  for (const replica of [a, b]) replica.connect({ url: 'ws://relay', workspace: 'test', token: 'token' });
  await settleAll(a, b);
  assert.is(a.status().conflicts, 1);

  relay.refuse = ({ label }) =>
    label === 'bad'
      ? { code: 'not-allowed', message: 'no right to "customer-of-old"', retry: false }
      : undefined;
  await a.execute("update customers set phone = null where id = 'customer-of-old'", [], { label: 'bad' });
  await a.settled();
  a.core.capture.pause(() => a.core.sql.run("update customers set email = 'torn'"));
  await a.verify();
  sendGap(relay);
  await a.settled();
  a.disconnect();
  await a.execute('update orders set priority = 1 where id = ?', [order], { label: 'waits' });
  await b.close();
  return a;
}

/** Somebody's second update, without the first. */
function sendGap(relay: MemoryRelay): void {
  const doc = new Y.Doc();
  doc.getMap('customers').set('gap~ZZZZZZZZ', [1, 0, { name: 'first' }]);
  const before = Y.encodeStateVector(doc);
  doc.getMap('customers').set('gap~ZZZZZZZZ~name', [2, 1, 'second']);
  relay.push('people', Y.encodeStateAsUpdate(doc, before));
}

function outboxOf(replica: Replica): unknown {
  return replica.query('select id, label, state, error_code, documents from _outbox order by id');
}

/** Everything about the rows but their values. */
function shapeOf(replica: Replica): unknown {
  const shape: Record<string, unknown> = {};
  for (const { name } of shopSchema.tables)
    shape[name] = replica
      .query(`select * from ${name} order by created_at, id`)
      .map((row) =>
        Object.entries(row).map(([column, value]) => [column, value === null, String(value).length]),
      );
  shape._conflict = replica.query(
    'select table_name, column_name, winner_device, loser_device from _conflict',
  );
  shape._violation = replica.query('select kind, table_name, rule from _violation');
  return shape;
}

function holds(file: Uint8Array, value: string): boolean {
  return Buffer.from(file).includes(value) || Buffer.from(file).includes(JSON.stringify(value).slice(1, -1));
}

function redactor(): Redactor {
  return new Redactor(secureRandomBytes(16), shopSchema);
}
