/** F13: a file becomes rows, with its mistakes named first, and can be taken back. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSqlJs } from '../../mirror/sqljs.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { Prng } from '../../testing/prng.ts';
import { TestReplica } from '../../testing/replicas.ts';
import { parseCsv } from '../csv.ts';
import { insert } from '../flows/statement.ts';
import { seriesFor } from '../numbers.ts';
import { tallerSchema } from '../schema.ts';
import { type ImportEntity, missingFields, suggestMapping } from './fields.ts';
import { importedId, importedPlace, planImport, ROWS_PER_PORTION } from './import-flow.ts';
import {
  type Batch,
  marksOf,
  marksQuery,
  planUndo,
  portionQuery,
  rememberMarks,
  type UndoPlan,
  undoImport,
  usesQuery,
} from './undo-import.ts';
import { dryRun, type ImportContext, isImportable, readDate } from './validate.ts';

const sqlJs = await loadSqlJs();
const NOTE_ID = '01936f2a-0000-7abc-8def-0123456789ab';
const NOTHING: ImportContext = {
  known: { customers: [], vehicles: [] },
  country: 'ES',
  timeZone: 'Europe/Madrid',
};

test('headings are recognised in the words people use; each column once', () => {
  assert.equal(
    suggestMapping('customers', ['Código', 'NOMBRE Y APELLIDOS', 'D.N.I.', 'Telf.', 'Móvil', 'C.P.']),
    {
      name: 1,
      tax_id: 2,
      phone: 4,
      postal: 5,
    },
  );
  assert.equal(suggestMapping('customers', ['Razón social', 'CIF/NIF', 'Teléfono', 'Teléfono 2']), {
    name: 0,
    tax_id: 1,
    phone: 2,
    phone2: 3,
  });
  assert.equal(suggestMapping('vehicles', ['Placas', 'Marca', 'Modelo', 'Año', 'Propietario', 'Kms']), {
    plate: 0,
    make: 1,
    model: 2,
    year: 3,
    customer: 4,
    odometer: 5,
  });
  assert.equal(missingFields('vehicles', suggestMapping('vehicles', ['Marca', 'Modelo'])), ['plate']);
});

test('[TALLER-22] the dry run names what is wrong, row by row, and lets warnings in', () => {
  const run = check('customers', [
    ['Nombre', 'NIF', 'Teléfono', 'Correo'],
    ['Ana Núñez', '12345678Z', '612345678', 'ana@correo.example'],
    ['', '12345678Z', '', ''],
    ['Luis', '12345678-z', '', ''],
    ['Eva', '12345678A', '612 34 56 78', 'eva'],
  ]);

  assert.equal(
    run.rows.map(({ line, findings }) => [
      line,
      ...findings.map(({ field, problem }) => `${field}: ${problem}`),
    ]),
    [
      [2],
      [3, 'name: missing', 'tax_id: duplicate-in-file'],
      [4, 'tax_id: duplicate-in-file'],
      [5, 'tax_id: bad-tax-id', 'email: bad-email', 'phone: duplicate-in-file'],
    ],
  );
  assert.is(run.okCount, 2);
  assert.is(run.badCount, 2);
  assert.is(run.warningCount, 1);
});

test('[TALLER-22] a plate that is there already keeps a row out; a bad VIN is a warning', () => {
  const run = check(
    'vehicles',
    [
      ['Matrícula', 'Bastidor', 'Año'],
      ['1234-bcd', '', '2019'],
      ['5678 DFG', 'CORTO', '2.019'],
      ['9999 ZZZ', '', 'antiguo'],
    ],
    { ...NOTHING, known: { customers: [], vehicles: [{ id: 'v', plate_norm: '1234BCD', vin: '' }] } },
  );

  assert.equal(
    run.rows.map((row) => [isImportable(row), row.findings.map(({ problem }) => problem)]),
    [
      [false, ['already-there']],
      [true, ['bad-vin']],
      [true, ['bad-number']],
    ],
  );
  assert.is(run.rows[1]?.values.year, 2019);
});

test('an owner is found by tax id, phone or name; of two with one name none is taken', () => {
  const customer = (id: string, name: string, tax_id_norm = '', phone_norm = '') => ({
    id,
    name,
    tax_id_norm,
    phone_norm,
  });
  const known = {
    vehicles: [],
    customers: [
      customer('a', 'Ana Núñez', '12345678Z'),
      customer('b', 'Luis', '', '+34612345678'),
      customer('c', 'Eva'),
      customer('d', 'EVA'),
    ],
  };
  const run = check(
    'vehicles',
    [
      ['Matrícula', 'Propietario', 'NIF', 'Teléfono'],
      ['1', 'otro nombre', '12345678-Z', ''],
      ['2', '', '', '612345678'],
      ['3', 'ana nuñez', '', ''],
      ['4', 'Eva', '', ''],
      ['5', 'Nadie', '', ''],
    ],
    { ...NOTHING, known },
  );

  assert.equal(
    run.rows.map(({ referenceId }) => referenceId),
    ['a', 'b', 'a', undefined, undefined],
  );
  assert.equal(
    run.rows.slice(3).map(({ findings }) => findings[0]?.problem),
    ['ambiguous-customer', 'unknown-customer'],
  );
});

test('dates are read as they are written in Spain and as ISO; an impossible one is none', () => {
  const madrid = (text: string) => readDate(text, 'Europe/Madrid');

  assert.is(madrid('22/11/2026'), Date.parse('2026-11-22T00:00:00+01:00'));
  assert.is(madrid('2-7-26 9:05'), Date.parse('2026-07-02T09:05:00+02:00'));
  assert.is(madrid('2026-11-22T16:30:00.000Z'), Date.parse('2026-11-22T16:30:00+01:00'));
  assert.is(madrid('31/02/2026'), undefined);
  assert.is(madrid('mañana'), undefined);
});

test('a file of customers, vehicles and open orders becomes rows that know each other', () => {
  const tablet = setup();
  run(tablet, 'customers', 'Nombre;NIF;Teléfono\nAna Núñez;12345678Z;612 34 56 78\nSin datos;;\n');
  run(tablet, 'vehicles', 'Matrícula;Marca;Propietario;Km\n1234 bcd;Seat;Ana Núñez;81.250\n');
  run(tablet, 'work_orders', 'Matrícula;Avería;Fecha\n1234BCD;Ruido al frenar;20/11/2026\n0000XXX;Otra;\n');

  const [order] = tablet.query(
    `select c.name, v.plate_norm, v.odometer_last, o.complaint, o.number, o.status_key, o.opened_at
     from work_orders o join vehicles v on v.id = o.vehicle_id join customers c on c.id = o.customer_id`,
  );
  assert.equal(order, {
    name: 'Ana Núñez',
    plate_norm: '1234BCD',
    odometer_last: 81_250,
    complaint: 'Ruido al frenar',
    number: `OR26-${tablet.device}-00001`,
    status_key: 'received',
    opened_at: Date.parse('2026-11-20T00:00:00+01:00'),
  });
  assert.equal(tablet.query('select entity, rows_ok, rows_bad from import_batches order by created_at'), [
    { entity: 'customers', rows_ok: 2, rows_bad: 0 },
    { entity: 'vehicles', rows_ok: 1, rows_bad: 0 },
    { entity: 'work_orders', rows_ok: 1, rows_bad: 1 },
  ]);
  assert.equal(tablet.query('select * from _violation'), []);
});

test('10 000 rows come in portions of one commit each', () => {
  const tablet = setup();
  const lines = Array.from(
    { length: 10_000 },
    (_, index) => `Cliente ${index};6${String(index).padStart(8, '0')}`,
  );

  const { portions } = run(tablet, 'customers', `Nombre;Teléfono\n${lines.join('\n')}\n`);

  assert.is(portions, 10_000 / ROWS_PER_PORTION);
  assert.is(tablet.query('select count(*) as n from customers')[0]?.n, 10_000);
});

test('an import is taken back while nobody has touched it', () => {
  const tablet = setup();
  tablet.write("insert into customers (id, name) values ('before', 'Estaba')");
  const { batch } = run(tablet, 'customers', 'Nombre\nAna\nLuis\n');

  assert.equal(undo(tablet, batch), { goingCount: 2, kept: [] });

  assert.equal(tablet.query('select name from customers'), [{ name: 'Estaba' }]);
  assert.throws(() => tablet.write("update import_batches set file_name = 'x'"), /import_batches/);
});

test('of an import what was edited or is used stays, with the reason; the rest goes, and more of it later', () => {
  const tablet = setup();
  const { batch } = run(tablet, 'customers', 'Nombre\nAna\nLuis\nEva\nJuan\n');
  const { batch: cars } = run(tablet, 'vehicles', 'Matrícula;Propietario\n1234BCD;Ana\n');
  tablet.write("update customers set phone = '1' where name = 'Luis'");
  const comment = 'insert into comments (id, entity, entity_id, text) values (?, ?, ?, ?)';
  const [eva] = tablet.query("select id from customers where name = 'Eva'");
  tablet.write({ sql: comment, params: [NOTE_ID, 'customers', String(eva?.id), 'Llamar por la tarde'] });

  const { goingCount, kept } = undo(tablet, batch);

  assert.is(goingCount, 1);
  assert.equal(
    kept.map(({ title, because }) => [title, because]),
    [
      ['Ana', { name: 'in-use', by: 'vehicle_owners' }],
      ['Luis', { name: 'edited' }],
      ['Eva', { name: 'in-use', by: 'comments' }],
    ],
  );
  assert.equal(names(tablet), ['Ana', 'Luis', 'Eva']);

  assert.equal(undo(tablet, cars), { goingCount: 1, kept: [] });
  assert.equal(undo(tablet, batch).goingCount, 1);
  assert.equal(names(tablet), ['Luis', 'Eva']);
  assert.equal(tablet.query('select * from _violation'), []);
});

test('whatever table refers to an imported vehicle keeps it', () => {
  const tablet = setup();
  const { batch } = run(tablet, 'vehicles', 'Matrícula\n1111BCD\n2222BCD\n3333BCD\n');
  const [reading, passage] = [importedId(batch.id, 1), importedId(batch.id, 2)];
  tablet.write(
    insert('odometer_readings', NOTE_ID, { vehicle_id: reading, value: 5, unit: 'km', source: 'manual' }),
    insert('gate_events', NOTE_ID, {
      vehicle_id: passage,
      kind: 'vehicle',
      direction: 'in',
      plate: '2222BCD',
      at: 1,
    }),
  );

  assert.equal(
    undo(tablet, batch).kept.map(({ title, because }) => [title, because]),
    [
      ['1111BCD', { name: 'in-use', by: 'odometer_readings' }],
      ['2222BCD', { name: 'in-use', by: 'gate_events' }],
    ],
  );
});

test('an imported order that is worked on stays; the others are cancelled once', () => {
  const tablet = setup();
  run(tablet, 'vehicles', 'Matrícula\n1234BCD\n');
  const { batch } = run(tablet, 'work_orders', 'Matrícula;Avería\n1234BCD;Frenos\n1234BCD;Humo\n');
  const [worked, free] = [importedId(batch.id, 1), importedId(batch.id, 2)];
  tablet.write(insert('wo_jobs', NOTE_ID, { work_order_id: worked, title: 'Frenos' }));
  const orders = () => tablet.query('select id, status_key, cancelled_at from work_orders order by id');
  const cancelledAt = tablet.wall.ms;

  assert.is(undo(tablet, batch).goingCount, 1);
  tablet.wall.advance(1000);
  assert.equal(undo(tablet, batch).goingCount, 0);

  assert.equal(orders(), [
    { id: worked, status_key: 'received', cancelled_at: null },
    { id: free, status_key: 'cancelled', cancelled_at: cancelledAt },
  ]);
});

test('ids of a batch are those of its rows and nobody else', () => {
  const batchId = '01936f2a-0000-7abc-8def-0123456789ab';

  assert.is(importedId(batchId, 12), '01936f2a-0000-7abc-8def-00000000000c');
  assert.is(importedPlace('01936f2a-0000-7abc-8def-00000000000c'), 12);
  assert.not.equal(marksOf([{ a: 1 }]), marksOf([{ a: 2 }]));
  assert.equal(marksOf([{ a: 1 }]), marksOf([{ a: 1 }]));
});

test.run();

function setup(): TestReplica {
  return new TestReplica({
    sqlJs,
    schema: tallerSchema,
    random: new Prng(1),
    clock: new FakeClock(Date.UTC(2026, 10, 22, 12)),
  });
}

function actor(tablet: TestReplica) {
  return { user: tablet.user, device: tablet.device, nowMs: tablet.wall.ms };
}

function check(entity: ImportEntity, file: readonly (readonly string[])[], context = NOTHING) {
  const [headers = [], ...rows] = file;
  return dryRun(entity, rows, suggestMapping(entity, headers), context);
}

/** The whole way of a file, as the page goes it. */
function run(tablet: TestReplica, entity: ImportEntity, csv: string) {
  tablet.wall.advance(1000);
  const [headers = [], ...cells] = parseCsv(csv);
  const mapping = suggestMapping(entity, headers);
  const context: ImportContext = {
    ...NOTHING,
    known: {
      customers: tablet.query('select id, name, tax_id_norm, phone_norm from customers') as never,
      vehicles: tablet.query('select id, plate_norm, vin from vehicles') as never,
    },
  };
  const { rows } = dryRun(entity, cells, mapping, context);
  const series = seriesFor([], 'work_order', { id: tablet.device, seriesCode: '' }, tablet.wall.ms);
  const plan = planImport(actor(tablet), { entity, fileName: 'datos.csv', mapping, rows }, context, series);
  for (const portion of plan.portions) tablet.write(...portion);
  const batch = { id: plan.batchId, entity };
  tablet.write(rememberMarks(batch, marksOf(rowsOf(tablet, batch))));
  return { batch, portions: plan.portions.length };
}

function rowsOf(tablet: TestReplica, batch: Batch) {
  const { sql, params } = portionQuery(batch, 0);
  return tablet.query(sql, params);
}

/** Takes a small batch back, as the page does, and tells what went and what stayed. */
function undo(tablet: TestReplica, batch: Batch): UndoPlan {
  const remembered = marksQuery(batch);
  const uses = usesQuery(tallerSchema, batch);
  const plan = planUndo(rowsOf(tablet, batch), {
    marks: String(tablet.query(remembered.sql, remembered.params)[0]?.marks),
    usedBy: new Map(
      tablet.query(uses.sql, uses.params).map(({ id, used_by }) => [String(id), String(used_by)]),
    ),
  });
  tablet.write(...undoImport(actor(tablet), batch, plan.kept));
  return plan;
}

function names(tablet: TestReplica): unknown[] {
  return tablet.query('select name from customers order by id').map(({ name }) => name);
}
