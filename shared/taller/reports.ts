/**
 * Views of schema `report` for people who make reports, over the tables that Taller has. Every view has a
 * `workspace` column; money stays in minor units, hours and shares are numeric. Months and days are the workshop's
 * in Europe/Madrid unless the setting `tz` says otherwise (view `workshop`).
 */
import type { ReportView } from '../schema/application.ts';
import { partViews } from './reports-parts.ts';

/** Time zone of each workspace: the value of its setting, without the quotes of JSON. */
const workshop: ReportView = {
  name: 'workshop',
  comment: 'one row per workspace: the settings that reports need',
  sql: `select w.workspace,
  coalesce((select s.value_json #>> '{}' from report.settings s where s.workspace = w.workspace and s.key = 'tz' and s.scope = 'workshop' limit 1), 'Europe/Madrid') as tz,
  coalesce((select s.value_json #>> '{}' from report.settings s where s.workspace = w.workspace and s.key = 'trade_name' and s.scope = 'workshop' limit 1), w.workspace) as trade_name
from (select workspace from report.users union select workspace from report.work_orders) w`,
};

/** Rounded like lineNetMinor: numeric round goes half away from zero. */
const orderLineNets: ReportView = {
  name: 'order_line_nets',
  comment:
    'net of each line, minor units; lines of a job with a lump price sell for nothing, the job itself stands in their place; what the customer declined is marked and is owed by nobody; of the options of a group only the one that counts is here',
  // Of each group what was taken, else what waits, else what was declined, the first of them: as in options.ts [OPT-1].
  sql: `with passed_over as (select workspace, id from (
    select workspace, id, row_number() over (partition by workspace, work_order_id, option_group order by
      case approval when 'proposed' then 1 when 'declined' then 2 else 0 end, sort, created_at, id) as place
    from report.wo_jobs where option_group <> '') p where place > 1)
select l.workspace, l.work_order_id, l.id as line_id, l.job_id, l.kind, l.technician_id, l.item_id, l.created_by,
  l.tax_rate_bp, l.qty_milli, l.billed_minutes,
  case when l.kind = 'text' or j.lump_price_minor is not null then 0
    else round(l.qty_milli::numeric * l.unit_price_minor * (10000 - l.discount_bp) / 10000000) end::bigint as net_minor,
  case when l.kind = 'text' then 0
    else round(l.qty_milli::numeric * l.unit_price_minor / 1000) - round(l.qty_milli::numeric * l.unit_price_minor * (10000 - l.discount_bp) / 10000000) end::bigint as discount_minor,
  case when l.customer_supplied then 0 else round(l.qty_milli::numeric * l.unit_cost_minor / 1000) end::bigint as cost_minor,
  coalesce(j.approval = 'declined', false) as declined
from report.wo_lines l
left join report.wo_jobs j on j.workspace = l.workspace and j.id = l.job_id
where not exists (select 1 from passed_over p where p.workspace = l.workspace and p.id = l.job_id)
union all
select j.workspace, j.work_order_id, null, j.id, 'lump', j.technician_id, null, j.created_by,
  coalesce((select max(l.tax_rate_bp) from report.wo_lines l where l.workspace = j.workspace and l.job_id = j.id and l.kind <> 'text'), 0),
  1000, 0, j.lump_price_minor, 0, 0, j.approval = 'declined'
from report.wo_jobs j where j.lump_price_minor is not null
  and not exists (select 1 from passed_over p where p.workspace = j.workspace and p.id = j.id)`,
};

const orderTaxes: ReportView = {
  name: 'order_taxes',
  comment:
    'net and tax of each order by rate, without what the customer declined; where a discount spans several rates a cent may differ from the printed document',
  sql: `with sums as (
  select workspace, work_order_id, tax_rate_bp, sum(net_minor) as net,
    sum(sum(net_minor)) over (partition by workspace, work_order_id) as subtotal
  from report.order_line_nets where not declined group by workspace, work_order_id, tax_rate_bp),
discounted as (
  select s.*, least(greatest(round(s.subtotal * o.discount_bp / 10000.0) + o.discount_minor, 0), greatest(s.subtotal, 0)) as discount
  from sums s join report.work_orders o on o.workspace = s.workspace and o.id = s.work_order_id)
select workspace, work_order_id, tax_rate_bp,
  (net - case when subtotal = 0 then 0 else round(discount * net / subtotal) end)::bigint as net_minor,
  round((net - case when subtotal = 0 then 0 else round(discount * net / subtotal) end) * tax_rate_bp / 10000.0)::bigint as tax_minor
from discounted`,
};

