/**
 * Orders whose series counts on the server [TALLER-11]: made without a number on any device, also with no network; the
 * relay gives the next one once the order has reached it. For a workshop whose law wants one series for all devices.
 */
import { documentOf } from '../documents/route.ts';
import type { Numbering, WaitingRow } from '../schema/application.ts';
import { insert } from './flows/statement.ts';
import { formatNumber, serverSeriesOf } from './numbers.ts';
import { tallerSchema } from './schema.ts';

const ORDERS = tallerSchema.tables.find(({ name }) => name === 'work_orders')!;

export const orderNumbering: Numbering = {
  waiting: `select o.workspace, s.id as series, o.id as row_id, greatest(s.next_hint, coalesce(s.range_from, 1))::int as first_number,
  s.range_to::int as last_number, s.prefix, s.year::int as year, s.pad::int as pad
from report.document_series s
join report.work_orders o on o.workspace = s.workspace and o.series_id = s.id and o.number = ''
where s.mode = 'server' and s.doc_type = 'work_order' and s.active
order by o.workspace, o.opened_at, o.id`,
  write: (row, number) => ({
    label: 'wo.number',
    documents: [documentOf(tallerSchema, ORDERS.name, { id: row.row_id })],
    statements: [
      // Its id says what it is, so that a second write meets the first.
      onlyOnce(
        insert('number_uses', `${row.series}:${number}`, {
          series_id: row.series,
          number,
          document_id: row.row_id,
          doc_type: 'work_order',
        }),
      ),
      {
        sql: `update work_orders set number = ? where id = ? and number = ''`,
        params: [formatNumber(serverSeriesOf(seriesOf(row)), number), row.row_id],
      },
    ],
  }),
};

function onlyOnce({ sql, params }: ReturnType<typeof insert>) {
  return { sql: `${sql} on conflict (id) do nothing`, params };
}

function seriesOf(row: WaitingRow) {
  return { id: row.series, prefix: String(row.prefix), year: Number(row.year), pad: Number(row.pad) };
}
