/** What a customer signs about an order can be read again word for word. */
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { loadSqlJs } from '../../shared/mirror/sqljs.ts';
import { type DeclarationKind, signDeclaration } from '../../shared/taller/flows/declaration-flow.ts';
import { tallerSchema } from '../../shared/taller/schema.ts';
import { readSettings } from '../../shared/taller/settings.ts';
import { Prng } from '../../shared/testing/prng.ts';
import { TestReplica } from '../../shared/testing/replicas.ts';
import {
  DECLARATIONS,
  declarationOf,
  refusableQuery,
  signedDeclarationsQuery,
  unsignedUrgentQuery,
} from './declarations.ts';
import { type OrderView, orderQuery } from './order-view.ts';
import { receiptOfText, receiptText } from './receipt.ts';

const sqlJs = await loadSqlJs();
const NOW_MS = Date.UTC(2026, 10, 20, 12);

test('[DECL-1] what was signed is read back as it was shown, and the hash is of it', () => {
  for (const kind of DECLARATIONS) {
    const { replica, order } = workshop();
    const { receipt, text } = shown(replica, order, kind);

    replica.write(...signed(order, kind, text));

    replica.write("update customers set name = 'Otro nombre'");
    const { sql, params } = signedDeclarationsQuery(order);
    const [row] = replica.query(sql, params);
    assert.equal(receiptOfText(String(row?.text)), receipt);
    assert.is(row?.doc_hash, createHash('sha256').update(String(row?.text)).digest('hex'));
    assert.is(row?.purpose, kind);
  }
});

test('[DECL-1] a declaration says who, which vehicle, what and in which words', () => {
  const { replica, order } = workshop();

  const { text } = shown(replica, order, 'refusal');

  for (const part of ['Rosa Vela', '1234 BCD · Seat Ibiza', 'Discos rayados', 'bajo mi responsabilidad'])
    assert.ok(text.includes(part), part);
});

test('[TALLER-17] after a waiver what waited for a yes may be worked on, what was declined may not', () => {
  const { replica, order } = workshop();

  replica.write(...signed(order, 'waiver', 'x'));

  assert.equal(replica.query('select title, approval from wo_jobs order by title'), [
    { title: 'Aceite', approval: 'declined' },
    { title: 'Frenos', approval: 'not_needed' },
  ]);
});

test('after a refusal the findings it names are declined, and the order asks for it no more', () => {
  const { replica, order } = workshop();
  const urgent = () => {
    const { sql, params } = unsignedUrgentQuery(view(replica, order));
    return replica.query(sql, params)[0]?.urgent;
  };
  assert.is(urgent(), 1);

  replica.write(...signed(order, 'refusal', 'x', ['f1']));

  assert.is(urgent(), 0);
  assert.equal(replica.query('select id, status, declined_at from findings order by id'), [
    { id: 'f1', status: 'declined', declined_at: NOW_MS },
    { id: 'f2', status: 'open', declined_at: null },
    { id: 'f3', status: 'approved', declined_at: null },
  ]);
});

test.run();

function workshop() {
  const replica = new TestReplica({ sqlJs, schema: tallerSchema, random: new Prng(1) });
  const order = newId(NOW_MS);
  replica.write(
    "insert into customers (id, name, address) values ('c', 'Rosa Vela', 'Calle Mayor 1')",
    "insert into vehicles (id, plate, make, model) values ('v', '1234 BCD', 'Seat', 'Ibiza')",
    `insert into work_orders (id, number, customer_id, vehicle_id, opened_at) values ('${order}', 'O-1', 'c', 'v', 1)`,
    `insert into wo_jobs (id, work_order_id, title, approval)
      values ('j1', '${order}', 'Frenos', 'proposed'), ('j2', '${order}', 'Aceite', 'declined')`,
    `insert into findings (id, vehicle_id, description, severity, status) values
      ('f1', 'v', 'Discos rayados', 'urgent', 'open'), ('f2', 'v', 'Escobillas', 'soon', 'open'),
      ('f3', 'v', 'Correa', 'urgent', 'approved')`,
  );
  return { replica, order };
}

function view(replica: TestReplica, order: string): OrderView {
  const { sql, params } = orderQuery(order);
  return replica.query(sql, params)[0] as OrderView;
}

function shown(replica: TestReplica, order: string, kind: DeclarationKind) {
  const { sql, params } = refusableQuery(view(replica, order));
  const receipt = declarationOf({
    kind,
    order: view(replica, order),
    points: replica.query(sql, params).map(({ description }) => String(description)),
    settings: readSettings([]),
    nowMs: NOW_MS,
    locale: 'es',
  });
  return { receipt, text: receiptText(receipt) };
}

function signed(order: string, kind: DeclarationKind, text: string, findingIds: readonly string[] = []) {
  return signDeclaration(
    { user: 'ana', device: 'Tablet01', nowMs: NOW_MS },
    { kind, workOrderId: order, text, findingIds },
    {
      signer_name: 'Rosa Vela',
      method: 'typed',
      doc_hash: createHash('sha256').update(text).digest('hex'),
    },
  ).statements;
}
