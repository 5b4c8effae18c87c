/**
 * Own accounts in Postgres: making, changing and closing them. What it takes to log in is in logins.ts, what a token
 * is worth in relay-identity.ts. Nothing is ever deleted, so that who did what stays true.
 */
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../transaction.ts';
import { hashPassword, passwordFault } from './password.ts';
import { revoke } from './revocations.ts';

export interface Account {
  readonly workspace: string;
  readonly name: string;
  readonly displayName: string;
  readonly role: string;
  readonly disabledAtMs: number | undefined;
  /** True once a second factor was confirmed. */
  readonly secondFactor: boolean;
  /** OIDC issuer; undefined for accounts with a password here. */
  readonly issuer: string | undefined;
  /** Tokens carry it; one of an earlier generation is refused. */
  readonly generation: number;
  readonly createdAtMs: number;
  readonly lastLoginAtMs: number | undefined;
}

/** A change that the rules of accounts refuse; `code` is for programs, `message` for people. */
export class AccountError extends Error {
  override name = 'AccountError';
  readonly code: 'exists' | 'unknown' | 'weak-password' | 'bad-name' | 'unknown-role' | 'last-admin';

  constructor(code: AccountError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface AccountsDeps {
  readonly pool: Pool;
  readonly roles: ReadonlySet<string>;
  /** Whether a role may manage accounts; such roles are counted for `last-admin`. */
  readonly isAdminRole: (role: string) => boolean;
  /** Called when a right was taken away, so that this process need not wait to hear of it. */
  readonly onRevoked?: () => void;
  /** Called once an account was made or changed, and waited for. `by` is who did it. Must not throw. */
  readonly onChanged?: (account: Account, before: Account | undefined, by: string) => Promise<void>;
}

export interface NewAccount {
  readonly workspace: string;
  readonly name: string;
  readonly displayName?: string;
  readonly role: string;
  readonly password: string;
}

const NAME = /^[a-z0-9][a-z0-9._@+-]{0,99}$/;
const WORKSPACE = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** What accountOfRow reads. */
export const ACCOUNT_COLUMNS = `workspace, name, display_name, role, issuer, generation, disabled_at, totp_confirmed_at, created_at, last_login_at`;

export class Accounts {
  readonly #deps: AccountsDeps;

  constructor(deps: AccountsDeps) {
    this.#deps = deps;
  }

  /** Throws AccountError. `rules: 'none'` is for the demo's short password, never for what a peer sent. */
  async create(
    account: NewAccount,
    options: { readonly rules?: 'none'; readonly by?: string } = {},
  ): Promise<Account> {
    const { workspace, name, role, password } = account;
    if (!isWorkspaceName(workspace) || !NAME.test(name))
      throw new AccountError(
        'bad-name',
        'use a-z, 0-9 and . _ @ + - for user names, a-z, 0-9 and - for workspaces',
      );
    this.#assertRole(role);
    if (options.rules !== 'none') assertPassword(password, name);
    const hash = await hashPassword(password);
    const { rows } = await this.#deps.pool.query(
      `insert into espejo.account (workspace, name, display_name, role, password_hash) values ($1, $2, $3, $4, $5)
       on conflict do nothing returning ${ACCOUNT_COLUMNS}`,
      [workspace, name, account.displayName ?? name, role, hash],
    );
    if (rows.length === 0) throw new AccountError('exists', `user ${name} exists already`);
    const created = accountOfRow(rows[0]);
    await this.#deps.onChanged?.(created, undefined, options.by ?? name);
    return created;
  }

  async list(workspace: string): Promise<readonly Account[]> {
    const { rows } = await this.#deps.pool.query(
      `select ${ACCOUNT_COLUMNS} from espejo.account where workspace = $1 order by name`,
      [workspace],
    );
    return rows.map(accountOfRow);
  }

