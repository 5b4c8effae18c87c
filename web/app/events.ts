/** What elements ask of the shell. They bubble and cross shadow roots, so an element needs no reference to it. */

/** Go to another page of the application. */
export class NavigateEvent extends Event {
  static readonly type = 'app-navigate';
  readonly path: string;
  readonly replace: boolean;

  constructor(path: string, options: { readonly replace?: boolean } = {}) {
    super(NavigateEvent.type, { bubbles: true, composed: true });
    this.path = path;
    this.replace = options.replace ?? false;
  }
}

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

/** Say something for a few seconds, politely; with an action it stays for 8 s, long enough to undo. */
export class ToastEvent extends Event {
  static readonly type = 'app-toast';
  readonly text: string;
  readonly tone: 'plain' | 'signal';
  readonly action: ToastAction | undefined;

  constructor(
    text: string,
    options: { readonly tone?: 'plain' | 'signal'; readonly action?: ToastAction } = {},
  ) {
    super(ToastEvent.type, { bubbles: true, composed: true });
    this.text = text;
    this.tone = options.tone ?? 'plain';
    this.action = options.action;
  }
}

/** For whoever may be gone from the page by then: the shell is there still. */
export function tellShell(toast: ToastEvent): void {
  document.querySelector('app-shell')?.dispatchEvent(toast);
}

declare global {
  interface HTMLElementEventMap {
    'app-navigate': NavigateEvent;
    'app-toast': ToastEvent;
  }
}
