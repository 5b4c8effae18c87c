/** Rows that the gallery shows its elements with: one of each state an order, a promise and a device can be in. */
import { DEFAULT_STATUSES } from '../../shared/taller/status.ts';
import type { Status as SyncStatus } from '../client/engine-messages.ts';
import type { TechnicianNow } from './day.ts';
import type { ListedOrder } from './orders.ts';
import type { Status } from './statuses.ts';

const HOUR_MS = 3_600_000;

export const statuses: readonly Status[] = DEFAULT_STATUSES.map((status, index) => ({
  ...status,
  wip_limit: index === 5 ? 1 : null,
}));

const CARS = [
  ['1234 BCD', 'ES', 'Seat Ibiza', 'Marta Ibáñez'],
  ['AB-123-CD', 'FR', 'Renault Clio', 'Transportes del Norte, S. L., de reparto y mudanzas'],
  ['', 'ES', '', 'Sin vehículo'],
  ['9876 XYZ', 'ES', 'Volkswagen Transporter Kombi 2.0 TDI 4Motion', 'Luis'],
] as const;

/** One order per state, with promises that are late, soon, kept, far away and not made, by turns. */
export function ordersAt(nowMs: number): readonly ListedOrder[] {
  const promises = [-2 * HOUR_MS, HOUR_MS / 2, 30 * HOUR_MS, undefined];
  return statuses.map(({ key, phase }, index) => {
    const [plate, plate_country, vehicle, customer] = CARS[index % CARS.length]!;
    const promise = promises[index % promises.length];
    const isReady = ['ready', 'invoiced', 'delivered'].includes(phase);
    return {
      id: `order-${index}`,
      number: `OT26-T1-${String(index).padStart(6, '0')}`,
      status_key: key,
      locked_at: phase === 'invoiced' ? nowMs : null,
      unlocked_at: null,
      promised_at: promise === undefined ? null : nowMs + promise,
      ready_at: isReady ? nowMs - 3 * HOUR_MS : null,
      delivered_at: phase === 'delivered' ? nowMs : null,
      complaint: 'Ruido al frenar\nCambio de aceite',
      hold: index % 4 === 3 ? 'parts' : 'none',
      technician_id: index % 3 === 0 ? 'pau' : null,
      technician: index % 3 === 0 ? 'Pau Ferrer' : '',
      plate,
      plate_country,
      vehicle,
      customer,
      first: 0,
    };
  });
}

export function teamAt(nowMs: number): readonly TechnicianNow[] {
  const nobody = { color: '', started_at: null, title: '', order_id: null, plate: '', plate_country: 'ES' };
  return [
    { ...nobody, id: 'eva', display_name: 'Eva Soler', orders: 0 },
    {
      ...nobody,
      id: 'pau',
      display_name: 'Pau Ferrer',
      orders: 4,
      started_at: nowMs - HOUR_MS,
      title: 'Frenos delanteros',
      order_id: 'order-1',
      plate: '1234 BCD',
    },
  ];
}

/** Connected and level, away with work to send, and refused with something to decide. */
export function devicesAt(nowMs: number): readonly (readonly [string, SyncStatus])[] {
  const level = {
    connection: 'connected',
    transport: 'socket',
    level: true,
    pending: 0,
    rejected: 0,
    conflicts: 0,
    violations: 0,
    lastSyncAtMs: nowMs - 20 * 60_000,
    storage: { persisted: true },
  };
  return [
    ['conectado', level as unknown as SyncStatus],
    ['sin conexión', { ...level, connection: 'offline', level: false, pending: 7 } as unknown as SyncStatus],
    [
      'rechazado y en conflicto',
      { ...level, rejected: 1, conflicts: 2, storage: { persisted: false } } as unknown as SyncStatus,
    ],
  ];
}
