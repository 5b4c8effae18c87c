/** Views of schema `report` about parts: stock on hand, its value and movement. Quantities in thousandths. */
import type { ReportView } from '../schema/application.ts';

export const partViews: readonly ReportView[] = [
  {
    name: 'stock_on_hand',
    comment:
      'stock by item and location: the sum of its movements, thousandths; value at last cost, minor units',
    sql: `select m.workspace, m.item_id, i.sku, i.name_es, m.location_id, sum(m.qty_milli)::bigint as on_hand_milli,
  round(sum(m.qty_milli) * max(i.last_cost_minor) / 1000.0)::bigint as value_minor, max(m.at) as last_moved_at
from report.stock_movements m join report.items i on i.workspace = m.workspace and i.id = m.item_id
group by m.workspace, m.item_id, i.sku, i.name_es, m.location_id`,
  },
  {
    name: 'stock_alerts',
    alarm: `level = 'negative'`,
    comment: 'items below their minimum or below zero',
    sql: `select i.workspace, i.id as item_id, i.sku, i.name_es, coalesce(s.on_hand, 0)::bigint as on_hand_milli, i.min_milli, i.reorder_milli,
  case when coalesce(s.on_hand, 0) < 0 then 'negative' else 'low' end as level
from report.items i
left join (select workspace, item_id, sum(qty_milli) as on_hand from report.stock_movements group by workspace, item_id) s
  on s.workspace = i.workspace and s.item_id = i.id
where i.active and i.tracked and (coalesce(s.on_hand, 0) < 0 or coalesce(s.on_hand, 0) < i.min_milli)`,
  },
  {
    name: 'stock_card',
    comment: 'every movement of an item with the stock after it (kardex)',
    sql: `select workspace, item_id, at, id as movement_id, kind, qty_milli, unit_cost_minor, ref_type, ref_id, reason_code, note, created_by,
  sum(qty_milli) over (partition by workspace, item_id order by at, id)::bigint as on_hand_milli
from report.stock_movements`,
  },
  {
    name: 'stock_turns',
    comment: 'what left the stock in 90 days, turns a year, share of the value of exits and ABC class',
    sql: `with used as (
  select i.workspace, i.id as item_id, i.sku, i.name_es, i.last_cost_minor,
    coalesce(sum(m.qty_milli), 0) as on_hand,
    coalesce(-sum(m.qty_milli) filter (where m.kind in ('wo_issue', 'wo_return', 'sale', 'sale_return', 'scrap') and m.at > now() - interval '90 days'), 0) as used_milli,
    max(m.at) filter (where m.qty_milli < 0) as last_exit_at
  from report.items i left join report.stock_movements m on m.workspace = i.workspace and m.item_id = i.id
  where i.tracked group by i.workspace, i.id, i.sku, i.name_es, i.last_cost_minor),
ranked as (
  select *, used_milli * last_cost_minor / 1000.0 as used_minor,
    sum(used_milli * last_cost_minor) over (partition by workspace) as all_used,
    sum(used_milli * last_cost_minor) over (partition by workspace order by used_milli * last_cost_minor desc, item_id) as running
  from used)
select workspace, item_id, sku, name_es, on_hand::bigint as on_hand_milli, used_milli::bigint as used_90_days_milli, last_exit_at,
  case when on_hand > 0 then round(used_milli * 365.0 / 90 / on_hand, 2) end as turns_a_year,
  round(used_minor)::bigint as used_minor,
  case when used_milli <= 0 or all_used <= 0 then 'C' when running <= all_used * 0.8 then 'A' when running <= all_used * 0.95 then 'B' else 'C' end as abc
from ranked`,
  },
  {
    name: 'dead_stock',
    comment: 'items on the shelf that nothing took for 180 days',
    sql: `select workspace, item_id, sku, name_es, on_hand_milli, last_exit_at from report.stock_turns
where on_hand_milli > 0 and (last_exit_at is null or last_exit_at < now() - interval '180 days')`,
  },
  {
    name: 'parts_taken_not_sold',
    comment: 'parts that left the stock for an order whose line is gone or sells less of them (leak)',
    sql: `select m.workspace, m.ref_id as work_order_id, m.ref_line_id as line_id, m.item_id, (-sum(m.qty_milli))::bigint as taken_milli,
  coalesce(max(l.qty_milli), 0) as sold_milli
from report.stock_movements m left join report.wo_lines l on l.workspace = m.workspace and l.id = m.ref_line_id
where m.ref_type = 'work_orders' group by m.workspace, m.ref_id, m.ref_line_id, m.item_id
having -sum(m.qty_milli) > coalesce(max(l.qty_milli), 0)`,
  },
  {
    name: 'parts_waiting',
    comment:
      'lines whose part is not there yet, without what the customer declined and options that are not the one that counts',
    sql: `select l.workspace, l.id as line_id, l.work_order_id, o.number, l.sku, l.description, l.qty_milli, l.part_state, o.promised_at
from report.wo_lines l join report.work_orders o on o.workspace = l.workspace and o.id = l.work_order_id
join report.order_line_nets n on n.workspace = l.workspace and n.line_id = l.id and not n.declined
where l.kind = 'part' and l.part_state in ('needed', 'requested', 'ordered')`,
  },
];
