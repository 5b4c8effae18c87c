/**
 * The demo workspace: three months of a workshop, the same every time for one seed. Most orders are delivered; the
 * last working days fill every column of the board.
 */

import { type GatePassage, passGate } from '../flows/gate-flow.ts';
import { startReception } from '../flows/reception-draft.ts';
import { insert } from '../flows/statement.ts';
import { customerCommits, type DemoVehicle } from './customers.ts';
import { DEMO_ITEMS } from './jobs-data.ts';
import { type DemoTarget, halfHour } from './order-script.ts';
import { orderCommits } from './orders.ts';
import { DEMO_DEVICES } from './people-data.ts';
import type { PhotoOf } from './photos.ts';
import { type Random, randomFrom } from './random.ts';
import {
  actorAt,
  type DemoCommit,
  HOUR_MS,
  MINUTE_MS,
  type WorkingHours,
  workingMornings,
} from './script.ts';
import { setupCommits } from './setup.ts';

export interface DemoOptions {
  readonly nowMs: number;
  /** 120 when absent: what `npm start` shows. Larger ones for measurements. */
  readonly orders?: number;
  /** Of them still open; a quarter, at most 30, when absent. */
  readonly openOrders?: number;
  readonly seed?: number;
  /** Photos for the receptions of open orders; absent: none have any. */
  readonly photoOf?: PhotoOf;
}

const DEFAULT_ORDERS = 120;
export const DEFAULT_SEED = 20_261_122;
/** Working days of history: thirteen weeks. */
const HISTORY_DAYS = 64;
/** Working days at the end whose orders are still open. */
const OPEN_DAYS = 6;
/** Above it, an order is one commit with less in it. */
const BRIEF_FROM_ORDERS = 2000;
const MAX_OPEN_ORDERS = 30;
const LATE_SHARE = 0.15;

/** How the open orders stand, over and over. */
const OPEN_TARGETS: readonly DemoTarget[] = [
  'received',
  'in_progress',
  'waiting_approval',
  'diagnosis',
  'ready',
  'waiting_parts',
  'in_progress',
  'quality',
  'waiting_approval',
  'received',
  'waiting_parts',
  'in_progress',
  'diagnosis',
  'ready',
  'in_progress',
];

/** Commits in order of time, except with many orders, where each order is one commit at its opening. */
export function* demoCommits(options: DemoOptions): Generator<DemoCommit> {
  const { nowMs } = options;
  const orders = options.orders ?? DEFAULT_ORDERS;
  const isBrief = orders > BRIEF_FROM_ORDERS;
  const random = randomFrom(options.seed ?? DEFAULT_SEED);
  const mornings = workingMornings(nowMs - HOUR_MS, HISTORY_DAYS);
  const firstMs = (mornings[0] ?? nowMs) - 24 * HOUR_MS;

  const setup = setupCommits(random, firstMs);
  yield* setup.commits;
  const openOrders = Math.min(options.openOrders ?? Math.min(Math.ceil(orders / 4), MAX_OPEN_ORDERS), orders);
  // A vehicle is in the shop once at a time, so there are more of them than open orders.
  const customers = Math.max(50, Math.floor(orders / 20), openOrders);
  const people = customerCommits(random, firstMs + HOUR_MS, {
    customers,
    vehicles: Math.floor(customers * 1.4),
  });
  yield* people.commits;

  const openings = Array.from({ length: orders }, (_, index) => {
    const isOpen = index >= orders - openOrders;
    const days = isOpen ? mornings.slice(-OPEN_DAYS) : mornings.slice(0, -OPEN_DAYS);
    const place = isOpen
      ? (index - (orders - openOrders)) / openOrders
      : index / Math.max(1, orders - openOrders);
    const morningMs = days[Math.floor(place * days.length)] ?? firstMs;
    const openedMs = Math.min(morningMs + Math.floor(random.next() * 4 * HOUR_MS), nowMs - HOUR_MS);
    const target: DemoTarget = isOpen
      ? (OPEN_TARGETS[index % OPEN_TARGETS.length] ?? 'received')
      : random.chance(0.05)
        ? 'cancelled'
        : 'delivered';
    return { openedMs, target, place: index };
  }).sort((a, b) => a.openedMs - b.openedMs);

  // One estimate with options waits for its answer, one has it.
  const withOptions = new Set(
    (['waiting_approval', 'in_progress'] as const).map((key) =>
      openings.findLast(({ target }) => target === key),
    ),
  );
  const inShop = new Set<string>();
  const all: DemoCommit[] = [];
  for (const opening of openings) {
    const { openedMs, target } = opening;
    const isOpen = target !== 'delivered' && target !== 'cancelled';
    let vehicle = random.pick(people.vehicles);
    while (inShop.has(vehicle.id)) vehicle = random.pick(people.vehicles);
    if (isOpen) inShop.add(vehicle.id);
    const commits = orderCommits(random, setup.catalog, {
      openedMs,
      target,
      vehicle,
      untilMs: nowMs - 60_000,
      ...(isOpen && !isBrief && options.photoOf ? { photoOf: options.photoOf } : {}),
      ...(withOptions.has(opening) && !isBrief ? { offersOptions: true } : {}),
      ...(isOpen ? { promisedMs: promiseFrom(openedMs, nowMs, random, setup.catalog.hours) } : {}),
      isBrief,
    });
    if (isBrief) yield* commits;
    else all.push(...commits);
  }
  if (isBrief) return;
  all.push(...purchases(random, mornings, setup.catalog.itemIdBySku, setup.catalog.locationId));
  all.push(
    ...lastHours(
      random,
      nowMs,
      people.vehicles.filter(({ id }) => !inShop.has(id)),
    ),
  );
  yield* all.filter(({ statements }) => statements.length > 0).sort((a, b) => a.atMs - b.atMs);
}

