/**
 * A network in memory between replicas and a MemoryRelay. Nothing moves by itself: each `step` carries one frame of
 * one socket, chosen by chance. So frames of one socket keep their order, as TCP keeps it, and everything else is
 * delayed and reordered at will; frames are repeated now and then, and a cut loses what was on its way.
 */
import type { Prng } from '../../../shared/testing/prng.ts';
import type { OpenSocket, SocketLike } from '../sync/channels.ts';
import type { MemoryRelay } from './memory-relay.ts';

const [CONNECTING, OPEN, CLOSED] = [0, 1, 3];

export interface MemoryNetworkOptions {
  /** One frame in so many is delivered twice; 0: none. */
  readonly repeatOneIn: number;
  /**
   * Only updates from the relay are repeated. For tests in which commits are refused: a WebSocket never says twice
   * that one was, and a replica may take it at its word.
   */
  readonly repeatUpdatesOnly: boolean;
}

export class MemoryNetwork {
  readonly #relay: MemoryRelay;
  readonly #random: Prng;
  readonly #options: MemoryNetworkOptions;
  readonly #sockets = new Map<string, MemorySocket>();
  readonly #cut = new Set<string>();

  constructor(
    relay: MemoryRelay,
    random: Prng,
    options: MemoryNetworkOptions = { repeatOneIn: 0, repeatUpdatesOnly: false },
  ) {
    this.#relay = relay;
    this.#random = random;
    this.#options = options;
  }

  /** What one device opens its sockets with; it has at most one. */
  openSocket(device: string): OpenSocket {
    return (url, protocols) => {
      this.#sockets.get(device)?.drop();
      const socket = new MemorySocket(() => this.#relay.openSocket(url, protocols));
      this.#sockets.set(device, socket);
      return socket;
    };
  }

  /** Ends the device's socket; what was on its way is lost, and nothing opens until `mend`. */
  cut(device: string): void {
    this.#cut.add(device);
  }

  isCut(device: string): boolean {
    return this.#cut.has(device);
  }

  mend(device: string): void {
    this.#cut.delete(device);
  }

  /** The device's process is gone: nobody is told. */
  forget(device: string): void {
    this.#sockets.get(device)?.drop();
    this.#sockets.delete(device);
  }

  /** Carries one frame. False when there is nothing to carry. */
  step(): boolean {
    const moves: (() => void)[] = [];
    for (const [device, socket] of this.#sockets) {
      if (this.#cut.has(device)) {
        if (socket.readyState !== CLOSED) moves.push(() => socket.fail());
      } else if (socket.isNew) moves.push(() => socket.establish());
      else {
        if (socket.hasUp) {
          moves.push(() => socket.carryUp(this.#options.repeatUpdatesOnly ? 1 : this.#times()));
        }
        if (socket.hasDown) {
          const isRepeatable = !this.#options.repeatUpdatesOnly || socket.nextIsUpdate;
          moves.push(() => socket.carryDown(isRepeatable ? this.#times() : 1));
        }
      }
    }
    if (moves.length === 0) return false;
    this.#random.pick(moves)();
    return true;
  }

  #times(): number {
    const { repeatOneIn } = this.#options;
    return repeatOneIn > 0 && this.#random.chance(repeatOneIn) ? 2 : 1;
  }
}

/** First byte of an UPDATE frame (shared/protocol/wire.ts). */
const UPDATE_FRAME = 3;

class MemorySocket implements SocketLike {
  binaryType = 'arraybuffer';
  readyState = CONNECTING as number;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly #openRelay: () => SocketLike;
  /** The end that the relay holds: it hears at once what was carried up. */
  #relay: SocketLike | undefined;
  #up: Uint8Array[] = [];
  #down: Uint8Array[] = [];

  constructor(openRelay: () => SocketLike) {
    this.#openRelay = openRelay;
  }

  get hasUp(): boolean {
    return this.readyState === OPEN && this.#up.length > 0;
  }

  get hasDown(): boolean {
    return this.readyState === OPEN && this.#down.length > 0;
  }

  get nextIsUpdate(): boolean {
    return this.#down[0]?.[0] === UPDATE_FRAME;
  }

  get isNew(): boolean {
    return this.readyState === CONNECTING && this.#relay === undefined;
  }

  establish(): void {
    const relay = this.#openRelay();
    this.#relay = relay;
    relay.onmessage = ({ data }) => this.#down.push(new Uint8Array(data as ArrayBuffer));
    relay.onopen = () => {
      this.readyState = OPEN;
      this.onopen?.(undefined as never);
    };
    relay.onclose = () => this.fail();
  }

  send(bytes: Uint8Array): void {
    if (this.readyState === OPEN) this.#up.push(bytes.slice());
  }

  close(): void {
    this.drop();
  }

  carryUp(times: number): void {
    const frame = this.#up.shift()!;
    for (let time = 0; time < times; time++) this.#relay?.send(frame);
  }

  carryDown(times: number): void {
    const frame = this.#down.shift()!;
    for (let time = 0; time < times; time++) this.onmessage?.({ data: frame.slice().buffer });
  }

  /** The connection is lost, and the device notices. */
  fail(): void {
    const tell = this.onclose;
    this.drop();
    tell?.({ code: 1006, reason: '' });
  }

  drop(): void {
    const relay = this.#relay;
    this.#relay = undefined;
    this.readyState = CLOSED;
    this.#up = [];
    this.#down = [];
    this.onopen = null;
    this.onmessage = null;
    this.onclose = null;
    if (!relay) return;
    relay.onclose = null;
    relay.onmessage = null;
    relay.close();
  }
}
