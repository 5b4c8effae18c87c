/** What needs the network once: name and password, or the code of a new device, for a session. */
import * as v from 'valibot';
import type { Session } from '../client/engine-messages.ts';

const Access = v.picklist(['none', 'read', 'write']);
const Answer = v.object({
  token: v.string(),
  expiresAtMs: v.number(),
  workspace: v.optional(v.string()),
  user: v.object({ name: v.string(), displayName: v.string(), role: v.string() }),
  grants: v.object({ role: v.string(), families: v.record(v.string(), Access), other: Access }),
});

export interface Credentials {
  readonly workspace: string;
  readonly user: string;
  readonly password: string;
}

export type SignIn =
  | { readonly allowed: true; readonly session: Session }
  | { readonly allowed: false; readonly because: 'offline' | 'wrong-password' | 'too-many' | 'relay-failed' };

interface SignInDeps {
  readonly fetch: typeof fetch;
  readonly relayUrl: string;
}

/** Never throws: what can go wrong is an answer. */
export function signIn(credentials: Credentials, deps: SignInDeps): Promise<SignIn> {
  return ask('/api/session', credentials, credentials.workspace, deps);
}

/** With the code that an administrator made for this device; the relay says which workshop. Never throws. */
export function joinWithCode(code: string, deps: SignInDeps): Promise<SignIn> {
  return ask('/api/join', { code }, undefined, deps);
}

async function ask(
  path: string,
  body: unknown,
  workspace: string | undefined,
  deps: SignInDeps,
): Promise<SignIn> {
  let response: Response;
  try {
    response = await deps.fetch(`${deps.relayUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    return { allowed: false, because: 'offline' }; // fetch rejects only when nothing answered
  }
  if (response.status === 429) return { allowed: false, because: 'too-many' };
  if (response.status >= 400 && response.status < 500) return { allowed: false, because: 'wrong-password' };
  const answer = v.safeParse(Answer, await response.json().catch(() => undefined));
  if (!response.ok || !answer.success) return { allowed: false, because: 'relay-failed' };
  const { token, expiresAtMs, user, grants } = answer.output;
  const joined = workspace ?? answer.output.workspace;
  if (joined === undefined) return { allowed: false, because: 'relay-failed' };
  return {
    allowed: true,
    session: {
      relayUrl: deps.relayUrl,
      workspace: joined,
      user: user.name,
      displayName: user.displayName,
      role: user.role,
      token,
      expiresAtMs,
      grants,
    },
  };
}
