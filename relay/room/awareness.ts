/**
 * Who is here, per document: the latest state of each Yjs client, never stored. Changes are gathered and sent as one
 * message to everyone in the room, the sender included, at most once per interval [AWARE-1].
 *
 * Clocks follow y-protocols/awareness: a higher clock wins, and at the same clock only a farewell (null) counts.
 */
import { createDecoder, hasContent, readVarString, readVarUint } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import { ProtocolError } from '../../shared/protocol/commit.ts';
import type { PresenceAccounts } from './presence-accounts.ts';

/** Cursors move at the rate of a video frame; people see 20 a second as live. */
const INTERVAL_MS = 50;
/** y-protocols forgets a client after 30 s without a sign; farewells are kept a while, to recognise a return. */
const STALE_MS = 45_000;
/** Clients that one socket may speak for: a page with a few editors. */
const MAX_CLIENTS_PER_OWNER = 20;

interface Presence {
  clock: number;
  /** JSON as it came; `null` is a farewell. */
  state: string;
  /** The socket that brought it; undefined when another instance did. */
  owner: object | undefined;
  seenAtMs: number;
}

export interface AwarenessOptions {
  readonly maxBytes: number;
  readonly maxClients: number;
  /** Of the sockets that speak here, shared by all documents they are at. */
  readonly accounts: PresenceAccounts;
  readonly nowMs: () => number;
  /** An awareness update (y-protocols encoding) for everyone here. `local`: the part that began at this instance. */
  readonly broadcast: (update: Uint8Array, local: Uint8Array | undefined) => void;
}

