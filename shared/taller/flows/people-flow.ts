/** F14 and the files of customers and vehicles: create, change, merge, transfer, contacts, anonymise. */
import type { CellValue } from '../../schema/table.ts';
import { normalizePhone, normalizePlate, normalizeTaxId, normalizeVin } from '../normalize.ts';
import type { PinHash } from '../pin.ts';
import type { CustomerContact, OdometerReading, VehicleOwner } from '../tables/people.ts';
import { type Actor, idFor, insert, type Statement, statements, update } from './statement.ts';

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

/** What the odometer shows; `note` says why when it is lower than the last reading [TALLER-21]. */
export function readOdometer(
  actor: Actor,
  reading: Pick<OdometerReading, 'vehicle_id' | 'value' | 'unit' | 'source' | 'work_order_id' | 'note'>,
): Statement[] {
  const { vehicle_id, value: odometer_last, unit: odometer_unit } = reading;
  return statements(
    insert('odometer_readings', idFor(actor), { ...reading }),
    update('vehicles', vehicle_id, { odometer_last, odometer_unit }),
  );
}

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