const orderTotals: ReportView = {
  name: 'order_totals',
  comment:
    'one row per order: customer, vehicle, status, amounts in minor units and margin; what the customer declined stands apart in declined_net_minor',
  sql: `select o.workspace, o.id as work_order_id, o.number, o.status_key, st.phase, o.opened_at, o.promised_at, o.ready_at, o.delivered_at,
  (o.opened_at at time zone w.tz)::date as opened_on,
  (o.delivered_at at time zone w.tz)::date as delivered_on,
  o.advisor_id, o.technician_id, o.customer_id, c.name as customer_name, o.vehicle_id, v.plate, v.make, v.model,
  coalesce(t.net, 0)::bigint as net_minor, coalesce(t.tax, 0)::bigint as tax_minor, coalesce(t.net + t.tax, 0)::bigint as total_minor,
  coalesce(n.parts_net, 0)::bigint as parts_net_minor, coalesce(n.labour_net, 0)::bigint as labour_net_minor,
  coalesce(n.cost, 0)::bigint as cost_minor, coalesce(n.billed_minutes, 0)::bigint as billed_minutes,
  coalesce(k.clocked_minutes, 0)::bigint as clocked_minutes, coalesce(n.declined_net, 0)::bigint as declined_net_minor
from report.work_orders o
join report.workshop w on w.workspace = o.workspace
left join report.wo_statuses st on st.workspace = o.workspace and st.key = o.status_key
left join report.customers c on c.workspace = o.workspace and c.id = o.customer_id
left join report.vehicles v on v.workspace = o.workspace and v.id = o.vehicle_id
left join (select workspace, work_order_id, sum(net_minor) as net, sum(tax_minor) as tax
  from report.order_taxes group by workspace, work_order_id) t on t.workspace = o.workspace and t.work_order_id = o.id
left join (select workspace, work_order_id, sum(net_minor) filter (where kind = 'part' and not declined) as parts_net,
  sum(net_minor) filter (where kind in ('labour', 'lump') and not declined) as labour_net,
  sum(cost_minor) filter (where not declined) as cost, sum(billed_minutes) filter (where not declined) as billed_minutes,
  sum(net_minor) filter (where declined) as declined_net
  from report.order_line_nets group by workspace, work_order_id) n on n.workspace = o.workspace and n.work_order_id = o.id
left join (select workspace, work_order_id, sum(extract(epoch from stopped_at - started_at) / 60) as clocked_minutes
  from report.time_entries where stopped_at is not null group by workspace, work_order_id) k on k.workspace = o.workspace and k.work_order_id = o.id`,
};

