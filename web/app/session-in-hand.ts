/** Who has the tablet in hand: the user of the session, or whoever took it over with a PIN. */
import type { Session } from '../client/engine-messages.ts';

export function sessionInHand(session: Session): Session {
  const { acting } = session;
  if (!acting) return session;
  const { user, displayName, role } = acting;
  return { ...session, user, displayName, role };
}
