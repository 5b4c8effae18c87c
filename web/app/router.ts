/**
 * Paths to pages, over the History API. `:name` in a pattern matches one segment and becomes a parameter.
 * Links are plain anchors: a click on one that stays in the application is taken over here, everything else is
 * left to the browser.
 *
 * The page is loaded first; then the field that is being typed in is left, and address and page change together. So
 * an address never stands over the page before it, and nothing is typed into a page that is already gone.
 */
export interface Route {
  readonly pattern: string;
  /** Imports the page's element. */
  readonly load: () => Promise<unknown>;
  /** Tag of the page's element. */
  readonly tag: string;
}

export interface Location {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly search: URLSearchParams;
}

/** Parameters by name, or undefined when the path is another. `/ordenes/:id` over `/ordenes/7` -> { id: '7' }. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/').filter(Boolean);
  const given = path.split('/').filter(Boolean);
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index]!;
    if (part.startsWith(':')) params[part.slice(1)] = safeDecode(value);
    else if (part !== value) return undefined;
  }
  return params;
}

export class Router {
  readonly #routes: readonly Route[];
  readonly #fallback: string;
  readonly #onChange: (location: Location) => void;
  readonly #onLeave: () => void;
  readonly #guard: (path: string) => string;
  readonly #window: Window;
  /** Counts what was asked for, so that of two pages that load only the later one is shown. */
  #asked = 0;

  constructor(options: {
    readonly routes: readonly Route[];
    /** Where an unknown path leads. */
    readonly fallback: string;
    /** Another place is shown; its page is loaded. */
    readonly onChange: (location: Location) => void;
    /** The present place is about to go; not called when its address is only replaced. */
    readonly onLeave?: () => void;
    /** Where a path leads now; the path itself unless something keeps people elsewhere. */
    readonly guard?: (path: string) => string;
    readonly window: Window;
  }) {
    this.#routes = options.routes;
    this.#fallback = options.fallback;
    this.#onChange = options.onChange;
    this.#onLeave = options.onLeave ?? (() => {});
    this.#guard = options.guard ?? ((path) => path);
    this.#window = options.window;
  }

  start(): void {
    this.#window.addEventListener('popstate', this.follow);
    this.#window.document.addEventListener('click', this.#takeOverClick);
    this.follow();
  }

  stop(): void {
    this.#window.removeEventListener('popstate', this.follow);
    this.#window.document.removeEventListener('click', this.#takeOverClick);
  }

  /** Resolves once the page is shown, or another was asked for meanwhile. */
  async go(asked: string, { replace = false }: { readonly replace?: boolean } = {}): Promise<void> {
    const path = this.#guard(asked);
    const url = new URL(path, this.#window.location.href);
    const location = this.#locationOf(url);
    if (!location) return this.go(this.#fallback, { replace });
    await this.#show(location, () => {
      if (replace) this.#window.history.replaceState(null, '', path);
      else {
        this.#onLeave();
        this.#window.history.pushState(null, '', path);
      }
    });
  }

  /** Shows what the address says, or where it leads now. */
  follow = (): void => {
    const url = new URL(this.#window.location.href);
    const path = this.#guard(url.pathname + url.search);
    if (path !== url.pathname + url.search) {
      void this.go(path, { replace: true });
      return;
    }
    const location = this.#locationOf(url);
    if (location) void this.#show(location, this.#onLeave);
    else void this.go(this.#fallback, { replace: true });
  };

  async #show(location: Location, leave: () => void): Promise<void> {
    const asked = ++this.#asked;
    await location.route.load();
    if (asked !== this.#asked) return;
    leave();
    this.#onChange(location);
  }

  #locationOf({ pathname, search }: URL): Location | undefined {
    for (const route of this.#routes) {
      const params = matchPath(route.pattern, pathname);
      if (params) return { route, params, search: new URLSearchParams(search) };
    }
    return undefined;
  }

  #takeOverClick = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!anchor || anchor.target || anchor.hasAttribute('download')) return;
    const url = new URL(anchor.href);
    if (url.origin !== this.#window.location.origin || url.pathname.startsWith('/api/')) return;
    event.preventDefault();
    void this.go(url.pathname + url.search);
  };
}

/** A path that is not valid percent-encoding is taken as it stands. */
function safeDecode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
