/** What the engine needs to know of an application: passed in at start, so that the relay knows no table by name. */
import type { Grants } from '../permissions/grants.ts';
import type { CellValue, Schema } from './table.ts';

/** A view in Postgres schema `report`, for people who make reports. */
export interface ReportView {
  /** Name within schema `report`, e.g. `orders_by_status`. */
  readonly name: string;
  /** A select over tables and earlier views of schema `report`, named with it. */
  readonly sql: string;
  readonly comment: string;
  /** A condition on its rows: how many hold is the metric `espejo_report_alarms`, for whoever watches a workshop. */
  readonly alarm?: string;
}

/** An account as the relay has it. */
export interface AccountFact {
  /** What is typed at login, and what history shows. */
  readonly name: string;
  readonly displayName: string;
  readonly role: string;
  readonly disabledAtMs: number | undefined;
}

/** A device that signed in, as the relay has it. */
export interface DeviceFact {
  readonly id: string;
  /** What its people call it; may be empty. */
  readonly label: string;
  /** Who opened the last session on it. */
  readonly user: string;
  readonly lastSeenAtMs: number;
  readonly revokedAtMs: number | undefined;
}

/** A row that waits for a number; besides what is named here, whatever `write` needs. */
export interface WaitingRow {
  readonly workspace: string;
  /** Within a series numbers count on from each other. */
  readonly series: string;
  readonly row_id: string;
  /** Lowest number of the series. */
  readonly first_number: number;
  /** Highest one; null: no end. */
  readonly last_number: number | null;
  readonly [column: string]: unknown;
}

/** Numbers that the relay gives, one after the other and none twice, to rows whose series asks for it. */
export interface Numbering {
  /** A select over schema `report` that gives WaitingRow, in the order in which numbers are given. */
  readonly waiting: string;
  /** May be called again for the same row and number: it must do no harm when it was written. */
  write(row: WaitingRow, number: number): ApplicationWrite;
}

/** SQL that the relay runs for the application, as a replica would, under the application's rules. */
export interface ApplicationWrite {
  /** Label of its commit. */
  readonly label: string;
  /** Documents whose rows the statements read or write; no other rows are there. */
  readonly documents: readonly string[];
  readonly statements: readonly { readonly sql: string; readonly params: readonly CellValue[] }[];
}

export interface Application {
  readonly name: string;
  readonly schema: Schema;
  /** By the role's id, as it stands in tokens and accounts. */
  readonly roles: Readonly<Record<string, Grants>>;
  /** In order: a view may use those before it. */
  readonly reportViews: readonly ReportView[];
  readonly numberings?: readonly Numbering[];
  /**
   * What the rows of a workspace must say about an account that was made or changed. `before` absent: it is new, or
   * the relay looks after a pause whether its row is there; so the statements must do no harm when it is.
   */
  followAccount?(account: AccountFact, before: AccountFact | undefined): ApplicationWrite | undefined;
  /** The same for a device that signed in, was named or revoked. Called at every session: undefined is the rule. */
  followDevice?(device: DeviceFact, before: DeviceFact | undefined): ApplicationWrite | undefined;
}
