/** Files of rows: CSV as spreadsheets save it, and .xlsx. The libraries for .xlsx are loaded when they are needed. */
import {
  type CsvColumn,
  type CsvOptions,
  type CsvRow,
  cellText,
  parseCsv,
  toCsv,
} from '../../../shared/taller/csv.ts';

export type FileFormat = 'csv' | 'xlsx';

/** Signature of a zip archive, which .xlsx is. */
const ZIP = [0x50, 0x4b];

/** Rows of cells, the headings first; blank rows left out. Throws for what is neither. */
export async function readRows(bytes: ArrayBuffer): Promise<readonly (readonly unknown[])[]> {
  const start = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  if (ZIP.every((byte, index) => start[index] === byte)) {
    const { readSheet } = await import('read-excel-file/universal');
    const rows = (await readSheet(bytes)).map((row) => row.map(wholeSeconds));
    return rows.filter((row) => row.some((cell) => cell !== null && String(cell).trim() !== ''));
  }
  return parseCsv(decode(bytes));
}

/** A time is a fraction of a day in .xlsx: half past nine comes back as 09:29:59.999. */
function wholeSeconds(cell: unknown): unknown {
  return cell instanceof Date ? new Date(Math.round(cell.getTime() / 1000) * 1000) : cell;
}

/** UTF-8, or what Excel writes on Windows where it does not say. */
function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes); // TypeError: not UTF-8
  }
}

export async function writeRows(
  format: FileFormat,
  columns: readonly CsvColumn[],
  rows: readonly CsvRow[],
  options: CsvOptions,
): Promise<Blob> {
  if (format === 'csv') return new Blob([toCsv(columns, rows, options)], { type: 'text/csv;charset=utf-8' });
  const { default: writeXlsx } = await import('write-excel-file/universal');
  const head = columns.map(({ label }) => ({ value: label, fontWeight: 'bold' as const }));
  const body = rows.map((row) => columns.map((column) => excelCell(row[column.name], column, options)));
  const widths = columns.map(({ kind, label }) => ({
    width: kind === 'text' ? 24 : Math.max(14, label.length + 2),
  }));
  return writeXlsx([head, ...body], { columns: widths, stickyRowsCount: 1, sheet: 'Taller' }).toBlob();
}

/** Numbers and times as such, so that a spreadsheet can add and sort; times are those of the workshop's zone. */
function excelCell(value: unknown, { kind }: CsvColumn, options: CsvOptions) {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  switch (kind) {
    case 'integer':
    case 'boolean':
      return { value: number, type: Number };
    case 'money':
    case 'percent-bp':
      return { value: number / 100, type: Number, format: '#,##0.00' };
    case 'quantity':
      return { value: number / 1000, type: Number };
    case 'timestamp':
    case 'date': {
      const wall = cellText(value, kind, options).replace(' ', 'T');
      const date = new Date(kind === 'date' ? `${wall}T00:00:00Z` : `${wall}Z`);
      return { value: date, type: Date, format: kind === 'date' ? 'dd/mm/yyyy' : 'dd/mm/yyyy hh:mm' };
    }
    case 'text':
      return { value: String(value), type: String };
  }
}
