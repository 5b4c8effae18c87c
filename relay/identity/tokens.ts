/**
 * Our own tokens. An access token is a JWT (HS256) that every instance checks by itself; a refresh token is 32
 * random bytes, bound to a device, of which Postgres holds the SHA-256.
 *
 *   sign in ──► refresh 1 ──► refresh 2 ──► refresh 3        one chain
 *                   └── used again: fine while 2 was not used (the answer was lost on the way),
 *                       afterwards somebody has a copy: the whole chain ends [ID-5]
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Pool } from 'pg';
import { newId } from '../../shared/base/ids.ts';
import { inTransaction } from '../transaction.ts';
import type { Account } from './accounts.ts';

const ISSUER = 'espejo';
const AUDIENCE = 'espejo';
const ALGORITHM = 'HS256';
const SECRET_BYTES = 32;
/** Difference of clocks between instances. */
const CLOCK_TOLERANCE_S = 5;

export interface AccessClaims {
  readonly workspace: string;
  readonly user: string;
  readonly device: string | undefined;
  /** The account's generation when the token was made. */
  readonly generation: number;
  readonly expiresAtMs: number;
  readonly tokenId: string;
}

/** The keys of all instances, in Postgres: the youngest signs, all verify, so a key is changed by adding one. */
export class AccessTokens {
  readonly #pool: Pool;
  readonly #nowMs: () => number;
  #keys: readonly { readonly id: string; readonly secret: Uint8Array }[] = [];

  constructor(pool: Pool, nowMs: () => number) {
    this.#pool = pool;
    this.#nowMs = nowMs;
  }

  /** Reads the keys; the first instance of all makes one. */
  async start(): Promise<void> {
    await this.#readKeys();
    if (this.#keys.length > 0) return;
    await inTransaction(this.#pool, async (client) => {
      await client.query('lock table espejo.signing_key');
      await client.query(
        `insert into espejo.signing_key (id, secret)
         select $1, $2 where not exists (select 1 from espejo.signing_key)`,
        [newId(this.#nowMs()), randomBytes(SECRET_BYTES)],
      );
    });
    await this.#readKeys();
  }

  async issue(account: Account, device: string | undefined, lifeMs: number): Promise<IssuedToken> {
    const key = this.#keys[0]!;
    const nowMs = this.#nowMs();
    const expiresAtMs = nowMs + lifeMs;
    const token = await new SignJWT({
      ws: account.workspace,
      gen: account.generation,
      ...(device === undefined ? {} : { dev: device }),
    })
      .setProtectedHeader({ alg: ALGORITHM, kid: key.id, typ: 'JWT' })
      .setSubject(account.name)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setJti(newId(nowMs))
      .setIssuedAt(Math.floor(nowMs / 1000))
      .setExpirationTime(Math.floor(expiresAtMs / 1000))
      .sign(key.secret);
    return { token, expiresAtMs: Math.floor(expiresAtMs / 1000) * 1000 };
  }

  /** Undefined for whatever is not a token of ours that still holds: the reason is nobody's business. */
  async verify(token: string): Promise<AccessClaims | undefined> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.#secretOf(kid), {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(this.#nowMs()),
        requiredClaims: ['sub', 'exp', 'jti'],
      });
      const { ws, gen, dev } = payload;
      if (typeof ws !== 'string' || typeof gen !== 'number') return undefined;
      return {
        workspace: ws,
        user: payload.sub!,
        device: typeof dev === 'string' ? dev : undefined,
        generation: gen,
        expiresAtMs: payload.exp! * 1000,
        tokenId: payload.jti!,
      };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  /** A short text's signature for an address that must work without a token. */
  sign(text: string): string {
    return signatureOf(text, this.#keys[0]!.secret);
  }

  /** True for a signature of any instance, by any key that is still kept. */
  isSigned(text: string, signature: string): boolean {
    const given = Buffer.from(signature, 'base64url');
    return this.#keys.some(({ secret }) => {
      const expected = Buffer.from(signatureOf(text, secret), 'base64url');
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }

  async #secretOf(keyId: string | undefined): Promise<Uint8Array> {
    const known = this.#keys.find(({ id }) => id === keyId);
    if (known) return known.secret;
    // Only an id of our own form is worth a query: made-up ones must not become load on Postgres.
    if (keyId !== undefined && /^[0-9a-f-]{36}$/.test(keyId)) await this.#readKeysAtMostOnceASecond();
    const found = this.#keys.find(({ id }) => id === keyId);
    if (!found) throw new errors.JWKSNoMatchingKey();
    return found.secret;
  }

