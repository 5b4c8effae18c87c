/**
 * Which rows of a long list stand near the screen: the list is as high as all of its rows, and only those are drawn.
 * The window is what scrolls. Rows have one height, which the host measures, so that it follows the size of letters.
 *
 *   #window = new RowWindow(this, () => ({ count: this.count, rowPx: this.#rowPx, list: this.list }))
 *   render() { for (let place = this.#window.from; place < this.#window.to; place++) … }
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Rows drawn beyond the screen, so that Tab and a quick thumb find the next ones there. */
const BEYOND = 6;
/** Without a step for so long the list has come to rest. */
const REST_MS = 120;

export interface LongList {
  readonly count: number;
  readonly rowPx: number;
  /** The element that is as high as all rows; absent before the first update. */
  readonly list: HTMLElement | null;
}

export class RowWindow implements ReactiveController {
  /** Place of the first row to draw. */
  from = 0;
  /** Place behind the last row to draw. */
  to = 2 * BEYOND;
  /** More passes by than can be read: lines that come now need only be recognised. */
  isFast = false;
  readonly #host: ReactiveControllerHost;
  readonly #read: () => LongList;
  readonly #onMoved: () => void;
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;

  /** `onMoved` is called when other rows are to be drawn; the host is updated besides. */
  constructor(host: ReactiveControllerHost, read: () => LongList, onMoved: () => void = () => {}) {
    this.#host = host;
    this.#read = read;
    this.#onMoved = onMoved;
    host.addController(this);
  }

  hostConnected(): void {
    window.addEventListener('scroll', this.#schedule, { passive: true });
    window.addEventListener('resize', this.#schedule);
  }

  hostDisconnected(): void {
    window.removeEventListener('scroll', this.#schedule);
    window.removeEventListener('resize', this.#schedule);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    clearTimeout(this.#rest);
    this.isFast = false;
  }

  hostUpdated(): void {
    this.#schedule();
  }

  #schedule = (): void => {
    this.#frame ||= requestAnimationFrame(this.#measure);
  };

  #measure = (): void => {
    this.#frame = 0;
    const { count, rowPx, list } = this.#read();
    if (!list || rowPx === 0) return;
    const above = Math.max(0, -list.getBoundingClientRect().top);
    const first = Math.floor(above / rowPx);
    const from = Math.max(0, Math.min(first, count - 1) - BEYOND);
    const to = Math.min(count, first + Math.ceil(window.innerHeight / rowPx) + 1 + BEYOND);
    if (from === this.from && to === this.to) return;
    this.#slowDownLater(Math.abs(from - this.from) > BEYOND);
    this.from = from;
    this.to = to;
    this.#onMoved();
    this.#host.requestUpdate();
  };

  #slowDownLater(isFast: boolean): void {
    if (!isFast && !this.isFast) return;
    this.isFast = true;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.isFast = false;
      this.#host.requestUpdate();
    }, REST_MS);
  }
}
