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

export class Devices {
  readonly #pool: Pool;

  readonly #onRevoked: () => void;

  /** `onRevoked` is called when a device was revoked, so that this process need not wait to hear of it. */
  constructor(pool: Pool, onRevoked: () => void) {
    this.#pool = pool;
    this.#onRevoked = onRevoked;
  }

  /** Notes that `user` opened a session on it. False when the device was revoked. */
  async enter(workspace: string, id: string, user: string, label: string | undefined): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `insert into espejo.device as d (workspace, id, user_name, label) values ($1, $2, $3, coalesce($4, ''))
       on conflict (workspace, id) do update set user_name = excluded.user_name,
         label = coalesce($4, d.label), last_seen_at = clock_timestamp()
       where d.revoked_at is null`,
      [workspace, id, user, label ?? null],
    );
    return rowCount === 1;
  }

  async list(workspace: string): Promise<readonly Device[]> {
    const { rows } = await this.#pool.query(
      `select id, label, user_name, created_at, last_seen_at, revoked_at, revoked_by
       from espejo.device where workspace = $1 order by last_seen_at desc, id`,
      [workspace],
    );
    return rows.map((row) => ({
      id: row.id,
      label: row.label,
      user: row.user_name,
      createdAtMs: row.created_at.getTime(),
      lastSeenAtMs: row.last_seen_at.getTime(),
      revokedAtMs: row.revoked_at?.getTime(),
      revokedBy: row.revoked_by ?? undefined,
    }));
  }

  async rename(workspace: string, id: string, label: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      'update espejo.device set label = $3 where workspace = $1 and id = $2',
      [workspace, id, label],
    );
    return rowCount === 1;
  }

  /** For good: its sockets are cut, its refresh tokens end, no session opens on it again. False when unknown. */
  async revoke(workspace: string, id: string, by: string): Promise<boolean> {
    const isKnown = await inTransaction(this.#pool, async (client) => {
      const { rowCount } = await client.query(
        `update espejo.device set revoked_at = coalesce(revoked_at, clock_timestamp()), revoked_by = coalesce(revoked_by, $3)
         where workspace = $1 and id = $2`,
        [workspace, id, by],
      );
      if (rowCount !== 1) return false;
      await client.query('delete from espejo.refresh_token where workspace = $1 and device = $2', [
        workspace,
        id,
      ]);
      await revoke(client, { workspace, device: id });
      return true;
    });
    this.#onRevoked();
    return isKnown;
  }
}
