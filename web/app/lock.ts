/**
 * The lock of a shared tablet: after some minutes without a touch, or when somebody asks, it shows who works here and
 * wants a PIN. Kept on the device, so a reload stays locked; every tab follows. Like the PIN (pin.ts), it keeps people
 * from writing under another's name, not somebody who has the tablet's files.
 */
import * as v from 'valibot';
import { verifyPin } from '../../shared/taller/pin.ts';

const LOCK_KEY = 'taller.lock';
const ACTIVE_KEY = 'taller.active-at';
/** A few slips are everyday; after them each further one costs time. */
const FREE_TRIES = 5;
const WAIT_MS = 30_000;
/** Touches are noted at most this often. */
const NOTE_EVERY_MS = 2_000;
/** Timers of browsers are 32 bits. */
const LONGEST_WAIT_MS = 24 * 60 * 60_000;

const Lock = v.object({ wrongTries: v.number(), waitUntilMs: v.number() });

export function isLocked(storage: Storage = localStorage): boolean {
  return storage.getItem(LOCK_KEY) !== null;
}

export function lock(storage: Storage = localStorage): void {
  if (!isLocked(storage)) keep(storage, { wrongTries: 0, waitUntilMs: 0 });
}

/** Somebody has taken it over. */
export function unlock(storage: Storage = localStorage): void {
  storage.removeItem(LOCK_KEY);
}

export type Entry =
  | { readonly open: true }
  | { readonly open: false; readonly because: 'wrong' }
  | { readonly open: false; readonly because: 'wait'; readonly untilMs: number };

/** Whether this user's PIN opens it; `unlock` then opens it. */
export async function checkPin(
  pin: string,
  user: { readonly pin_hash: string; readonly pin_salt: string },
  nowMs: number,
  storage: Storage = localStorage,
): Promise<Entry> {
  const { wrongTries, waitUntilMs } = read(storage);
  if (nowMs < waitUntilMs) return { open: false, because: 'wait', untilMs: waitUntilMs };
  if (await verifyPin(pin, user)) return { open: true };
  const tries = wrongTries + 1;
  const untilMs = tries >= FREE_TRIES ? nowMs + WAIT_MS : 0;
  keep(storage, { wrongTries: tries, waitUntilMs: untilMs });
  return untilMs > 0 ? { open: false, because: 'wait', untilMs } : { open: false, because: 'wrong' };
}

/** Calls `onChange` when another tab of this device locks or unlocks it. */
export function watchLock(onChange: () => void): () => void {
  const hear = (event: StorageEvent) => {
    if (event.key === LOCK_KEY) onChange();
  };
  window.addEventListener('storage', hear);
  return () => window.removeEventListener('storage', hear);
}

/**
 * Calls `onIdle` once nobody has touched any tab of this device for `idleMs`; `Stop` ends it. Looks again when the
 * tablet wakes up.
 */
export function watchIdle(idleMs: number, onIdle: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const activeAtMs = (): number => Number(localStorage.getItem(ACTIVE_KEY) ?? 0);
  const note = () => {
    if (Date.now() - activeAtMs() > NOTE_EVERY_MS) localStorage.setItem(ACTIVE_KEY, String(Date.now()));
  };
  const look = () => {
    clearTimeout(timer);
    const leftMs = activeAtMs() + idleMs - Date.now();
    if (leftMs <= 0) onIdle();
    timer = setTimeout(look, Math.min(leftMs <= 0 ? idleMs : leftMs, LONGEST_WAIT_MS));
  };
  localStorage.setItem(ACTIVE_KEY, String(Date.now()));
  for (const event of ['pointerdown', 'keydown'] as const) window.addEventListener(event, note);
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    clearTimeout(timer);
    for (const event of ['pointerdown', 'keydown'] as const) window.removeEventListener(event, note);
    document.removeEventListener('visibilitychange', look);
  };
}

function read(storage: Storage): v.InferOutput<typeof Lock> {
  try {
    return v.parse(Lock, JSON.parse(storage.getItem(LOCK_KEY) ?? '{}'));
  } catch {
    return { wrongTries: 0, waitUntilMs: 0 }; // not locked, or by another build
  }
}

function keep(storage: Storage, state: v.InferOutput<typeof Lock>): void {
  storage.setItem(LOCK_KEY, JSON.stringify(state));
}
