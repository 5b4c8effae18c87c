/** Odometer readings: a lower one needs a reason, kilometres and miles are compared as distances [TALLER-21]. */
import { mulDivRound } from './money.ts';

export interface Reading {
  readonly value: number;
  readonly unit: 'km' | 'mi';
}

/** Seven digits are the longest odometer made. */
const MAX_READING = 9_999_999;

export type ReadingDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly because: 'not-a-reading' | 'lower-needs-reason' };

export function decideReading(reading: Reading, last: Reading | undefined, reason: string): ReadingDecision {
  if (!Number.isInteger(reading.value) || reading.value < 0 || reading.value > MAX_READING)
    return { allowed: false, because: 'not-a-reading' };
  if (last !== undefined && metresOf(reading) < metresOf(last) && reason.trim() === '')
    return { allowed: false, because: 'lower-needs-reason' };
  return { allowed: true };
}

/** Nobody says why this reading is lower than the last one; both in the vehicle's unit. */
export function lacksReason(value: number | null, last: number | null, reason: string): boolean {
  if (value === null || last === null) return false;
  const decision = decideReading({ value, unit: 'km' }, { value: last, unit: 'km' }, reason);
  return !decision.allowed && decision.because === 'lower-needs-reason';
}

/** `convertReading({ value: 100, unit: 'mi' }, 'km')` -> 161. */
export function convertReading(reading: Reading, unit: 'km' | 'mi'): number {
  if (reading.unit === unit) return reading.value;
  return unit === 'km'
    ? mulDivRound(reading.value, 1_609_344, 1_000_000)
    : mulDivRound(reading.value, 1_000_000, 1_609_344);
}

function metresOf({ value, unit }: Reading): number {
  return unit === 'km' ? value * 1000 : value * 1609.344;
}
