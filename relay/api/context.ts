/** What the endpoints work with; server.ts puts it together once. */
import type { Pool } from 'pg';
import type { BatchAnswer } from '../../shared/protocol/batch.ts';
import type { Commit } from '../../shared/protocol/commit.ts';
import type { Application } from '../../shared/schema/application.ts';
import type { Config } from '../config.ts';
import type { Accounts } from '../identity/accounts.ts';
import type { Devices } from '../identity/devices.ts';
import type { Logins } from '../identity/logins.ts';
import type { OidcTokens } from '../identity/oidc.ts';
import type { Identity, Seat } from '../identity/seat.ts';
import type { AccessTokens, RefreshTokens } from '../identity/tokens.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { Logger } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';

export interface ApiContext {
  readonly config: Config;
  readonly application: Application;
  readonly pool: Pool;
  readonly identity: Identity;
  readonly accounts: Accounts;
  readonly logins: Logins;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly devices: Devices;
  readonly oidc: OidcTokens | undefined;
  readonly commits: CommitSink;
  readonly objects: ObjectStore;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** Where batches go: the live part of the relay, with the same checks as on a socket. */
export interface CommitSink {
  appendBatch(seat: Seat, commits: readonly Commit[]): Promise<BatchAnswer>;
}
