/** Ready-made jobs of the catalog, found by name and read with their lines when one is put into an order. */

import type { ReadyMadeJob } from '../../shared/taller/flows/order-flow.ts';
import type { PriceQuestion } from '../../shared/taller/prices.ts';
import { type CannedLine, type PriceSources, readyMadeJob } from '../../shared/taller/ready-made.ts';
import { fold, foldedGlob } from '../../shared/taller/search.ts';
import type { CannedJob } from '../../shared/taller/tables/catalog.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';

export interface ReadyMadeHit extends ResultRow {
  readonly id: string;
  readonly name: string;
  readonly est_minutes: number;
}

/** By code or name, in either language; undefined while too little is typed. */
export function readyMadeHitsQuery(text: string): SqlQuery | undefined {
  const words = fold(text);
  if (words.length < 2) return undefined;
  return sql`
    select id, name_es as name, est_minutes from canned_jobs
    where active = 1 and (lower(code) like ${`%${words}%`} or name_es glob ${foldedGlob(words)} or name_en glob ${foldedGlob(words)})
    order by name_es limit 6`;
}

interface LineRow extends ResultRow {
  readonly kind: CannedLine['kind'];
  readonly description: string;
  readonly qty_milli: number;
  readonly unit_price_minor: number | null;
  readonly minutes: number;
  readonly sort: number;
  readonly item_id: string | null;
  readonly sku: string;
  readonly name_es: string;
  readonly unit: string;
  readonly price_minor: number;
  readonly last_cost_minor: number;
  readonly tax_rate_id: string | null;
  readonly tax_rate_bp: number;
}

/** Undefined when it is not there any more. */
export async function readReadyMade(
  engine: EngineClient,
  id: string,
  order: { readonly price_list_id: string | null; readonly customer_id: string | null },
  atMs: number,
): Promise<ReadyMadeJob | undefined> {
  const [jobs, lines, sources] = await Promise.all([
    engine.query<CannedJob & ResultRow>(sql`select * from canned_jobs where id = ${id}`),
    engine.query<LineRow>(sql`
      select l.kind, l.description, l.qty_milli, l.unit_price_minor, l.minutes, l.sort, i.id as item_id, i.sku, i.name_es,
        i.unit, i.price_minor, i.last_cost_minor, i.tax_rate_id, coalesce(t.rate_bp, 0) as tax_rate_bp
      from canned_job_lines l
      left join items i on i.id = l.item_id
      left join tax_rates t on t.id = i.tax_rate_id
      where l.canned_job_id = ${id} order by l.sort, l.id`),
    priceSources(engine, order, atMs),
  ]);
  const job = jobs[0];
  return job && readyMadeJob(job, lines.map(lineOf), sources);
}

function lineOf(row: LineRow): CannedLine {
  const { item_id: id } = row;
  return { ...row, item: id === null ? undefined : { ...row, id } };
}

async function priceSources(
  engine: EngineClient,
  order: { readonly price_list_id: string | null; readonly customer_id: string | null },
  atMs: number,
): Promise<PriceSources> {
  const list = sql`coalesce(${order.price_list_id}, (select price_list_id from customers where id = ${order.customer_id}))`;
  const [hours, lists, listItems] = await Promise.all([
    engine.query(sql`
      select coalesce((select amount_minor_h from labour_rates where active = 1 order by valid_from desc limit 1), 0) as amount_minor_h,
        (select id from tax_rates where is_default = 1 and active = 1 limit 1) as tax_rate_id,
        coalesce((select rate_bp from tax_rates where is_default = 1 and active = 1 limit 1), 0) as tax_rate_bp`),
    engine.query(sql`select * from price_lists where id = ${list}`),
    engine.query(sql`select * from price_list_items where price_list_id = ${list}`),
  ]);
  return {
    hour: hours[0] as unknown as PriceSources['hour'],
    ...(lists[0] ? { list: lists[0] as unknown as NonNullable<PriceQuestion['list']> } : {}),
    listItems: listItems as unknown as NonNullable<PriceQuestion['listItems']>,
    atMs,
  };
}