  #lastReadAtMs = 0;

  async #readKeysAtMostOnceASecond(): Promise<void> {
    if (this.#nowMs() - this.#lastReadAtMs < 1_000) return;
    await this.#readKeys();
  }

  async #readKeys(): Promise<void> {
    this.#lastReadAtMs = this.#nowMs();
    const { rows } = await this.#pool.query<{ id: string; secret: Buffer }>(
      'select id, secret from espejo.signing_key order by created_at desc',
    );
    this.#keys = rows.map(({ id, secret }) => ({ id, secret: new Uint8Array(secret) }));
  }
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

export type RefreshOutcome =
  | {
      readonly outcome: 'fresh';
      readonly workspace: string;
      readonly user: string;
      readonly refreshToken: string;
    }
  | { readonly outcome: 'refused' };

/** The only class that reads or writes `espejo.refresh_token`. */
export class RefreshTokens {
  readonly #pool: Pool;
  readonly #nowMs: () => number;
  readonly #lifeMs: number;

  constructor(pool: Pool, nowMs: () => number, lifeMs: number) {
    this.#pool = pool;
    this.#nowMs = nowMs;
    this.#lifeMs = lifeMs;
  }

  /** The first of a chain, at sign-in. */
  async issue(workspace: string, user: string, device: string): Promise<string> {
    const token = newRefreshToken();
    await this.#pool.query(
      `insert into espejo.refresh_token (sha256, chain, workspace, user_name, device, expires_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [hashOf(token), newId(this.#nowMs()), workspace, user, device, this.#expiry()],
    );
    return token;
  }

  /** Exchanges a token for its successor. The device must be the one it was made for. */
  rotate(token: string, device: string): Promise<RefreshOutcome> {
    return inTransaction(this.#pool, async (client): Promise<RefreshOutcome> => {
      const { rows } = await client.query(
        `select t.chain, t.workspace, t.user_name, t.device, t.expires_at, t.replaced_by, next.confirmed_at as next_used
         from espejo.refresh_token t left join espejo.refresh_token next on next.sha256 = t.replaced_by
         where t.sha256 = $1 for update of t`,
        [hashOf(token)],
      );
      const found = rows[0];
      if (!found || found.expires_at.getTime() <= this.#nowMs()) return { outcome: 'refused' };
      if (found.device !== device || found.next_used !== null) {
        await client.query('delete from espejo.refresh_token where chain = $1', [found.chain]);
        return { outcome: 'refused' };
      }
      const next = newRefreshToken();
      if (found.replaced_by !== null)
        await client.query('delete from espejo.refresh_token where sha256 = $1', [found.replaced_by]);
      await client.query(
        `insert into espejo.refresh_token (sha256, chain, workspace, user_name, device, expires_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [hashOf(next), found.chain, found.workspace, found.user_name, device, this.#expiry()],
      );
      await client.query(
        'update espejo.refresh_token set replaced_by = $2, confirmed_at = coalesce(confirmed_at, $3) where sha256 = $1',
        [hashOf(token), hashOf(next), new Date(this.#nowMs())],
      );
      return { outcome: 'fresh', workspace: found.workspace, user: found.user_name, refreshToken: next };
    });
  }

  /** Signs out the chain that `token` belongs to; does nothing for an unknown one. */
  async end(token: string): Promise<void> {
    await this.#pool.query(
      'delete from espejo.refresh_token where chain in (select chain from espejo.refresh_token where sha256 = $1)',
      [hashOf(token)],
    );
  }

  /** Ends every chain of a user, or of a device. */
  async endAll(of: { workspace: string; user?: string; device?: string }): Promise<void> {
    await this.#pool.query(
      `delete from espejo.refresh_token where workspace = $1
         and ($2::text is null or user_name = $2) and ($3::text is null or device = $3)`,
      [of.workspace, of.user ?? null, of.device ?? null],
    );
  }

  /** Removes what has expired. Call now and then. */
  async sweep(): Promise<void> {
    await this.#pool.query('delete from espejo.refresh_token where expires_at < $1', [
      new Date(this.#nowMs()),
    ]);
  }

  #expiry(): Date {
    return new Date(this.#nowMs() + this.#lifeMs);
  }
}

/** Prefixed, so that no text to sign can ever be the input of a token. */
function signatureOf(text: string, secret: Uint8Array): string {
  return createHmac('sha256', secret).update(`address\n${text}`).digest('base64url');
}

function newRefreshToken(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
