/**
 * Tokens of an OpenID Connect issuer (Cognito or any other): signature by the issuer's published keys, role and
 * workspace from claims. Keys are found through the issuer's own metadata document, so no second address is
 * configured, and are fetched again when a token names one that is not known (at most every 30 s, jose's rule).
 */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { OidcConfig } from '../config.ts';
import type { Logger } from '../observability/log.ts';

export interface OidcClaims {
  readonly workspace: string;
  readonly user: string;
  readonly role: string;
  readonly issuer: string;
  readonly subject: string;
  readonly expiresAtMs: number;
  readonly tokenId: string;
}

/** Only signatures that a holder of the published keys cannot make: an HMAC with a public key as secret is one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCK_TOLERANCE_S = 30;
const METADATA_TIMEOUT_MS = 5_000;

export class OidcTokens {
  readonly #config: OidcConfig;
  readonly #roles: ReadonlySet<string>;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  #keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(deps: { config: OidcConfig; roles: ReadonlySet<string>; logger: Logger; nowMs: () => number }) {
    this.#config = deps.config;
    this.#roles = deps.roles;
    this.#logger = deps.logger;
    this.#nowMs = deps.nowMs;
  }

  isIssuer(issuer: string | undefined): boolean {
    return issuer !== undefined && withoutSlash(issuer) === this.#config.issuer;
  }

  /**
   * Undefined for a token that will never do, or whose claims name no workspace, user or known role. Throws when
   * the issuer cannot be asked for its keys.
   */
  async verify(token: string): Promise<OidcClaims | undefined> {
    const keys = await this.#publishedKeys();
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(this.#nowMs()),
        requiredClaims: ['sub', 'exp', 'iss'],
      }));
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) throw error;
      return undefined;
    }
    if (!this.isIssuer(payload.iss) || !this.#isForUs(payload)) return undefined;
    const workspace = payload[this.#config.workspaceClaim];
    const user = payload[this.#config.userClaim];
    const role = this.#roleOf(payload[this.#config.roleClaim]);
    if (typeof workspace !== 'string' || typeof user !== 'string' || role === undefined) return undefined;
    return {
      workspace,
      user: user.toLowerCase(),
      role,
      issuer: this.#config.issuer,
      subject: payload.sub!,
      expiresAtMs: payload.exp! * 1000,
      tokenId: payload.jti ?? payload.sub!,
    };
  }

  /** `aud` may be one or several; Cognito's access tokens name the client in `client_id` instead. */
  #isForUs(payload: JWTPayload): boolean {
    const { audience } = this.#config;
    const named = payload.aud ?? payload.client_id;
    return Array.isArray(named) ? named.includes(audience) : named === audience;
  }

  /** The first claim value that is a role or maps to one; a list is read in its order. */
  #roleOf(claim: unknown): string | undefined {
    const values = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(/[ ,]+/) : [];
    for (const value of values) {
      const mapped = Object.hasOwn(this.#config.roleByClaim, value) ? this.#config.roleByClaim[value] : value;
      if (this.#roles.has(mapped)) return mapped;
    }
    return undefined;
  }

  #publishedKeys(): Promise<JWTVerifyGetKey> {
    this.#keys ??= this.#discover().catch((error: unknown) => {
      this.#keys = undefined; // ask again at the next token
      this.#logger.warn({ err: error }, 'the OIDC issuer did not answer');
      throw error;
    });
    return this.#keys;
  }

  async #discover(): Promise<JWTVerifyGetKey> {
    const { issuer } = this.#config;
    const answer = await fetch(`${issuer}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(METADATA_TIMEOUT_MS),
      redirect: 'error',
    });
    if (!answer.ok) throw new Error(`the OIDC issuer answered ${answer.status} to its metadata`);
    const metadata = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
    if (typeof metadata.issuer !== 'string' || withoutSlash(metadata.issuer) !== issuer)
      throw new Error('the metadata of the OIDC issuer names another issuer');
    if (typeof metadata.jwks_uri !== 'string' || !URL.canParse(metadata.jwks_uri))
      throw new Error('the metadata of the OIDC issuer has no jwks_uri');
    return createRemoteJWKSet(new URL(metadata.jwks_uri), { timeoutDuration: METADATA_TIMEOUT_MS });
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}
