/** The flows through the real engine: SQL, capture, registers, a network between two devices. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSqlJs } from '../../mirror/sqljs.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { Prng } from '../../testing/prng.ts';
import { TestReplica, type Update } from '../../testing/replicas.ts';
import { RUNNING_TWICE_SQL } from '../clock.ts';
import { documentTotals } from '../money.ts';
import { DUPLICATE_NUMBERS_SQL, seriesFor } from '../numbers.ts';
import { tallerSchema } from '../schema.ts';
import { signDeclaration } from './declaration-flow.ts';
import { approveJob, decideEstimate, keepOption, sendEstimate } from './estimate-flow.ts';
import { passGate, turnPassage, voidPassage, type WrittenPassage } from './gate-flow.ts';
import {
  addFinding,
  completeInspection,
  quoteFinding,
  setInspectionItem,
  startInspection,
} from './inspection-flow.ts';
import {
  addComment,
  addJob,
  addLine,
  changeLineQuantity,
  changeStatus,
  confirmJob,
  removeLine,
  setPartState,
  startClock,
  stopClock,
  takeBackConfirmation,
} from './order-flow.ts';
import { anonymizeCustomer, createCustomer, createVehicle, transferVehicle } from './people-flow.ts';
import {
  addDamageMark,
  discardReception,
  saveReceptionDraft,
  setReceptionCheck,
  startReception,
} from './reception-draft.ts';
import { registerReception, signReception } from './reception-flow.ts';
import type { Actor } from './statement.ts';

const sqlJs = await loadSqlJs();
const SIGNATURE = { signer_name: 'Ana Núñez', method: 'typed' as const, doc_hash: 'a'.repeat(64) };

test('[TALLER-18] signing a reception makes order, number, log, jobs, reading and signature in one commit', () => {
  const tablet = setup();
  const { customerId, vehicleId } = known(tablet);
  const draft = startReception(tablet.actor(), { vehicle_id: vehicleId, customer_id: customerId });
  tablet.replica.write(...draft.statements);
  tablet.replica.write(
    ...saveReceptionDraft(draft.id, {
      odometer: 81_250,
      purpose: 'repair',
      promised_at: tablet.actor().nowMs + 1000,
    }),
    ...setReceptionCheck(draft.id, { item_key: 'gato', label: 'Gato', present: 'yes' }),
  );

  const signed = signReception(
    tablet.actor(),
    {
      id: draft.id,
      vehicle_id: vehicleId,
      customer_id: customerId,
      odometer: 81_250,
      odometer_unit: 'km',
      concerns: 'Ruido al frenar\n\n  Testigo de motor ',
      promised_at: null,
      estimate_waived: 0,
      purpose: 'repair',
    },
    SIGNATURE,
    { workOrder: tablet.series('work_order'), reception: tablet.series('reception') },
  );
  const updates = tablet.replica.write(...signed.statements);

  assert.equal(updates.map(({ document }) => document).sort(), ['people', 'work/2026-11']);
  const [order] = tablet.replica.query('select * from work_orders');
  assert.is(order?.number, `OR26-${tablet.replica.device}-00001`);
  assert.is(order?.status_key, 'received');
  assert.equal(
    tablet.replica.query('select title, approval from wo_jobs order by sort').map((job) => job.title),
    ['Ruido al frenar', 'Testigo de motor'],
  );
  assert.is(one(tablet, 'select status as value from receptions'), 'signed');
  assert.is(one(tablet, 'select number as value from receptions'), `RD26-${tablet.replica.device}-00001`);
  assert.is(one(tablet, 'select odometer_last as value from vehicles'), 81_250);
  assert.is(one(tablet, 'select count(*) as value from signatures'), 1);
  assert.is(one(tablet, 'select to_key as value from wo_status_log'), 'received');
});

test('[TALLER-18] a draft can be given up and taken up again', () => {
  const tablet = setup();
  const draft = startReception(tablet.actor());
  tablet.replica.write(...draft.statements);
  const status = () => one(tablet, 'select status as value from receptions');

  tablet.replica.write(...discardReception(draft.id, true));
  assert.is(status(), 'cancelled');
  tablet.replica.write(...discardReception(draft.id, false));
  assert.is(status(), 'draft');
  tablet.replica.write(...discardReception(draft.id, false));
  assert.is(status(), 'draft');
});

test('[TALLER-18] a signed reception refuses changes, and a late change from another device is not applied', () => {
  const [tablet, other] = pair();
  const { customerId, vehicleId } = known(tablet, other);
  const draft = startReception(tablet.actor(), { vehicle_id: vehicleId, customer_id: customerId });
  exchange(tablet, other, tablet.replica.write(...draft.statements));
  const signing = tablet.replica.write(
    ...signReception(
      tablet.actor(),
      {
        id: draft.id,
        vehicle_id: vehicleId,
        customer_id: customerId,
        odometer: null,
        odometer_unit: 'km',
        concerns: '',
        promised_at: null,
        estimate_waived: 0,
        purpose: 'repair',
      },
      SIGNATURE,
      { workOrder: tablet.series('work_order'), reception: tablet.series('reception') },
    ).statements,
  );
  other.clock.advance(60_000);
  const late = other.replica.write(...saveReceptionDraft(draft.id, { concerns: 'tarde' }));

  exchange(tablet, other, signing);
  exchange(other, tablet, late);

  assert.throws(() => tablet.replica.write(...saveReceptionDraft(draft.id, { concerns: 'x' })), /receptions/);
  for (const { replica } of [tablet, other])
    assert.is(replica.query('select concerns from receptions')[0]?.concerns, '');
  assert.ok(tablet.replica.query('select * from _violation').length > 0, 'the late change is listed');
  assert.ok(tablet.replica.dump() === other.replica.dump(), 'the devices differ');
});

test('a first visit is one commit, over the documents of people and of the month', () => {
  const tablet = setup();

  const visit = registerReception(
    tablet.actor(),
    {
      customer: { name: 'José Muñoz', phone: '612 34 56 78', tax_id: '12345678-z' },
      vehicle: { plate: '1234-bcd', make: 'Seat', model: 'León' },
      odometer: 81_250,
      concerns: 'No arranca',
      promised_at: null,
      purpose: 'repair',
    },
    tablet.series('work_order'),
  );
  const updates = tablet.replica.write(...visit.statements);

  assert.equal(updates.map(({ document }) => document).sort(), ['people', 'work/2026-11']);
  const [row] = tablet.replica.query(
    `select o.number, v.plate_norm, c.phone_norm, c.tax_id_norm, w.customer_id = c.id as owned from work_orders o
     join vehicles v on v.id = o.vehicle_id join customers c on c.id = o.customer_id join vehicle_owners w on w.vehicle_id = v.id`,
  );
  assert.equal(row, {
    number: `OR26-${tablet.replica.device}-00001`,
    plate_norm: '1234BCD',
    phone_norm: '+34612345678',
    tax_id_norm: '12345678Z',
    owned: 1,
  });
});

test('[TALLER-10] two devices without a network never give one number, and one device counts on', () => {
  const [tablet, other] = pair();

  const mine = [order(tablet).updates, order(tablet).updates].flat();
  const theirs = order(other).updates;
  exchange(tablet, other, mine);
  exchange(other, tablet, theirs);

  assert.equal(
    tablet.replica
      .query('select number from work_orders order by number')
      .map(({ number }) => number)
      .sort(),
    [
      `OR26-${tablet.replica.device}-00001`,
      `OR26-${tablet.replica.device}-00002`,
      `OR26-${other.replica.device}-00001`,
    ].sort(),
  );
  assert.equal(tablet.replica.query(DUPLICATE_NUMBERS_SQL), []);
});

test('[TALLER-10] a transaction that fails takes no number; a range that is used up gives none', () => {
  const tablet = setup();
  const series = { id: 'range', head: 'F26-T2-', pad: 6, firstNumber: 7, lastNumber: 7 };
  const visit = (vehicleId: string) =>
    registerReception(
      tablet.actor(),
      {
        customer: { name: 'Ana' },
        vehicle: vehicleId === '' ? { plate: '1' } : { id: vehicleId },
        odometer: null,
        concerns: '',
        promised_at: null,
        purpose: 'repair',
      },
      series,
    ).statements;

  assert.throws(() => tablet.replica.write(...visit('no-such-vehicle')), /vehicle/);
  assert.is(one(tablet, 'select count(*) as value from number_uses'), 0);
  tablet.replica.write(...visit(''));
  assert.is(one(tablet, 'select number as value from work_orders'), 'F26-T2-000007');
  assert.throws(() => tablet.replica.write(...visit('')), /number/);
  assert.is(one(tablet, 'select count(*) as value from number_uses'), 1);
});

test('[TALLER-12] a number that two devices gave is listed on both, and stays', () => {
  const [tablet, other] = pair();
  const series = { id: 'copied', head: 'F26-T1-', pad: 6, firstNumber: 1, lastNumber: undefined };

  const mine = order(tablet, series).updates;
  const theirs = order(other, series).updates;
  exchange(tablet, other, mine);
  exchange(other, tablet, theirs);

  for (const { replica } of [tablet, other]) {
    const [duplicate] = replica.query(DUPLICATE_NUMBERS_SQL);
    assert.is(duplicate?.uses, 2);
    assert.equal(
      replica.query('select number from work_orders').map(({ number }) => number),
      ['F26-T1-000001', 'F26-T1-000001'],
    );
  }
  assert.ok(tablet.replica.dump() === other.replica.dump(), 'the devices differ');
});

test('[TALLER-2] a line and the stock it takes are one commit over two documents', () => {
  const tablet = setup();
  const { orderId } = order(tablet);

  const updates = tablet.replica.write(...addLine(tablet.actor(), orderId, PART, STOCK).statements);

  assert.equal(updates.map(({ document }) => document).sort(), ['stock/2026-11', 'work/2026-11']);
  assert.is(onHand(tablet), -2000);
});

test('[TALLER-1] changing a quantity moves the difference, removing gives back what was taken', () => {
  const tablet = setup();
  const { orderId } = order(tablet);
  const line = addLine(tablet.actor(), orderId, PART, STOCK);
  tablet.replica.write(...line.statements);
  const present = { id: line.id, work_order_id: orderId, qty_milli: 2000 };

  tablet.replica.write(...changeLineQuantity(tablet.actor(), present, 5000, STOCK));
  assert.is(onHand(tablet), -5000);
  tablet.replica.write(...changeLineQuantity(tablet.actor(), { ...present, qty_milli: 5000 }, 1000, STOCK));
  assert.is(onHand(tablet), -1000);
  tablet.replica.write(...removeLine(tablet.actor(), present));
  assert.is(onHand(tablet), 0);
  assert.equal(tablet.replica.query('select * from wo_lines'), []);
  assert.equal(
    tablet.replica.query('select kind, qty_milli from stock_movements order by at').map(({ kind }) => kind),
    ['wo_issue', 'wo_issue', 'wo_return', 'wo_return'],
  );
});

test('[TALLER-1] a part is taken when it is installed, given back when it is returned, and never twice', () => {
  const tablet = setup();
  const { orderId } = order(tablet);
  const line = addLine(tablet.actor(), orderId, { ...PART, part_state: 'needed' });
  tablet.replica.write(...line.statements);
  const at = (part_state: 'needed' | 'ordered' | 'installed') => ({
    id: line.id,
    work_order_id: orderId,
    qty_milli: 2000,
    part_state,
    customer_supplied: 0,
  });

  tablet.replica.write(...setPartState(tablet.actor(), at('needed'), 'ordered', STOCK));
  assert.is(onHand(tablet), 0);
  tablet.replica.write(...setPartState(tablet.actor(), at('ordered'), 'installed', STOCK));
  assert.is(onHand(tablet), -2000);
  tablet.replica.write(...setPartState(tablet.actor(), at('installed'), 'installed', STOCK));
  assert.is(onHand(tablet), -2000);
  tablet.replica.write(...setPartState(tablet.actor(), at('installed'), 'returned', STOCK));
  assert.is(onHand(tablet), 0);
});

test('[TALLER-1] a part that the customer brought moves no stock', () => {
  const tablet = setup();
  const { orderId } = order(tablet);

  tablet.replica.write(
    ...addLine(tablet.actor(), orderId, { ...PART, customer_supplied: 1 }, STOCK).statements,
  );

  assert.is(onHand(tablet), 0);
});

test('[TALLER-7] a rate that changes later leaves lines that exist as they are', () => {
  const tablet = setup();
  const { orderId } = order(tablet);
  tablet.replica.write("insert into tax_rates (id, name, rate_bp) values ('iva', 'IVA', 2100)");
  tablet.replica.write(
    ...addLine(tablet.actor(), orderId, { ...PART, tax_rate_id: 'iva', tax_rate_bp: 2100 }).statements,
  );

  tablet.replica.write("update tax_rates set rate_bp = 2300 where id = 'iva'");

  const lines = tablet.replica.query(
    'select qty_milli, unit_price_minor, discount_bp, tax_rate_bp from wo_lines',
  );
  assert.is(documentTotals(lines as never).taxes[0]?.rateBp, 2100);
});

test('[TALLER-19] two devices move one order: both steps are logged, the later one counts everywhere', () => {
  const [tablet, other] = pair();
  const { orderId, updates } = order(tablet);
  exchange(tablet, other, updates);

  tablet.clock.advance(1000);
  other.clock.advance(5000);
  const later = other.replica.write(
    ...changeStatus(other.actor(), {
      workOrderId: orderId,
      toKey: 'in_progress',
      toPhase: 'work',
    }),
  );
  const earlier = tablet.replica.write(
    ...changeStatus(tablet.actor(), {
      workOrderId: orderId,
      toKey: 'diagnosis',
      toPhase: 'open',
    }),
  );
  exchange(tablet, other, earlier);
  exchange(other, tablet, later);

  for (const { replica } of [tablet, other]) {
    assert.is(replica.query('select status_key from work_orders')[0]?.status_key, 'in_progress');
    assert.equal(
      replica
        .query("select to_key from wo_status_log where from_key <> '' order by to_key")
        .map(({ to_key }) => to_key),
      ['diagnosis', 'in_progress'],
    );
  }
  assert.ok(tablet.replica.dump() === other.replica.dump(), 'the devices differ');
});

test('[TALLER-19] the times of an order follow its phases, and the first work counts', () => {
  const tablet = setup();
  const { orderId } = order(tablet);
  const move = (toKey: string, toPhase: string, reason?: string) => {
    tablet.clock.advance(1000);
    tablet.replica.write(
      ...changeStatus(tablet.actor(), {
        workOrderId: orderId,
        toKey,
        toPhase,
        ...(reason === undefined ? {} : { reason }),
      }),
    );
    return tablet.actor().nowMs;
  };

  const startedMs = move('in_progress', 'work');
  move('waiting_parts', 'waiting');
  move('in_progress', 'work');
  const readyMs = move('ready', 'ready');
  const deliveredMs = move('delivered', 'delivered');

  assert.equal(
    tablet.replica.query('select started_at, ready_at, delivered_at, on_site from work_orders')[0],
    {
      started_at: startedMs,
      ready_at: readyMs,
      delivered_at: deliveredMs,
      on_site: 0,
    },
  );
  assert.equal(
    tablet.replica
      .query("select from_key || '-' || to_key as step from wo_status_log order by created_at, id")
      .map(({ step }) => step),
    [
      '-received',
      'received-in_progress',
      'in_progress-waiting_parts',
      'waiting_parts-in_progress',
      'in_progress-ready',
      'ready-delivered',
    ],
  );
});

test('one device leaves one clock running; two devices leave two, which are listed', () => {
  const [tablet, other] = pair();
  const { orderId, updates } = order(tablet);
  const job = addJob(tablet.actor(), orderId, { title: 'Frenos' });
  exchange(tablet, other, [...updates, ...tablet.replica.write(...job.statements, ...technician('javier'))]);

  const on = { workOrderId: orderId, jobId: job.id };
  const first = tablet.replica.write(...startClock(tablet.actor(), 'javier', on).statements);
  tablet.clock.advance(60_000);
  const second = tablet.replica.write(
    ...startClock(tablet.actor(), 'javier', { kind: 'training' }).statements,
  );
  assert.is(one(tablet, 'select count(*) as value from time_entries where stopped_at is null'), 1);
  assert.equal(tablet.replica.query(RUNNING_TWICE_SQL), []);
  const third = other.replica.write(...startClock(other.actor(), 'javier', on).statements);
  exchange(tablet, other, [...first, ...second]);
  exchange(other, tablet, third);

  assert.is(tablet.replica.query(RUNNING_TWICE_SQL)[0]?.running, 2);
  exchange(tablet, other, tablet.replica.write(...stopClock(tablet.actor(), 'javier')));
  assert.equal(other.replica.query(RUNNING_TWICE_SQL), []);
  assert.ok(tablet.replica.dump() === other.replica.dump(), 'the devices differ');
});

test('[TALLER-17] a sent estimate is sealed, decided per job under one signature, and what is declined stays', () => {
  const tablet = setup();
  const { orderId, vehicleId, customerId } = order(tablet);
  const [brakes, tyres] = ['Frenos', 'Neumáticos'].map((title) => addJob(tablet.actor(), orderId, { title }));
  tablet.replica.write(...(brakes?.statements ?? []), ...(tyres?.statements ?? []));
  const estimate = sendEstimate(
    tablet.actor(),
    {
      work_order_id: orderId,
      customer_id: customerId,
      vehicle_id: vehicleId,
      version: 1,
      valid_until: tablet.actor().nowMs + 1,
      sent_via: 'in_person',
      subtotal_minor: 100,
      tax_minor: 21,
      total_minor: 121,
      terms: '',
      doc_hash: 'b'.repeat(64),
      lines: [
        {
          job_title: 'Frenos',
          kind: 'labour',
          description: 'Mano de obra',
          qty_milli: 1000,
          unit_price_minor: 100,
          discount_bp: 0,
          tax_rate_bp: 2100,
          total_minor: 100,
          option_group: '',
          job_id: brakes?.id ?? null,
        },
      ],
    },
    tablet.series('estimate'),
  );
  tablet.replica.write(...estimate.statements);

  const decision = { amount_minor: 121, by_name: 'Ana Núñez', channel: 'in_person' as const };
  tablet.replica.write(
    ...decideEstimate(
      tablet.actor(),
      { id: estimate.id, work_order_id: orderId, vehicle_id: vehicleId },
      [
        { id: brakes?.id ?? '', title: 'Frenos', decision: { ...decision, decision: 'approved' } },
        { id: tyres?.id ?? '', title: 'Neumáticos', decision: { ...decision, decision: 'declined' } },
      ],
      { signature: SIGNATURE },
    ),
  );

  assert.equal(
    tablet.replica.query(
      "select title, approval from wo_jobs where title in ('Frenos', 'Neumáticos') order by title",
    ),
    [
      { title: 'Frenos', approval: 'approved' },
      { title: 'Neumáticos', approval: 'declined' },
    ],
  );
  assert.is(one(tablet, "select description as value from findings where status = 'declined'"), 'Neumáticos');
  assert.is(one(tablet, "select count(*) as value from approvals where entity = 'job'"), 2);
  assert.throws(() => tablet.replica.write('update estimates set total_minor = 1'), /estimates/);
  assert.throws(() => tablet.replica.write('update estimate_lines set total_minor = 1'), /estimate_lines/);
});

test('[OPT-2] taking an option declines the others for it: no finding is left, and the order owes one', () => {
  const tablet = setup();
  const { orderId, vehicleId } = order(tablet);
  const [a, b, c] = options(tablet, orderId);

  tablet.replica.write(...answered(tablet, { orderId, vehicleId }, [a, b, c], b));

  assert.equal(approvalsOf(tablet), ['A declined', 'B approved', 'C declined']);
  assert.equal(
    tablet.replica.query(
      `select j.title, a.decision, i.title as instead from approvals a join wo_jobs j on j.id = a.entity_id
        left join wo_jobs i on i.id = a.instead_id where a.entity = 'job' order by j.title`,
    ),
    [
      { title: 'A', decision: 'declined', instead: 'B' },
      { title: 'B', decision: 'approved', instead: null },
      { title: 'C', decision: 'declined', instead: 'B' },
    ],
  );
  assert.is(one(tablet, 'select count(*) as value from findings'), 0);

  tablet.replica.write(...answered(tablet, { orderId, vehicleId }, [b, c], c));
  assert.equal(
    approvalsOf(tablet),
    ['A declined', 'B declined', 'C approved'],
    'a later answer takes its place',
  );
  assert.is(one(tablet, 'select count(*) as value from _violation'), 0);
});

test('[OPT-2] an option that is offered again and not wanted leaves what was taken as it is', () => {
  const tablet = setup();
  const { orderId, vehicleId } = order(tablet);
  const [a, b] = options(tablet, orderId);
  tablet.replica.write(...answered(tablet, { orderId, vehicleId }, [a, b], a));

  tablet.replica.write(
    ...decideEstimate(tablet.actor(), { id: orderId, work_order_id: orderId, vehicle_id: vehicleId }, [
      {
        id: b,
        title: 'B',
        option_group: 'Frenos',
        held_by: { id: a },
        decision: { decision: 'declined', amount_minor: 100, by_name: 'Ana Núñez', channel: 'phone' },
      },
    ]),
  );

  assert.equal(approvalsOf(tablet), ['A approved', 'B declined', 'C proposed']);
  assert.is(one(tablet, 'select count(*) as value from findings'), 0);
});

test('[OPT-2] of a group that is declined one finding stays with the vehicle', () => {
  const tablet = setup();
  const { orderId, vehicleId } = order(tablet);
  const all = options(tablet, orderId);

  tablet.replica.write(...answered(tablet, { orderId, vehicleId }, all, undefined));

  assert.equal(approvalsOf(tablet), ['A declined', 'B declined', 'C declined']);
  assert.equal(tablet.replica.query('select description, status from findings'), [
    { description: 'A', status: 'declined' },
  ]);
  assert.throws(
    () => answered(tablet, { orderId, vehicleId }, all, all[0], all[1]),
    /two options of "Frenos"/,
  );
});

test('[OPT-1] a waiver lets one option of a group be worked on', () => {
  const tablet = setup();
  const { orderId } = order(tablet);
  options(tablet, orderId);

  tablet.replica.write(
    ...signDeclaration(tablet.actor(), { kind: 'waiver', workOrderId: orderId, text: 'Renuncio' }, SIGNATURE)
      .statements,
  );

  assert.equal(approvalsOf(tablet), ['A not_needed', 'B declined', 'C declined']);
});

test('[OPT-3] two devices that take an option each are listed on both, until somebody says which one holds', () => {
  const [tablet, other] = pair();
  const { orderId, vehicleId, updates } = order(tablet);
  exchange(tablet, other, updates);
  const [a, b, c] = options(tablet, orderId, other);
  const visit = { orderId, vehicleId };
  const first = tablet.replica.write(...answered(tablet, visit, [a, b, c], a));
  const second = other.replica.write(...answered(other, visit, [a, b, c], b));
  exchange(tablet, other, first);
  exchange(other, tablet, second);

  for (const device of [tablet, other]) {
    assert.equal(device.replica.query('select kind, table_name, rule from _violation'), [
      { kind: 'unique', table_name: 'wo_jobs', rule: 'work_order_id,chosen_option' },
    ]);
    assert.is(one(device, "select count(*) as value from wo_jobs where approval = 'approved'"), 1);
  }
  assert.ok(tablet.replica.dump() === other.replica.dump(), 'the devices differ');

  const kept = tablet.replica.write(
    ...keepOption(tablet.actor(), { id: a, work_order_id: orderId, option_group: 'Frenos' }, [{ id: b }]),
  );
  exchange(tablet, other, kept);

  for (const device of [tablet, other]) {
    assert.equal(approvalsOf(device), ['A approved', 'B declined', 'C declined']);
    assert.is(one(device, 'select count(*) as value from _violation'), 0);
  }
});

test('[TALLER-17] one job is approved by telephone, with who said it', () => {
  const tablet = setup();
  const { orderId, vehicleId } = order(tablet);
  const job = addJob(tablet.actor(), orderId, { title: 'Frenos' });
  tablet.replica.write(...job.statements);

  tablet.replica.write(
    ...approveJob(
      tablet.actor(),
      { id: job.id, title: 'Frenos', work_order_id: orderId, vehicle_id: vehicleId },
      { decision: 'approved', amount_minor: 5000, by_name: 'Ana', channel: 'phone', note: 'llamada 10:32' },
    ),
  );

  assert.is(
    tablet.replica.query('select approval from wo_jobs where id = ?', [job.id])[0]?.approval,
    'approved',
  );
  assert.equal(tablet.replica.query('select by_name, channel, note, signature_id from approvals')[0], {
    by_name: 'Ana',
    channel: 'phone',
    note: 'llamada 10:32',
    signature_id: null,
  });
});

test('an inspection copies its template, leaves findings, and is sealed when it is complete', () => {
  const tablet = setup();
  const { orderId, vehicleId } = order(tablet);
  tablet.replica.write("insert into inspection_templates (id, name_es) values ('t', 'General')");
  const started = startInspection(tablet.actor(), {
    workOrderId: orderId,
    vehicleId,
    template: { id: 't', version: 3 },
    items: [POINT],
  });
  tablet.replica.write(...started.statements);
  const itemId = String(one(tablet, 'select id as value from inspection_items'));

  const finding = addFinding(tablet.actor(), {
    vehicle_id: vehicleId,
    work_order_id: orderId,
    inspection_item_id: itemId,
    description: 'Pastillas a 2 mm',
    severity: 'urgent',
  });
  tablet.replica.write(
    ...setInspectionItem(itemId, { status: 'urgent', value_milli: 2000 }),
    ...finding.statements,
    ...quoteFinding(tablet.actor(), { id: finding.id, description: 'Pastillas a 2 mm' }, orderId).statements,
    ...completeInspection(tablet.actor(), started.id),
  );

  assert.equal(
    tablet.replica.query('select section_en, label, label_en, status, finding_id from inspection_items')[0],
    {
      section_en: 'Brakes',
      label: 'Pastillas',
      label_en: 'Pads',
      status: 'urgent',
      finding_id: finding.id,
    },
  );
  assert.is(one(tablet, 'select status as value from findings'), 'quoted');
  assert.is(one(tablet, "select count(*) as value from wo_jobs where title = 'Pastillas a 2 mm'"), 1);
  assert.throws(() => tablet.replica.write('update inspections set odometer = 1'), /inspections/);
  assert.throws(() => tablet.replica.write("update inspection_items set note = 'x'"), /inspection_items/);
});

test('a point changed on a device that did not know its inspection is complete stays as it was, and is listed', () => {
  const [tablet, other] = pair();
  const { orderId, vehicleId, updates } = order(tablet);
  exchange(tablet, other, updates);
  const template = tablet.replica.write(
    "insert into inspection_templates (id, name_es) values ('t', 'General')",
  );
  exchange(tablet, other, template);
  const started = startInspection(tablet.actor(), {
    workOrderId: orderId,
    vehicleId,
    template: { id: 't', version: 1 },
    items: [POINT],
  });
  exchange(tablet, other, tablet.replica.write(...started.statements));
  const itemId = String(one(tablet, 'select id as value from inspection_items'));
  const complete = tablet.replica.write(
    ...setInspectionItem(itemId, { status: 'ok' }),
    ...completeInspection(tablet.actor(), started.id),
  );
  other.clock.advance(60_000);
  const late = other.replica.write(...setInspectionItem(itemId, { status: 'urgent' }));

  exchange(tablet, other, complete);
  exchange(other, tablet, late);

  for (const { replica } of [tablet, other]) {
    assert.is(replica.query('select status from inspection_items')[0]?.status, 'ok');
    assert.is(replica.query("select count(*) as n from _violation where kind = 'sealed'")[0]?.n, 1);
  }
  assert.ok(tablet.replica.dump() === other.replica.dump(), 'the devices differ');
});

test('[TALLER-18] the checks and marks of a signed reception are sealed with it', () => {
  const tablet = setup();
  const { customerId, vehicleId } = known(tablet);
  const draft = startReception(tablet.actor(), { vehicle_id: vehicleId, customer_id: customerId });
  tablet.replica.write(
    ...draft.statements,
    ...setReceptionCheck(draft.id, { item_key: 'gato', label: 'Gato', present: 'yes' }),
    ...addDamageMark(tablet.actor(), draft.id, { view: 'left', x_pm: 1, y_pm: 1, type: 'dent' }).statements,
  );
  tablet.replica.write(
    ...setReceptionCheck(draft.id, { item_key: 'gato', label: 'Gato', present: 'no' }),
    ...signReception(
      tablet.actor(),
      {
        id: draft.id,
        vehicle_id: vehicleId,
        customer_id: customerId,
        odometer: null,
        odometer_unit: 'km',
        concerns: '',
        promised_at: null,
        estimate_waived: 0,
        purpose: 'repair',
      },
      SIGNATURE,
      { workOrder: tablet.series('work_order'), reception: tablet.series('reception') },
    ).statements,
  );

  assert.is(one(tablet, 'select present as value from reception_checks'), 'no');
  for (const write of ["update reception_checks set present = 'yes'", 'delete from damage_marks'])
    assert.throws(() => tablet.replica.write(write), /sealed/);
});

test('[TALLER-17] the finding that a job came from follows what is decided and done, and none is made twice', () => {
  const tablet = setup();
  const { orderId, vehicleId } = order(tablet);
  const finding = addFinding(tablet.actor(), {
    vehicle_id: vehicleId,
    work_order_id: orderId,
    description: 'Pastillas a 2 mm',
    severity: 'urgent',
  });
  const quoted = quoteFinding(tablet.actor(), { id: finding.id, description: 'Pastillas a 2 mm' }, orderId, {
    readyMade: {
      title: 'Pastillas delanteras',
      lines: [{ ...PART, description: 'Pastillas' }],
    },
  });
  tablet.replica.write(...finding.statements, ...quoted.statements);
  const [job] = tablet.replica.query(
    "select id, title, finding_id from wo_jobs where approval = 'proposed' and finding_id is not null",
  );
  assert.equal(job, { id: quoted.jobId, title: 'Pastillas delanteras', finding_id: finding.id });
  assert.equal(tablet.replica.query('select job_id, part_state from wo_lines'), [
    { job_id: quoted.jobId, part_state: 'needed' },
  ]);
  const decide = (decision: 'approved' | 'declined') =>
    tablet.replica.write(
      ...approveJob(
        tablet.actor(),
        {
          id: quoted.jobId,
          title: '',
          finding_id: finding.id,
          work_order_id: orderId,
          vehicle_id: vehicleId,
        },
        { decision, amount_minor: 9000, by_name: 'Ana', channel: 'phone' },
      ),
    );
  const states = () =>
    tablet.replica.query('select status, est_minor, declined_at is null as open from findings');

  decide('declined');
  assert.equal(states(), [{ status: 'declined', est_minor: 9000, open: 0 }]);
  decide('approved');
  assert.equal(states(), [{ status: 'approved', est_minor: 9000, open: 1 }]);
  tablet.replica.write(...confirmJob(tablet.actor(), quoted.jobId));
  assert.equal(tablet.replica.query('select status, resolved_work_order_id from findings'), [
    { status: 'done', resolved_work_order_id: orderId },
  ]);
});

test('a check that was a mistake is taken back, and its finding is to be done again', () => {
  const tablet = setup();
  const { orderId, vehicleId } = order(tablet);
  const job = addJob(tablet.actor(), orderId, {
    title: 'Frenos',
    approval: 'approved',
    status: 'paused',
    finding_id: 'pads',
  });
  tablet.replica.write(
    {
      sql: `insert into findings (id, vehicle_id, work_order_id, description, status) values ('pads', ?, ?, 'Pastillas', 'approved')`,
      params: [vehicleId, orderId],
    },
    ...job.statements,
  );
  const read = () => [
    ...tablet.replica.query('select status, confirmed_at is null as unchecked from wo_jobs'),
    ...tablet.replica.query('select status, resolved_work_order_id from findings'),
  ];
  const before = read();
  tablet.replica.write(...confirmJob(tablet.actor(), job.id));
  assert.is.not(JSON.stringify(read()), JSON.stringify(before));

  tablet.replica.write(...takeBackConfirmation({ id: job.id, status: 'paused', approval: 'approved' }));

  assert.equal(read(), before);
});

test('everything that hangs on an order of an earlier month lives in its document', () => {
  const tablet = setup(1, Date.UTC(2026, 8, 30, 21));
  const { orderId } = order(tablet);
  tablet.clock.advance(20 * 86_400_000);
  const job = addJob(tablet.actor(), orderId, { title: 'Frenos' });

  const updates = tablet.replica.write(
    ...job.statements,
    ...technician('javier'),
    ...startClock(tablet.actor(), 'javier', { workOrderId: orderId, jobId: job.id }).statements,
    ...addComment(tablet.actor(), 'wo_jobs', job.id, 'Lleva prisa').statements,
    ...addLine(tablet.actor(), orderId, { ...PART, job_id: job.id }).statements,
  );

  assert.equal(updates.map(({ document }) => document).sort(), ['admin', 'work/2026-09']);
});

test('the gate says what is on site', () => {
  const tablet = setup();
  const { orderId, vehicleId } = order(tablet);

  tablet.replica.write(
    ...passGate(tablet.actor(), { direction: 'out', plate: '1234 bcd', vehicleId, workOrderId: orderId })
      .statements,
  );

  assert.is(one(tablet, 'select on_site as value from work_orders'), 0);
  assert.is(one(tablet, 'select plate_norm as value from gate_events'), '1234BCD');
});

test('[PASSAGE-1] a passage that was none stays in the log, crossed out, and what is on site is what it was', () => {
  const tablet = setup();
  const { orderId, vehicleId } = order(tablet);
  const pass = (direction: 'in' | 'out'): WrittenPassage => {
    const { id, statements } = passGate(tablet.actor(), { direction, vehicleId, workOrderId: orderId });
    tablet.replica.write(...statements);
    return tablet.replica.query('select * from gate_events where id = ?', [id])[0] as never;
  };
  const onSite = () => one(tablet, 'select on_site as value from work_orders');
  tablet.replica.write({ sql: 'update work_orders set reception_id = null', params: [] });

  const out = pass('out');
  tablet.replica.write(...voidPassage(tablet.actor(), out, 'Era otro coche'));
  assert.is(onSite(), 1, 'who was said to go out was here');
  const into = pass('in');
  const again = pass('out');
  tablet.replica.write(...voidPassage(tablet.actor(), again, ''));
  assert.is(onSite(), 1);
  tablet.replica.write(...voidPassage(tablet.actor(), into, ''));
  assert.is(onSite(), 0);

  assert.is(one(tablet, 'select count(*) as value from gate_events'), 3);
  assert.equal(
    tablet.replica.query("select gate_event_id, reason, created_by from gate_voids where reason <> ''")[0],
    { gate_event_id: out.id, reason: 'Era otro coche', created_by: tablet.actor().user },
  );
});

test('[PASSAGE-1] a passage that went the other way is written anew, for the moment it happened', () => {
  const tablet = setup();
  const { orderId, vehicleId } = order(tablet);
  const { id, statements } = passGate(tablet.actor(), {
    direction: 'out',
    plate: '1234 BCD',
    vehicleId,
    workOrderId: orderId,
  });
  tablet.replica.write(...statements);
  const [wrong] = tablet.replica.query('select * from gate_events where id = ?', [id]);

  tablet.replica.write(...turnPassage(tablet.actor(), wrong as never, 'Al revés'));

  assert.is(one(tablet, 'select on_site as value from work_orders'), 1);
  assert.equal(
    tablet.replica.query('select direction, plate_norm, at from gate_events order by rowid'),
    ['out', 'in'].map((direction) => ({ direction, plate_norm: '1234BCD', at: wrong?.at })),
  );
});

test('a vehicle changes hands: one owner ends when the next begins', () => {
  const tablet = setup();
  const { vehicleId } = known(tablet);
  const buyer = createCustomer(tablet.actor(), { name: 'Luis' });
  tablet.replica.write(...buyer.statements);
  tablet.clock.advance(1000);

  tablet.replica.write(...transferVehicle(tablet.actor(), vehicleId, buyer.id));

  const owners = tablet.replica.query(
    'select customer_id, from_at, to_at from vehicle_owners order by from_at',
  );
  assert.is(owners.length, 2);
  assert.is(owners[0]?.to_at, owners[1]?.from_at);
  assert.is(owners[1]?.customer_id, buyer.id);
  assert.throws(
    () => tablet.replica.write('update vehicle_owners set to_at = 5 where to_at is not null'),
    /vehicle_owners/,
  );
});

test('[TALLER-23] anonymising removes what tells who it was, and keeps the row and its orders', () => {
  const tablet = setup();
  const { customerId, vehicleId } = known(tablet);
  const visit = registerReception(
    tablet.actor(),
    {
      customer: { id: customerId },
      vehicle: { id: vehicleId },
      odometer: null,
      concerns: '',
      promised_at: null,
      purpose: 'repair',
    },
    tablet.series('work_order'),
  );
  tablet.replica.write(...visit.statements);

  tablet.replica.write(...anonymizeCustomer(tablet.actor(), customerId, 'Cliente anonimizado'));

  assert.equal(
    tablet.replica.query(
      'select name, phone, phone_norm, tax_id, email, anonymized_at from customers where id = ?',
      [customerId],
    )[0],
    {
      name: 'Cliente anonimizado',
      phone: '',
      phone_norm: '',
      tax_id: '',
      email: '',
      anonymized_at: tablet.actor().nowMs,
    },
  );
  assert.is(one(tablet, 'select customer_id as value from work_orders'), customerId);
});

test.run();

const PART = {
  kind: 'part' as const,
  description: 'Pastillas',
  item_id: 'pad',
  qty_milli: 2000,
  unit_price_minor: 5000,
};
const POINT = {
  section: 'Frenos',
  section_en: 'Brakes',
  label_es: 'Pastillas',
  label_en: 'Pads',
  unit: 'mm',
  sort: 1,
};
const STOCK = { itemId: 'pad', locationId: null, unitCostMinor: 2500 };

interface Device {
  readonly replica: TestReplica;
  readonly clock: FakeClock;
  /** What made the part. */
  readonly first: readonly Update[];
  actor(): Actor;
  series(docType: 'work_order' | 'reception' | 'estimate'): ReturnType<typeof seriesFor>;
}

