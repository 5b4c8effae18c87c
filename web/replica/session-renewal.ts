/**
 * Keeps a session alive: an access token lasts an hour, a tablet is signed in for months. Once the replica is open
 * the session is bound to its device, which gives a refresh token; that is exchanged for a fresh pair well before
 * the access token ends, or as soon as the network is back. Only a refusal ends it: then a password is asked for,
 * and nothing that waits to be sent is lost.
 *
 *   signed in ── POST /api/session/device ──► token, refresh token ── POST /api/session/refresh ──► … ──► refused
 */
import type { Session, Stop } from '../client/engine-messages.ts';

export interface RenewalDeps {
  readonly fetch: typeof fetch;
  /** By the clock of the relay, as far as it is known. */
  readonly nowMs: () => number;
  readonly setTimer: (ms: number, run: () => void) => Stop;
}

export interface RenewalListener {
  /**
   * A fresh session. Resolve once it is stored: the relay takes the refresh token before it again only until this
   * one was used.
   */
  onRenewed(session: Session): Promise<void>;
  /** The relay refuses this device or account. */
  onEnded(): void;
}

/** Renewed with this much of the token's life left, so that a dead spot of a quarter of an hour costs nothing. */
const MARGIN_MS = 15 * 60_000;
/** At most this part of its life, for relays that give shorter ones. */
const MARGIN_PART = 0.25;
/** Between two renewals, whatever the clocks say: a device may be hours ahead of the relay. */
const LEAST_WAIT_MS = 60_000;
const RETRY_MS = 30_000;
/** Timers of browsers are 32 bits; and a tablet that slept looks at its clock again. */
const LONGEST_WAIT_MS = 5 * 60_000;

export class SessionRenewal {
  readonly #device: string;
  readonly #deps: RenewalDeps;
  readonly #listener: RenewalListener;
  #session: Session;
  #cancel: Stop = () => {};
  #running: Promise<void> | undefined;
  #isStopped = false;
  #dueAtMs: number;

  constructor(session: Session, device: string, deps: RenewalDeps, listener: RenewalListener) {
    this.#session = session;
    this.#device = device;
    this.#deps = deps;
    this.#listener = listener;
    this.#dueAtMs = dueAtMsOf(session, deps);
  }

  start(): void {
    this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  /** The relay has refused the token, or the network is back. Resolves when it was tried. */
  renewNow(): Promise<void> {
    return this.#renew();
  }

  #look(): void {
    if (this.#isStopped) return;
    this.#cancel();
    const leftMs = this.#session.refreshToken === undefined ? 0 : this.#dueAtMs - this.#deps.nowMs();
    if (leftMs > 0) this.#cancel = this.#deps.setTimer(Math.min(leftMs, LONGEST_WAIT_MS), () => this.#look());
    else void this.#renew();
  }

  #renew(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#running ??= this.#ask().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #ask(): Promise<void> {
    const { relayUrl, token, refreshToken } = this.#session;
    const isBound = refreshToken !== undefined;
    let response: Response;
    try {
      response = await this.#deps.fetch(`${relayUrl}/api/session/${isBound ? 'refresh' : 'device'}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(isBound ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(isBound ? { refreshToken, device: this.#device } : { device: this.#device }),
      });
    } catch {
      return this.#later(); // no network
    }
    if (this.#isStopped) return;
    if (response.status === 401 || response.status === 403) {
      this.stop();
      this.#listener.onEnded();
      return;
    }
    const answer = response.ok ? freshOf(await response.json().catch(() => undefined)) : undefined;
    if (answer === undefined || this.#isStopped) return this.#later();
    this.#session = { ...this.#session, ...answer };
    await this.#listener.onRenewed(this.#session);
    this.#dueAtMs = Math.max(dueAtMsOf(this.#session, this.#deps), this.#deps.nowMs() + LEAST_WAIT_MS);
    this.#look();
  }

  #later(): void {
    this.#cancel();
    if (!this.#isStopped) this.#cancel = this.#deps.setTimer(RETRY_MS, () => this.#look());
  }
}

function dueAtMsOf({ expiresAtMs }: Session, { nowMs }: RenewalDeps): number {
  const leftMs = expiresAtMs - nowMs();
  return expiresAtMs - Math.min(MARGIN_MS, leftMs * MARGIN_PART);
}

/** What may change with each renewal; undefined for an answer of another shape. */
function freshOf(
  answer: Partial<Session> | undefined,
): Pick<Session, 'token' | 'expiresAtMs' | 'refreshToken' | 'grants'> | undefined {
  const { token, expiresAtMs, refreshToken, grants } = answer ?? {};
  if (typeof token !== 'string' || typeof refreshToken !== 'string') return undefined;
  if (typeof expiresAtMs !== 'number' || typeof grants !== 'object') return undefined;
  return { token, expiresAtMs, refreshToken, grants };
}
