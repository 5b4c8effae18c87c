/**
 * F1, reception: a draft that every step saves, and one transaction at "Firmar" that makes everything of it:
 * order, number, odometer reading, checks, marks, photos, signature, first status.
 */
import { timestampMsOfId } from '../../base/ids.ts';
import type { CellValue } from '../../schema/table.ts';
import { normalizePhone, normalizePlate, normalizeTaxId, normalizeVin } from '../normalize.ts';
import type { Series } from '../numbers.ts';
import { rankOfId } from '../rank.ts';
import type { DamageMark, ReceptionCheck } from '../tables/reception.ts';
import { takeNumber } from './numbering.ts';
import { type Actor, idFor, insert, knownUser, type Statement, statements, update } from './statement.ts';

/** Columns of a draft that the wizard fills, step by step. */
export interface ReceptionDraft {
  readonly vehicle_id?: string | null;
  readonly customer_id?: string | null;
  readonly delivered_by_name?: string;
  readonly odometer?: number | null;
  readonly fuel_eighths?: number | null;
  readonly keys_count?: number;
  readonly key_tag?: string;
  readonly purpose?: 'estimate' | 'repair' | null;
  readonly concerns?: string;
  readonly belongings?: string;
  readonly promised_at?: number | null;
  readonly estimate_cost_minor?: number;
  readonly estimate_waived?: number;
  readonly accepts_used_parts?: number;
  readonly wants_old_parts?: number;
  readonly allows_test_drive?: number;
  readonly privacy_ack?: number;
  readonly tow_in?: number;
}

/** A new draft. Returns its id; `received_at` is now and the advisor is who made it. */
export function startReception(
  actor: Actor,
  draft: ReceptionDraft = {},
): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  return {
    id,
    statements: [
      insert('receptions', id, {
        received_at: actor.nowMs,
        advisor_id: knownUser(actor),
        status: 'draft',
        ...draft,
      }),
    ],
  };
}

export function saveReceptionDraft(id: string, draft: ReceptionDraft): Statement[] {
  return statements(update('receptions', id, { ...draft }));
}

/** Sets one entry of the checklist; the id is made of reception and key, so two tablets meet in one row. */
export function setReceptionCheck(
  receptionId: string,
  check: Pick<ReceptionCheck, 'item_key' | 'label' | 'present'> & { readonly note?: string },
): Statement[] {
  return [
    {
      sql: `insert into reception_checks (id, reception_id, item_key, label, present, note) values (?, ?, ?, ?, ?, ?)
            on conflict (id) do update set label = excluded.label, present = excluded.present, note = excluded.note`,
      params: [
        `${receptionId}.${check.item_key}`,
        receptionId,
        check.item_key,
        check.label,
        check.present,
        check.note ?? '',
      ],
    },
  ];
}

export function addDamageMark(
  actor: Actor,
  receptionId: string,
  mark: Pick<DamageMark, 'view' | 'x_pm' | 'y_pm' | 'type'> & {
    readonly severity?: number;
    readonly note?: string;
  },
): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  return { id, statements: [insert('damage_marks', id, { reception_id: receptionId, ...mark })] };
}

export interface NewCustomer {
  readonly name: string;
  readonly kind?: 'person' | 'company';
  readonly phone?: string;
  readonly email?: string;
  readonly tax_id?: string;
  readonly address?: string;
  readonly city?: string;
  readonly postal?: string;
  readonly country?: string;
}

/** A customer with the normalised columns that search and duplicate detection use [TALLER-22]. */
export function createCustomer(actor: Actor, customer: NewCustomer): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  return { id, statements: [insert('customers', id, { ...customerCells(customer) })] };
}

export function updateCustomer(id: string, customer: Partial<NewCustomer>): Statement[] {
  return statements(update('customers', id, customerCells(customer)));
}

function customerCells(customer: Partial<NewCustomer>): Record<string, CellValue | undefined> {
  const country = customer.country ?? 'ES';
  return {
    ...customer,
    ...(customer.phone === undefined ? {} : { phone_norm: normalizePhone(customer.phone, country) }),
    ...(customer.tax_id === undefined ? {} : { tax_id_norm: normalizeTaxId(customer.tax_id) }),
  };
}

export interface NewVehicle {
  readonly plate: string;
  readonly plate_country?: string;
  readonly vin?: string;
  readonly make?: string;
  readonly model?: string;
  readonly version?: string;
  readonly year?: number | null;
  readonly fuel?: string;
  readonly color?: string;
  readonly odometer_unit?: 'km' | 'mi';
}