/** What an order in the shop is promised for: a few are late, some are due today, most in the days to come. */
function promiseFrom(openedMs: number, nowMs: number, random: Random, hours: WorkingHours): number {
  if (random.chance(LATE_SHARE)) return halfHour(hours.after(openedMs, random.between(3, 12)));
  return halfHour(hours.after(nowMs, random.pick([1, 1.5, 3, 5, 8, 10, 14, 20, 28])));
}

/** This morning at the door: who passed the gate, and a vehicle whose reception is not signed yet. */
function lastHours(random: Random, nowMs: number, waiting: readonly DemoVehicle[]): DemoCommit[] {
  const [, asking, arriving] = waiting;
  if (!asking || !arriving) return [];
  const by = { user: 'recepcion', device: DEMO_DEVICES[0].id };
  const actor = (minutesAgo: number) => actorAt(random, by.user, by.device, nowMs - minutesAgo * MINUTE_MS);
  const passes = (minutesAgo: number, passage: GatePassage): DemoCommit => ({
    ...by,
    atMs: nowMs - minutesAgo * MINUTE_MS,
    label: passage.direction === 'in' ? 'gate.in' : 'gate.out',
    statements: passGate(actor(minutesAgo), passage).statements,
  });
  const courier = { kind: 'person', person: 'Recambios del Ebro', note: 'Reparto de piezas' } as const;
  const of = ({ id, plate, ownerName }: DemoVehicle) => ({ vehicleId: id, plate, person: ownerName });
  const draft = startReception(actor(11), {
    vehicle_id: arriving.id,
    customer_id: arriving.ownerId,
    odometer: arriving.odometer + 5200,
    fuel_eighths: 3,
    purpose: 'estimate',
    concerns: 'Ruido al frenar',
  });
  return [
    passes(95, { ...courier, direction: 'in' }),
    passes(81, { ...courier, direction: 'out' }),
    passes(52, { ...of(asking), direction: 'in' }),
    passes(40, { ...of(asking), direction: 'out' }),
    passes(14, { ...of(arriving), direction: 'in' }),
    { ...by, atMs: nowMs - 11 * MINUTE_MS, label: 'reception.start', statements: draft.statements },
  ];
}

/** Every other week the shelves are filled up. */
function purchases(
  random: Random,
  mornings: readonly number[],
  itemIdBySku: ReadonlyMap<string, string>,
  locationId: string,
): DemoCommit[] {
  return mornings
    .filter((_, index) => index % 10 === 9)
    .map((morningMs) => ({
      atMs: morningMs + HOUR_MS,
      user: 'recepcion',
      device: DEMO_DEVICES[0].id,
      label: 'stock.purchase',
      statements: DEMO_ITEMS.filter((item) => item.stock > 0 && random.chance(0.6)).map((item) =>
        insert('stock_movements', random.newId(morningMs + HOUR_MS), {
          at: morningMs + HOUR_MS,
          item_id: itemIdBySku.get(item.sku),
          location_id: locationId,
          qty_milli: Math.ceil(item.stock / 3) * 1000,
          unit_cost_minor: item.costMinor,
          kind: 'purchase',
          ref_type: 'suppliers',
          note: 'Albarán del proveedor',
        }),
      ),
    }));
}
