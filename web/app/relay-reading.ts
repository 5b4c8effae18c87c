/**
 * What the relay keeps and the replica does not, for administrators alone: asked for when the element appears and
 * whenever the connection comes back, by whoever may. What was read last stays while there is none.
 */
import { html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit';
import type * as v from 'valibot';
import { isAdmin } from '../../shared/permissions/admin.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { Status } from '../client/engine-messages.ts';
import { askRelay, sentenceOf } from './relay-admin.ts';

type Host = ReactiveControllerHost & {
  readonly engine: EngineClient | undefined;
  readonly sync: Status | undefined;
};

export class RelayReading<T> implements ReactiveController {
  readonly #host: Host;
  readonly #shape: v.GenericSchema<unknown, T>;
  readonly #path: string;
  #canAsk = false;
  #value: T | undefined;
  #refusal = '';

  constructor(host: Host, shape: v.GenericSchema<unknown, T>, path: string) {
    this.#host = host;
    this.#shape = shape;
    this.#path = path;
    host.addController(this);
  }

  /** Undefined until the relay has answered once. */
  get value(): T | undefined {
    return this.#value;
  }

  get isOffline(): boolean {
    const { sync } = this.#host;
    return sync !== undefined && sync.connection !== 'connected';
  }

  /** The account that is signed in here is no administrator's: the relay would refuse, so it is not asked. */
  get isForbidden(): boolean {
    const grants = this.#host.sync?.grants;
    return grants !== undefined && !isAdmin(grants);
  }

  hostUpdated(): void {
    const canAsk = this.#host.sync?.connection === 'connected' && !this.isForbidden;
    if (canAsk === this.#canAsk) return;
    this.#canAsk = canAsk;
    if (canAsk) void this.read();
  }

  async read(): Promise<void> {
    const answer = await askRelay(this.#host.engine, this.#shape, 'GET', this.#path);
    this.#refusal = answer.ok ? '' : answer.text;
    if (answer.ok) this.#value = answer.value;
    this.#host.requestUpdate();
  }

  /**
   * Why it is not there: not for this account, `offline` without a connection, else what the relay said. In the look of
   * columnStyle.
   */
  renderNotice(offline: string) {
    const text = this.isForbidden ? sentenceOf('not-allowed') : this.isOffline ? offline : this.#refusal;
    return text === '' ? nothing : html`<p class="notice" role="status">${text}</p>`;
  }
}
