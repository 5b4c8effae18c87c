/**
 * A token in, a Seat out. Grants are looked up at every call from the account's present role, never read from
 * the token, so that a change of role needs no new token.
 *
 * An account's state is remembered for a second at most and forgotten at once when a revocation is heard, so
 * that five thousand tablets reconnecting do not become ten thousand queries.
 */
import { decodeJwt } from 'jose';
import type { Pool } from 'pg';
import type { Grants } from '../../shared/permissions/grants.ts';
import type { Accounts } from './accounts.ts';
import type { OidcTokens } from './oidc.ts';
import { type Identity, RefusedError, type Seat } from './seat.ts';
import type { AccessTokens } from './tokens.ts';

const REMEMBERED_MS = 1_000;
/** Entries remembered; each is one row's worth of text. */
const MAX_REMEMBERED = 10_000;
/** Longest token looked at: Cognito's, with many groups, reach 4 KB. */
const MAX_TOKEN_LENGTH = 8_192;

export interface RelayIdentityDeps {
  readonly pool: Pool;
  readonly accounts: Accounts;
  readonly accessTokens: AccessTokens;
  readonly oidc: OidcTokens | undefined;
  readonly roles: Readonly<Record<string, Grants>>;
  readonly nowMs: () => number;
}

interface AccountState {
  readonly role: string;
  readonly generation: number;
  readonly disabled: boolean;
  readonly deviceRevoked: boolean;
}

export class RelayIdentity implements Identity {
  readonly #deps: RelayIdentityDeps;
  readonly #remembered = new Map<
    string,
    { readonly untilMs: number; readonly state: Promise<AccountState | undefined> }
  >();

  constructor(deps: RelayIdentityDeps) {
    this.#deps = deps;
  }

  async authenticate(token: string, usedOn?: string): Promise<Seat> {
    if (token.length > MAX_TOKEN_LENGTH) throw badToken();
    const issuer = issuerOf(token);
    try {
      return this.#deps.oidc?.isIssuer(issuer)
        ? await this.#visitor(token, usedOn)
        : await this.#member(token, usedOn);
    } catch (error) {
      if (error instanceof RefusedError) throw error;
      throw new RefusedError('storageAway', 'accounts cannot be checked right now; come back in a moment');
    }
  }

  /** Call when a revocation was heard. */
  forget(): void {
    this.#remembered.clear();
  }

  async #member(token: string, usedOn: string | undefined): Promise<Seat> {
    const claims = await this.#deps.accessTokens.verify(token);
    if (!claims) throw badToken();
    const { workspace, user, device } = claims;
    const state = await this.#stateOf(workspace, user, device ?? usedOn);
    if (!state || state.disabled || state.deviceRevoked || state.generation !== claims.generation)
      throw badToken();
    return {
      workspace,
      user,
      role: state.role,
      grants: this.#grantsOf(state.role),
      ...(device === undefined ? {} : { device }),
      expiresAtMs: claims.expiresAtMs,
      tokenId: claims.tokenId,
    };
  }

  async #visitor(token: string, usedOn: string | undefined): Promise<Seat> {
    const claims = await this.#deps.oidc!.verify(token);
    if (!claims) throw badToken();
    const { workspace, user, role } = claims;
    const state = await this.#stateOf(workspace, user, usedOn);
    if (state?.deviceRevoked) throw badToken();
    // The first visit, and each change of role, goes through the row; all others cost what a member's does.
    if (state === undefined || state.disabled || state.role !== role || !(await this.#isSame(claims))) {
      const account = await this.#deps.accounts.visit({ ...claims, name: user });
      if (!account) throw badToken();
      this.forget();
    }
    return {
      workspace,
      user,
      role,
      grants: this.#grantsOf(role),
      expiresAtMs: claims.expiresAtMs,
      tokenId: claims.tokenId,
    };
  }

  /** The row is this person's, not one of somebody else who had the name first. */
  async #isSame(claims: {
    workspace: string;
    user: string;
    issuer: string;
    subject: string;
  }): Promise<boolean> {
    const { rowCount } = await this.#deps.pool.query(
      'select 1 from espejo.account where workspace = $1 and name = $2 and issuer = $3 and subject = $4',
      [claims.workspace, claims.user, claims.issuer, claims.subject],
    );
    return rowCount === 1;
  }

  #grantsOf(role: string): Grants {
    const grants = Object.hasOwn(this.#deps.roles, role) ? this.#deps.roles[role] : undefined;
    if (!grants) throw new RefusedError('notAllowed', `role ${role} is not one of this application`);
    return grants;
  }

  #stateOf(workspace: string, user: string, device: string | undefined): Promise<AccountState | undefined> {
    const key = `${workspace}\n${user}\n${device ?? ''}`;
    const nowMs = this.#deps.nowMs();
    const known = this.#remembered.get(key);
    if (known && known.untilMs > nowMs) return known.state;
    const state = this.#readState(workspace, user, device);
    if (this.#remembered.size >= MAX_REMEMBERED) this.forget();
    this.#remembered.set(key, { untilMs: nowMs + REMEMBERED_MS, state });
    state.catch(() => this.#remembered.delete(key));
    return state;
  }

  async #readState(
    workspace: string,
    user: string,
    device: string | undefined,
  ): Promise<AccountState | undefined> {
    const { rows } = await this.#deps.pool.query(
      `select a.role, a.generation, a.disabled_at is not null as disabled, d.revoked_at is not null as device_revoked
       from espejo.account a left join espejo.device d on d.workspace = a.workspace and d.id = $3
       where a.workspace = $1 and a.name = $2`,
      [workspace, user, device ?? null],
    );
    if (rows.length === 0) return undefined;
    const { role, generation, disabled, device_revoked } = rows[0];
    return { role, generation, disabled, deviceRevoked: device_revoked };
  }
}

/** One answer for every fault: which part was wrong is nobody's business but the log's. */
function badToken(): RefusedError {
  return new RefusedError('badToken', 'the token is not valid here or no longer; sign in again');
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    throw badToken(); // not a JWT at all
  }
}