const sales: readonly ReportView[] = [
  {
    name: 'work_in_progress',
    comment: 'value of the orders that are in the shop, by status; amounts in minor units',
    sql: `select workspace, status_key, count(*) as orders, sum(net_minor)::bigint as net_minor, sum(total_minor)::bigint as total_minor,
  count(*) filter (where promised_at < now() and phase not in ('ready')) as late, min(opened_at) as oldest_opened_at
from report.order_totals where phase in ('draft', 'open', 'waiting', 'work', 'quality', 'ready')
group by workspace, status_key`,
  },
  {
    name: 'sales_by_day',
    comment: 'delivered orders by day and advisor; amounts in minor units',
    sql: `select workspace, delivered_on as day, advisor_id, count(*) as orders, sum(net_minor)::bigint as net_minor, sum(tax_minor)::bigint as tax_minor,
  sum(total_minor)::bigint as total_minor, sum(parts_net_minor)::bigint as parts_net_minor, sum(labour_net_minor)::bigint as labour_net_minor
from report.order_totals where phase = 'delivered' and delivered_on is not null group by workspace, delivered_on, advisor_id`,
  },
  {
    name: 'sales_by_month',
    comment:
      'average order, car count, hours per order, effective labour rate and margin by month of delivery',
    sql: `select workspace, date_trunc('month', delivered_on)::date as month, count(*) as orders, count(distinct vehicle_id) as cars,
  sum(net_minor)::bigint as net_minor, sum(tax_minor)::bigint as tax_minor, round(avg(net_minor))::bigint as average_order_minor,
  round(sum(billed_minutes) / 60.0, 2) as billed_hours, round(sum(billed_minutes) / 60.0 / count(*), 2) as hours_per_order,
  case when sum(billed_minutes) > 0 then round(sum(labour_net_minor) * 60.0 / sum(billed_minutes))::bigint end as labour_minor_per_hour,
  sum(cost_minor)::bigint as cost_minor, sum(net_minor - cost_minor)::bigint as margin_minor
from report.order_totals where phase = 'delivered' and delivered_on is not null group by workspace, date_trunc('month', delivered_on)`,
  },
  {
    name: 'sales_by_category',
    comment: 'what delivered orders sold, by month and category of the item; labour has no category',
    sql: `select n.workspace, date_trunc('month', o.delivered_on)::date as month, n.kind, i.category_id, c.name_es as category,
  sum(n.net_minor)::bigint as net_minor, sum(n.cost_minor)::bigint as cost_minor, sum(n.net_minor - n.cost_minor)::bigint as margin_minor
from report.order_line_nets n
join report.order_totals o on o.workspace = n.workspace and o.work_order_id = n.work_order_id and o.phase = 'delivered' and o.delivered_on is not null
left join report.items i on i.workspace = n.workspace and i.id = n.item_id
left join report.categories c on c.workspace = n.workspace and c.id = i.category_id
where not n.declined
group by n.workspace, date_trunc('month', o.delivered_on), n.kind, i.category_id, c.name_es`,
  },
  {
    name: 'customer_sales',
    comment: 'visits and turnover of each customer; duplicates count for the one they were merged into',
    sql: `with recursive kept as (
  select workspace, id, id as at, merged_into_id as next, 0 as step from report.customers
  union all
  select k.workspace, k.id, c.id, c.merged_into_id, step + 1 from kept k join report.customers c on c.workspace = k.workspace and c.id = k.next where step < 8),
ends as (select distinct on (workspace, id) workspace, id, at from kept order by workspace, id, step desc)
select o.workspace, e.at as customer_id, c.name, count(*) as orders, max(o.opened_at) as last_visit_at, sum(o.net_minor)::bigint as net_minor
from report.order_totals o
join ends e on e.workspace = o.workspace and e.id = o.customer_id
join report.customers c on c.workspace = e.workspace and c.id = e.at
where o.phase <> 'cancelled' group by o.workspace, e.at, c.name`,
  },
  {
    name: 'discounts_by_user',
    comment: 'discounts given on lines, by who made the line and month; minor units',
    sql: `select n.workspace, n.created_by as user_id, date_trunc('month', o.opened_on)::date as month, count(*) as lines, sum(n.discount_minor)::bigint as discount_minor
from report.order_line_nets n join report.order_totals o on o.workspace = n.workspace and o.work_order_id = n.work_order_id
where n.discount_minor > 0 and not n.declined group by n.workspace, n.created_by, date_trunc('month', o.opened_on)`,
  },
];

