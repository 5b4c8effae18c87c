/**
 * Taking a number inside the transaction that uses it: the statement counts on from the rows that are there when
 * it runs, so two tabs of one device never take the same one, and a transaction that fails takes none.
 */
import type { DocType, Series } from '../numbers.ts';
import type { Expression, Statement } from './statement.ts';

export interface NumberTaken {
  /** Run before the row that carries the number; undefined when it gets one later. */
  readonly take: Statement | undefined;
  /** The number as text, for the row that carries it. */
  readonly text: Expression;
}

/**
 * Takes the next number of a series for a document. When the range of the authority is used up no row is
 * inserted and the number is null, which the NOT NULL of the row that carries it then refuses. A series of the server
 * gives none here: the row is made without, and the relay writes it [TALLER-11].
 */
export function takeNumber(series: Series, docType: DocType, documentId: string, useId: string): NumberTaken {
  if (series.countedBy === 'server') return { take: undefined, text: { expression: `''`, params: [] } };
  const next = `max(coalesce((select max(number) from number_uses where series_id = ?), 0) + 1, ?)`;
  const limit = series.lastNumber === undefined ? '' : ` where ${next} <= ?`;
  const nextParams = [series.id, series.firstNumber];
  return {
    take: {
      sql: `insert into number_uses (id, series_id, number, document_id, doc_type) select ?, ?, ${next}, ?, ?${limit}`,
      params: [
        useId,
        series.id,
        ...nextParams,
        documentId,
        docType,
        ...(series.lastNumber === undefined ? [] : [...nextParams, series.lastNumber]),
      ],
    },
    text: {
      expression: `(select ? || case when length(number) >= ? then cast(number as text) else substr('000000000000' || number, -?) end from number_uses where id = ?)`,
      params: [series.head, series.pad, series.pad, useId],
    },
  };
}
