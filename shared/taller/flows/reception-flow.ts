/**
 * F1, a car comes in. "Firmar" makes everything of the draft in one transaction: order, number, odometer reading, seals,
 * signature, first status; the short form makes customer, vehicle and draft as well, without a signature.
 */
import { timestampMsOfId } from '../../base/ids.ts';
import type { Series } from '../numbers.ts';
import { rankOfId } from '../rank.ts';
import type { WorkOrder } from '../tables/orders.ts';
import { takeNumber } from './numbering.ts';
import {
  createCustomer,
  createVehicle,
  type NewCustomer,
  type NewVehicle,
  readOdometer,
} from './people-flow.ts';
import { type SignatureInput, sign } from './signature.ts';
import {
  type Actor,
  type Expression,
  idFor,
  insert,
  knownUser,
  type Statement,
  statements,
  update,
} from './statement.ts';

export interface ReceptionToSign {
  readonly id: string;
  readonly vehicle_id: string;
  readonly customer_id: string;
  readonly odometer: number | null;
  readonly odometer_unit: 'km' | 'mi';
  /** Why the reading is lower than the last one, or missing [TALLER-21]. */
  readonly odometer_note?: string;
  readonly concerns: string;
  readonly promised_at: number | null;
  readonly estimate_waived: number;
  readonly purpose: 'estimate' | 'repair';
}

/** Each row carries its own seal, so that one changed later on a device that did not know stays as it was [TALLER-18]. */
const SEALED_WITH_RECEPTION = ['reception_checks', 'damage_marks'] as const;

/**
 * "Firmar": seals the reception and makes the order. One transaction; the ids of the order and its children share
 * the reception's timestamp, so that all of it lives in the reception's document.
 * The caller has checked completeness (reception.ts) [TALLER-18].
 */
export function signReception(
  actor: Actor,
  reception: ReceptionToSign,
  signature: SignatureInput,
  series: { readonly workOrder: Series; readonly reception: Series },
): { workOrderId: string; signatureId: string; statements: Statement[] } {
  const beside = timestampMsOfId(reception.id) ?? actor.nowMs;
  const workOrderId = idFor(actor, beside);
  const orderNumber = takeNumber(series.workOrder, 'work_order', workOrderId, idFor(actor));
  const receiptNumber = takeNumber(series.reception, 'reception', reception.id, idFor(actor));
  const signed = sign(actor, 'receptions', reception.id, 'deposit', signature);
  return {
    workOrderId,
    signatureId: signed.id,
    statements: statements(
      orderNumber.take,
      receiptNumber.take,
      openOrder(actor, {
        id: workOrderId,
        number: orderNumber.text,
        series_id: series.workOrder.id,
        customer_id: reception.customer_id,
        vehicle_id: reception.vehicle_id,
        reception_id: reception.id,
        promised_at: reception.promised_at,
        odometer_in: reception.odometer,
        complaint: reception.concerns,
      }),
      concernsOf(reception.concerns).map((concern, index) =>
        insert('wo_jobs', idFor(actor, beside), {
          work_order_id: workOrderId,
          title: concern,
          concern,
          approval: reception.estimate_waived === 1 ? 'not_needed' : 'proposed',
          sort: index + 1,
        }),
      ),
      reception.odometer === null
        ? undefined
        : readOdometer(actor, {
            vehicle_id: reception.vehicle_id,
            value: reception.odometer,
            unit: reception.odometer_unit,
            source: 'reception',
            work_order_id: workOrderId,
            note: reception.odometer_note ?? '',
          }),
      signed.statement,
      SEALED_WITH_RECEPTION.map((table) => ({
        sql: `update ${table} set sealed_at = ? where reception_id = ? and sealed_at is null`,
        params: [actor.nowMs, reception.id],
      })),
      update('receptions', reception.id, {
        status: 'signed',
        signed_at: actor.nowMs,
        receipt_hash: signature.doc_hash,
        work_order_id: workOrderId,
        number: receiptNumber.text,
      }),
    ),
  };
}