const estimates: readonly ReportView[] = [
  {
    name: 'estimate_states',
    comment: 'every estimate that was sent, with what became of it',
    // A decision on a job belongs to the last version sent before it that names the job, as in estimates.ts
    // [TALLER-17]; the options of a group have one answer together [OPT-2].
    sql: `with sent as (select * from report.estimates where status <> 'draft'),
named as (select distinct e.workspace, e.id as estimate_id, e.sent_at, l.job_id, coalesce(nullif(l.option_group, ''), l.job_id) as choice
  from sent e join report.estimate_lines l on l.workspace = e.workspace and l.estimate_id = e.id where l.job_id is not null),
decided as (select distinct on (a.workspace, v.estimate_id, a.entity_id) a.workspace, v.estimate_id, v.choice, a.decision, a.instead_id, a.amount_minor
  from report.approvals a
  cross join lateral (select n.estimate_id, n.choice from named n
    where n.workspace = a.workspace and n.job_id = a.entity_id and n.sent_at <= a.created_at order by n.sent_at desc limit 1) v
  where a.entity = 'job' order by a.workspace, v.estimate_id, a.entity_id, a.created_at desc),
answered as (select workspace, estimate_id, count(*) filter (where instead_id is null) as jobs, count(distinct choice) as choices,
    count(*) filter (where decision = 'approved') as approved,
    sum(amount_minor) filter (where decision = 'approved') as approved_minor,
    sum(amount_minor) filter (where decision = 'declined' and instead_id is null) as declined_minor
  from decided group by workspace, estimate_id)
select e.workspace, e.id as estimate_id, e.number, e.version, e.work_order_id, e.customer_id, e.sent_at, e.valid_until, e.total_minor,
  case when d.jobs > 0 and d.choices < (select count(distinct n.choice) from named n where n.workspace = e.workspace and n.estimate_id = e.id) then 'partial'
    when d.jobs > 0 and d.approved = d.jobs then 'approved'
    when d.jobs > 0 and d.approved = 0 then 'declined'
    when d.jobs > 0 then 'partial'
    when exists (select 1 from sent s where s.workspace = e.workspace and s.work_order_id = e.work_order_id and s.sent_at > e.sent_at)
      then 'superseded'
    when d.choices > 0 then 'declined'
    when e.valid_until < now() then 'expired' else 'sent' end as state,
  coalesce(d.approved_minor, 0)::bigint as approved_minor, coalesce(d.declined_minor, 0)::bigint as declined_minor
from sent e left join answered d on d.workspace = e.workspace and d.estimate_id = e.id`,
  },
  {
    name: 'estimate_closing',
    comment: 'closing ratio of estimates by month sent, by count and by amount',
    sql: `select s.workspace, date_trunc('month', s.sent_at at time zone w.tz)::date as month, count(*) as sent,
  count(*) filter (where state in ('approved', 'partial')) as closed,
  round(count(*) filter (where state in ('approved', 'partial'))::numeric / count(*), 4) as closing_ratio,
  sum(total_minor)::bigint as sent_minor, sum(approved_minor)::bigint as approved_minor, sum(declined_minor)::bigint as declined_minor
from report.estimate_states s join report.workshop w on w.workspace = s.workspace
where state <> 'superseded' group by s.workspace, date_trunc('month', s.sent_at at time zone w.tz)`,
  },
  {
    name: 'deferred_work',
    comment: 'findings that were not mended, with the owner of the vehicle today',
    sql: `select f.workspace, f.id as finding_id, f.description, f.severity, f.status, f.est_minor, f.created_at as found_at, f.declined_at, v.plate, v.make, v.model,
  o.customer_id, c.name as customer_name, c.phone
from report.findings f
join report.vehicles v on v.workspace = f.workspace and v.id = f.vehicle_id
left join lateral (select customer_id from report.vehicle_owners x where x.workspace = f.workspace and x.vehicle_id = f.vehicle_id
  and x.role = 'owner' and x.to_at is null order by x.from_at desc limit 1) o on true
left join report.customers c on c.workspace = f.workspace and c.id = o.customer_id
where f.status in ('open', 'quoted', 'declined')`,
  },
];

