/** What can be taken out as a file: each list with its columns, its date, and its SQL. */
import { msg } from '@lit/localize';
import { type CsvColumn, type CsvKind, type CsvOptions, SPANISH_CSV } from '../../../shared/taller/csv.ts';
import { joinKeptSql } from '../../../shared/taller/duplicates.ts';
import type { Statement } from '../../client/engine-messages.ts';
import { type SqlQuery, sql } from '../../client/sql-tag.ts';
import { type Locale, locale } from '../localisation.ts';

export const EXPORT_LISTS = ['orders', 'customers', 'vehicles', 'receptions', 'gate'] as const;
export type ExportList = (typeof EXPORT_LISTS)[number];

export interface ExportRange {
  /** Epoch ms, included; undefined: from the beginning. */
  readonly fromMs: number | undefined;
  /** Epoch ms, excluded. */
  readonly toMs: number | undefined;
}

interface ListDefinition {
  readonly name: string;
  /** What the dates mean. */
  readonly date: string;
  readonly columns: readonly CsvColumn[];
  /** From, with its joins; `t` is the row. */
  readonly from: SqlQuery;
  /** Column of the date. */
  readonly at: SqlQuery;
  readonly select: SqlQuery;
  readonly where: SqlQuery;
}

const raw = (text: string): SqlQuery => ({ sql: text, params: [] });
const column = (name: string, label: string, kind: CsvKind = 'text'): CsvColumn => ({ name, label, kind });