/** A device with its own clock; all begin at the same time and with the part `pad` in the catalog. */
function setup(seed = 1, atMs = Date.UTC(2026, 10, 15, 12)): Device {
  const clock = new FakeClock(atMs);
  const replica = new TestReplica({
    sqlJs,
    schema: tallerSchema,
    random: new Prng(seed),
    clock,
    user: `user-${seed}`,
  });
  const first = replica.write("insert into items (id, sku, name_es) values ('pad', 'PAD', 'Pastillas')");
  return {
    first,
    replica,
    clock,
    actor: () => ({ user: replica.user, device: replica.device, nowMs: clock.ms }),
    series: (docType) => seriesFor([], docType, { id: replica.device, seriesCode: '' }, clock.ms),
  };
}

/** Two devices that know each other's beginnings. */
function pair(): [Device, Device] {
  const [tablet, other] = [setup(), setup(2)];
  exchange(tablet, other, tablet.first);
  exchange(other, tablet, other.first);
  return [tablet, other];
}

/** A customer with a vehicle, and the users that orders name, on one device or on both. */
function known(device: Device, other?: Device): { customerId: string; vehicleId: string } {
  const customer = createCustomer(device.actor(), {
    name: 'Ana Núñez',
    phone: '612345678',
    tax_id: '12345678Z',
  });
  const vehicle = createVehicle(device.actor(), { plate: '1234 BCD' }, customer.id);
  const updates = device.replica.write(
    ...customer.statements,
    ...vehicle.statements,
    ...[device, other].flatMap((one) => (one === undefined ? [] : technician(one.replica.user))),
  );
  if (other) exchange(device, other, updates);
  return { customerId: customer.id, vehicleId: vehicle.id };
}

