/** Installing the application, where the browser lets a page offer it. */

/** As browsers that have it declare it. */
interface InstallPromptEvent extends Event {
  prompt(): Promise<unknown>;
}

/** Keeps the browser's offer, which comes once and early, until somebody asks for it. */
class InstallOffer {
  #offer: InstallPromptEvent | undefined;
  readonly #watchers = new Set<() => void>();

  /** Call once, as early as possible. */
  listen(): void {
    window.addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.#become(event as InstallPromptEvent);
    });
    window.addEventListener('appinstalled', () => this.#become(undefined));
  }

  get isThere(): boolean {
    return this.#offer !== undefined;
  }

  get isInstalled(): boolean {
    return window.matchMedia('(display-mode: standalone)').matches;
  }

  async accept(): Promise<void> {
    await this.#offer?.prompt();
  }

  /** Calls `onChange` when the browser offers it, or has installed it. */
  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange);
    return () => this.#watchers.delete(onChange);
  }

  #become(offer: InstallPromptEvent | undefined): void {
    this.#offer = offer;
    for (const changed of this.#watchers) changed();
  }
}

export const installOffer = new InstallOffer();
