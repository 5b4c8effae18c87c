/**
 * The dry run of an import: every row of the file with what it would become and what is wrong with it. Errors keep
 * a row out, warnings let it in [TALLER-22].
 */
import {
  checkTaxId,
  isVinRefused,
  normalizePhone,
  normalizePlate,
  normalizeTaxId,
  normalizeVin,
} from '../normalize.ts';
import { fold } from '../search.ts';
import { startOfDateMs } from '../working-days.ts';
import { IMPORT_FIELDS, type ImportEntity, type ImportMapping } from './fields.ts';

export type ImportProblem =
  | 'missing'
  | 'bad-vin'
  | 'bad-tax-id'
  | 'bad-date'
  | 'bad-number'
  | 'bad-email'
  | 'duplicate-in-file'
  | 'already-there'
  | 'unknown-vehicle'
  | 'unknown-customer'
  | 'ambiguous-customer';

export interface ImportFinding {
  readonly field: string;
  readonly problem: ImportProblem;
  readonly severity: 'error' | 'warning';
}

export interface ImportRow {
  /** Line of the file, counting its headings as 1. */
  readonly line: number;
  /** Cells by field, trimmed; numbers and dates already read. */
  readonly values: Readonly<Record<string, string | number>>;
  readonly findings: readonly ImportFinding[];
  /** Row that the reference was resolved to: the owner of a vehicle, the vehicle of an order. */
  readonly referenceId: string | undefined;
}

/** What is there already. */
export interface ImportKnown {
  readonly customers: readonly {
    readonly id: string;
    readonly name: string;
    readonly tax_id_norm: string;
    readonly phone_norm: string;
  }[];
  readonly vehicles: readonly { readonly id: string; readonly plate_norm: string; readonly vin: string }[];
}

export interface ImportContext {
  readonly known: ImportKnown;
  readonly country: string;
  readonly timeZone: string;
}

export interface DryRun {
  readonly rows: readonly ImportRow[];
  readonly okCount: number;
  readonly badCount: number;
  readonly warningCount: number;
}

export function isImportable(row: ImportRow): boolean {
  return row.findings.every(({ severity }) => severity === 'warning');
}

/** Cells are those of the file without its headings, as text (spreadsheets give dates and numbers as they are). */
export function dryRun(
  entity: ImportEntity,
  cells: readonly (readonly unknown[])[],
  mapping: ImportMapping,
  context: ImportContext,
): DryRun {
  const index = new KnownIndex(context.known);
  const seen = new Set<string>();
  const rows = cells.map((row, at) => new RowReader(entity, row, mapping, context, index, seen).read(at + 2));
  const okCount = rows.filter(isImportable).length;
  return {
    rows,
    okCount,
    badCount: rows.length - okCount,
    warningCount: rows.filter((row) => isImportable(row) && row.findings.length > 0).length,
  };
}

class KnownIndex {
  readonly byTaxId = new Map<string, string>();
  readonly byPhone = new Map<string, string>();
  /** Folded name; undefined when several have it. */
  readonly byName = new Map<string, string | undefined>();
  readonly byPlate = new Map<string, string>();
  readonly byVin = new Map<string, string>();

  constructor(known: ImportKnown) {
    for (const { id, name, tax_id_norm, phone_norm } of known.customers) {
      if (tax_id_norm !== '') this.byTaxId.set(tax_id_norm, id);
      if (phone_norm !== '') this.byPhone.set(phone_norm, id);
      const folded = fold(name);
      this.byName.set(folded, this.byName.has(folded) ? undefined : id);
    }
    for (const { id, plate_norm, vin } of known.vehicles) {
      if (plate_norm !== '') this.byPlate.set(plate_norm, id);
      if (vin !== '') this.byVin.set(vin, id);
    }
  }
}

class RowReader {
  readonly #entity: ImportEntity;
  readonly #cells: readonly unknown[];
  readonly #mapping: ImportMapping;
  readonly #context: ImportContext;
  readonly #index: KnownIndex;
  /** Keys of rows above, for duplicates within the file. */
  readonly #seen: Set<string>;
  readonly #values: Record<string, string | number> = {};
  readonly #findings: ImportFinding[] = [];

  constructor(
    entity: ImportEntity,
    cells: readonly unknown[],
    mapping: ImportMapping,
    context: ImportContext,
    index: KnownIndex,
    seen: Set<string>,
  ) {
    this.#entity = entity;
    this.#cells = cells;
    this.#mapping = mapping;
    this.#context = context;
    this.#index = index;
    this.#seen = seen;
  }

