/** F1, while the wizard runs: a draft that every step saves, with its checklist and the marks on the car. */
import type { DamageMark, ReceptionCheck } from '../tables/reception.ts';
import { type Actor, idFor, insert, knownUser, type Statement, statements, update } from './statement.ts';

/** Columns of a draft that the wizard fills, step by step. */
export interface ReceptionDraft {
  readonly vehicle_id?: string | null;
  readonly customer_id?: string | null;
  readonly delivered_by_name?: string;
  readonly odometer?: number | null;
  readonly odometer_note?: string;
  readonly fuel_eighths?: number | null;
  readonly keys_count?: number;
  readonly key_tag?: string;
  readonly purpose?: 'estimate' | 'repair' | null;
  readonly concerns?: string;
  readonly belongings?: string;
  readonly promised_at?: number | null;
  readonly estimate_cost_minor?: number;
  readonly estimate_waived?: number;
  readonly accepts_used_parts?: number;
  readonly wants_old_parts?: number;
  readonly allows_test_drive?: number;
  readonly privacy_ack?: number;
  readonly tow_in?: number;
}

/** A new draft. Returns its id; `received_at` is now and the advisor is who made it. */
export function startReception(
  actor: Actor,
  draft: ReceptionDraft = {},
): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  return {
    id,
    statements: [
      insert('receptions', id, {
        received_at: actor.nowMs,
        advisor_id: knownUser(actor),
        status: 'draft',
        ...draft,
      }),
    ],
  };
}

export function saveReceptionDraft(id: string, draft: ReceptionDraft): Statement[] {
  return statements(update('receptions', id, { ...draft }));
}

/** Gives a draft up, or takes it up again; one that was signed meanwhile stays signed. */
export function discardReception(id: string, discarded: boolean): Statement[] {
  const [from, to] = discarded ? ['draft', 'cancelled'] : ['cancelled', 'draft'];
  return [{ sql: 'update receptions set status = ? where id = ? and status = ?', params: [to, id, from] }];
}

/** Sets one entry of the checklist; the id is made of reception and key, so two tablets meet in one row. */
export function setReceptionCheck(
  receptionId: string,
  check: Pick<ReceptionCheck, 'item_key' | 'label' | 'present'> & { readonly note?: string },
): Statement[] {
  return [
    {
      sql: `insert into reception_checks (id, reception_id, item_key, label, present, note) values (?, ?, ?, ?, ?, ?)
            on conflict (id) do update set label = excluded.label, present = excluded.present, note = excluded.note`,
      params: [
        `${receptionId}.${check.item_key}`,
        receptionId,
        check.item_key,
        check.label,
        check.present,
        check.note ?? '',
      ],
    },
  ];
}

export function addDamageMark(
  actor: Actor,
  receptionId: string,
  mark: Pick<DamageMark, 'view' | 'x_pm' | 'y_pm' | 'type'> & {
    readonly severity?: number;
    readonly note?: string;
  },
): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  return { id, statements: [insert('damage_marks', id, { reception_id: receptionId, ...mark })] };
}
