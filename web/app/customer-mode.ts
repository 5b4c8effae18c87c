/**
 * Customer mode: the tablet is in a customer's hands and shows one estimate, and nothing else, until somebody of the
 * workshop takes it back with a PIN. It is remembered on the device, so a reload, another tab or a typed address lead
 * back to it. It keeps a customer from wandering about, not somebody who has the tablet's files.
 *
 *   handOver ──► every address leads to /cliente-vista/<token> ──(PIN)──► takeBack ──► the page it came from
 */
import * as v from 'valibot';
import { hashPin, verifyPin } from '../../shared/taller/pin.ts';

const KEY = 'taller.customer-mode';
const PATH = '/cliente-vista/';
/** A few slips are everyday; after them each further one costs time. */
const FREE_TRIES = 5;
const WAIT_MS = 30_000;

const Pin = v.object({ pin_hash: v.string(), pin_salt: v.string() });
const HandedOver = v.object({
  /** Names this handing over in the address; means nothing elsewhere. */
  token: v.string(),
  orderId: v.string(),
  estimateId: v.string(),
  returnTo: v.string(),
  /** Made for this handing over, where the workshop has no PIN yet. */
  code: v.optional(Pin),
  /** What the customer has chosen so far, by wo_jobs.id. */
  choices: v.record(v.string(), v.picklist(['approved', 'declined'])),
  wrongTries: v.number(),
  waitUntilMs: v.number(),
});
export type HandedOver = v.InferOutput<typeof HandedOver>;

/** What a customer has in hand now; undefined while the tablet is the workshop's. */
export function handedOver(storage: Storage = localStorage): HandedOver | undefined {
  const text = storage.getItem(KEY);
  if (text === null) return undefined;
  try {
    return v.parse(HandedOver, JSON.parse(text));
  } catch {
    return undefined; // another build wrote it: nobody is kept out of their own tablet
  }
}

/** Gives the address of what the customer sees. `code` takes it back where no user has a PIN. */
export async function handOver(
  what: Pick<HandedOver, 'orderId' | 'estimateId' | 'returnTo'>,
  code?: string,
  storage: Storage = localStorage,
): Promise<string> {
  const made = code === undefined ? undefined : await hashPin(code);
  const token = crypto.randomUUID();
  keep(storage, {
    ...what,
    token,
    ...(made ? { code: { pin_hash: made.hash, pin_salt: made.salt } } : {}),
    choices: {},
    wrongTries: 0,
    waitUntilMs: 0,
  });
  return PATH + token;
}

/** Where an address leads while the tablet is handed over; the address itself while it is not. */
export function guardedPath(path: string, storage: Storage = localStorage): string {
  const given = handedOver(storage);
  return given ? PATH + given.token : path;
}

export function keepChoices(choices: HandedOver['choices'], storage: Storage = localStorage): void {
  const given = handedOver(storage);
  if (given) keep(storage, { ...given, choices });
}

export type TakenBack =
  | { readonly done: true; readonly returnTo: string }
  | { readonly done: false; readonly because: 'wrong' }
  | { readonly done: false; readonly because: 'wait'; readonly untilMs: number };

/** Ends customer mode with the PIN of any of `users`, or the code it was handed over with. */
export async function takeBack(
  pin: string,
  users: readonly { readonly pin_hash: string; readonly pin_salt: string }[],
  nowMs: number,
  storage: Storage = localStorage,
): Promise<TakenBack> {
  const given = handedOver(storage);
  if (!given) return { done: true, returnTo: '/' };
  if (nowMs < given.waitUntilMs) return { done: false, because: 'wait', untilMs: given.waitUntilMs };
  for (const user of given.code ? [given.code, ...users] : users) {
    if (!(await verifyPin(pin, user))) continue;
    storage.removeItem(KEY);
    return { done: true, returnTo: given.returnTo };
  }
  const wrongTries = given.wrongTries + 1;
  const waitUntilMs = wrongTries >= FREE_TRIES ? nowMs + WAIT_MS : 0;
  keep(storage, { ...given, wrongTries, waitUntilMs });
  return waitUntilMs > 0
    ? { done: false, because: 'wait', untilMs: waitUntilMs }
    : { done: false, because: 'wrong' };
}

/** Calls `onChange` when another tab of this device hands the tablet over or takes it back. */
export function watchHandingOver(onChange: () => void): () => void {
  const hear = (event: StorageEvent) => {
    if (event.key === KEY) onChange();
  };
  window.addEventListener('storage', hear);
  return () => window.removeEventListener('storage', hear);
}

function keep(storage: Storage, given: HandedOver): void {
  storage.setItem(KEY, JSON.stringify(given));
}