export interface QuickReception {
  /** An existing customer, or what is known of a new one. */
  readonly customer: { readonly id: string } | NewCustomer;
  readonly vehicle: { readonly id: string; readonly odometer_unit?: 'km' | 'mi' } | NewVehicle;
  readonly odometer: number | null;
  readonly odometer_note?: string;
  readonly fuel_eighths?: number | null;
  /** One per line. */
  readonly concerns: string;
  readonly promised_at: number | null;
  readonly purpose: 'estimate' | 'repair';
}

/**
 * The short form of F1, one transaction and no signature: customer and vehicle when they are new, a reception that
 * stays a draft, the order with its number, jobs of its concerns, odometer reading and first status.
 */
export function registerReception(
  actor: Actor,
  input: QuickReception,
  series: Series,
): {
  receptionId: string;
  workOrderId: string;
  customerId: string;
  vehicleId: string;
  statements: Statement[];
} {
  const customer = 'id' in input.customer ? undefined : createCustomer(actor, input.customer);
  const customerId = customer?.id ?? (input.customer as { id: string }).id;
  const vehicle = 'id' in input.vehicle ? undefined : createVehicle(actor, input.vehicle, customerId);
  const vehicleId = vehicle?.id ?? (input.vehicle as { id: string }).id;
  const receptionId = idFor(actor);
  const workOrderId = idFor(actor);
  const number = takeNumber(series, 'work_order', workOrderId, idFor(actor));
  return {
    receptionId,
    workOrderId,
    customerId,
    vehicleId,
    statements: statements(
      customer?.statements,
      vehicle?.statements,
      number.take,
      openOrder(actor, {
        id: workOrderId,
        number: number.text,
        series_id: series.id,
        customer_id: customerId,
        vehicle_id: vehicleId,
        reception_id: receptionId,
        promised_at: input.promised_at,
        odometer_in: input.odometer,
        complaint: input.concerns,
      }),
      insert('receptions', receptionId, {
        work_order_id: workOrderId,
        vehicle_id: vehicleId,
        customer_id: customerId,
        received_at: actor.nowMs,
        advisor_id: knownUser(actor),
        odometer: input.odometer,
        odometer_note: input.odometer_note ?? '',
        fuel_eighths: input.fuel_eighths ?? null,
        purpose: input.purpose,
        concerns: input.concerns,
        promised_at: input.promised_at,
        status: 'draft',
      }),
      concernsOf(input.concerns).map((concern, index) =>
        insert('wo_jobs', idFor(actor), {
          work_order_id: workOrderId,
          title: concern,
          concern,
          sort: index + 1,
        }),
      ),
      input.odometer === null
        ? undefined
        : readOdometer(actor, {
            vehicle_id: vehicleId,
            value: input.odometer,
            unit: input.vehicle.odometer_unit ?? 'km',
            source: 'reception',
            work_order_id: workOrderId,
            note: input.odometer_note ?? '',
          }),
    ),
  };
}

/** The order of a vehicle that came in, and its first status. */
function openOrder(
  actor: Actor,
  order: Pick<
    WorkOrder,
    | 'id'
    | 'series_id'
    | 'customer_id'
    | 'vehicle_id'
    | 'reception_id'
    | 'promised_at'
    | 'odometer_in'
    | 'complaint'
  > & { readonly number: Expression },
): Statement[] {
  const { id, ...cells } = order;
  return [
    insert('work_orders', id, {
      ...cells,
      status_key: 'received',
      advisor_id: knownUser(actor),
      opened_at: actor.nowMs,
      on_site: 1,
      rank: rankOfId(id),
    }),
    insert('wo_status_log', idFor(actor), { work_order_id: id, from_key: '', to_key: 'received' }),
  ];
}

/** The lines of a text that say something. */
export function concernsOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
