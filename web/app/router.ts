/**
 * Paths to pages, over the History API. `:name` in a pattern matches one segment and becomes a parameter.
 * Links are plain anchors: a click on one that stays in the application is taken over here, everything else is
 * left to the browser.
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
  readonly #window: Window;

  constructor(options: {
    readonly routes: readonly Route[];
    /** Where an unknown path leads. */
    readonly fallback: string;
    readonly onChange: (location: Location) => void;
    readonly window: Window;
  }) {
    this.#routes = options.routes;
    this.#fallback = options.fallback;
    this.#onChange = options.onChange;
    this.#window = options.window;
  }

  start(): void {
    this.#window.addEventListener('popstate', this.#follow);
    this.#window.document.addEventListener('click', this.#takeOverClick);
    this.#follow();
  }

  stop(): void {
    this.#window.removeEventListener('popstate', this.#follow);
    this.#window.document.removeEventListener('click', this.#takeOverClick);
  }

  go(path: string, options: { readonly replace?: boolean } = {}): void {
    if (options.replace) this.#window.history.replaceState(null, '', path);
    else this.#window.history.pushState(null, '', path);
    this.#follow();
  }

  #follow = (): void => {
    const { pathname, search } = this.#window.location;
    for (const route of this.#routes) {
      const params = matchPath(route.pattern, pathname);
      if (params) {
        this.#onChange({ route, params, search: new URLSearchParams(search) });
        return;
      }
    }
    this.go(this.#fallback, { replace: true });
  };

  #takeOverClick = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!anchor || anchor.target || anchor.hasAttribute('download')) return;
    const url = new URL(anchor.href);
    if (url.origin !== this.#window.location.origin || url.pathname.startsWith('/api/')) return;
    event.preventDefault();
    this.go(url.pathname + url.search);
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
