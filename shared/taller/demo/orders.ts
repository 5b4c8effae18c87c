/**
 * The life of one order of the demo workshop, as the people who had it in hand wrote it: reception, diagnosis,
 * estimate, parts, work, quality, delivery. An order that is still open stops on its way.
 */

import { estimateValidUntil } from '../estimates.ts';
import { approveJob, sendEstimate } from '../flows/estimate-flow.ts';
import { passGate } from '../flows/gate-flow.ts';
import {
  addFinding,
  completeInspection,
  setInspectionItem,
  startInspection,
} from '../flows/inspection-flow.ts';
import {
  addComment,
  addJob,
  addLine,
  changeStatus,
  confirmJob,
  setPartState,
  startClock,
  stopClock,
  updateJob,
} from '../flows/order-flow.ts';
import { addDamageMark, setReceptionCheck, signReception, startReception } from '../flows/reception-flow.ts';
import { insert, type Statement } from '../flows/statement.ts';
import { documentTotals, lineNetMinor } from '../money.ts';
import { seriesFor } from '../numbers.ts';
import { GUIDED_SLOTS } from '../reception.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { DEFAULT_STATUSES, type Phase } from '../status.ts';
import { DEFAULT_CALENDAR } from '../working-days.ts';
import type { DemoVehicle } from './customers.ts';
import { DEMO_ITEMS, DEMO_JOBS, DEMO_TEMPLATE, type DemoJob } from './jobs-data.ts';
import { DEMO_DEVICES, DEMO_TECHNICIANS } from './people-data.ts';
import type { PhotoOf } from './photos.ts';
import type { Random } from './random.ts';
import { actorAt, type DemoCommit, HOUR_MS } from './script.ts';
import type { DemoCatalog } from './setup.ts';

/** Where an order stands when the script ends. */
export type DemoTarget = (typeof DEFAULT_STATUSES)[number]['key'];

export interface DemoOrder {
  readonly openedMs: number;
  readonly target: DemoTarget;
  readonly vehicle: DemoVehicle;
  /** Nothing of the order happens later; steps move together to fit. */
  readonly untilMs: number;
  /** When it was promised for; absent for an order that is done: the script makes up what was said. */
  readonly promisedMs?: number;
  readonly photoOf?: PhotoOf;
  /** Less of everything: for workspaces of many thousand orders. */
  readonly isBrief: boolean;
}

const [RECEPTION, WORKSHOP] = [DEMO_DEVICES[0], DEMO_DEVICES[1]];
const COMMENTS = [
  'El cliente pregunta si estará para el viernes.',
  'Falta confirmar el código de la llave antirrobo.',
  'Avisar antes de pedir la pieza original.',
  'He dejado la llave en el tablero 12.',
  'El recambista confirma la entrega mañana a primera hora.',
  'Cliente avisado por WhatsApp.',
];

export function orderCommits(random: Random, catalog: DemoCatalog, order: DemoOrder): DemoCommit[] {
  return new OrderScript(random, catalog, order).write();
}

interface ScriptJob {
  /** Empty until the step that makes the job is written. */
  id: string;
  readonly job: DemoJob;
  readonly approved: boolean;
  readonly partLines: { id: string; sku: string; qtyMilli: number }[];
}

