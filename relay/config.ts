/**
 * Environment -> Config, or one ConfigError that lists every wrong value by name, so that a start is mended in
 * one go. Read once, by the composition roots; nothing else looks at the environment. The table of variables is
 * in README.md.
 */
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { type CompactorLimits, DEFAULT_COMPACTOR_LIMITS } from './materializer/compactor.ts';

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Folder for what a machine without services keeps: embedded Postgres, objects. */
  readonly dataDir: string;
  /** Absent: `npm start` runs its own Postgres; the production entry refuses. */
  readonly databaseUrl: string | undefined;
  /** Most Postgres connections this process opens. */
  readonly databaseConnections: number;
  /** Absent: objects are files below `dataDir`. */
  readonly s3: S3Config | undefined;
  /** Absent: own accounts only. */
  readonly oidc: OidcConfig | undefined;
  /** `https://taller.example`: where users reach this relay; decides HSTS and which Origin a socket may have. */
  readonly publicUrl: string | undefined;
  /** Origins beside our own whose pages may open sockets. The HTTP API is for our own pages and for programs. */
  readonly allowedOrigins: readonly string[];
  /** Proxies in front of us whose X-Forwarded-For is believed; 0 for none. */
  readonly trustedProxies: number;
  /** Whoever may manage accounts needs a TOTP code to sign in. */
  readonly secondFactorForAdmins: boolean;
  readonly accessTokenMs: number;
  readonly refreshTokenMs: number;
  /** When set, `GET /metrics` wants it as bearer token. */
  readonly metricsToken: string | undefined;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
  readonly limits: Limits;
  /** When logs are folded into snapshots, and how long the log behind one stays. */
  readonly snapshots: Pick<CompactorLimits, 'pollMs' | 'updates' | 'graceMs'>;
}

export interface S3Config {
  readonly bucket: string;
  /** Absent: AWS itself. */
  readonly endpoint: string | undefined;
  readonly region: string;
}

export interface OidcConfig {
  /** `https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc`; its tokens' `iss`. */
  readonly issuer: string;
  /** Client id; the tokens' `aud` (or Cognito's `client_id`). */
  readonly audience: string;
  /** Claim that holds the role or a list of groups. */
  readonly roleClaim: string;
  /** Role by claim value; a value that is itself a role needs no entry. */
  readonly roleByClaim: Readonly<Record<string, string>>;
  readonly workspaceClaim: string;
  readonly userClaim: string;
}

/** The environment is not usable. The message names every wrong variable, its value and what is allowed. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Shortest metrics token: what is guessed in less than a working life protects nothing. */
const MIN_SECRET_LENGTH = 16;

export function readConfig(env: Environment): Config {
  const wrong: string[] = [];
  const reader = new EnvironmentReader(env, wrong);
  const bucket = reader.text('S3_BUCKET');
  const issuer = reader.url('OIDC_ISSUER', ['https:', 'http:']);
  const endpoint = reader.url('S3_ENDPOINT', ['https:', 'http:']);
  if (endpoint !== undefined && bucket === undefined)
    wrong.push('S3_BUCKET is missing; S3_ENDPOINT needs a bucket');
  const audience = reader.text('OIDC_AUDIENCE');
  if (issuer !== undefined && audience === undefined)
    wrong.push('OIDC_AUDIENCE is missing; give the client id that OIDC_ISSUER issues tokens for');
  const limits = reader.limits();
  if (limits.maxCommitBytes > limits.maxFrameBytes)
    wrong.push(
      `LIMIT_MAX_COMMIT_BYTES is ${limits.maxCommitBytes}; give at most LIMIT_MAX_FRAME_BYTES (${limits.maxFrameBytes})`,
    );
  const config: Config = {
    port: reader.integer('PORT', 8080, { from: 0, to: 65_535 }),
    host: reader.text('HOST') ?? '0.0.0.0',
    dataDir: reader.text('DATA_DIR') ?? '.data',
    databaseUrl: reader.url('DATABASE_URL', ['postgres:', 'postgresql:']),
    databaseConnections: reader.integer('DATABASE_CONNECTIONS', 16, { from: 4, to: 200 }),
    s3:
      bucket === undefined
        ? undefined
        : { bucket, endpoint, region: reader.text('S3_REGION') ?? 'us-east-1' },
    oidc:
      issuer === undefined
        ? undefined
        : {
            issuer,
            audience: audience ?? '',
            roleClaim: reader.text('OIDC_ROLE_CLAIM') ?? 'cognito:groups',
            roleByClaim: reader.map('OIDC_ROLES'),
            workspaceClaim: reader.text('OIDC_WORKSPACE_CLAIM') ?? 'custom:workspace',
            userClaim: reader.text('OIDC_USER_CLAIM') ?? 'email',
          },
    publicUrl: reader.url('PUBLIC_URL', ['https:', 'http:']),
    allowedOrigins: reader.origins('ALLOWED_ORIGINS'),
    trustedProxies: reader.integer('TRUSTED_PROXIES', 0, { from: 0, to: 10 }),
    secondFactorForAdmins: reader.flag('SECOND_FACTOR_FOR_ADMINS', false),
    accessTokenMs: reader.integer('ACCESS_TOKEN_MINUTES', 60, { from: 1, to: 1440 }) * 60_000,
    refreshTokenMs: reader.integer('REFRESH_TOKEN_DAYS', 90, { from: 1, to: 400 }) * 86_400_000,
    metricsToken: reader.secret('METRICS_TOKEN'),
    logLevel: reader.choice('LOG_LEVEL', ['info', 'fatal', 'error', 'warn', 'debug', 'silent']),
    limits,
    snapshots: {
      pollMs: reader.seconds('SNAPSHOT_EVERY_SECONDS', DEFAULT_COMPACTOR_LIMITS.pollMs, {
        from: 1,
        to: 3_600,
      }),
      updates: reader.integer('SNAPSHOT_AFTER_UPDATES', DEFAULT_COMPACTOR_LIMITS.updates, {
        from: 1,
        to: 1_000_000,
      }),
      graceMs: reader.seconds('SNAPSHOT_GRACE_SECONDS', DEFAULT_COMPACTOR_LIMITS.graceMs, {
        from: 0,
        to: 31 * 86_400,
      }),
    },
  };
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
  return config;
}