export function exportList(list: ExportList): ListDefinition {
  switch (list) {
    case 'orders':
      return {
        name: msg('Órdenes'),
        date: msg('Fecha de entrada'),
        columns: [
          column('number', msg('Número')),
          column('opened_at', msg('Entrada'), 'timestamp'),
          column('status', msg('Estado')),
          column('plate', msg('Matrícula')),
          column('vehicle', msg('Vehículo')),
          column('customer', msg('Cliente')),
          column('phone', msg('Teléfono')),
          column('complaint', msg('Lo que cuenta el cliente')),
          column('technician', msg('Técnico')),
          column('odometer_in', msg('Cuentakilómetros'), 'integer'),
          column('promised_at', msg('Prometido para'), 'timestamp'),
          column('delivered_at', msg('Entregado'), 'timestamp'),
        ],
        select: sql`t.number, t.opened_at, coalesce(${raw(locale() === 'es' ? 's.name_es' : 's.name_en')}, t.status_key) as status, v.plate,
          trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle, c.name as customer, c.phone, t.complaint,
          u.display_name as technician, t.odometer_in, t.promised_at, t.delivered_at`,
        from: raw(`work_orders t left join wo_statuses s on s.key = t.status_key ${joinKeptSql('vehicles', 'v', 't.vehicle_id')}
          ${joinKeptSql('customers', 'c', 't.customer_id')} left join users u on u.id = t.technician_id`),
        at: raw('t.opened_at'),
        where: raw('1'),
      };
    case 'customers':
      return {
        name: msg('Clientes'),
        date: msg('Fecha de alta'),
        columns: [
          column('name', msg('Nombre')),
          column('tax_id', msg('NIF')),
          column('phone', msg('Teléfono')),
          column('phone2', msg('Otro teléfono')),
          column('email', msg('Correo')),
          column('address', msg('Dirección')),
          column('postal', msg('Código postal')),
          column('city', msg('Población')),
          column('region', msg('Provincia')),
          column('notes', msg('Notas')),
          column('created_at', msg('Alta'), 'date'),
        ],
        select: raw(
          't.name, t.tax_id, t.phone, t.phone2, t.email, t.address, t.postal, t.city, t.region, t.notes, t.created_at',
        ),
        from: raw('customers t'),
        at: raw('t.created_at'),
        where: raw('t.merged_into_id is null and t.anonymized_at is null'),
      };
    case 'vehicles':
      return {
        name: msg('Vehículos'),
        date: msg('Fecha de alta'),
        columns: [
          column('plate', msg('Matrícula')),
          column('vin', msg('Bastidor (VIN)')),
          column('make', msg('Marca')),
          column('model', msg('Modelo')),
          column('year', msg('Año'), 'integer'),
          column('fuel', msg('Combustible')),
          column('color', msg('Color')),
          column('odometer_last', msg('Cuentakilómetros'), 'integer'),
          column('customer', msg('Cliente')),
          column('phone', msg('Teléfono')),
          column('created_at', msg('Alta'), 'date'),
        ],
        select: raw(
          `t.plate, t.vin, t.make, t.model, t.year, t.fuel, t.color, t.odometer_last, c.name as customer, c.phone, t.created_at`,
        ),
        from: raw(`vehicles t left join customers c on c.id = (select w.customer_id from vehicle_owners w
          where w.vehicle_id = t.id and w.role = 'owner' and w.to_at is null order by w.from_at desc limit 1)`),
        at: raw('t.created_at'),
        where: raw('t.merged_into_id is null'),
      };
    case 'receptions':
      return {
        name: msg('Recepciones'),
        date: msg('Fecha de entrada'),
        columns: [
          column('number', msg('Número')),
          column('received_at', msg('Entrada'), 'timestamp'),
          column('status', msg('Estado')),
          column('order_number', msg('Orden')),
          column('plate', msg('Matrícula')),
          column('customer', msg('Cliente')),
          column('delivered_by_name', msg('Lo entrega')),
          column('odometer', msg('Cuentakilómetros'), 'integer'),
          column('fuel_eighths', msg('Combustible (octavos)'), 'integer'),
          column('concerns', msg('Motivos de la visita')),
          column('promised_at', msg('Prometido para'), 'timestamp'),
          column('signed_at', msg('Firmada'), 'timestamp'),
        ],
        select: sql`t.number, t.received_at, case t.status when 'signed' then ${msg('Firmada')} else ${msg('Borrador')} end as status, o.number as order_number, v.plate, c.name as customer, t.delivered_by_name,
          t.odometer, t.fuel_eighths, t.concerns, t.promised_at, t.signed_at`,
        from: raw(`receptions t left join work_orders o on o.id = t.work_order_id ${joinKeptSql('vehicles', 'v', 't.vehicle_id')}
          ${joinKeptSql('customers', 'c', 't.customer_id')}`),
        at: raw('t.received_at'),
        where: raw("t.status <> 'cancelled'"),
      };
    case 'gate':
      return {
        name: msg('Paso por el portón'),
        date: msg('Fecha'),
        columns: [
          column('at', msg('Fecha'), 'timestamp'),
          column('direction', msg('Paso')),
          column('plate', msg('Matrícula')),
          column('vehicle', msg('Vehículo')),
          column('person', msg('Persona')),
          column('note', msg('Nota')),
          column('who', msg('Apuntado por')),
          column('void', msg('Anulado')),
        ],
        select: sql`t.at, case t.direction when 'in' then ${msg('Entra')} else ${msg('Sale')} end as direction, t.plate, trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle,
          t.person, t.note, coalesce(u.display_name, t.created_by) as who,
          (select coalesce(nullif(z.reason, ''), ${msg('Sí')}) from gate_voids z where z.gate_event_id = t.id limit 1) as void`,
        from: raw(
          'gate_events t left join vehicles v on v.id = t.vehicle_id left join users u on u.id = t.created_by',
        ),
        at: raw('t.at'),
        where: raw('1'),
      };
  }
}

/** Rows of a list within a range, some at a time, in order of id. */
export function exportRowsQuery(
  list: ExportList,
  range: ExportRange,
  afterId: string,
  limit: number,
): Statement {
  const { select, from } = exportList(list);
  return sql`select t.id, ${select} from ${from} where t.id > ${afterId} and ${inRange(list, range)} order by t.id limit ${limit}`;
}

export function exportCountQuery(list: ExportList, range: ExportRange): Statement {
  return sql`select count(*) as rows from ${exportList(list).from} where ${inRange(list, range)}`;
}

function inRange(list: ExportList, { fromMs, toMs }: ExportRange): SqlQuery {
  const { at, where } = exportList(list);
  const from = fromMs === undefined ? raw('1') : sql`${at} >= ${fromMs}`;
  const to = toMs === undefined ? raw('1') : sql`${at} < ${toMs}`;
  return sql`${where} and ${from} and ${to}`;
}

/** Separator and decimals as spreadsheets of that language expect them. */
export function csvOptions(language: Locale, timeZone: string): CsvOptions {
  return language === 'es' ? { ...SPANISH_CSV, timeZone } : { separator: ',', decimalComma: false, timeZone };
}
