/**
 * Who else has the same row open, and in which field. A row's document carries the presence of everyone in it; this
 * keeps to one row of it. Starts and ends with the element.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { EngineClient } from '../client/engine-client.ts';
import type { Stop } from '../client/engine-messages.ts';

/** Somebody else on the same row. */
export interface Companion {
  readonly user: string;
  readonly displayName: string;
  /** Name of the field they are in; empty: none. */
  readonly field: string;
}

export interface PresenceOptions {
  readonly engine: () => EngineClient | undefined;
  readonly table: string;
  readonly row: () => string;
  readonly displayName: () => string;
}

export class PresenceHere implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #options: PresenceOptions;
  #companions: readonly Companion[] = [];
  #field = '';
  #open: { readonly row: string; document: string | undefined; stop: Stop } | undefined;

  constructor(host: ReactiveControllerHost, options: PresenceOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  get companions(): readonly Companion[] {
    return this.#companions;
  }

  /** Tells the others which field this page is in; empty: none. */
  enter(field: string): void {
    if (field === this.#field) return;
    this.#field = field;
    this.#tell();
  }

  hostUpdate(): void {
    const row = this.#options.row();
    if (this.#open?.row === row || row === '' || !this.#options.engine()) return;
    this.#leave();
    void this.#join(row);
  }

  hostDisconnected(): void {
    this.#leave();
  }

  async #join(row: string): Promise<void> {
    const engine = this.#options.engine();
    if (!engine) return;
    const open = { row, document: undefined as string | undefined, stop: () => {} };
    this.#open = open;
    const document = await engine.documentOf(this.#options.table, { id: row });
    if (this.#open !== open) return;
    open.document = document;
    open.stop = engine.watchPresence(document, (present) => {
      // One person with two tabs on this row is one companion; in the field they were last seen in.
      const companions = new Map<string, Companion>();
      for (const { self, user, state } of present) {
        if (self || state.row !== row) continue;
        companions.set(user, {
          user,
          displayName: textOf(state.displayName) || user,
          field: textOf(state.field),
        });
      }
      this.#companions = [...companions.values()];
      this.#host.requestUpdate();
    });
    this.#tell();
  }

  #leave(): void {
    const open = this.#open;
    this.#open = undefined;
    this.#field = '';
    this.#companions = [];
    if (!open) return;
    open.stop();
    if (open.document !== undefined) void this.#options.engine()?.setPresence(open.document, null);
  }

  #tell(): void {
    const { document, row } = this.#open ?? {};
    if (document === undefined) return;
    void this.#options
      .engine()
      ?.setPresence(document, { row, field: this.#field, displayName: this.#options.displayName() });
  }
}

/** What another device wrote of itself may be anything. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 80) : '';
}