  async find(workspace: string, name: string): Promise<Account | undefined> {
    const { rows } = await this.#deps.pool.query(
      `select ${ACCOUNT_COLUMNS} from espejo.account where workspace = $1 and name = $2`,
      [workspace, name],
    );
    return rows[0] && accountOfRow(rows[0]);
  }

  /** Disabling and a change of role also end every token issued so far. Throws AccountError. */
  async update(
    workspace: string,
    name: string,
    change: {
      readonly displayName?: string;
      readonly role?: string;
      readonly disabled?: boolean;
      readonly by?: string;
    },
  ): Promise<Account> {
    if (change.role !== undefined) this.#assertRole(change.role);
    const { before, after } = await this.#change(async (client) => {
      const { rows: present } = await client.query(
        `select ${ACCOUNT_COLUMNS} from espejo.account where workspace = $1 and name = $2 for update`,
        [workspace, name],
      );
      const { rows } = await client.query(
        `update espejo.account set
           display_name = coalesce($3, display_name),
           role = coalesce($4, role),
           disabled_at = case when $5::boolean is null then disabled_at
                              when $5 then coalesce(disabled_at, clock_timestamp()) end,
           generation = generation + case when $5 or $4 <> role then 1 else 0 end
         where workspace = $1 and name = $2 returning ${ACCOUNT_COLUMNS}`,
        [workspace, name, change.displayName ?? null, change.role ?? null, change.disabled ?? null],
      );
      if (rows.length === 0) throw new AccountError('unknown', `there is no user ${name}`);
      await this.#assertAdminLeft(client, workspace);
      if (change.role !== undefined || change.disabled) await revoke(client, { workspace, user: name });
      return { before: accountOfRow(present[0]), after: accountOfRow(rows[0]) };
    });
    await this.#deps.onChanged?.(after, before, change.by ?? name);
    return after;
  }

  /** Sets a password, ends all tokens and forgets failures. Throws AccountError. */
  async reset(workspace: string, name: string, password: string): Promise<void> {
    assertPassword(password, name);
    const hash = await hashPassword(password);
    await this.#change(async (client) => {
      const { rowCount } = await client.query(
        `update espejo.account set password_hash = $3, generation = generation + 1
         where workspace = $1 and name = $2 and issuer is null`,
        [workspace, name, hash],
      );
      if (rowCount === 0) throw new AccountError('unknown', `there is no user ${name} with a password here`);
      await client.query('delete from espejo.login_failure where workspace = $1 and name = $2', [
        workspace,
        name,
      ]);
      await revoke(client, { workspace, user: name });
    });
  }

  /** The next login of an admin sets up a new one. Also ends all tokens. */
  async removeSecondFactor(workspace: string, name: string): Promise<void> {
    await this.#change(async (client) => {
      const { rowCount } = await client.query(
        `update espejo.account set totp_secret = null, totp_confirmed_at = null, totp_last_step = 0,
           generation = generation + 1 where workspace = $1 and name = $2`,
        [workspace, name],
      );
      if (rowCount === 0) throw new AccountError('unknown', `there is no user ${name}`);
      await revoke(client, { workspace, user: name });
    });
  }

  /** Signs the user out everywhere: every token and socket of before is worth nothing. */
  async endAllSessions(workspace: string, name: string): Promise<void> {
    await this.#change(async (client) => {
      await client.query(
        'update espejo.account set generation = generation + 1 where workspace = $1 and name = $2',
        [workspace, name],
      );
      await revoke(client, { workspace, user: name });
    });
  }

  /**
   * The account of somebody an identity provider vouches for, made at the first visit. Undefined when it is
   * disabled, or when the name is taken by somebody else: a provider must not become a way into `admin`.
   */
  async visit(visitor: {
    workspace: string;
    name: string;
    role: string;
    issuer: string;
    subject: string;
  }): Promise<Account | undefined> {
    if (!NAME.test(visitor.name) || !isWorkspaceName(visitor.workspace)) return undefined;
    const before = await this.find(visitor.workspace, visitor.name);
    const { rows } = await this.#deps.pool.query(
      `insert into espejo.account (workspace, name, display_name, role, issuer, subject, last_login_at)
       values ($1, $2, $2, $3, $4, $5, clock_timestamp())
       on conflict (workspace, name) do update set role = excluded.role, last_login_at = excluded.last_login_at
         where account.issuer = excluded.issuer and account.subject = excluded.subject
       returning ${ACCOUNT_COLUMNS}`,
      [visitor.workspace, visitor.name, visitor.role, visitor.issuer, visitor.subject],
    );
    const account: Account | undefined = rows[0] && accountOfRow(rows[0]);
    if (account === undefined || account.disabledAtMs !== undefined) return undefined;
    if (before?.role !== account.role) await this.#deps.onChanged?.(account, before, account.name);
    return account;
  }

  async #change<T>(run: (client: PoolClient) => Promise<T>): Promise<T> {
    const result = await inTransaction(this.#deps.pool, run);
    this.#deps.onRevoked?.();
    return result;
  }

  #assertRole(role: string): void {
    if (!this.#deps.roles.has(role))
      throw new AccountError(
        'unknown-role',
        `there is no role ${role}; give one of ${[...this.#deps.roles].join(', ')}`,
      );
  }

  /** A workspace that nobody can manage any more could only be mended from the command line. */
  async #assertAdminLeft(client: PoolClient, workspace: string): Promise<void> {
    const admins = [...this.#deps.roles].filter(this.#deps.isAdminRole);
    const { rows } = await client.query(
      'select 1 from espejo.account where workspace = $1 and role = any($2) and disabled_at is null limit 1',
      [workspace, admins],
    );
    if (rows.length === 0)
      throw new AccountError('last-admin', 'a workspace keeps at least one active administrator');
  }
}

function isWorkspaceName(text: string): boolean {
  return WORKSPACE.test(text);
}

function assertPassword(password: string, name: string): void {
  const fault = passwordFault(password, name);
  if (fault !== undefined) throw new AccountError('weak-password', fault);
}

export interface AccountRow {
  workspace: string;
  name: string;
  display_name: string;
  role: string;
  issuer: string | null;
  generation: number;
  disabled_at: Date | null;
  totp_confirmed_at: Date | null;
  created_at: Date;
  last_login_at: Date | null;
}

export function accountOfRow(row: AccountRow): Account {
  return {
    workspace: row.workspace,
    name: row.name,
    displayName: row.display_name,
    role: row.role,
    disabledAtMs: row.disabled_at?.getTime(),
    secondFactor: row.totp_confirmed_at !== null,
    issuer: row.issuer ?? undefined,
    generation: row.generation,
    createdAtMs: row.created_at.getTime(),
    lastLoginAtMs: row.last_login_at?.getTime(),
  };
}
