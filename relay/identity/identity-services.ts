/** The parts of identity, put together once per process. */
import type { Pool } from 'pg';
import { isAdmin } from '../../shared/permissions/admin.ts';
import type { Application } from '../../shared/schema/application.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../observability/log.ts';
import { Accounts, type AccountsDeps } from './accounts.ts';
import { Devices, type DevicesDeps } from './devices.ts';
import { Logins } from './logins.ts';
import { OidcTokens } from './oidc.ts';
import { RelayIdentity } from './relay-identity.ts';
import { type Revocation, Revocations } from './revocations.ts';
import { AccessTokens, RefreshTokens } from './tokens.ts';

export interface IdentityServices {
  readonly identity: RelayIdentity;
  readonly accounts: Accounts;
  readonly logins: Logins;
  readonly devices: Devices;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly oidc: OidcTokens | undefined;
  readonly revocations: Revocations;
  /** Removes what has run out; call about once an hour. */
  sweep(): Promise<void>;
}

export interface IdentityDeps {
  readonly config: Config;
  readonly application: Application;
  readonly pool: Pool;
  readonly databaseUrl: string;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** Called for each revocation of any instance, after tokens of it stopped working here. */
  readonly onRevoked: (revocation: Revocation) => void;
  readonly onAccountChanged?: AccountsDeps['onChanged'];
  readonly onDeviceChanged?: DevicesDeps['onChanged'];
}

/** Resolves once keys are read and revocations are heard. */
export async function openIdentity(deps: IdentityDeps): Promise<IdentityServices> {
  const { config, application, pool, logger, nowMs } = deps;
  const roles = new Set(Object.keys(application.roles));
  const isAdminRole = (role: string) => {
    const grants = application.roles[role];
    return grants !== undefined && isAdmin(grants);
  };
  const accounts = new Accounts({
    pool,
    roles,
    isAdminRole,
    onRevoked: () => identity.forget(),
    ...(deps.onAccountChanged && { onChanged: deps.onAccountChanged }),
  });
  const logins = new Logins({
    pool,
    isAdminRole,
    secondFactorForAdmins: config.secondFactorForAdmins,
    applicationName: application.name,
    nowMs,
    maxFailuresPerAddress: config.limits.maxFailedLoginsPerAddress,
  });
  const accessTokens = new AccessTokens(pool, nowMs);
  const refreshTokens = new RefreshTokens(pool, nowMs, config.refreshTokenMs);
  const oidc = config.oidc && new OidcTokens({ config: config.oidc, roles, logger, nowMs });
  const identity: RelayIdentity = new RelayIdentity({
    pool,
    accounts,
    accessTokens,
    oidc,
    roles: application.roles,
    nowMs,
  });
  const revocations = new Revocations({
    databaseUrl: deps.databaseUrl,
    logger,
    onRevoked: (revocation) => {
      identity.forget();
      deps.onRevoked(revocation);
    },
  });
  await accessTokens.start();
  await revocations.start();
  return {
    identity,
    accounts,
    logins,
    devices: new Devices({
      pool,
      onRevoked: () => identity.forget(),
      ...(deps.onDeviceChanged && { onChanged: deps.onDeviceChanged }),
    }),
    accessTokens,
    refreshTokens,
    oidc,
    revocations,
    async sweep() {
      await logins.sweep();
      await refreshTokens.sweep();
      await revocations.sweep();
    },
  };
}
