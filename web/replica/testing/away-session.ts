/** Somebody who is signed in, and whose relay nobody reaches. */
import type { Session } from '../../client/engine-messages.ts';

export const awaySession: Session = {
  relayUrl: 'ws://localhost:9',
  workspace: 'test',
  user: 'ana',
  displayName: 'Ana',
  role: 'all',
  token: 'none',
  expiresAtMs: Number.MAX_SAFE_INTEGER,
  grants: { role: 'all', families: {}, other: 'write' },
};
