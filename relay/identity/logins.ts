/**
 * What it takes to open a session with a password. The only file that counts failures (`espejo.login_failure`).
 *
 *   typed name ── locked? ──► password ──► disabled? ──► second factor ──► open
 *
 * What an outsider sees of a wrong name, a wrong password and a disabled account is the same answer after the
 * same work [ID-1]. An attempt counts as failed before its password is looked at, and is forgiven when it was right,
 * so that a thousand attempts at once get no further than a thousand in a row: from the fifth on, the typed name is
 * locked for one minute, doubling with each further one up to an hour [ID-2]. Whoever tries many names is stopped by
 * the address (address-failures.ts). Both are counted in Postgres: over all instances.
 */
import type { Pool } from 'pg';
import { ACCOUNT_COLUMNS, type Account, accountOfRow } from './accounts.ts';
import { AddressFailures } from './address-failures.ts';
import { verifyPassword, wasteVerification } from './password.ts';
import { newTotpSecret, otpauthUrl, stepOfCode } from './second-factor.ts';

export type LoginOutcome =
  | { readonly outcome: 'open'; readonly account: Account }
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'locked'; readonly retryAfterMs: number }
  /** The password is right; a code is wanted. */
  | { readonly outcome: 'code-needed' }
  | { readonly outcome: 'code-wrong' }
  /** The password is right; a second factor must be set up first, with this secret. */
  | { readonly outcome: 'setup-needed'; readonly secret: string; readonly otpauthUrl: string };

export interface LoginsDeps {
  readonly pool: Pool;
  readonly isAdminRole: (role: string) => boolean;
  readonly secondFactorForAdmins: boolean;
  /** Shown in authenticator apps. */
  readonly applicationName: string;
  readonly nowMs: () => number;
  /** Failed attempts of one address within a quarter of an hour; then it is locked for the rest of it. */
  readonly maxFailuresPerAddress: number;
}

/** One attempt to log in. */
export interface Attempt {
  readonly workspace: string;
  readonly name: string;
  readonly password: string;
  /** Of the second factor. */
  readonly code?: string | undefined;
  /** Where it comes from. */
  readonly address: string;
}

const FAILURES_BEFORE_LOCK = 5;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 3_600_000;
/** After a day without failures the count starts again. */
const FAILURES_FORGOTTEN_MS = 86_400_000;

export class Logins {
  readonly #deps: LoginsDeps;
  readonly #addresses: AddressFailures;

  constructor(deps: LoginsDeps) {
    const { pool, nowMs, maxFailuresPerAddress } = deps;
    this.#deps = deps;
    this.#addresses = new AddressFailures({ pool, nowMs, maxFailures: maxFailuresPerAddress });
  }

  async logIn(attempt: Attempt): Promise<LoginOutcome> {
    const { pool, secondFactorForAdmins, isAdminRole } = this.#deps;
    const { workspace, name, address } = attempt;
    const checked = await this.#checkPassword(attempt);
    if (checked.outcome !== 'open') return checked;
    const { account } = checked;
    if (account.secondFactor || (secondFactorForAdmins && isAdminRole(account.role))) {
      const refusal = await this.#checkSecondFactor(account, attempt);
      if (refusal) return refusal;
    }
    await this.forgive(workspace, name);
    await this.#addresses.takeBack(address);
    await pool.query(
      'update espejo.account set last_login_at = clock_timestamp() where workspace = $1 and name = $2',
      [workspace, name],
    );
    return checked;
  }

  /** `open` when the password is the account's; counts as an attempt to log in does. */
  async confirmPassword(attempt: Attempt): Promise<LoginOutcome['outcome']> {
    const { outcome } = await this.#checkPassword(attempt);
    if (outcome !== 'open') return outcome;
    await this.forgive(attempt.workspace, attempt.name);
    await this.#addresses.takeBack(attempt.address);
    return outcome;
  }

  /** For other ways in that can be guessed at: counts an attempt; gives how long the address is locked instead, or 0. */
  countAttempt(address: string): Promise<number> {
    return this.#addresses.count(address);
  }

  /** That attempt was right. */
  takeBackAttempt(address: string): Promise<void> {
    return this.#addresses.takeBack(address);
  }

