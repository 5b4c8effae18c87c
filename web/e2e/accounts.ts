/** Accounts for tests: made straight in the relay's database, signed in over its own API. */
import type pg from 'pg';
import { Accounts } from '../../relay/identity/accounts.ts';

export const PASSWORD = 'una clave larga de prueba';

export interface SignedIn {
  readonly token: string;
  readonly expiresAtMs: number;
}

export async function createAccount(
  pool: pg.Pool,
  account: { readonly workspace: string; readonly name: string; readonly role: string },
): Promise<void> {
  const accounts = new Accounts({
    pool,
    roles: new Set([account.role]),
    isAdminRole: (role) => role === 'admin',
  });
  await accounts.create({ ...account, displayName: account.name, password: PASSWORD });
}

export async function signIn(relayUrl: string, workspace: string, user: string): Promise<SignedIn> {
  const answer = await fetch(`${relayUrl}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ workspace, user, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`sign in as ${user}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as SignedIn;
}
