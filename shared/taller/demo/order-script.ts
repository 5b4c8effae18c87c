/**
 * One order of the demo workshop on its way: steps are planned with the hours they take, then written in order, each
 * at its time, by whoever does it on the device that person has.
 */
import { changeStatus } from '../flows/order-flow.ts';
import type { Actor, Statement } from '../flows/statement.ts';
import type { Series } from '../numbers.ts';
import { DEFAULT_STATUSES, type Phase } from '../status.ts';
import type { DemoVehicle } from './customers.ts';
import type { DemoJob } from './jobs-data.ts';
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
  /** Its first job is estimated in several ways, and the customer takes one. */
  readonly offersOptions?: boolean;
  /** Less of everything: for workspaces of many thousand orders. */
  readonly isBrief: boolean;
}

const [RECEPTION, WORKSHOP] = [DEMO_DEVICES[0], DEMO_DEVICES[1]];
/** What people write to each other. */
export const COMMENTS = [
  'El cliente pregunta si estará para el viernes.',
  'Falta confirmar el código de la llave antirrobo.',
  'Avisar antes de pedir la pieza original.',
  'He dejado la llave en el tablero 12.',
  'El recambista confirma la entrega mañana a primera hora.',
  'Cliente avisado por WhatsApp.',
];
/** Letters of the numbers that setup.ts makes. */
const PREFIXES = { work_order: 'OR', reception: 'RD', estimate: 'P' } as const;

export interface ScriptJob {
  /** Empty until the step that makes the job is written. */
  id: string;
  readonly job: DemoJob;
  readonly approved: boolean;
  readonly partLines: { id: string; sku: string; qtyMilli: number }[];
}

/** Another way to do the first job. */
export interface ScriptOption {
  /** Empty until the step that makes the job is written. */
  id: string;
  readonly title: string;
  /** What its parts cost beside those of the first option. */
  readonly priceShare: number;
}

export class OrderScript {
  readonly random: Random;
  readonly catalog: DemoCatalog;
  readonly order: DemoOrder;
  readonly technician: string;
  readonly #steps: {
    hours: number;
    /** Before the script ends; the step does not move with the others. */
    agoMs?: number;
    user: string;
    device: string;
    label: string;
    write: (atMs: number) => Statement[];
  }[] = [];
  promisedMs = 0;
  orderId = '';
  /** The latest estimate that was sent; empty: none. */
  estimateId = '';
  receptionId = '';
  jobs: readonly ScriptJob[] = [];
  options: readonly ScriptOption[] = [];

  constructor(random: Random, catalog: DemoCatalog, order: DemoOrder) {
    this.random = random;
    this.catalog = catalog;
    this.order = order;
    this.technician = random.pick(DEMO_TECHNICIANS);
  }

  /** The steps as commits. Call once, after every step is planned. */
  write(): DemoCommit[] {
    const { openedMs, untilMs, isBrief } = this.order;
    let hours = 0;
    const times = this.#steps.map((step) => {
      hours += step.hours;
      return this.catalog.hours.after(openedMs, hours);
    });
    const lastMs = times.at(-1) ?? openedMs;
    this.promisedMs = this.order.promisedMs ?? this.#promiseAround(lastMs);
    // An order opened this morning has less time than its steps would take: they move together.
    const endMs = Math.max(openedMs, untilMs - (this.#steps.at(-1)?.agoMs ?? 0));
    const scale = lastMs > endMs ? (endMs - openedMs) / (lastMs - openedMs) : 1;
    const commits = this.#steps.map((step, index) => {
      const plannedMs = Math.floor(openedMs + ((times[index] ?? openedMs) - openedMs) * scale);
      const atMs = step.agoMs === undefined ? plannedMs : endMs;
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
    const { hours } = this.catalog;
    const saidMs = this.random.chance(0.85)
      ? hours.after(doneMs, this.random.between(0, 4))
      : hours.after(doneMs - this.random.between(2, 20) * HOUR_MS, 0);
    return Math.max(halfHour(saidMs), halfHour(hours.after(this.order.openedMs, 1)));
  }

  /** Some working hours between two bounds. */
  hours(from: number, to: number): number {
    return from + this.random.next() * (to - from);
  }

  /** Something done that many working hours after the step before; written when its time is known. */
  step(hours: number, user: string, label: string, write: (atMs: number) => Statement[]): void {
    const device = DEMO_TECHNICIANS.includes(user) ? WORKSHOP.id : RECEPTION.id;
    this.#steps.push({ hours, user, device, label, write });
  }

  /** The last step: what somebody does as the script ends. */
  stepAtEnd(agoMs: number, user: string, label: string, write: (atMs: number) => Statement[]): void {
    const device = DEMO_TECHNICIANS.includes(user) ? WORKSHOP.id : RECEPTION.id;
    this.#steps.push({ hours: 0, agoMs, user, device, label, write });
  }

  move(toKey: DemoTarget, hours: number, user: string, reason = ''): void {
    this.step(hours, user, 'wo.status', (atMs) =>
      changeStatus(this.actor(user, atMs), {
        workOrderId: this.orderId,
        toKey,
        toPhase: phaseOf(toKey),
        reason,
      }),
    );
  }

  actor(user: string, atMs: number): Actor {
    const device = DEMO_TECHNICIANS.includes(user) ? WORKSHOP.id : RECEPTION.id;
    return actorAt(this.random, user, device, atMs);
  }

  /** The series that setup.ts makes for the reception's tablet, without reading it back. */
  series(docType: 'work_order' | 'reception' | 'estimate', atMs: number): Series {
    const year = new Date(atMs).getUTCFullYear();
    return {
      id: `${docType}:${year}:${RECEPTION.id}`,
      head: `${PREFIXES[docType]}${String(year).slice(2)}-${RECEPTION.seriesCode}-`,
      pad: 6,
      firstNumber: 1,
      lastNumber: undefined,
    };
  }
}

/** People promise full and half hours. */
export function halfHour(ms: number): number {
  return Math.ceil(ms / (HOUR_MS / 2)) * (HOUR_MS / 2);
}

function phaseOf(key: DemoTarget): Phase {
  return DEFAULT_STATUSES.find((status) => status.key === key)?.phase ?? 'open';
}

/** Stands for the SHA-256 of a document that the demo workspace does not hold. */
export function fakeHash(random: Random): string {
  return Array.from({ length: 64 }, () => random.int(16).toString(16)).join('');
}