  /** Starts the count of failures again. */
  async forgive(workspace: string, name: string): Promise<void> {
    await this.#deps.pool.query('delete from espejo.login_failure where workspace = $1 and name = $2', [
      workspace,
      name,
    ]);
  }

  /** Removes counts of names that nobody tried for a day. Call now and then. */
  async sweep(): Promise<void> {
    const before = new Date(this.#deps.nowMs() - FAILURES_FORGOTTEN_MS);
    await this.#deps.pool.query('delete from espejo.login_failure where last_at < $1', [before]);
    await this.#addresses.sweep();
  }

  async #checkPassword({
    workspace,
    name,
    password,
    address,
  }: Attempt): Promise<LoginOutcome & { outcome: 'open' | 'wrong' | 'locked' }> {
    const retryAfterMs = (await this.#addresses.count(address)) || (await this.#count(workspace, name));
    if (retryAfterMs > 0) return { outcome: 'locked', retryAfterMs };
    const { rows } = await this.#deps.pool.query(
      `select ${ACCOUNT_COLUMNS}, password_hash from espejo.account where workspace = $1 and name = $2`,
      [workspace, name],
    );
    const hash: string | null | undefined = rows[0]?.password_hash;
    if (hash == null) await wasteVerification(password);
    const isRight = hash != null && (await verifyPassword(password, hash));
    if (!isRight || rows[0].disabled_at !== null) return { outcome: 'wrong' };
    return { outcome: 'open', account: accountOfRow(rows[0]) };
  }

  async #checkSecondFactor(account: Account, { code, address }: Attempt): Promise<LoginOutcome | undefined> {
    const { pool, applicationName, nowMs } = this.#deps;
    const { workspace, name } = account;
    const { rows } = await pool.query(
      `update espejo.account set totp_secret = coalesce(totp_secret, $3)
       where workspace = $1 and name = $2 returning totp_secret`,
      [workspace, name, newTotpSecret()],
    );
    const secret: string = rows[0].totp_secret;
    if (code === undefined) {
      await this.#takeBack(workspace, name);
      await this.#addresses.takeBack(address);
      if (account.secondFactor) return { outcome: 'code-needed' };
      const url = otpauthUrl(secret, applicationName, `${name}@${workspace}`);
      return { outcome: 'setup-needed', secret, otpauthUrl: url };
    }
    // The comparison is in the update, so that two logins racing with one code cannot both pass [ID-3].
    const { rowCount } = await pool.query(
      `update espejo.account set totp_last_step = $3, totp_confirmed_at = coalesce(totp_confirmed_at, clock_timestamp())
       where workspace = $1 and name = $2 and totp_last_step < $3`,
      [workspace, name, stepOfCode(secret, code, nowMs()) ?? -1],
    );
    return rowCount === 1 ? undefined : { outcome: 'code-wrong' };
  }

  /** Counts an attempt; gives for how long the name is locked instead, 0 when it is not. One statement: no race. */
  async #count(workspace: string, name: string): Promise<number> {
    const nowMs = this.#deps.nowMs();
    const values = [workspace, name, new Date(nowMs)];
    const { rowCount } = await this.#deps.pool.query(
      `insert into espejo.login_failure as f (workspace, name, failures, last_at) values ($1, $2, 1, $3)
       on conflict (workspace, name) do update set last_at = $3,
         failures = case when f.last_at < $4 then 1 else f.failures + 1 end
       where f.failures < $5
          or f.last_at + least($6 * power(2, least(f.failures - $5, 20)), $7) * interval '1 millisecond' <= $3`,
      [
        ...values,
        new Date(nowMs - FAILURES_FORGOTTEN_MS),
        FAILURES_BEFORE_LOCK,
        FIRST_LOCK_MS,
        LONGEST_LOCK_MS,
      ],
    );
    if (rowCount === 1) return 0;
    const { rows } = await this.#deps.pool.query<{ failures: number; last_at: Date }>(
      'select failures, last_at from espejo.login_failure where workspace = $1 and name = $2',
      [workspace, name],
    );
    const { failures, last_at: lastAt } = rows[0] ?? {
      failures: FAILURES_BEFORE_LOCK,
      last_at: new Date(nowMs),
    };
    const lockMs = Math.min(FIRST_LOCK_MS * 2 ** (failures - FAILURES_BEFORE_LOCK), LONGEST_LOCK_MS);
    return Math.max(1, lastAt.getTime() + lockMs - nowMs);
  }

  /** For an attempt that was neither right nor wrong yet. */
  async #takeBack(workspace: string, name: string): Promise<void> {
    await this.#deps.pool.query(
      'update espejo.login_failure set failures = failures - 1 where workspace = $1 and name = $2',
      [workspace, name],
    );
  }
}
