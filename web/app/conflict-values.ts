/** Values of a cell that two devices wrote: in words, and as somebody writes a third one. */
import { msg } from '@lit/localize';
import type { CellValue, Column } from '../../shared/schema/table.ts';
import { tallerSchema } from '../../shared/taller/schema.ts';
import { formatDateTime, formatDecimal, formatQuantity } from './format.ts';
import type { Locale } from './localisation.ts';
import { parseDecimal, parseWhole } from './parse-decimal.ts';

/** Kinds whose values people write, and what one of these is multiplied by before it is stored. */
const FACTORS: Readonly<Record<string, number>> = { text: 0, integer: 1, money: 100, quantity: 1000 };

export function cellInWords(
  table: string,
  column: string,
  value: CellValue,
  { nowMs, locale }: { readonly nowMs: number; readonly locale: Locale },
): string {
  if (value === null || value === '') return msg('vacío');
  if (typeof value !== 'number') return String(value);
  switch (columnOf(table, column)?.kind) {
    case 'money':
      return formatDecimal(value, locale);
    case 'quantity':
      return formatQuantity(value, locale);
    case 'timestamp':
      return formatDateTime(value, nowMs, locale);
    case 'boolean':
      return value === 0 ? msg('No') : msg('Sí');
    default:
      return String(value);
  }
}

/** Whether a third value can be typed: not where it is one of a list, a date or another record. */
export function isWritable(table: string, column: string): boolean {
  const found = columnOf(table, column);
  return found !== undefined && found.kind in FACTORS && !/\bin \(/i.test(found.check ?? '');
}

/** As it is stored; undefined where the text is no such value. "12,50" of a price -> 1250. */
export function writtenCell(table: string, column: string, text: string): CellValue | undefined {
  const found = columnOf(table, column);
  const factor = FACTORS[found?.kind ?? ''];
  const given = text.trim();
  if (found === undefined || factor === undefined) return undefined;
  if (given === '') return found.nullable ? null : factor === 0 ? '' : undefined;
  if (factor === 0) return given;
  const value = factor === 1 ? parseWhole(given) : parseDecimal(given);
  return value === undefined ? undefined : Math.round(value * factor);
}

function columnOf(table: string, column: string): Column | undefined {
  return tallerSchema.tables.find(({ name }) => name === table)?.columns[column];
}