class OrderScript {
  readonly #random: Random;
  readonly #catalog: DemoCatalog;
  readonly #order: DemoOrder;
  readonly #technician: string;
  readonly #steps: {
    hours: number;
    user: string;
    device: string;
    label: string;
    write: (atMs: number) => Statement[];
  }[] = [];
  #promisedMs = 0;
  #orderId = '';
  #receptionId = '';
  #status: DemoTarget = 'received';
  #jobs: readonly ScriptJob[] = [];

  constructor(random: Random, catalog: DemoCatalog, order: DemoOrder) {
    this.#random = random;
    this.#catalog = catalog;
    this.#order = order;
    this.#technician = random.pick(DEMO_TECHNICIANS);
  }

  write(): DemoCommit[] {
    this.#plan();
    const { openedMs, untilMs, isBrief } = this.#order;
    let hours = 0;
    const times = this.#steps.map((step) => {
      hours += step.hours;
      return this.#catalog.hours.after(openedMs, hours);
    });
    const lastMs = times.at(-1) ?? openedMs;
    this.#promisedMs = this.#order.promisedMs ?? this.#promiseAround(lastMs);
    // An order opened this morning has less time than its steps would take: they move together.
    const scale = lastMs > untilMs ? (untilMs - openedMs) / (lastMs - openedMs) : 1;
    const commits = this.#steps.map((step, index) => {
      const atMs = Math.floor(openedMs + ((times[index] ?? openedMs) - openedMs) * scale);
      return { atMs, user: step.user, device: step.device, label: step.label, statements: step.write(atMs) };
    });
    if (!isBrief) return commits;
    const first = commits[0];
    return first === undefined
      ? []
      : [{ ...first, label: 'demo.order', statements: commits.flatMap(({ statements }) => statements) }];
  }

  /** What was said of an order that is done: most promises are kept, with some hours to spare. */
  #promiseAround(doneMs: number): number {
    const { hours } = this.#catalog;
    const saidMs = this.#random.chance(0.85)
      ? hours.after(doneMs, this.#random.between(0, 4))
      : doneMs - this.#random.between(2, 20) * HOUR_MS;
    return Math.max(halfHour(saidMs), halfHour(hours.after(this.#order.openedMs, 1)));
  }

  #plan(): void {
    const { target, isBrief } = this.#order;
    this.#receive();
    if (target === 'received') return;
    if (target === 'cancelled') {
      this.#move('cancelled', 3, 'recepcion', 'El cliente no acepta el presupuesto');
      return;
    }
    this.#move('diagnosis', this.#hours(1, 3), this.#technician);
    if (!isBrief && this.#random.chance(0.45)) this.#inspect(target === 'diagnosis');
    if (target === 'diagnosis') return;
    this.#estimate();
    this.#move('waiting_approval', 0.2, 'recepcion');
    if (target === 'waiting_approval') return;
    this.#approve();
    if (target === 'waiting_parts' || this.#random.chance(0.35)) {
      this.#orderParts();
      if (target === 'waiting_parts') return;
    }
    this.#work(target === 'in_progress');
    if (target === 'in_progress') return;
    this.#move('quality', 0.3, this.#technician);
    if (target === 'quality') return;
    this.#confirm();
    this.#move('ready', 0.5, this.#technician);
    if (target === 'ready') return;
    this.#deliver();
  }

  #hours(from: number, to: number): number {
    return from + this.#random.next() * (to - from);
  }

  #step(hours: number, user: string, label: string, write: (atMs: number) => Statement[]): void {
    const device = DEMO_TECHNICIANS.includes(user) ? WORKSHOP.id : RECEPTION.id;
    this.#steps.push({ hours, user, device, label, write });
  }

  #move(toKey: DemoTarget, hours: number, user: string, reason = ''): void {
    this.#step(hours, user, 'wo.status', (atMs) => {
      const fromKey = this.#status;
      this.#status = toKey;
      return changeStatus(this.#actor(user, atMs), {
        workOrderId: this.#orderId,
        fromKey,
        toKey,
        toPhase: phaseOf(toKey),
        reason,
      });
    });
  }

  #actor(user: string, atMs: number) {
    const device = DEMO_TECHNICIANS.includes(user) ? WORKSHOP.id : RECEPTION.id;
    return actorAt(this.#random, user, device, atMs);
  }

  #receive(): void {
    const { vehicle, isBrief } = this.#order;
    const random = this.#random;
    const jobs = [random.pick(DEMO_JOBS)];
    if (random.chance(0.35)) jobs.push(random.pick(DEMO_JOBS.filter((job) => job !== jobs[0])));
    // The first job is what the vehicle came for; others may be declined.
    this.#jobs = jobs.map((job, index) => ({
      id: '',
      job,
      approved: index === 0 || random.chance(0.6),
      partLines: [],
    }));
    const concerns = jobs.map(({ concern }) => concern).join('\n');
    vehicle.odometer += random.between(300, 9000);
    const odometer = vehicle.odometer;

    if (!isBrief) {
      this.#step(
        0,
        'recepcion',
        'gate.in',
        (atMs) =>
          passGate(this.#actor('recepcion', atMs), {
            direction: 'in',
            plate: vehicle.plate,
            person: vehicle.ownerName,
            vehicleId: vehicle.id,
          }).statements,
      );
    }
    this.#step(0.1, 'recepcion', 'reception.start', (atMs) => {
      const actor = this.#actor('recepcion', atMs);
      const started = startReception(actor, {
        vehicle_id: vehicle.id,
        customer_id: vehicle.ownerId,
        odometer,
        fuel_eighths: random.between(1, 8),
        keys_count: 1,
        key_tag: String(random.between(1, 40)),
        purpose: 'estimate',
        concerns,
        promised_at: this.#promisedMs,
        allows_test_drive: 1,
        privacy_ack: 1,
        wants_old_parts: random.chance(0.2) ? 1 : 0,
      });
      this.#receptionId = started.id;
      if (isBrief) return started.statements;
      return [
        ...started.statements,
        ...DEFAULT_SETTINGS.reception_checklist.slice(0, 6).flatMap(({ key, es }) =>
          setReceptionCheck(started.id, {
            item_key: key,
            label: es,
            present: random.chance(0.8) ? 'yes' : 'no',
          }),
        ),
        ...(random.chance(0.5)
          ? addDamageMark(actor, started.id, {
              view: random.pick(['left', 'right', 'front', 'rear'] as const),
              x_pm: random.between(100, 900),
              y_pm: random.between(200, 800),
              type: random.pick(['scratch', 'dent', 'rust'] as const),
              note: 'Ya estaba al llegar',
            }).statements
          : []),
        ...this.#guidedPhotos(started.id, atMs),
      ];
    });
    this.#step(0.15, 'recepcion', 'reception.sign', (atMs) => {
      const device = { id: RECEPTION.id, seriesCode: RECEPTION.seriesCode };
      const signed = signReception(
        this.#actor('recepcion', atMs),
        {
          id: this.#receptionId,
          vehicle_id: vehicle.id,
          customer_id: vehicle.ownerId,
          odometer,
          odometer_unit: 'km',
          // The jobs are made below, with what the workshop calls them.
          concerns: '',
          promised_at: this.#promisedMs,
          estimate_waived: 0,
          purpose: 'estimate',
        },
        {
          signer_name: vehicle.ownerName,
          method: 'typed',
          doc_hash: hash(random),
          accepted_text_version: 'es-2026-1',
        },
        {
          workOrder: seriesFor(demoSeries(atMs), 'work_order', device, atMs),
          reception: seriesFor(demoSeries(atMs), 'reception', device, atMs),
        },
      );
      this.#orderId = signed.workOrderId;
      return [
        ...signed.statements,
        {
          sql: 'update work_orders set complaint = ?, technician_id = ?, priority = ? where id = ?',
          params: [concerns, this.#technician, random.chance(0.1) ? 2 : 0, this.#orderId],
        },
        ...this.#jobs.flatMap((entry, index) => {
          const added = addJob(this.#actor('recepcion', atMs), this.#orderId, {
            title: entry.job.es,
            concern: entry.job.concern,
            canned_job_id: this.#catalog.cannedJobIdByCode.get(entry.job.code),
            technician_id: this.#technician,
            est_minutes: entry.job.minutes,
            warranty_days: 90,
            warranty_km: 2000,
            sort: index + 1,
          });
          entry.id = added.id;
          return added.statements;
        }),
      ];
    });
  }

  #guidedPhotos(receptionId: string, atMs: number): Statement[] {
    const { photoOf, vehicle } = this.#order;
    if (!photoOf) return [];
    return GUIDED_SLOTS.map((slot) => {
      const photo = photoOf({ slot, bodyType: vehicle.bodyType, color: vehicle.color });
      return insert('attachments', this.#random.newId(atMs), {
        entity: 'receptions',
        entity_id: receptionId,
        kind: 'photo',
        slot,
        mime: photo.mime,
        bytes: photo.bytes,
        width: photo.width,
        height: photo.height,
        sha256: photo.sha256,
        thumb_sha256: photo.thumbSha256,
        taken_at: atMs,
      });
    });
  }

  #inspect(stopsHalfway: boolean): void {
    const { vehicle } = this.#order;
    const random = this.#random;
    this.#step(0.3, this.#technician, 'inspection.run', (atMs) => {
      const actor = this.#actor(this.#technician, atMs);
      const started = startInspection(actor, {
        workOrderId: this.#orderId,
        vehicleId: vehicle.id,
        template: { id: this.#catalog.templateId, version: 1 },
        items: DEMO_TEMPLATE.map((point, index) => ({
          section: point.section,
          label_es: point.es,
          label_en: point.en,
          unit: point.unit,
          sort: index + 1,
        })),
        lang: 'es',
        odometer: vehicle.odometer,
      });
      const itemIds = started.statements.slice(1).map((statement) => String(statement.params[0]));
      const seen = stopsHalfway ? 9 : DEMO_TEMPLATE.length;
      const results = DEMO_TEMPLATE.slice(0, seen).flatMap((point, index) => {
        const itemId = itemIds[index] ?? '';
        const light = random.chance(0.12) ? 'urgent' : random.chance(0.2) ? 'attention' : 'ok';
        const limit = light === 'urgent' ? point.failBelow : light === 'attention' ? point.warnBelow : null;
        const value =
          point.kind === 'measure' ? Math.round((limit ?? (point.warnBelow ?? 0) * 1.6) * 0.95) : null;
        return [
          ...setInspectionItem(itemId, { status: light, ...(value === null ? {} : { value_milli: value }) }),
          ...(light === 'ok' || !random.chance(0.5)
            ? []
            : addFinding(actor, {
                vehicle_id: vehicle.id,
                work_order_id: this.#orderId,
                inspection_item_id: itemId,
                description: `${point.es}: ${light === 'urgent' ? 'sustituir cuanto antes' : 'revisar en la próxima visita'}`,
                severity: light === 'urgent' ? 'urgent' : 'soon',
              }).statements),
        ];
      });
      return [
        ...started.statements,
        ...results,
        ...(stopsHalfway ? [] : completeInspection(actor, started.id)),
      ];
    });
  }

  #estimate(): void {
    const { vehicle } = this.#order;
    this.#step(this.#hours(1, 4), this.#technician, 'wo.cause', () =>
      this.#jobs.flatMap(({ id, job }) => updateJob(id, { cause: job.cause })),
    );
    this.#step(this.#hours(0.5, 2), 'recepcion', 'estimate.send', (atMs) => {
      const actor = this.#actor('recepcion', atMs);
      const lines = this.#jobs.flatMap((entry) => this.#linesOf(entry));
      const totals = documentTotals(lines);
      const added = lines.flatMap(({ entry, ...line }) => {
        const made = addLine(actor, this.#orderId, line);
        if (line.kind === 'part')
          entry.partLines.push({ id: made.id, sku: line.sku ?? '', qtyMilli: line.qty_milli });
        return made.statements;
      });
      const device = { id: RECEPTION.id, seriesCode: RECEPTION.seriesCode };
      const sent = sendEstimate(
        actor,
        {
          work_order_id: this.#orderId,
          customer_id: vehicle.ownerId,
          vehicle_id: vehicle.id,
          version: 1,
          valid_until: estimateValidUntil(atMs, 15, DEFAULT_CALENDAR),
          sent_via: this.#random.pick(['whatsapp', 'in_person', 'email']),
          subtotal_minor: totals.subtotalMinor,
          tax_minor: totals.taxMinor,
          total_minor: totals.totalMinor,
          terms: 'Validez: 15 días hábiles. Garantía: 3 meses o 2.000 km.',
          doc_hash: hash(this.#random),
          lines: lines.map((line) => ({
            job_title: line.entry.job.es,
            kind: line.kind,
            description: line.description,
            qty_milli: line.qty_milli,
            unit_price_minor: line.unit_price_minor,
            discount_bp: 0,
            tax_rate_bp: line.tax_rate_bp,
            total_minor: lineNetMinor(line),
            option_group: '',
          })),
        },
        seriesFor(demoSeries(atMs), 'estimate', device, atMs),
      );
      return [...added, ...sent.statements];
    });
  }

  #linesOf(entry: ScriptJob) {
    const { taxRateId, taxRateBp, labourMinorH, itemIdBySku } = this.#catalog;
    const common = {
      entry,
      job_id: entry.id,
      discount_bp: 0,
      tax_rate_id: taxRateId,
      tax_rate_bp: taxRateBp,
    };
    const labour = {
      ...common,
      kind: 'labour' as const,
      description: `Mano de obra: ${entry.job.es.toLowerCase()}`,
      sku: '',
      qty_milli: Math.round((entry.job.minutes * 1000) / 60),
      unit: 'h',
      unit_price_minor: labourMinorH,
      billed_minutes: entry.job.minutes,
      technician_id: this.#technician,
      sort: 1,
    };
    const parts = entry.job.parts.map(([sku, qty_milli], index) => {
      const item = DEMO_ITEMS.find((candidate) => candidate.sku === sku);
      return {
        ...common,
        kind: 'part' as const,
        description: item?.es ?? sku,
        sku,
        item_id: itemIdBySku.get(sku) ?? null,
        qty_milli,
        unit: item?.unit ?? 'ud',
        unit_price_minor: item?.priceMinor ?? 0,
        unit_cost_minor: item?.costMinor ?? 0,
        part_state: 'needed' as const,
        sort: index + 2,
      };
    });
    return [labour, ...parts];
  }

  #approve(): void {
    const { vehicle } = this.#order;
    this.#step(this.#hours(1, 7), 'recepcion', 'estimate.decide', (atMs) => {
      const actor = this.#actor('recepcion', atMs);
      return this.#jobs.flatMap(({ id, job, approved }) =>
        approveJob(
          actor,
          { id, title: job.es, work_order_id: this.#orderId, vehicle_id: vehicle.id },
          {
            decision: approved ? 'approved' : 'declined',
            amount_minor: documentTotals(this.#linesOf({ id, job, approved, partLines: [] })).totalMinor,
            by_name: vehicle.ownerName,
            channel: this.#random.pick(['phone', 'whatsapp', 'in_person'] as const),
            note: approved ? '' : 'De momento no',
          },
        ),
      );
    });
  }

  #approvedParts() {
    return this.#jobs.filter(({ approved }) => approved).flatMap(({ partLines }) => partLines);
  }

  #orderParts(): void {
    this.#move('waiting_parts', 0.3, 'recepcion');
    this.#step(0.2, 'recepcion', 'part.order', (atMs) => [
      ...this.#approvedParts().flatMap((line) => this.#setPart(atMs, 'recepcion', line, 'needed', 'ordered')),
      ...addComment(this.#actor('recepcion', atMs), 'work_orders', this.#orderId, this.#random.pick(COMMENTS))
        .statements,
    ]);
    if (this.#order.target === 'waiting_parts') return;
    this.#step(this.#hours(6, 14), 'recepcion', 'part.arrive', (atMs) =>
      this.#approvedParts().flatMap((line) => this.#setPart(atMs, 'recepcion', line, 'ordered', 'arrived')),
    );
  }

  #setPart(
    atMs: number,
    user: string,
    line: ScriptJob['partLines'][number],
    from: 'needed' | 'ordered' | 'arrived',
    to: 'ordered' | 'arrived' | 'installed',
  ): Statement[] {
    const item = DEMO_ITEMS.find(({ sku }) => sku === line.sku);
    return setPartState(
      this.#actor(user, atMs),
      {
        id: line.id,
        work_order_id: this.#orderId,
        qty_milli: line.qtyMilli,
        part_state: from,
        customer_supplied: 0,
      },
      to,
      {
        itemId: this.#catalog.itemIdBySku.get(line.sku) ?? '',
        locationId: this.#catalog.locationId,
        unitCostMinor: item?.costMinor ?? 0,
      },
    );
  }

  #work(stopsHalfway: boolean): void {
    this.#move('in_progress', this.#hours(0.5, 3), this.#technician);
    for (const [index, entry] of this.#jobs.entries()) {
      // The clock of an order that is being worked on runs on its first job.
      if (index > 0 && stopsHalfway) return;
      this.#step(0.1, this.#technician, 'clock.start', (atMs) =>
        entry.approved
          ? startClock(this.#actor(this.#technician, atMs), this.#technician, {
              workOrderId: this.#orderId,
              jobId: entry.id,
            }).statements
          : [],
      );
      if (stopsHalfway) return;
      const hours = (entry.job.minutes / 60) * this.#hours(0.8, 1.25);
      this.#step(entry.approved ? hours : 0, this.#technician, 'job.done', (atMs) =>
        entry.approved
          ? [
              ...stopClock(this.#actor(this.#technician, atMs), this.#technician),
              ...entry.partLines.flatMap((line) =>
                this.#setPart(atMs, this.#technician, line, 'needed', 'installed'),
              ),
              ...updateJob(entry.id, { correction: entry.job.correction, status: 'done' }),
            ]
          : [],
      );
    }
    if (this.#random.chance(0.3)) {
      this.#step(
        0.1,
        this.#technician,
        'comment.add',
        (atMs) =>
          addComment(
            this.#actor(this.#technician, atMs),
            'work_orders',
            this.#orderId,
            this.#random.pick(COMMENTS),
            { needsAttention: this.#random.chance(0.3) },
          ).statements,
      );
    }
  }

  #confirm(): void {
    this.#step(0.4, this.#technician, 'job.confirm', (atMs) =>
      this.#jobs
        .filter(({ approved }) => approved)
        .flatMap(({ id }) => confirmJob(this.#actor(this.#technician, atMs), id)),
    );
  }

  #deliver(): void {
    const { vehicle } = this.#order;
    this.#move('delivered', this.#hours(1, 8), 'recepcion');
    this.#step(0.05, 'recepcion', 'gate.out', (atMs) => [
      ...passGate(this.#actor('recepcion', atMs), {
        direction: 'out',
        plate: vehicle.plate,
        person: vehicle.ownerName,
        vehicleId: vehicle.id,
        workOrderId: this.#orderId,
      }).statements,
      {
        sql: 'update work_orders set odometer_out = odometer_in + ? where id = ?',
        params: [this.#random.between(1, 12), this.#orderId],
      },
    ]);
  }
}

/** People promise full and half hours. */
export function halfHour(ms: number): number {
  return Math.ceil(ms / (HOUR_MS / 2)) * (HOUR_MS / 2);
}

/** The series that setup.ts makes, without reading them back. */
function demoSeries(atMs: number) {
  const year = new Date(atMs).getUTCFullYear();
  return (
    [
      ['work_order', 'OR'],
      ['reception', 'RD'],
      ['estimate', 'P'],
    ] as const
  ).flatMap(([doc_type, prefix]) =>
    DEMO_DEVICES.map((device) => ({
      id: `${doc_type}:${year}:${device.id}`,
      doc_type,
      prefix,
      year,
      device_id: device.id,
      pad: 6,
      next_hint: 1,
      range_from: null,
      range_to: null,
      valid_from: null,
      valid_to: null,
      mode: 'device' as const,
      active: 1,
    })),
  );
}

function phaseOf(key: DemoTarget): Phase {
  return DEFAULT_STATUSES.find((status) => status.key === key)?.phase ?? 'open';
}

/** Stands for the SHA-256 of a document that the demo workspace does not hold. */
function hash(random: Random): string {
  return Array.from({ length: 64 }, () => random.int(16).toString(16)).join('');
}
