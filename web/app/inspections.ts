/** Inspections of an order: what there is to look at, what was found, and what the last visit said. */
import { msg } from '@lit/localize';
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import type { IconName } from './icons.ts';
import { notLate } from './late-parts.ts';
import type { PhotoRow } from './receptions.ts';

export type Light = 'ok' | 'attention' | 'urgent' | 'na';
export const LIGHTS: readonly Light[] = ['ok', 'attention', 'urgent', 'na'];

export interface InspectedOrder extends ResultRow {
  readonly id: string;
  readonly number: string;
  readonly vehicle_id: string | null;
  readonly customer_id: string | null;
  readonly price_list_id: string | null;
  readonly odometer_in: number | null;
  readonly locked_at: number | null;
  readonly unlocked_at: number | null;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
  readonly inspection_id: string | null;
}

/** The order with its latest inspection. */
export function inspectedOrderQuery(orderId: string | undefined): SqlQuery {
  return sql`
    select o.id, o.number, o.vehicle_id, o.customer_id, o.price_list_id, o.odometer_in, o.locked_at, o.unlocked_at,
      coalesce(v.plate, '') as plate, coalesce(v.plate_country, 'ES') as plate_country,
      trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle,
      (select i.id from inspections i where i.work_order_id = o.id order by i.started_at desc, i.id desc limit 1) as inspection_id
    from work_orders o left join vehicles v on v.id = o.vehicle_id where o.id = ${orderId}`;
}

export interface InspectionRow extends ResultRow {
  readonly id: string;
  readonly started_at: number;
  readonly completed_at: number | null;
  readonly technician: string;
}

export function inspectionQuery(id: string): SqlQuery {
  return sql`
    select i.id, i.started_at, i.completed_at, coalesce(u.display_name, '') as technician
    from inspections i left join users u on u.id = i.technician_id where i.id = ${id}`;
}

export interface PointRow extends ResultRow {
  readonly id: string;
  readonly section: string;
  readonly section_en: string;
  readonly label: string;
  readonly label_en: string;
  readonly status: Light | null;
  readonly value_milli: number | null;
  readonly unit: string;
  readonly note: string;
  readonly finding_id: string | null;
  readonly finding_status: string | null;
  readonly kind: string;
  readonly warn_below: number | null;
  readonly fail_below: number | null;
  readonly photo_required: number;
  readonly canned_job_id: string | null;
  readonly last_status: Light | null;
  readonly last_value_milli: number | null;
}

/** The points with the limits of their template and what the last visit said. */
export function pointsQuery(inspectionId: string): SqlQuery {
  return sql`
    select p.id, p.section, p.section_en, p.label, p.label_en, p.status, p.value_milli, p.unit, p.note,
      p.finding_id, f.status as finding_status, coalesce(t.kind, 'status') as kind, t.warn_below, t.fail_below,
      coalesce(t.photo_required, 0) as photo_required, t.canned_job_id,
      b.status as last_status, b.value_milli as last_value_milli
    from inspection_items p
    join inspections i on i.id = p.inspection_id
    left join inspection_template_items t on t.template_id = i.template_id and t.label_es = p.label
    left join findings f on f.id = p.finding_id
    left join inspection_items b on b.id = p.carried_from_id
    where p.inspection_id = ${inspectionId} and ${notLate('p', 'inspection_items')} group by p.id order by p.sort, p.id`;
}

export interface TemplateRow extends ResultRow {
  readonly id: string;
  readonly version: number;
  readonly name_es: string;
  readonly name_en: string;
  readonly points: number;
}

export const templatesQuery = (): SqlQuery => sql`
  select t.id, t.version, t.name_es, t.name_en,
    (select count(*) from inspection_template_items i where i.template_id = t.id) as points
  from inspection_templates t where t.active = 1 order by t.name_es`;

export interface TemplatePoint extends ResultRow {
  readonly section: string;
  readonly section_en: string;
  readonly label_es: string;
  readonly label_en: string;
  readonly unit: string;
  readonly sort: number;
}

export const templatePointsQuery = (templateId: string): SqlQuery => sql`
  select section, section_en, label_es, label_en, unit, sort from inspection_template_items
  where template_id = ${templateId} order by sort, id`;

export interface LastPoint extends ResultRow {
  readonly id: string;
  readonly label: string;
}

/** Points of the vehicle's last completed inspection. */
export const lastPointsQuery = (vehicleId: string): SqlQuery => sql`
  select p.id, p.label from inspection_items p
  where p.status is not null and p.inspection_id = (
    select id from inspections where vehicle_id = ${vehicleId} and completed_at is not null
    order by completed_at desc limit 1)`;

/** Photos of every point of an inspection, each with the point it is of. */
export interface PointPhoto extends PhotoRow {
  readonly entity_id: string;
}

export const pointPhotosQuery = (inspectionId: string): SqlQuery => sql`
  select a.id, a.kind, a.slot, a.sha256, a.thumb_sha256, a.caption, a.entity_id from attachments a
  join inspection_items p on p.id = a.entity_id
  where p.inspection_id = ${inspectionId} and a.entity = 'inspection_items' and a.kind = 'photo' order by a.created_at, a.id`;

/** A light is told by its drawing and its word; colour only adds to them. */
export function lightMark(light: Light): readonly [IconName, string] {
  switch (light) {
    case 'ok':
      return ['check', msg('Bien')];
    case 'attention':
      return ['hourglass', msg('Atención')];
    case 'urgent':
      return ['alert', msg('Urgente')];
    case 'na':
      return ['more', msg('No aplica')];
  }
}
