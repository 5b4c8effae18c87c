import { type Fanout, type FanoutListener, MAX_LANE_PAYLOAD, type Pointer } from './fanout.ts';

/** What the instances of one test share. `isDeaf` loses everything, as a cut connection would. */
export class FanoutHub {
  isDeaf = false;
  readonly members = new Map<string, FanoutListener>();

  pointers(from: string, pointers: readonly Pointer[]): void {
    if (pointers.length > 0) this.#tell(from, (listener) => listener.onPointers(pointers));
  }

  message(from: string, lane: string, payload: string): void {
    this.#tell(from, (listener) => listener.onMessage(lane, payload));
  }

  #tell(from: string, call: (listener: FanoutListener) => void): void {
    if (this.isDeaf) return;
    for (const [instance, listener] of this.members) {
      if (instance !== from) queueMicrotask(() => call(listener));
    }
  }
}

/** Fan-out within one process, for tests. Without a hub it is alone. */
export class MemoryFanout implements Fanout {
  readonly instance: string;
  readonly #hub: FanoutHub;

  constructor(hub: FanoutHub = new FanoutHub(), instance = 'memory') {
    this.#hub = hub;
    this.instance = instance;
  }

  async start(listener: FanoutListener): Promise<void> {
    this.#hub.members.set(this.instance, listener);
  }

  publish(lane: string, payload: string): void {
    if (payload.length <= MAX_LANE_PAYLOAD) this.#hub.message(this.instance, lane, payload);
  }

  async close(): Promise<void> {
    this.#hub.members.delete(this.instance);
  }
}
