/** The lock as the shell follows it: locked or not, and locking when nobody touches the tablet for the set time. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { readSettings } from '../../shared/taller/settings.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { ResultRow, Session } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import { handedOver } from './customer-mode.ts';
import { isLocked, lock, watchIdle, watchLock } from './lock.ts';

const MINUTE_MS = 60_000;

interface IdleRow extends ResultRow {
  readonly has_pin: number;
  readonly key: string | null;
  readonly value_json: string;
  readonly scope: string;
  readonly scope_id: string;
}

interface LockSources {
  readonly engine: () => EngineClient | undefined;
  /** Who has the tablet in hand. */
  readonly session: () => Session | undefined;
  readonly device: () => string | undefined;
  /** The screen that unlocks is needed. */
  readonly onLocked: () => void;
}

export class LockController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #sources: LockSources;
  readonly #idle: LiveQuery<IdleRow>;
  #isLocked = isLocked();
  #stopLock: (() => void) | undefined;
  #watching: { readonly idleMs: number; readonly stop: () => void } | undefined;

  constructor(host: ReactiveControllerHost, sources: LockSources) {
    this.#host = host;
    this.#sources = sources;
    // One row per setting beside whether this person could come back; without a PIN they are not shut out.
    this.#idle = new LiveQuery<IdleRow>(host, sources.engine, () => {
      const user = sources.session()?.user;
      return user === undefined
        ? undefined
        : sql`
          select u.pin_hash <> '' as has_pin, s.key, s.value_json, s.scope, s.scope_id
          from users u left join settings s on s.key = 'idle_lock_min' where u.id = ${user}`;
    });
    host.addController(this);
  }

  get isLocked(): boolean {
    return this.#isLocked;
  }

  /** Asks the device how it stands, after this tab locked or unlocked it. */
  readonly look = (): void => {
    this.#isLocked = isLocked();
    if (this.#isLocked) this.#sources.onLocked();
    this.#host.requestUpdate();
  };

  hostConnected(): void {
    this.#stopLock = watchLock(this.look);
  }

  hostDisconnected(): void {
    this.#stopLock?.();
    this.#follow(0);
  }

  hostUpdate(): void {
    const rows = this.#idle.rows;
    const session = this.#sources.session();
    // A customer who reads touches nothing for long, and leads nowhere else anyway.
    if (!session || this.#isLocked || rows[0]?.has_pin !== 1 || handedOver() !== undefined) {
      this.#follow(0);
      return;
    }
    const set = rows.filter(({ key }) => key !== null);
    const device = this.#sources.device();
    const { idle_lock_min } = readSettings(set as never, {
      user: session.user,
      ...(device ? { device } : {}),
    });
    this.#follow(Math.max(0, idle_lock_min * MINUTE_MS));
  }

  /** 0: never. */
  #follow(idleMs: number): void {
    if ((this.#watching?.idleMs ?? 0) === idleMs) return;
    this.#watching?.stop();
    this.#watching = undefined;
    if (idleMs === 0) return;
    const stop = watchIdle(idleMs, () => {
      lock();
      this.look();
    });
    this.#watching = { idleMs, stop };
  }
}