  read(line: number): ImportRow {
    for (const { key, required } of IMPORT_FIELDS[this.#entity]) {
      const text = this.#text(key);
      if (text === '') {
        if (required) this.#find(key, 'missing', 'error');
        continue;
      }
      this.#readField(key, text);
    }
    const referenceId = this.#check();
    return { line, values: this.#values, findings: this.#findings, referenceId };
  }

  #text(key: string): string {
    const at = this.#mapping[key];
    const value = at === undefined ? undefined : this.#cells[at];
    if (value === null || value === undefined) return '';
    return value instanceof Date ? value.toISOString() : String(value).trim();
  }

  #find(field: string, problem: ImportProblem, severity: 'error' | 'warning'): void {
    this.#findings.push({ field, problem, severity });
  }

  #readField(key: string, text: string): void {
    if (key === 'year' || key === 'odometer' || key === 'odometer_in') {
      const number = Number(text.replace(/[.\s]|km/gi, '').replace(',', '.'));
      if (Number.isInteger(number) && number >= 0) this.#values[key] = number;
      else this.#find(key, 'bad-number', 'warning');
    } else if (key === 'opened_at' || key === 'promised_at') {
      const ms = readDate(text, this.#context.timeZone);
      if (ms === undefined) this.#find(key, 'bad-date', 'warning');
      else this.#values[key] = ms;
    } else {
      this.#values[key] = text;
      if (key === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text))
        this.#find(key, 'bad-email', 'warning');
      if (key === 'tax_id' && !checkTaxId(text, this.#context.country).ok)
        this.#find(key, 'bad-tax-id', 'warning');
      if (key === 'vin' && isVinRefused(text)) this.#find(key, 'bad-vin', 'warning');
    }
  }

  /** Duplicates and references; gives the row that is referred to. */
  #check(): string | undefined {
    if (this.#entity === 'customers') {
      const taxId = normalizeTaxId(this.#string('tax_id'));
      const phone = normalizePhone(this.#string('phone'), this.#context.country);
      this.#unique('tax_id', `t:${taxId}`, taxId, this.#index.byTaxId, 'error');
      this.#unique('phone', `p:${phone}`, phone, this.#index.byPhone, 'warning');
      return undefined;
    }
    const plate = normalizePlate(this.#string('plate'));
    if (this.#entity === 'work_orders') {
      const vehicleId = this.#index.byPlate.get(plate);
      if (plate !== '' && vehicleId === undefined) this.#find('plate', 'unknown-vehicle', 'error');
      return vehicleId;
    }
    this.#unique('plate', `m:${plate}`, plate, this.#index.byPlate, 'error');
    const vin = normalizeVin(this.#string('vin'));
    this.#unique('vin', `v:${vin}`, vin, this.#index.byVin, 'warning');
    return this.#owner();
  }

  #unique(
    field: string,
    key: string,
    value: string,
    known: ReadonlyMap<string, string>,
    severity: 'error' | 'warning',
  ): void {
    if (value === '') return;
    if (known.has(value)) this.#find(field, 'already-there', severity);
    else if (this.#seen.has(key)) this.#find(field, 'duplicate-in-file', severity);
    this.#seen.add(key);
  }

  /** By tax id, else by phone, else by name; a vehicle whose owner is not found comes in without one. */
  #owner(): string | undefined {
    const name = this.#string('customer');
    const taxId = normalizeTaxId(this.#string('customer_tax_id'));
    const phone = normalizePhone(this.#string('customer_phone'), this.#context.country);
    if (name === '' && taxId === '' && phone === '') return undefined;
    const folded = fold(name);
    const id =
      this.#index.byTaxId.get(taxId) ?? this.#index.byPhone.get(phone) ?? this.#index.byName.get(folded);
    if (id === undefined)
      this.#find(
        'customer',
        this.#index.byName.has(folded) ? 'ambiguous-customer' : 'unknown-customer',
        'warning',
      );
    return id;
  }

  #string(key: string): string {
    return String(this.#values[key] ?? '');
  }
}

/** Reads `22/11/2026`, `22-11-26`, `2026-11-22`, with or without a time; undefined for anything else. */
export function readDate(text: string, timeZone: string): number | undefined {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2}))?/.exec(text);
  const european = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:[T ]+(\d{1,2}):(\d{2}))?/.exec(text);
  const [year, month, day, hour, minute] = iso
    ? [iso[1], iso[2], iso[3], iso[4], iso[5]]
    : european
      ? [european[3], european[2], european[1], european[4], european[5]]
      : [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const fullYear = year.length === 2 ? 2000 + Number(year) : Number(year);
  const utc = new Date(Date.UTC(fullYear, Number(month) - 1, Number(day)));
  // 31 February would roll over into March.
  if (utc.getUTCMonth() !== Number(month) - 1 || utc.getUTCDate() !== Number(day)) return undefined;
  const minutes = Number(hour ?? 0) * 60 + Number(minute ?? 0);
  return startOfDateMs(utc.toISOString().slice(0, 10), timeZone) + minutes * 60_000;
}
