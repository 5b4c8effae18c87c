/** Replicas that opened a session. The only file that reads or writes `espejo.device`. */
import type { Pool } from 'pg';
import { inTransaction } from '../transaction.ts';
import { revoke } from './revocations.ts';

export interface Device {
  readonly id: string;
  /** What its people call it: "Tablet recepción". */
  readonly label: string;
  readonly user: string;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  readonly revokedAtMs: number | undefined;
  readonly revokedBy: string | undefined;
}

export interface DevicesDeps {
  readonly pool: Pool;
  /** Called when a device was revoked, so that this process need not wait to hear of it. */
  readonly onRevoked: () => void;
  /** Called once a device signed in, was named or revoked; not waited for. `by` is who did it. Must not throw. */
  readonly onChanged?: (workspace: string, device: Device, before: Device | undefined, by: string) => void;
}

const DEVICE_COLUMNS = 'id, label, user_name, created_at, last_seen_at, revoked_at, revoked_by';

export class Devices {
  readonly #deps: DevicesDeps;

  constructor(deps: DevicesDeps) {
    this.#deps = deps;
  }

  /** Notes that `user` opened a session on it. False when the device was revoked. */
  async enter(workspace: string, id: string, user: string, label: string | undefined): Promise<boolean> {
    const before = await this.find(workspace, id);
    const { rows } = await this.#deps.pool.query<DeviceRow>(
      `insert into espejo.device as d (workspace, id, user_name, label) values ($1, $2, $3, coalesce($4, ''))
       on conflict (workspace, id) do update set user_name = excluded.user_name,
         label = coalesce($4, d.label), last_seen_at = clock_timestamp()
       where d.revoked_at is null returning ${DEVICE_COLUMNS}`,
      [workspace, id, user, label ?? null],
    );
    if (rows[0] === undefined) return false;
    this.#deps.onChanged?.(workspace, deviceOfRow(rows[0]), before, user);
    return true;
  }

  async list(workspace: string): Promise<readonly Device[]> {
    const { rows } = await this.#deps.pool.query<DeviceRow>(
      `select ${DEVICE_COLUMNS} from espejo.device where workspace = $1 order by last_seen_at desc, id`,
      [workspace],
    );
    return rows.map(deviceOfRow);
  }

  async find(workspace: string, id: string): Promise<Device | undefined> {
    const { rows } = await this.#deps.pool.query<DeviceRow>(
      `select ${DEVICE_COLUMNS} from espejo.device where workspace = $1 and id = $2`,
      [workspace, id],
    );
    return rows[0] && deviceOfRow(rows[0]);
  }

  /** Those of `ids` that were revoked. */
  async revokedAmong(workspace: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const { rows } = await this.#deps.pool.query<{ id: string }>(
      'select id from espejo.device where workspace = $1 and id = any($2) and revoked_at is not null',
      [workspace, ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  async rename(workspace: string, id: string, label: string, by: string): Promise<boolean> {
    const before = await this.find(workspace, id);
    const { rows } = await this.#deps.pool.query<DeviceRow>(
      `update espejo.device set label = $3 where workspace = $1 and id = $2 returning ${DEVICE_COLUMNS}`,
      [workspace, id, label],
    );
    if (rows[0] === undefined) return false;
    this.#deps.onChanged?.(workspace, deviceOfRow(rows[0]), before, by);
    return true;
  }

  /** For good: its sockets are cut, its refresh tokens end, no session opens on it again. False when unknown. */
  async revoke(workspace: string, id: string, by: string): Promise<boolean> {
    const before = await this.find(workspace, id);
    const revoked = await inTransaction(this.#deps.pool, async (client) => {
      const { rows } = await client.query<DeviceRow>(
        `update espejo.device set revoked_at = coalesce(revoked_at, clock_timestamp()), revoked_by = coalesce(revoked_by, $3)
         where workspace = $1 and id = $2 returning ${DEVICE_COLUMNS}`,
        [workspace, id, by],
      );
      if (rows[0] === undefined) return undefined;
      await client.query('delete from espejo.refresh_token where workspace = $1 and device = $2', [
        workspace,
        id,
      ]);
      await revoke(client, { workspace, device: id });
      return deviceOfRow(rows[0]);
    });
    this.#deps.onRevoked();
    if (revoked === undefined) return false;
    this.#deps.onChanged?.(workspace, revoked, before, by);
    return true;
  }
}

interface DeviceRow {
  id: string;
  label: string;
  user_name: string;
  created_at: Date;
  last_seen_at: Date;
  revoked_at: Date | null;
  revoked_by: string | null;
}

function deviceOfRow(row: DeviceRow): Device {
  return {
    id: row.id,
    label: row.label,
    user: row.user_name,
    createdAtMs: row.created_at.getTime(),
    lastSeenAtMs: row.last_seen_at.getTime(),
    revokedAtMs: row.revoked_at?.getTime(),
    revokedBy: row.revoked_by ?? undefined,
  };
}
