/**
 * Says what came in while the device was away, once it is level again: "12 cambios recibidos, 1 por revisar". Nothing is
 * said of the first download, nor when nobody did anything.
 *
 *   unknown ──away──► away ──connected and level──► here ──away──► away …
 */
import { msg, str } from '@lit/localize';
import type { Status } from '../client/engine-messages.ts';

type State =
  | { readonly name: 'here' }
  /** What there was as it went away. */
  | { readonly name: 'away'; readonly received: number; readonly toReview: number };

export interface ReconnectNoticeDeps {
  readonly tell: (text: string, toReview: number) => void;
}

export class ReconnectNotice {
  readonly #deps: ReconnectNoticeDeps;
  #state: State = { name: 'here' };

  constructor(deps: ReconnectNoticeDeps) {
    this.#deps = deps;
  }

  /** Call with every status, in their order. */
  follow(status: Status): void {
    const toReview = status.conflicts + status.violations;
    const isHere = status.connection === 'connected' && status.level;
    if (this.#state.name === 'here') {
      if (isHere || status.firstSync) return;
      this.#state = { name: 'away', received: status.receivedEvents, toReview };
      return;
    }
    if (!isHere) return;
    const before = this.#state;
    this.#state = { name: 'here' };
    const count = status.receivedEvents - before.received;
    const more = Math.max(0, toReview - before.toReview);
    if (count > 0) this.#deps.tell(receivedText(count, more), more);
  }
}

function receivedText(count: number, toReview: number): string {
  const received = count === 1 ? msg('1 cambio recibido') : msg(str`${count} cambios recibidos`);
  return toReview === 0 ? `${received}.` : msg(str`${received}, ${toReview} por revisar.`);
}
