/** Customers and vehicles as people compare them: their fields, pairs that are probably one, and what was merged. */
import { msg } from '@lit/localize';
import {
  DUPLICATE_CUSTOMERS_SQL,
  DUPLICATE_VEHICLES_SQL,
  joinKeptSql,
  sameIdsSql,
} from '../../shared/taller/duplicates.ts';
import { normalizePlate } from '../../shared/taller/normalize.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';

export type PeopleTable = 'customers' | 'vehicles';

/** A column that a person chooses among two rows. */
export interface RecordField {
  readonly column: string;
  readonly label: string;
}

export function recordFields(table: PeopleTable): readonly RecordField[] {
  return table === 'customers'
    ? [
        { column: 'name', label: msg('Nombre') },
        { column: 'legal_name', label: msg('Razón social') },
        { column: 'tax_id', label: msg('NIF') },
        { column: 'phone', label: msg('Teléfono') },
        { column: 'phone2', label: msg('Otro teléfono') },
        { column: 'email', label: msg('Correo') },
        { column: 'address', label: msg('Dirección') },
        { column: 'postal', label: msg('Código postal') },
        { column: 'city', label: msg('Población') },
        { column: 'region', label: msg('Provincia') },
        { column: 'notes', label: msg('Notas') },
      ]
    : [
        { column: 'plate', label: msg('Matrícula') },
        { column: 'vin', label: msg('Bastidor (VIN)') },
        { column: 'make', label: msg('Marca') },
        { column: 'model', label: msg('Modelo') },
        { column: 'version', label: msg('Versión') },
        { column: 'year', label: msg('Año') },
        { column: 'fuel', label: msg('Combustible') },
        { column: 'color', label: msg('Color') },
        { column: 'odometer_last', label: msg('Cuentakilómetros') },
        { column: 'tyre_size', label: msg('Neumáticos') },
        { column: 'notes', label: msg('Notas') },
      ];
}

/** Path of a customer's or vehicle's page. */
export function recordPath(table: PeopleTable, id: string): string {
  return table === 'customers' ? `/clientes/${id}` : `/vehiculos/${id}`;
}

/** Path of the screen that merges two. */
export function mergePath(table: PeopleTable, first: string, second: string): string {
  return `/repetidos/${table === 'customers' ? 'clientes' : 'vehiculos'}/${first}/${second}`;
}

export interface PairRow extends ResultRow {
  readonly kind: PeopleTable;
  readonly first_id: string;
  readonly second_id: string;
  readonly because: string;
  readonly first: string;
  readonly second: string;
}

/** Pairs that are probably one, at most this many. */
export function pairsQuery(limit: number): SqlQuery {
  return {
    sql: `
      select 'customers' as kind, p.first_id, p.second_id, p.because, a.name || ' · ' || a.phone as first, b.name || ' · ' || b.phone as second
      from (${DUPLICATE_CUSTOMERS_SQL}) p join customers a on a.id = p.first_id join customers b on b.id = p.second_id
      union all
      select 'vehicles', p.first_id, p.second_id, p.because, a.plate || ' · ' || a.make || ' ' || a.model, b.plate || ' · ' || b.make || ' ' || b.model
      from (${DUPLICATE_VEHICLES_SQL}) p join vehicles a on a.id = p.first_id join vehicles b on b.id = p.second_id
      limit ${limit}`,
    params: [],
  };
}

/** Pairs that one customer or vehicle is part of. */
export function pairsOfQuery(table: PeopleTable, id: string): SqlQuery {
  const pairs = table === 'customers' ? DUPLICATE_CUSTOMERS_SQL : DUPLICATE_VEHICLES_SQL;
  return {
    sql: `select first_id, second_id, because from (${pairs}) where first_id = ? or second_id = ?`,
    params: [id, id],
  };
}

export interface MergedRow extends ResultRow {
  readonly kind: PeopleTable;
  readonly id: string;
  readonly name: string;
  readonly into_id: string;
  readonly into_name: string;
}

/** What was merged, the latest rows first. */
export function mergedQuery(limit: number): SqlQuery {
  return sql`
    select 'customers' as kind, c.id, c.name || ' · ' || c.phone as name, k.id as into_id, k.name as into_name
      from customers c join customers k on k.id = c.merged_into_id
    union all
    select 'vehicles', v.id, v.plate || ' · ' || v.make || ' ' || v.model, k.id, k.plate
      from vehicles v join vehicles k on k.id = v.merged_into_id
    order by id desc limit ${limit}`;
}

/** Ids of one customer or vehicle and of all that were merged into it, to be put in an `in (…)`. */
export function sameIds(table: PeopleTable, id: string | undefined): SqlQuery {
  return { sql: sameIdsSql(table), params: [id ?? ''] };
}

/** A left join of the row that stands for a reference now, to be put among the joins of a query. */
export function joinKept(table: PeopleTable, alias: string, reference: string): SqlQuery {
  return { sql: joinKeptSql(table, alias, reference), params: [] };
}

/** Why two are probably one. */
export function reasonName(because: string): string {
  switch (because) {
    case 'plate':
      return msg('La misma matrícula');
    case 'vin':
      return msg('El mismo bastidor');
    case 'tax-id':
      return msg('El mismo NIF');
    default:
      return msg('El mismo teléfono');
  }
}

/** The one with this plate, however it was typed; none for what is no plate. */
export function withPlate<V extends { readonly plate: string }>(
  vehicles: readonly V[],
  plate: string,
): V | undefined {
  const wanted = normalizePlate(plate);
  if (wanted === '') return undefined;
  return vehicles.find((vehicle) => normalizePlate(vehicle.plate) === wanted);
}
