/** A statement with its values apart from its text: sql`… where id = ${id}` -> { sql: '… where id = ?', params: [id] }. */
import type { CellValue } from '../../shared/schema/table.ts';
import type { Statement } from './engine-messages.ts';

/** What a page may put in a statement; booleans become 0 and 1, undefined becomes null. */
export type SqlValue = CellValue | boolean | undefined;

export interface SqlQuery extends Statement {
  readonly sql: string;
  readonly params: readonly CellValue[];
}

export function sql(strings: TemplateStringsArray, ...values: readonly (SqlValue | SqlQuery)[]): SqlQuery {
  let text = strings[0]!;
  const params: CellValue[] = [];
  values.forEach((value, index) => {
    if (isQuery(value)) {
      text += value.sql;
      params.push(...value.params);
    } else {
      text += '?';
      params.push(cellOf(value));
    }
    text += strings[index + 1]!;
  });
  return { sql: text, params };
}

function isQuery(value: SqlValue | SqlQuery): value is SqlQuery {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}

function cellOf(value: SqlValue): CellValue {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value;
}