export class AwarenessLane {
  readonly #options: AwarenessOptions;
  readonly #presences = new Map<number, Presence>();
  readonly #changed = new Set<number>();
  #lastSentAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AwarenessOptions) {
    this.#options = options;
  }

  /**
   * Takes in what a socket (or, without an owner, another instance) says. Answers with what the sender must be told
   * at once: that it is believed gone, so that it says again with a higher clock that it is not. Throws ProtocolError.
   */
  receive(update: Uint8Array, owner: object | undefined): Uint8Array | undefined {
    if (update.length > this.#options.maxBytes)
      throw new ProtocolError(`awareness message is larger than ${this.#options.maxBytes} bytes`);
    const now = this.#options.nowMs();
    const returned: number[] = [];
    for (const { client, clock, state } of decode(update)) {
      const known = this.#presences.get(client);
      const isFarewell = state === 'null';
      if (known) {
        if (clock === known.clock && !isFarewell && known.state === 'null' && owner) returned.push(client);
        const isNews = clock > known.clock || (clock === known.clock && isFarewell && known.state !== 'null');
        if (clock === known.clock && owner === known.owner) known.seenAtMs = now;
        // A peer that only repeats what it heard has no news.
        if (!isNews || !this.#say(known, owner, state)) continue;
        known.clock = clock;
        known.seenAtMs = now;
      } else {
        if (isFarewell || !this.#hasRoomFor(owner)) continue;
        const presence: Presence = { clock, state: 'null', owner: undefined, seenAtMs: now };
        if (!this.#say(presence, owner, state)) continue;
        this.#presences.set(client, presence);
      }
      this.#changed.add(client);
    }
    this.#schedule();
    return returned.length > 0 ? this.#encode(returned) : undefined;
  }

  /** A socket ended: whoever it spoke for is gone. */
  leave(owner: object): void {
    for (const [client, presence] of this.#presences) {
      if (presence.owner !== owner) continue;
      const wasHere = presence.state !== 'null';
      this.#say(presence, undefined, 'null');
      if (!wasHere) continue;
      presence.seenAtMs = this.#options.nowMs();
      this.#changed.add(client);
    }
    this.#schedule();
  }

  /** Everyone who is here, for someone who comes in; undefined for nobody. */
  everyone(): Uint8Array | undefined {
    const present = [...this.#presences]
      .filter(([, { state }]) => state !== 'null')
      .map(([client]) => client);
    return present.length > 0 ? this.#encode(present) : undefined;
  }

  /** Whom sockets of this instance speak for; another instance asks. */
  local(): Uint8Array | undefined {
    const own = [...this.#presences]
      .filter(([, { state, owner }]) => owner && state !== 'null')
      .map(([client]) => client);
    return own.length > 0 ? this.#encode(own) : undefined;
  }

  /** Forgets old farewells, and those of other instances that gave no sign for long. Call now and then. */
  sweep(): void {
    const oldest = this.#options.nowMs() - STALE_MS;
    for (const [client, presence] of this.#presences) {
      if (presence.seenAtMs > oldest || (presence.owner && presence.state !== 'null')) continue;
      if (presence.state === 'null') {
        this.#presences.delete(client);
        continue;
      }
      presence.state = 'null';
      presence.seenAtMs = this.#options.nowMs();
      this.#changed.add(client);
    }
    this.#schedule();
  }

  get size(): number {
    return this.#presences.size;
  }

  /** The last one left. Other instances are told at once, since nobody will be here to tell them later. */
  close(): void {
    this.#flush();
  }

  #hasRoomFor(owner: object | undefined): boolean {
    if (this.#presences.size >= this.#options.maxClients) return false;
    if (!owner) return true;
    let count = 0;
    for (const presence of this.#presences.values()) if (presence.owner === owner) count++;
    return count < MAX_CLIENTS_PER_OWNER;
  }

  /** False, and nothing changed, when the socket says as much as it may already. */
  #say(presence: Presence, owner: object | undefined, state: string): boolean {
    const { accounts } = this.#options;
    const [before, after] = [bytesOf(presence.state), bytesOf(state)];
    if (owner && !accounts.hasRoomFor(owner, presence.owner === owner ? after - before : after)) return false;
    if (presence.owner) accounts.add(presence.owner, -before);
    if (owner) accounts.add(owner, after);
    presence.owner = owner;
    presence.state = state;
    return true;
  }

  #schedule(): void {
    if (this.#changed.size === 0 || this.#timer) return;
    const waitMs = Math.max(0, this.#lastSentAtMs + INTERVAL_MS - this.#options.nowMs());
    this.#timer = setTimeout(() => this.#flush(), waitMs);
    this.#timer.unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastSentAtMs = this.#options.nowMs();
    const changed = [...this.#changed].filter((client) => this.#presences.has(client));
    this.#changed.clear();
    if (changed.length === 0) return;
    const local = changed.filter((client) => {
      const { owner, state } = this.#presences.get(client)!;
      return owner !== undefined || state === 'null';
    });
    this.#options.broadcast(this.#encode(changed), local.length > 0 ? this.#encode(local) : undefined);
  }

  #encode(clients: readonly number[]): Uint8Array {
    const encoder = createEncoder();
    writeVarUint(encoder, clients.length);
    for (const client of clients) {
      const { clock, state } = this.#presences.get(client)!;
      writeVarUint(encoder, client);
      writeVarUint(encoder, clock);
      writeVarString(encoder, state);
    }
    return toUint8Array(encoder);
  }
}

/** A farewell is short, and goes. */
function bytesOf(state: string): number {
  return state === 'null' ? 0 : Buffer.byteLength(state);
}

/** Throws ProtocolError on bytes that would make a y-protocols client throw. */
function decode(update: Uint8Array): { client: number; clock: number; state: string }[] {
  try {
    const decoder = createDecoder(update);
    const count = readVarUint(decoder);
    if (count > update.length) throw new ProtocolError('awareness message is malformed');
    const entries: { client: number; clock: number; state: string }[] = [];
    for (let index = 0; index < count; index++) {
      const client = readVarUint(decoder);
      const clock = readVarUint(decoder);
      const state = readVarString(decoder);
      const value: unknown = JSON.parse(state);
      entries.push({ client, clock, state: value === null ? 'null' : state });
    }
    if (hasContent(decoder)) throw new ProtocolError('awareness message is malformed');
    return entries;
  } catch {
    throw new ProtocolError('awareness message is cut short or malformed');
  }
}
