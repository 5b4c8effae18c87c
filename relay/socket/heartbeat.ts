import type { Connection } from './connection.ts';

export interface HeartbeatOptions {
  readonly connections: Iterable<Connection>;
  /** Longest silence towards a client. */
  readonly intervalMs: number;
  readonly nowMs: () => number;
}

/** A socket that gave no sign for this many rounds, pings included, is dead. */
const MAX_SILENT_ROUNDS = 4;
const TICKS_PER_ROUND = 10;

/**
 * One timer for all sockets. Each is looked at twice per interval, so that no silence is longer than the interval;
 * the sockets are spread over the ticks of a round, so that thousands do not get their frame at once.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | undefined;
  #tick = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), this.#options.intervalMs / 2 / TICKS_PER_ROUND);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const tick = this.#tick++ % TICKS_PER_ROUND;
    const now = this.#options.nowMs();
    for (const connection of this.#options.connections) {
      const { outlet, seat } = connection;
      if (outlet.slot % TICKS_PER_ROUND !== tick) continue;
      if (seat.expiresAtMs <= now) {
        outlet.close('badToken', 'the token has expired');
        continue;
      }
      // A socket that we do not read cannot be heard.
      if (outlet.heard || outlet.isPaused) outlet.silentRounds = 0;
      else if (++outlet.silentRounds >= MAX_SILENT_ROUNDS) {
        outlet.terminate();
        continue;
      } else outlet.ping();
      if (!outlet.wrote) connection.beat();
      outlet.heard = false;
      outlet.wrote = false;
    }
  }
}
