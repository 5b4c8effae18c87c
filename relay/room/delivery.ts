/**
 * One append on its way to those who follow: what it is made of, and the frames it becomes. Frames are made once for
 * all members with the same grants.
 */
import { type Grants, mayRead } from '../../shared/permissions/grants.ts';
import { type ControlFromRelay, encodeFrame } from '../../shared/protocol/wire.ts';
import type { StoredAppend } from '../log/flusher.ts';
import type { LogRow } from '../log/log.ts';
import { type Frame, frameOf } from '../socket/frame.ts';
import { SYNC_UPDATE, syncPrefix } from './messages.ts';

export interface UnitPart {
  readonly document: string;
  readonly documentId: number;
  readonly epoch: number;
  readonly seq: number;
  readonly update: Uint8Array;
}

/** One append, to be delivered whole. */
export interface Unit {
  readonly parts: readonly UnitPart[];
  /** Present when this instance appended it. */
  readonly own: StoredAppend | undefined;
  /** Known of what was read from the log. */
  readonly storedAtMs: number | undefined;
}

/** What one delivery means for a replica: frames to send, or, for who sent it, the positions alone. */
export interface Delivery {
  readonly frames: readonly Frame[];
  readonly origin: object | undefined;
  readonly ownFrames: () => readonly Frame[];
}

export function controlFrame(message: ControlFromRelay): Frame {
  return frameOf(encodeFrame({ kind: 'control', message }));
}

export function documentFrame(
  { id, name, epoch }: { readonly id: number; readonly name: string; readonly epoch: number },
  head: number,
): Frame {
  return controlFrame({ type: 'document', number: id, name, epoch, head });
}

/** An own append. */
export function unitOf(stored: StoredAppend): Unit {
  const { pending, outcome } = stored;
  return {
    parts: outcome.parts.map((part, index) => ({ ...part, update: pending.request.parts[index]!.update })),
    own: stored,
    storedAtMs: undefined,
  };
}

/** The stock message of an update: [sync, update, bytes]. */
export function messageOf(update: Uint8Array): Uint8Array {
  const prefix = syncPrefix(SYNC_UPDATE, update.length);
  const message = new Uint8Array(prefix.length + update.length);
  message.set(prefix);
  message.set(update, prefix.length);
  return message;
}

/** What members with these grants get of a unit; undefined for nothing. */
export function deliveryFor(
  grants: Grants,
  unit: Unit,
  messages: readonly Uint8Array[],
): Delivery | undefined {
  const readable: number[] = [];
  unit.parts.forEach(({ document }, index) => {
    if (mayRead(grants, document)) readable.push(index);
  });
  if (readable.length === 0) return undefined;
  const encode = (own: boolean) =>
    readable.map((index, place) => {
      const { documentId: number, epoch, seq } = unit.parts[index]!;
      const more = place < readable.length - 1;
      const payload = own ? new Uint8Array() : messages[index]!;
      return frameOf(
        encodeFrame({ kind: 'update', number, epoch, fromSeq: seq, toSeq: seq, more, own, payload }),
      );
    });
  let ownFrames: readonly Frame[] | undefined;
  return {
    frames: encode(false),
    origin: unit.own?.pending.origin,
    ownFrames: () => {
      ownFrames ??= encode(true);
      return ownFrames;
    },
  };
}

/** Appends as the log has them, in its order; `own` finds those of this instance by commit. */
export function unitsOfRows(
  rows: readonly LogRow[],
  nameOf: (documentId: number) => string,
  own: (commit: string) => StoredAppend | undefined,
): Unit[] {
  const units: Unit[] = [];
  for (let at = 0; at < rows.length; ) {
    const { position, commit, storedAtMs } = rows[at]!;
    const parts: UnitPart[] = [];
    for (; at < rows.length && rows[at]!.position === position; at++) {
      const { documentId, epoch, seq, update } = rows[at]!;
      parts.push({ documentId, document: nameOf(documentId), epoch, seq, update });
    }
    units.push({ parts, own: commit === undefined ? undefined : own(commit), storedAtMs });
  }
  return units;
}