/** Reads one variable each, noting what is wrong instead of throwing, so that all of it is told at once. */
class EnvironmentReader {
  readonly #env: Environment;
  readonly #wrong: string[];

  constructor(env: Environment, wrong: string[]) {
    this.#env = env;
    this.#wrong = wrong;
  }

  /** Undefined when absent or empty: an empty variable in a compose file means "not set". */
  text(name: string): string | undefined {
    const value = this.#env[name]?.trim();
    return value === '' ? undefined : value;
  }

  integer(name: string, fallback: number, range: { readonly from: number; readonly to: number }): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.from && number <= range.to) return number;
    this.#wrong.push(`${name} is "${value}"; give a whole number from ${range.from} to ${range.to}`);
    return fallback;
  }

  /** Read in seconds, given in ms. */
  seconds(name: string, fallbackMs: number, range: { readonly from: number; readonly to: number }): number {
    return this.integer(name, fallbackMs / 1000, range) * 1000;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.text(name);
    if (value === undefined) return fallback;
    if (value === 'true' || value === 'false') return value === 'true';
    this.#wrong.push(`${name} is "${value}"; give true or false`);
    return fallback;
  }

  /** The first choice is the fallback. */
  choice<const Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const value = this.text(name);
    if (value === undefined) return choices[0];
    const choice = choices.find((one) => one === value);
    if (choice !== undefined) return choice;
    this.#wrong.push(`${name} is "${value}"; give one of ${choices.join(', ')}`);
    return choices[0];
  }

  /** The value is not repeated in the message: it may hold a password. */
  url(name: string, protocols: readonly string[]): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (parsed !== undefined && protocols.includes(parsed.protocol)) return value.replace(/\/$/, '');
    this.#wrong.push(`${name} is not a URL; give one that starts with ${protocols.join('// or ')}//`);
    return undefined;
  }

  secret(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || value.length >= MIN_SECRET_LENGTH) return value;
    this.#wrong.push(`${name} has ${value.length} characters; give at least ${MIN_SECRET_LENGTH}`);
    return undefined;
  }

  /** `https://a.example,https://b.example` */
  origins(name: string): readonly string[] {
    const values = (this.text(name) ?? '')
      .split(',')
      .map((value) => value.trim())
      .filter((value) => value !== '');
    for (const value of values) {
      if (!URL.canParse(value) || new URL(value).origin !== value)
        this.#wrong.push(`${name} names "${value}"; give origins like https://taller.example, with commas`);
    }
    return values;
  }

  /** `Administrators=admin,Front=reception` */
  map(name: string): Readonly<Record<string, string>> {
    const map: Record<string, string> = {};
    for (const entry of (this.text(name) ?? '').split(',')) {
      if (entry.trim() === '') continue;
      const [from, to, ...rest] = entry.split('=').map((part) => part.trim());
      if (from && to && rest.length === 0) map[from] = to;
      else
        this.#wrong.push(
          `${name} holds "${entry.trim()}"; give pairs like Administrators=admin, with commas`,
        );
    }
    return map;
  }

  limits(): Limits {
    const limits: Record<string, number> = {};
    for (const [name, fallback] of Object.entries(DEFAULT_LIMITS)) {
      const variable = `LIMIT_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
      limits[name] = this.integer(variable, fallback, { from: 1, to: Number.MAX_SAFE_INTEGER });
    }
    for (const variable of Object.keys(this.#env)) {
      if (!variable.startsWith('LIMIT_')) continue;
      const name = variable
        .slice('LIMIT_'.length)
        .toLowerCase()
        .replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (!(name in DEFAULT_LIMITS)) this.#wrong.push(`${variable} is not a limit this relay knows`);
    }
    return limits as unknown as Limits;
  }
}
