/** CSV as spreadsheets write and read it: separators and decimals of the country, quotes, no formulas that run. */

export interface CsvOptions {
  /** `;` where the decimal comma is used, as Excel does. */
  readonly separator: ';' | ',' | '\t';
  readonly decimalComma: boolean;
  /** IANA name of the zone that times are written in. */
  readonly timeZone: string;
}

export const SPANISH_CSV: CsvOptions = { separator: ';', decimalComma: true, timeZone: 'Europe/Madrid' };

/** How a column is written. `money` is minor units with two decimals, `quantity` thousandths, `timestamp` ms. */
export type CsvKind =
  | 'text'
  | 'integer'
  | 'money'
  | 'quantity'
  | 'percent-bp'
  | 'timestamp'
  | 'date'
  | 'boolean';

export interface CsvColumn {
  /** Name of the cell in the row. */
  readonly name: string;
  readonly label: string;
  readonly kind: CsvKind;
}

export type CsvRow = Readonly<Record<string, unknown>>;

/** Byte order mark: without it Excel reads UTF-8 as the code page of the country. */
const BOM = '\uFEFF';

export function toCsv(columns: readonly CsvColumn[], rows: Iterable<CsvRow>, options: CsvOptions): string {
  const lines = [columns.map(({ label }) => field(label, options)).join(options.separator)];
  for (const row of rows) {
    lines.push(
      columns
        .map((column) => field(cellText(row[column.name], column.kind, options), options, column.kind))
        .join(options.separator),
    );
  }
  return `${BOM}${lines.join('\r\n')}\r\n`;
}

/** A cell as text; empty for null. Used for Excel's text cells too. */
export function cellText(value: unknown, kind: CsvKind, options: CsvOptions): string {
  if (value === null || value === undefined || value === '') return '';
  const number = Number(value);
  switch (kind) {
    case 'text':
      return String(value);
    case 'integer':
      return String(number);
    case 'money':
      return decimal(number, 2, options);
    case 'quantity':
      return decimal(number, 3, options);
    case 'percent-bp':
      return decimal(number, 2, options);
    case 'boolean':
      return number === 0 ? '0' : '1';
    case 'timestamp':
      return wallTime(number, options.timeZone);
    case 'date':
      return wallTime(number, options.timeZone).slice(0, 10);
  }
}

/** `decimal(-1999, 2)` -> `-19.99`; trailing zeros of quantities go. */
function decimal(units: number, decimals: 2 | 3, { decimalComma }: CsvOptions): string {
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, -decimals);
  const rest = decimals === 3 ? digits.slice(-decimals).replace(/0+$/, '') : digits.slice(-decimals);
  return `${units < 0 ? '-' : ''}${whole}${rest === '' ? '' : (decimalComma ? ',' : '.') + rest}`;
}

/** `2026-11-22 09:30:00` in the zone. */
function wallTime(ms: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(ms);
}

function field(text: string, { separator }: CsvOptions, kind: CsvKind = 'text'): string {
  // A text that begins like a formula is run by spreadsheets; the apostrophe makes it text (OWASP, CSV injection).
  const safe = kind === 'text' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /["\r\n]/.test(safe) || safe.includes(separator) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows of a CSV file, the first one usually its headers. The separator is the one its first line has most of. */
export function parseCsv(text: string): string[][] {
  const body = text.startsWith(BOM) ? text.slice(1) : text;
  const separator = separatorOf(body);
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < body.length; at++) {
    const character = body[at];
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (body[at + 1] === '"') {
        cell += '"';
        at++;
      } else isQuoted = false;
    } else if (character === '"' && cell === '') isQuoted = true;
    else if (character === separator) {
      row.push(cell);
      cell = '';
    } else if (character === '\n' || character === '\r') {
      // The second half of a CRLF makes a blank row, which is left out below.
      rows.push([...row, cell]);
      row = [];
      cell = '';
    } else cell += character;
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell]);
  return rows.filter((cells) => cells.some((one) => one.trim() !== ''));
}

function separatorOf(text: string): string {
  const firstLine = text.slice(0, text.search(/[\r\n]|$/));
  const counts = [';', ',', '\t', '|'].map((separator) => ({
    separator,
    count: firstLine.split(separator).length,
  }));
  return counts.sort((a, b) => b.count - a.count)[0]?.separator ?? ';';
}