function order(device: Device, series = device.series('work_order')) {
  const visit = registerReception(
    device.actor(),
    {
      customer: { name: 'Ana Núñez' },
      vehicle: { plate: '1234 BCD' },
      odometer: 81_250,
      concerns: 'Ruido al frenar',
      promised_at: null,
      purpose: 'repair',
    },
    series,
  );
  const updates = device.replica.write(...technician(device.replica.user), ...visit.statements);
  return { orderId: visit.workOrderId, vehicleId: visit.vehicleId, customerId: visit.customerId, updates };
}

/** Brakes as A, B and C; their ids. */
function options(device: Device, orderId: string, other?: Device): [string, string, string] {
  const jobs = ['A', 'B', 'C'].map((title, index) =>
    addJob(device.actor(), orderId, {
      title,
      option_group: 'Frenos',
      approval: 'proposed',
      sort: 10 + index,
    }),
  );
  const updates = device.replica.write(...jobs.flatMap(({ statements }) => statements));
  if (other) exchange(device, other, updates);
  return jobs.map(({ id }) => id) as [string, string, string];
}

/** The customer's answer to options: yes to some of them, no to the others. */
function answered(
  device: Device,
  visit: { readonly orderId: string; readonly vehicleId: string },
  ids: readonly string[],
  ...taken: readonly (string | undefined)[]
) {
  const said = { amount_minor: 100, by_name: 'Ana Núñez', channel: 'in_person' as const };
  return decideEstimate(
    device.actor(),
    { id: visit.orderId, work_order_id: visit.orderId, vehicle_id: visit.vehicleId },
    ids.map((id) => ({
      id,
      title: String(device.replica.query('select title from wo_jobs where id = ?', [id])[0]?.title),
      option_group: 'Frenos',
      decision: { ...said, decision: taken.includes(id) ? ('approved' as const) : ('declined' as const) },
    })),
  );
}

/** "A declined", of the options only. */
function approvalsOf(device: Device): unknown[] {
  return device.replica
    .query("select title, approval from wo_jobs where option_group <> '' order by title")
    .map(({ title, approval }) => `${title} ${approval}`);
}

function technician(id: string) {
  return [
    {
      sql: "insert into roles (id, name) values ('mecanico', 'Taller') on conflict (id) do nothing",
      params: [],
    },
    {
      sql: "insert into users (id, display_name, role_id) values (?, ?, 'mecanico') on conflict (id) do nothing",
      params: [id, id],
    },
  ];
}

function exchange(_from: Device, to: Device, updates: readonly Update[]): void {
  to.replica.receive(updates);
}

function one(device: Device, sql: string) {
  return device.replica.query(sql)[0]?.value;
}

function onHand(device: Device) {
  return one(
    device,
    "select coalesce(sum(qty_milli), 0) as value from stock_movements where item_id = 'pad'",
  );
}
