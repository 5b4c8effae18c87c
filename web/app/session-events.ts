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

/** Somebody wants the tablet locked, or has just opened it with a PIN. */
export class LockEvent extends Event {
  static readonly type = 'app-lock';
  readonly isLocked: boolean;

  constructor(isLocked: boolean) {
    super(LockEvent.type, { bubbles: true, composed: true });
    this.isLocked = isLocked;
  }
}

declare global {
  interface HTMLElementEventMap {
    'app-signed-in': SignedInEvent;
    'app-signed-out': SignedOutEvent;
    'app-lock': LockEvent;
  }
}
