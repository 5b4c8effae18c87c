/** F14 and the files of customers and vehicles: merge, transfer, contacts, anonymise. Nothing is rewritten. */
import type { CellValue } from '../../schema/table.ts';
import { normalizePhone, normalizePlate, normalizeTaxId, normalizeVin } from '../normalize.ts';
import type { PinHash } from '../pin.ts';
import type { CustomerContact, VehicleOwner } from '../tables/people.ts';
import { type Actor, idFor, insert, type Statement, statements, update } from './statement.ts';

/** Cells of a customer or a vehicle by column, as a person chose them among two rows. */
export type RecordCells = Readonly<Record<string, CellValue>>;

/** Points a duplicate at the row that stays; references to it are resolved when read (duplicates.ts) [TALLER-22]. */
export function mergeInto(table: 'customers' | 'vehicles', duplicateId: string, keptId: string): Statement[] {
  if (duplicateId === keptId) return [];
  return statements(
    // Whoever pointed at the duplicate keeps pointing at it: chains are followed when read.
    update(table, duplicateId, { merged_into_id: keptId }),
    // Two devices may have merged them the other way round at once: this decision ends the circle.
    {
      sql: `update ${table} set merged_into_id = null where id = ? and merged_into_id = ?`,
      params: [keptId, duplicateId],
    },
  );
}

export function unmerge(table: 'customers' | 'vehicles', id: string): Statement[] {
  return statements(update(table, id, { merged_into_id: null }));
}

/** Merges and gives the row that stays the cells that were chosen among both [TALLER-22]. */
export function mergeRecords(
  table: 'customers' | 'vehicles',
  duplicateId: string,
  keptId: string,
  cells: RecordCells,
): Statement[] {
  return statements(update(table, keptId, comparable(cells)), mergeInto(table, duplicateId, keptId));
}

/** Takes `mergeRecords` back: the two are two again, and the one that stayed has the cells it had. */
export function takeBackMerge(
  table: 'customers' | 'vehicles',
  duplicateId: string,
  keptId: string,
  cellsBefore: RecordCells,
): Statement[] {
  return statements(update(table, keptId, comparable(cellsBefore)), unmerge(table, duplicateId));
}

/** With the normalised twin of each column that has one. */
function comparable(cells: RecordCells): RecordCells {
  const { phone, tax_id, plate, vin } = cells;
  return {
    ...cells,
    ...(typeof phone === 'string' ? { phone_norm: normalizePhone(phone) } : {}),
    ...(typeof tax_id === 'string' ? { tax_id_norm: normalizeTaxId(tax_id) } : {}),
    ...(typeof plate === 'string' ? { plate_norm: normalizePlate(plate) } : {}),
    ...(typeof vin === 'string' ? { vin: normalizeVin(vin) } : {}),
  };
}

/** Ends the present ownership and begins the next one. */
export function transferVehicle(actor: Actor, vehicleId: string, newOwnerId: string): Statement[] {
  return [
    {
      sql: "update vehicle_owners set to_at = ? where vehicle_id = ? and role = 'owner' and to_at is null",
      params: [actor.nowMs, vehicleId],
    },
    insert('vehicle_owners', idFor(actor), {
      vehicle_id: vehicleId,
      customer_id: newOwnerId,
      role: 'owner',
      from_at: actor.nowMs,
    }),
  ];
}

/** Somebody else who owns, drives or runs it, beside whoever does already. */
export function addOwner(
  actor: Actor,
  vehicleId: string,
  customerId: string,
  role: VehicleOwner['role'],
): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  const cells = { vehicle_id: vehicleId, customer_id: customerId, role, from_at: actor.nowMs };
  return { id, statements: [insert('vehicle_owners', id, cells)] };
}

/** From now on this person has nothing to do with the vehicle; that they had stays. */
export function endOwner(actor: Actor, ownerId: string): Statement[] {
  return statements(update('vehicle_owners', ownerId, { to_at: actor.nowMs }));
}

export function addContact(
  actor: Actor,
  customerId: string,
  contact: {
    readonly name: string;
    readonly phone?: string;
    readonly id_doc?: string;
    readonly may_authorize?: number;
    readonly may_pick_up?: number;
  },
): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  return { id, statements: [insert('customer_contacts', id, { customer_id: customerId, ...contact })] };
}

export function updateContact(
  id: string,
  cells: Partial<Pick<CustomerContact, 'name' | 'phone' | 'id_doc' | 'may_authorize' | 'may_pick_up'>>,
): Statement[] {
  return statements(update('customer_contacts', id, cells));
}

export function removeContact(id: string): Statement[] {
  return [{ sql: 'delete from customer_contacts where id = ?', params: [id] }];
}

/** Sets a person's PIN, made by `hashPin`; empty texts take it away. */
export function setPin(userId: string, pin: PinHash): Statement[] {
  return statements(update('users', userId, { pin_hash: pin.hash, pin_salt: pin.salt }));
}

/** Removes contact data and keeps the row, because documents name it [TALLER-23]. */
export function anonymizeCustomer(actor: Actor, customerId: string, placeholder: string): Statement[] {
  const empty = ['legal_name', 'tax_id', 'tax_id_norm', 'email', 'phone', 'phone_norm', 'phone2', 'whatsapp'];
  const address = ['address', 'city', 'region', 'postal'];
  return statements(
    update('customers', customerId, {
      name: placeholder,
      ...Object.fromEntries([...empty, ...address].map((column) => [column, ''])),
      fiscal_json: '{}',
      marketing_consent: 0,
      anonymized_at: actor.nowMs,
    }),
    { sql: 'delete from customer_contacts where customer_id = ?', params: [customerId] },
  );
}

/** A reading outside a reception; `note` says why when it is lower than the last one [TALLER-21]. */
export function readOdometer(
  actor: Actor,
  vehicleId: string,
  reading: {
    readonly value: number;
    readonly unit: 'km' | 'mi';
    readonly source: 'delivery' | 'inspection' | 'manual';
    readonly note?: string;
    readonly workOrderId?: string;
  },
): Statement[] {
  return statements(
    insert('odometer_readings', idFor(actor), {
      vehicle_id: vehicleId,
      value: reading.value,
      unit: reading.unit,
      source: reading.source,
      work_order_id: reading.workOrderId ?? null,
      note: reading.note ?? '',
    }),
    update('vehicles', vehicleId, { odometer_last: reading.value, odometer_unit: reading.unit }),
  );
}
