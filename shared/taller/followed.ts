/**
 * What the rows of a workshop say about accounts and devices of the relay: a person who was given an account can be
 * chosen as a technician at once, and a tablet that signed in has a row, a name and a code for its numbers [TALLER-10].
 * The relay decides who may come in; colours, skills and PINs are the workshop's and are never touched here.
 */
import type { AccountFact, ApplicationWrite, DeviceFact } from '../schema/application.ts';
import { insert, type Statement, statements, update } from './flows/statement.ts';
import { ROLE_IDS } from './roles.ts';
import { roleStatement } from './starter.ts';

const DOCUMENTS = ['admin'] as const;
const TECHNICIAN_ROLE = 'mecanico';
const DAY_MS = 86_400_000;

/** A row that is not there is made; one that is there gets what the account changed, and keeps everything else. */
export function followAccount(
  account: AccountFact,
  before: AccountFact | undefined,
): ApplicationWrite | undefined {
  const role = ROLE_IDS.find((id) => id === account.role);
  if (role === undefined) return undefined;
  const access = {
    role_id: account.role,
    active: account.disabledAtMs === undefined ? 1 : 0,
    disabled_at: account.disabledAtMs ?? null,
  };
  const isRenamed = before !== undefined && before.displayName !== account.displayName;
  return {
    label: before === undefined ? 'user.create' : 'user.change',
    documents: DOCUMENTS,
    statements: statements(
      ifAbsent(roleStatement(role)),
      ifAbsent(
        insert('users', account.name, {
          ...access,
          display_name: account.displayName,
          is_technician: account.role === TECHNICIAN_ROLE ? 1 : 0,
        }),
      ),
      update('users', account.name, {
        ...access,
        display_name: isRenamed ? account.displayName : undefined,
      }),
    ),
  };
}

/** `last_seen_at` moves once a day: each move is a commit that every replica receives. */
export function followDevice(
  device: DeviceFact,
  before: DeviceFact | undefined,
): ApplicationWrite | undefined {
  const isSeen = before === undefined || dayOf(before.lastSeenAtMs) !== dayOf(device.lastSeenAtMs);
  const isRenamed = before !== undefined && before.label !== device.label;
  const isRevoked = device.revokedAtMs !== before?.revokedAtMs;
  if (!isSeen && !isRenamed && !isRevoked) return undefined;
  return {
    label: before === undefined ? 'device.register' : 'device.change',
    documents: DOCUMENTS,
    statements: statements(
      ifAbsent(
        insert('devices', device.id, {
          name: device.label === '' ? device.id : device.label,
          series_code: NEXT_SERIES_CODE,
          registered_by: device.user,
          last_seen_at: device.lastSeenAtMs,
        }),
      ),
      update('devices', device.id, {
        name: isRenamed ? device.label : undefined,
        last_seen_at: isSeen ? device.lastSeenAtMs : undefined,
        revoked_at: isRevoked ? (device.revokedAtMs ?? null) : undefined,
      }),
    ),
  };
}

/** `D1`, `D2`, …: counted here, where no two devices do it at once, so no code is given twice [TALLER-10]. */
const NEXT_SERIES_CODE = {
  expression: `(select 'D' || (coalesce(max(cast(substr(series_code, 2) as integer)), 0) + 1) from devices where series_code glob 'D[0-9]*')`,
  params: [],
};

function ifAbsent({ sql, params }: Statement): Statement {
  return { sql: `${sql} on conflict (id) do nothing`, params };
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}
