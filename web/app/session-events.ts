/** What the login page and the user's menu tell the shell. */
import type { Session } from '../client/engine-messages.ts';

export class SignedInEvent extends Event {
  static readonly type = 'app-signed-in';
  readonly session: Session;

  constructor(session: Session) {
    super(SignedInEvent.type, { bubbles: true, composed: true });
    this.session = session;
  }
}

export class SignedOutEvent extends Event {
  static readonly type = 'app-signed-out';

  constructor() {
    super(SignedOutEvent.type, { bubbles: true, composed: true });
  }
}

declare global {
  interface HTMLElementEventMap {
    'app-signed-in': SignedInEvent;
    'app-signed-out': SignedOutEvent;
  }
}