/** A vehicle, and its owner when one is given. */
export function createVehicle(
  actor: Actor,
  vehicle: NewVehicle,
  ownerId?: string,
): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  return {
    id,
    statements: statements(
      insert('vehicles', id, { ...vehicleCells(vehicle) }),
      ownerId === undefined
        ? undefined
        : insert('vehicle_owners', idFor(actor), {
            vehicle_id: id,
            customer_id: ownerId,
            role: 'owner',
            from_at: actor.nowMs,
          }),
    ),
  };
}

export function updateVehicle(id: string, vehicle: Partial<NewVehicle>): Statement[] {
  return statements(update('vehicles', id, vehicleCells(vehicle)));
}

function vehicleCells(vehicle: Partial<NewVehicle>): Record<string, CellValue | undefined> {
  return {
    ...vehicle,
    ...(vehicle.plate === undefined ? {} : { plate_norm: normalizePlate(vehicle.plate) }),
    ...(vehicle.vin === undefined ? {} : { vin: normalizeVin(vehicle.vin) }),
  };
}

/** What signs a document: strokes of the pen, or a typed name. */
export interface SignatureInput {
  readonly signer_name: string;
  readonly signer_doc?: string;
  readonly method: 'drawn' | 'typed';
  readonly strokes_json?: string;
  readonly image_sha?: string;
  /** SHA-256 of what was shown. */
  readonly doc_hash: string;
  readonly accepted_text_version?: string;
}

export function sign(
  actor: Actor,
  entity: string,
  entityId: string,
  purpose: string,
  signature: SignatureInput,
): { id: string; statement: Statement } {
  const id = idFor(actor);
  return {
    id,
    statement: insert('signatures', id, { entity, entity_id: entityId, purpose, ...signature }),
  };
}

export interface ReceptionToSign {
  readonly id: string;
  readonly vehicle_id: string;
  readonly customer_id: string;
  readonly odometer: number | null;
  readonly odometer_unit: 'km' | 'mi';
  /** Why the reading is lower than the last one, or missing [TALLER-21]. */
  readonly odometerNote?: string;
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
      insert('work_orders', workOrderId, {
        number: orderNumber.text,
        series_id: series.workOrder.id,
        status_key: 'received',
        customer_id: reception.customer_id,
        vehicle_id: reception.vehicle_id,
        reception_id: reception.id,
        advisor_id: knownUser(actor),
        opened_at: actor.nowMs,
        promised_at: reception.promised_at,
        odometer_in: reception.odometer,
        complaint: reception.concerns,
        on_site: 1,
        rank: rankOfId(workOrderId),
      }),
      insert('wo_status_log', idFor(actor), { work_order_id: workOrderId, from_key: '', to_key: 'received' }),
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
        : [
            insert('odometer_readings', idFor(actor), {
              vehicle_id: reception.vehicle_id,
              value: reception.odometer,
              unit: reception.odometer_unit,
              source: 'reception',
              work_order_id: workOrderId,
              note: reception.odometerNote ?? '',
            }),
            ...statements(
              update('vehicles', reception.vehicle_id, {
                odometer_last: reception.odometer,
                odometer_unit: reception.odometer_unit,
              }),
            ),
          ],
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
  readonly odometerNote?: string;
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
  const unit = input.vehicle.odometer_unit ?? 'km';
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
      insert('work_orders', workOrderId, {
        number: number.text,
        series_id: series.id,
        status_key: 'received',
        customer_id: customerId,
        vehicle_id: vehicleId,
        reception_id: receptionId,
        advisor_id: knownUser(actor),
        opened_at: actor.nowMs,
        promised_at: input.promised_at,
        odometer_in: input.odometer,
        complaint: input.concerns,
        on_site: 1,
        rank: rankOfId(workOrderId),
      }),
      insert('receptions', receptionId, {
        work_order_id: workOrderId,
        vehicle_id: vehicleId,
        customer_id: customerId,
        received_at: actor.nowMs,
        advisor_id: knownUser(actor),
        odometer: input.odometer,
        fuel_eighths: input.fuel_eighths ?? null,
        purpose: input.purpose,
        concerns: input.concerns,
        promised_at: input.promised_at,
        status: 'draft',
      }),
      insert('wo_status_log', idFor(actor), { work_order_id: workOrderId, from_key: '', to_key: 'received' }),
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
        : [
            insert('odometer_readings', idFor(actor), {
              vehicle_id: vehicleId,
              value: input.odometer,
              unit,
              source: 'reception',
              work_order_id: workOrderId,
              note: input.odometerNote ?? '',
            }),
            ...statements(update('vehicles', vehicleId, { odometer_last: input.odometer })),
          ],
    ),
  };
}

/** The lines of a text that say something. */
export function concernsOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
