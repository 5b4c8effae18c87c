/** Chance with a seed: the same demo workspace every time. */
import { newId } from '../../base/ids.ts';

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** 0 … max - 1. */
  int(max: number): number;
  between(from: number, to: number): number;
  pick<T>(list: readonly T[]): T;
  /** True that often: 0.2 is one in five. */
  chance(share: number): boolean;
  /** A UUIDv7 at a time. */
  newId(atMs: number): string;
}

/** mulberry32 by Tommy Ettinger, public domain. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (max: number): number => Math.floor(next() * max);
  return {
    next,
    int,
    between: (from, to) => from + int(to - from + 1),
    pick: (list) => {
      const picked = list[int(list.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    chance: (share) => next() < share,
    newId: (atMs) => newId(atMs, (count) => Uint8Array.from({ length: count }, () => int(256))),
  };
}
