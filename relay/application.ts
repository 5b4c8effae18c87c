/**
 * What a relay serves. The engine knows no workshop table: schema, roles and report views are passed in by the
 * composition roots (main.ts, start.ts, cli.ts).
 */
import type { Grants } from '../shared/permissions/grants.ts';
import type { Schema } from '../shared/schema/table.ts';

export interface ReportView {
  /** Name of the view in schema `report`. */
  readonly name: string;
  /** The select that the view stands for, over tables of schema `report`. */
  readonly sql: string;
  readonly comment: string;
}

export interface Application {
  /** Shown in the API's title and in logs. */
  readonly name: string;
  readonly schema: Schema;
  /** Grants by role name; an account's role is one of these keys. */
  readonly roles: Readonly<Record<string, Grants>>;
  readonly reportViews: readonly ReportView[];
}

/** The role that may manage accounts and devices, and that a second factor can be required for. */
export const ADMIN_ROLE = 'admin';
