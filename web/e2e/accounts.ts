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
  await accountsOf(pool, account.role).create({ ...account, displayName: account.name, password: PASSWORD });
}

/** Ends every session of the account, as an administrator's change does. */
export async function changeRole(
  pool: pg.Pool,
  { workspace, name, role }: { readonly workspace: string; readonly name: string; readonly role: string },
): Promise<void> {
  await accountsOf(pool, role).update(workspace, name, { role });
}

function accountsOf(pool: pg.Pool, role: string): Accounts {
  return new Accounts({ pool, roles: new Set(['admin', role]), isAdminRole: (one) => one === 'admin' });
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
