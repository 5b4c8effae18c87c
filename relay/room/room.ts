import { scanUpdate } from '../../shared/registers/update-scan.ts';
import { type Frame, frameOf } from '../socket/frame.ts';
import { AwarenessLane, type AwarenessOptions } from './awareness.ts';
import type { Knowledge } from './knowledge.ts';

/** A stock client in a room. */
export interface StockMember {
  /** One update that was stored, of whoever. Never throws. */
  deliver(frame: Frame): void;
  deliverAwareness(update: Uint8Array): void;
  /** The document is not what the member was told it is: it must connect again. */
  comeBack(sentence: string): void;
}

/** A replica that wants to know who is at a document. */
export interface AwarenessMember {
  deliverAwareness(update: Uint8Array, room: Room): void;
}

/** Everyone at one document of one workspace, here on this instance. The document need not exist yet. */
export class Room {
  readonly name: string;
  readonly stock = new Set<StockMember>();
  readonly watchers = new Set<AwarenessMember>();
  readonly awareness: AwarenessLane;
  /** What the stored document holds, once a stock client needed it; kept current by every delivery. */
  knowledge: Knowledge | undefined;

  constructor(name: string, awareness: AwarenessOptions) {
    this.name = name;
    this.awareness = new AwarenessLane(awareness);
  }

  get isEmpty(): boolean {
    return this.stock.size === 0 && this.watchers.size === 0;
  }

  /**
   * Gives one stored update to every stock client, and answers how many. `onFault`: the update cannot be read, so what
   * the document holds is found out anew when it is asked for.
   */
  deliver(update: Uint8Array, message: Uint8Array, onFault: (error: unknown) => void): number {
    if (this.stock.size === 0) return 0;
    if (this.knowledge) {
      try {
        this.knowledge.add(scanUpdate(update));
      } catch (error) {
        this.knowledge = undefined;
        onFault(error);
      }
    }
    const frame = frameOf(message);
    for (const member of this.stock) member.deliver(frame);
    return this.stock.size;
  }
}
