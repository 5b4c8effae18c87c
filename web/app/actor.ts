/** Who writes, on which device and when: the one place where the page reads the clock for what it writes. */

import type { Actor } from '../../shared/taller/flows/statement.ts';
import type { Session, Status } from '../client/engine-messages.ts';

/** The relay's time as far as this device knows it: a tablet's wrong clock must not date an order. */
export function nowMs(status: Status | undefined): number {
  return Date.now() + (status?.clockOffsetMs ?? 0);
}

export function actorOf(session: Session, status: Status): Actor {
  return { user: session.user, device: status.device, nowMs: nowMs(status) };
}
