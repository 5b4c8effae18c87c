/** F2, first half: an inspection, and the findings it leaves. */
import { idBeside } from '../ids.ts';
import type { InspectionTemplateItem } from '../tables/catalog.ts';
import type { Finding } from '../tables/people.ts';
import type { InspectionItem } from '../tables/reception.ts';
import { addReadyMadeJob, type ReadyMadeJob } from './order-flow.ts';
import { type Actor, idFor, insert, knownUser, type Statement, statements, update } from './statement.ts';

export interface InspectionStart {
  readonly workOrderId: string;
  readonly vehicleId: string;
  readonly template: { readonly id: string; readonly version: number };
  readonly items: readonly Pick<
    InspectionTemplateItem,
    'section' | 'section_en' | 'label_es' | 'label_en' | 'unit' | 'sort'
  >[];
  /** Points of the last visit by label: their ids go to `carried_from_id`. */
  readonly lastItemIdByLabel?: ReadonlyMap<string, string>;
  readonly odometer?: number | null;
}

/** Starts an inspection with a copy of the template's points, in one transaction. */
export function startInspection(
  actor: Actor,
  start: InspectionStart,
): { id: string; statements: Statement[] } {
  const id = idBeside(start.workOrderId, actor.newId);
  return {
    id,
    statements: [
      insert('inspections', id, {
        work_order_id: start.workOrderId,
        vehicle_id: start.vehicleId,
        template_id: start.template.id,
        template_version: start.template.version,
        technician_id: knownUser(actor),
        started_at: actor.nowMs,
        odometer: start.odometer ?? null,
      }),
      ...start.items.map((item) =>
        insert('inspection_items', idBeside(id, actor.newId), {
          inspection_id: id,
          section: item.section,
          section_en: item.section_en,
          label: item.label_es,
          label_en: item.label_en,
          unit: item.unit,
          carried_from_id: start.lastItemIdByLabel?.get(item.label_es) ?? null,
          sort: item.sort,
        }),
      ),
    ],
  };
}

export function setInspectionItem(
  itemId: string,
  cells: Partial<Pick<InspectionItem, 'status' | 'value_milli' | 'note' | 'finding_id'>>,
): Statement[] {
  return statements(update('inspection_items', itemId, cells));
}

/** Light of a measure by the limits of its template point. */
export function statusOfMeasure(
  valueMilli: number,
  limits: { readonly warn_below: number | null; readonly fail_below: number | null },
): 'ok' | 'attention' | 'urgent' {
  if (limits.fail_below !== null && valueMilli < limits.fail_below) return 'urgent';
  if (limits.warn_below !== null && valueMilli < limits.warn_below) return 'attention';
  return 'ok';
}

/**
 * Seals the inspection and its points; every point that needs attention has become a finding by then, or is let go.
 * Each point carries its own seal, so that one changed later on a device that did not know stays as it was.
 */
export function completeInspection(actor: Actor, inspectionId: string): Statement[] {
  return statements(
    {
      sql: 'update inspection_items set sealed_at = ? where inspection_id = ? and sealed_at is null',
      params: [actor.nowMs, inspectionId],
    },
    update('inspections', inspectionId, { completed_at: actor.nowMs }),
  );
}

/** A finding from a point of an inspection: it returns at the next visit until it is done or declined for good. */
export function addFinding(
  actor: Actor,
  finding: Pick<Finding, 'vehicle_id' | 'description' | 'severity'> &
    Partial<
      Pick<Finding, 'work_order_id' | 'inspection_item_id' | 'est_minor' | 'revisit_at' | 'revisit_km'>
    >,
): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  return {
    id,
    statements: statements(
      insert('findings', id, finding),
      finding.inspection_item_id
        ? update('inspection_items', finding.inspection_item_id, { finding_id: id })
        : undefined,
    ),
  };
}

/** "Add to estimate": the finding becomes a proposed job of the order, with the lines of its ready-made job if it has one. */
export function quoteFinding(
  actor: Actor,
  finding: Pick<Finding, 'id' | 'description'>,
  workOrderId: string,
  options: { readonly readyMade?: ReadyMadeJob | undefined; readonly sort?: number } = {},
): { jobId: string; statements: Statement[] } {
  const job = options.readyMade ?? { title: finding.description, lines: [] };
  const added = addReadyMadeJob(actor, workOrderId, job, {
    concern: finding.description,
    finding_id: finding.id,
    sort: options.sort ?? 0,
  });
  return {
    jobId: added.id,
    statements: statements(added.statements, update('findings', finding.id, { status: 'quoted' })),
  };
}

/** The finding is mended by a job that is proposed already, and follows what becomes of it. */
export function quoteWithJob(findingId: string, jobId: string): Statement[] {
  return statements(
    update('wo_jobs', jobId, { finding_id: findingId }),
    update('findings', findingId, { status: 'quoted' }),
  );
}
