/**
 * A live SQL result as a field of a Lit element: re-renders the element when the result changed. Starts when the
 * element is connected, ends when it is disconnected.
 *
 *   #orders = new LiveQuery(this, () => this.engine, () => sql`select … where status = ${this.status}`)
 *   render() { switch (this.#orders.state.name) { … } }
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { EngineClient } from './engine-client.ts';
import type { Failure, ResultRow, Statement, Stop } from './engine-messages.ts';

export type LiveState<R> =
  | { readonly name: 'pending' }
  | { readonly name: 'rows'; readonly rows: readonly R[] }
  | { readonly name: 'failed'; readonly failure: Failure };

export class LiveQuery<R extends ResultRow = ResultRow> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #engine: () => EngineClient | undefined;
  readonly #statement: () => Statement | undefined;
  #state: LiveState<R> = { name: 'pending' };
  #watching: { readonly key: string; readonly stop: Stop } | undefined;
  #isConnected = false;

  /**
   * `statement` is asked before each update of the host; a different one starts a new watch, undefined none.
   * `engine` gives the client, e.g. from a context; undefined until it is there.
   */
  constructor(
    host: ReactiveControllerHost,
    engine: () => EngineClient | undefined,
    statement: () => Statement | undefined,
  ) {
    this.#host = host;
    this.#engine = engine;
    this.#statement = statement;
    host.addController(this);
  }

  get state(): LiveState<R> {
    return this.#state;
  }

  /** The rows of the last result; empty while there is none. */
  get rows(): readonly R[] {
    return this.#state.name === 'rows' ? this.#state.rows : [];
  }

  get first(): R | undefined {
    return this.rows[0];
  }

  hostConnected(): void {
    this.#isConnected = true;
    this.#follow();
  }

  /** An element that was left is updated once more when what it wrote is stored: a watch begun then would never end. */
  hostUpdate(): void {
    if (this.#isConnected) this.#follow();
  }

  hostDisconnected(): void {
    this.#isConnected = false;
    this.#watching?.stop();
    this.#watching = undefined;
  }

  #follow(): void {
    const engine = this.#engine();
    const statement = engine && this.#statement();
    const key = statement ? JSON.stringify([statement.sql, statement.params ?? []]) : undefined;
    if (this.#watching?.key === key) return;
    this.#watching?.stop();
    this.#watching = undefined;
    if (engine === undefined || statement === undefined || key === undefined) {
      this.#state = { name: 'pending' };
      return;
    }
    // The rows of the statement before stay on screen until the new ones arrive, so nothing flickers.
    this.#watching = {
      key,
      stop: engine.watch<R>(
        statement,
        (rows) => this.#become({ name: 'rows', rows }),
        (failure) => this.#become({ name: 'failed', failure }),
      ),
    };
  }

  #become(state: LiveState<R>): void {
    this.#state = state;
    this.#host.requestUpdate();
  }
}
