/**
 * A reception before it is a row: what was typed into the first form, kept on this device with every key, so that a tab
 * that is closed or killed loses nothing. It is given up once it is saved, and after half a day.
 */
import * as v from 'valibot';

const KEY = 'taller.begun-reception';
/** Whoever left a form at lunch goes on with it; yesterday's customer is not today's. */
const KEPT_MS = 12 * 3_600_000;

const Begun = v.object({
  workspace: v.string(),
  atMs: v.number(),
  plate: v.string(),
  /** What is received: `vehicle` when it is known, or one to be made. */
  chosen: v.picklist(['searching', 'known', 'new']),
  vehicle: v.nullable(
    v.object({
      id: v.string(),
      plate: v.string(),
      plate_country: v.string(),
      vehicle: v.string(),
      odometer_last: v.nullable(v.number()),
      odometer_unit: v.string(),
      customer_id: v.nullable(v.string()),
      customer: v.string(),
      open_orders: v.number(),
    }),
  ),
  customer: v.nullable(v.object({ id: v.string(), name: v.string(), phone: v.string() })),
  /** Texts of the form by the names of its fields. */
  fields: v.record(v.string(), v.string()),
  concerns: v.string(),
  odometer: v.nullable(v.number()),
  promisedAt: v.nullable(v.number()),
});
export type BegunReception = v.InferOutput<typeof Begun>;

export function begunReception(
  workspace: string,
  nowMs: number,
  storage: Storage = localStorage,
): BegunReception | undefined {
  const read = v.safeParse(Begun, parsed(storage.getItem(KEY)));
  if (!read.success || read.output.workspace !== workspace) return undefined;
  return nowMs - read.output.atMs < KEPT_MS ? read.output : undefined;
}

/** Keeps it, or forgets it when there is nothing in it. */
export function keepBegunReception(begun: BegunReception, storage: Storage = localStorage): void {
  const isEmpty = begun.chosen === 'searching' && begun.plate.trim() === '';
  try {
    if (isEmpty) forgetBegunReception(storage);
    else storage.setItem(KEY, JSON.stringify(begun));
  } catch (error) {
    // QuotaExceededError: the form works on, and is lost with its tab.
    if (!(error instanceof DOMException)) throw error;
  }
}

export function forgetBegunReception(storage: Storage = localStorage): void {
  storage.removeItem(KEY);
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined; // not written by us
  }
}
