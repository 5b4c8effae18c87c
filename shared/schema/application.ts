/** What the engine needs to know of an application: passed in at start, so that the relay knows no table by name. */
import type { Grants } from '../permissions/grants.ts';
import type { Schema } from './table.ts';

/** A view in Postgres schema `report`, for people who make reports. */
export interface ReportView {
  /** Name within schema `report`, e.g. `orders_by_status`. */
  readonly name: string;
  /** A select over tables and earlier views of schema `report`, named with it. */
  readonly sql: string;
  readonly comment: string;
}

export interface Application {
  readonly name: string;
  readonly schema: Schema;
  /** By the role's id, as it stands in tokens and accounts. */
  readonly roles: Readonly<Record<string, Grants>>;
  /** In order: a view may use those before it. */
  readonly reportViews: readonly ReportView[];
}
