/**
 * Whether an update may be stored, found out without a Y.Doc: reads it to the end (so that nobody who applies it is
 * surprised) and looks at the clocks of the registers in it. Throws ProtocolError on what Yjs would not have written.
 */
import * as Y from 'yjs';
import { ProtocolError } from '../../shared/protocol/commit.ts';
import { scanUpdate, type UpdateScan } from '../../shared/registers/update-scan.ts';

/** A register says that it was written later than the relay's clock allows. */
export class ClockAheadError extends Error {
  override name = 'ClockAheadError';
}

export interface UpdateCheck {
  /** Highest hlc that a register may carry. */
  readonly maxHlc: number;
}

export function checkUpdate(update: Uint8Array, { maxHlc }: UpdateCheck): UpdateScan {
  const scan = scanUpdate(update);
  let structs: ReturnType<typeof Y.decodeUpdate>['structs'];
  try {
    structs = Y.decodeUpdate(update).structs;
  } catch {
    throw new ProtocolError('update cannot be read');
  }
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentAny)) continue;
    for (const value of struct.content.arr) {
      if (hlcOfRegister(value) > maxHlc)
        throw new ClockAheadError('a register is stamped with a time to come');
    }
  }
  return scan;
}

/** The hlc of `[hlc, seen, value]`, 0 for any other value. */
function hlcOfRegister(value: unknown): number {
  if (!Array.isArray(value) || value.length !== 3) return 0;
  const [hlc, seen] = value as unknown[];
  return typeof hlc === 'number' && typeof seen === 'number' && Number.isSafeInteger(hlc) ? hlc : 0;
}

/** What an update brings of one client, and how far it reaches into what others must have brought before. */
export interface ClientClocks {
  /** First clock it brings; undefined when it brings none. */
  from: number | undefined;
  /** The clock after the last it brings. */
  to: number;
  /** The clock after the last that it deletes or stands beside, and that it does not bring itself. */
  reach: number;
}

export function clocksOf(scan: UpdateScan): Map<number, ClientClocks> {
  const clocks = new Map<number, ClientClocks>();
  const of = (client: number): ClientClocks => {
    let found = clocks.get(client);
    if (!found) {
      found = { from: undefined, to: 0, reach: 0 };
      clocks.set(client, found);
    }
    return found;
  };
  for (const { client, clock, length, skip } of scan.structs) {
    if (skip) continue;
    const found = of(client);
    found.from = Math.min(found.from ?? clock, clock);
    found.to = Math.max(found.to, clock + length);
  }
  const reach = (client: number, until: number) => {
    const found = of(client);
    const isOwn = found.from !== undefined && until > found.from && until <= found.to;
    if (!isOwn) found.reach = Math.max(found.reach, until);
  };
  for (const { client, clock, length } of scan.deletes) reach(client, clock + length);
  for (let at = 0; at < scan.needs.length; at += 2) reach(scan.needs[at]!, scan.needs[at + 1]! + 1);
  return clocks;
}