const workshopViews: readonly ReportView[] = [
  {
    name: 'technician_hours',
    comment: 'hours clocked and billed per technician and month; efficiency is billed by clocked on jobs',
    sql: `with clocked as (
  select e.workspace, e.technician_id, date_trunc('month', e.started_at at time zone w.tz)::date as month,
    sum(extract(epoch from e.stopped_at - e.started_at) / 3600) filter (where e.kind = 'job') as job_hours,
    sum(extract(epoch from e.stopped_at - e.started_at) / 3600) filter (where e.kind <> 'job') as other_hours
  from report.time_entries e join report.workshop w on w.workspace = e.workspace where e.stopped_at is not null
  group by 1, 2, 3),
billed as (
  select n.workspace, n.technician_id, date_trunc('month', o.delivered_on)::date as month, sum(n.billed_minutes) / 60.0 as billed_hours
  from report.order_line_nets n join report.order_totals o on o.workspace = n.workspace and o.work_order_id = n.work_order_id
  where n.kind = 'labour' and not n.declined and o.phase = 'delivered' and o.delivered_on is not null and n.technician_id is not null group by 1, 2, 3)
select coalesce(c.workspace, b.workspace) as workspace, coalesce(c.technician_id, b.technician_id) as technician_id, coalesce(c.month, b.month) as month,
  round(coalesce(c.job_hours, 0), 2) as clocked_hours, round(coalesce(c.other_hours, 0), 2) as other_hours, round(coalesce(b.billed_hours, 0), 2) as billed_hours,
  case when c.job_hours > 0 then round(coalesce(b.billed_hours, 0) / c.job_hours, 4) end as efficiency
from clocked c full join billed b on b.workspace = c.workspace and b.technician_id = c.technician_id and b.month = c.month`,
  },
  {
    name: 'comebacks',
    comment: 'orders whose work came back, by technician of the first one',
    sql: `select b.workspace, f.technician_id, b.id as work_order_id, b.number, f.id as first_order_id, f.number as first_number, b.opened_at
from report.work_orders b join report.work_orders f on f.workspace = b.workspace and f.id = b.comeback_of_id`,
  },
  {
    name: 'promises',
    comment: 'promised against delivered by month: an order is on time when it was ready by then',
    sql: `select workspace, date_trunc('month', opened_on)::date as month, count(*) as promised,
  count(*) filter (where coalesce(ready_at, delivered_at) <= promised_at) as on_time,
  round(count(*) filter (where coalesce(ready_at, delivered_at) <= promised_at)::numeric / count(*), 4) as on_time_share
from report.order_totals where promised_at is not null and coalesce(ready_at, delivered_at) is not null
group by workspace, date_trunc('month', opened_on)`,
  },
  {
    name: 'time_in_status',
    comment: 'how long each order stood in each status; the present one counts until now',
    sql: `select workspace, work_order_id, to_key as status_key, created_at as from_at, next_at as to_at,
  round(extract(epoch from coalesce(next_at, now()) - created_at) / 3600, 2) as hours
from (select workspace, work_order_id, to_key, created_at, lead(created_at) over (partition by workspace, work_order_id order by created_at, id) as next_at
  from report.wo_status_log) s`,
  },
  {
    name: 'vehicles_on_site',
    comment: 'vehicles inside by the last passage of the gate',
    sql: `select * from (select distinct on (workspace, plate_norm) workspace, plate_norm, plate, vehicle_id, person, direction, at
  from report.gate_events e where kind = 'vehicle' and plate_norm <> ''
    and not exists (select 1 from report.gate_voids z where z.workspace = e.workspace and z.gate_event_id = e.id) order by workspace, plate_norm, at desc, id desc) g where direction = 'in'`,
  },
  {
    name: 'running_clocks',
    comment: 'clocks that are running; a technician with more than one has something to resolve',
    sql: `select workspace, technician_id, id as time_entry_id, work_order_id, job_id, started_at, count(*) over (partition by workspace, technician_id) as running
from report.time_entries where stopped_at is null`,
  },
  {
    name: 'duplicate_numbers',
    alarm: 'true',
    comment: 'numbers that two devices gave: each is mended by another document, never by renumbering',
    sql: `select workspace, series_id, number, count(*) as uses, array_agg(document_id order by created_at, document_id) as document_ids
from report.number_uses group by workspace, series_id, number having count(*) > 1`,
  },
  {
    name: 'number_gaps',
    comment: 'numbers missing between the first and the last used of a series',
    sql: `select workspace, series_id, previous + 1 as gap_from, number - 1 as gap_to from (
  select workspace, series_id, number, lag(number) over (partition by workspace, series_id order by number) as previous from report.number_uses) n
where previous is not null and number > previous + 1`,
  },
];

export const tallerReportViews: readonly ReportView[] = [
  workshop,
  orderLineNets,
  orderTaxes,
  orderTotals,
  ...sales,
  ...estimates,
  ...workshopViews,
  ...partViews,
];
