/**
 * How instances of the relay hear of each other. Pointers say what was appended (never the updates: the reader
 * fetches by seq what it lacks); lanes carry small things that nobody stores, such as awareness. Both may be lost:
 * whoever listens also looks for itself from time to time [FAN-1].
 *
 * The log publishes the pointers, inside the append's own transaction; a Fanout only brings them.
 */

/** A document was appended to by another instance, up to `seq`. */
export interface Pointer {
  readonly workspace: string;
  readonly documentId: number;
  readonly epoch: number;
  readonly seq: number;
}

export interface FanoutListener {
  /** Pointers of one append of another instance. */
  onPointers(pointers: readonly Pointer[]): void;
  /** A message of another instance. */
  onMessage(lane: string, payload: string): void;
  /** Something may have been missed (the connection was lost and is back, or time has passed): look for yourself. */
  onSuspect(): void;
}

export interface Fanout {
  /** Name of this instance; its own pointers and messages do not come back to it. */
  readonly instance: string;
  /** Resolves once it listens, or after the first failed attempt: it goes on trying by itself. */
  start(listener: FanoutListener): Promise<void>;
  /**
   * Sends to the listeners of every other instance, without waiting and without a promise to arrive. A lane is
   * `[a-z-]+`; payloads beyond MAX_LANE_PAYLOAD bytes are dropped.
   */
  publish(lane: string, payload: string): void;
  close(): Promise<void>;
}

/** A Postgres notification takes 8 000 bytes, a few of which name instance and lane. */
export const MAX_LANE_PAYLOAD = 7_900;
