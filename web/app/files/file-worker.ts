/**
 * Reads and writes files of rows beside the page, which stays free: a file of 10 000 rows takes a second to read, to
 * check and to turn into statements. Ends with the page that opened it. Composition root of that worker.
 */
import { expose } from 'comlink';
import type { CsvColumn, CsvOptions, CsvRow } from '../../../shared/taller/csv.ts';
import type { Actor, Statement } from '../../../shared/taller/flows/statement.ts';
import {
  type ImportEntity,
  type ImportMapping,
  suggestMapping,
} from '../../../shared/taller/import/fields.ts';
import { planImport } from '../../../shared/taller/import/import-flow.ts';
import {
  type DryRun,
  dryRun,
  type ImportFinding,
  type ImportKnown,
  isImportable,
} from '../../../shared/taller/import/validate.ts';
import type { Series } from '../../../shared/taller/numbers.ts';
import { type FileFormat, readRows, writeRows } from './spreadsheet.ts';

/** Rows of the file shown while its columns are chosen. */
const SAMPLE_ROWS = 3;
/** Problems listed on the page; all of them go into the file of problems. */
const MAX_PROBLEMS_SHOWN = 200;

export interface FileHead {
  readonly headings: readonly string[];
  /** The first rows, as text. */
  readonly sample: readonly (readonly string[])[];
  readonly rowCount: number;
}

export interface ImportProblemRow extends ImportFinding {
  readonly line: number;
  /** What the file has there. */
  readonly value: string;
}

export interface DryRunReport {
  readonly okCount: number;
  readonly badCount: number;
  readonly warningCount: number;
  readonly problemCount: number;
  readonly problems: readonly ImportProblemRow[];
}

export interface Plan {
  readonly batchId: string;
  readonly portions: number;
  readonly rows: number;
}

export class FileWorker {
  #headings: readonly string[] = [];
  #cells: readonly (readonly unknown[])[] = [];
  #known: { customers: ImportKnown['customers'][number][]; vehicles: ImportKnown['vehicles'][number][] } = {
    customers: [],
    vehicles: [],
  };
  #checked:
    | { readonly entity: ImportEntity; readonly mapping: ImportMapping; readonly run: DryRun }
    | undefined;
  #portions: readonly (readonly Statement[])[] = [];
  #exported: CsvRow[] = [];

  /** Rejects when the file cannot be read, or has nothing below its headings. */
  async read(file: Blob): Promise<FileHead> {
    const [headings = [], ...cells] = await readRows(await file.arrayBuffer());
    this.#headings = headings.map((cell) => String(cell ?? '').trim());
    this.#cells = cells;
    this.#checked = undefined;
    if (cells.length === 0) throw new Error('the file has no rows below its headings');
    return {
      headings: this.#headings,
      sample: cells.slice(0, SAMPLE_ROWS).map((row) => this.#headings.map((_, at) => textOf(row[at]))),
      rowCount: cells.length,
    };
  }

  suggest(entity: ImportEntity): ImportMapping {
    return suggestMapping(entity, this.#headings);
  }

  /** Forgets what was known, before `know` tells it anew. */
  forget(): void {
    this.#known = { customers: [], vehicles: [] };
  }

  /** Rows that are there already, some at a time. */
  know<K extends keyof ImportKnown>(table: K, rows: ImportKnown[K]): void {
    (this.#known[table] as unknown[]).push(...rows);
  }

  check(
    entity: ImportEntity,
    mapping: ImportMapping,
    place: { readonly country: string; readonly timeZone: string },
  ): DryRunReport {
    const run = dryRun(entity, this.#cells, mapping, { ...place, known: this.#known });
    this.#checked = { entity, mapping, run };
    const problems = this.#problems();
    return {
      okCount: run.okCount,
      badCount: run.badCount,
      warningCount: run.warningCount,
      problemCount: problems.length,
      problems: problems.slice(0, MAX_PROBLEMS_SHOWN),
    };
  }

  /** All problems as a file; `columns` are named line, field, value, problem, severity. */
  problemsFile(
    columns: readonly CsvColumn[],
    words: Readonly<Record<string, string>>,
    options: CsvOptions,
  ): Promise<Blob> {
    const rows = this.#problems().map((row) => ({
      ...row,
      field: words[row.field] ?? row.field,
      problem: words[row.problem] ?? row.problem,
      severity: words[row.severity] ?? row.severity,
    }));
    return writeRows('csv', columns, rows, options);
  }

  /** What was checked as transactions; `portion` gives each. Undefined when `begun` was begun with other rows. */
  plan(
    actor: Actor,
    fileName: string,
    place: { readonly country: string; readonly timeZone: string },
    series: Series | undefined,
    begun?: { readonly id: string; readonly print: string },
  ): Plan | undefined {
    if (!this.#checked) throw new Error('the file was not checked');
    const { entity, mapping, run } = this.#checked;
    const file = { entity, fileName, mapping, rows: run.rows };
    const plan = planImport(actor, file, { ...place, known: this.#known }, series, begun?.id);
    if (begun !== undefined && begun.print !== plan.print) return undefined;
    this.#portions = plan.portions;
    return { batchId: plan.batchId, portions: plan.portions.length, rows: run.okCount };
  }

  portion(index: number): readonly Statement[] {
    return this.#portions[index] ?? [];
  }

  /** Rows to be written, some at a time. */
  addRows(rows: readonly CsvRow[]): void {
    this.#exported.push(...rows);
  }

  /** A file of the rows that were added; the next file begins afresh. */
  write(format: FileFormat, columns: readonly CsvColumn[], options: CsvOptions): Promise<Blob> {
    const rows = this.#exported;
    this.#exported = [];
    return writeRows(format, columns, rows, options);
  }

  /** Rows that stay out first. */
  #problems(): ImportProblemRow[] {
    if (!this.#checked) return [];
    const { mapping, run } = this.#checked;
    const list = (rows: DryRun['rows']): ImportProblemRow[] =>
      rows.flatMap(({ line, findings }) =>
        findings.map((finding) => {
          const at = mapping[finding.field];
          return { ...finding, line, value: at === undefined ? '' : textOf(this.#cells[line - 2]?.[at]) };
        }),
      );
    return [
      ...list(run.rows.filter((row) => !isImportable(row))),
      ...list(run.rows.filter((row) => isImportable(row))),
    ];
  }
}

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return cell instanceof Date ? cell.toISOString().slice(0, 16).replace('T', ' ') : String(cell).trim();
}

expose(new FileWorker());
