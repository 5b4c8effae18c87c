/** Updates that are not in the report, with the reason. A document never waits for one [MAT-3]. */
import type { PoolClient } from 'pg';
import type { LogEntry } from './log-entry.ts';

export type QuarantineReason = 'gap' | 'malformed' | 'foreign-register' | 'foreign-table' | 'unstorable';

export interface QuarantineNote {
  readonly workspace: string;
  readonly entry: LogEntry;
  readonly reason: QuarantineReason;
  /** One sentence; never row values. */
  readonly detail: string;
}

export async function setAside(client: PoolClient, notes: readonly QuarantineNote[]): Promise<void> {
  for (const { workspace, entry, reason, detail } of notes) {
    await client.query(
      `insert into espejo.quarantine
         (workspace, document, epoch, seq, reason, detail, commit, user_name, device, update, state)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       on conflict (document, epoch, seq) do update
          set reason = excluded.reason, detail = excluded.detail, state = excluded.state,
              changed_at = clock_timestamp()`,
      [
        workspace,
        entry.document,
        entry.epoch,
        entry.seq,
        reason,
        detail,
        entry.commit ?? null,
        entry.user,
        entry.device ?? null,
        Buffer.from(entry.update),
        reason === 'gap' ? 'waiting' : 'open',
      ],
    );
  }
}

/**
 * What had waited is in the report now. False when somebody else settled one of them meanwhile: then the memory of
 * the document is not what the database says, and the transaction must be given up.
 */
export async function settleWaiting(client: PoolClient, entries: readonly LogEntry[]): Promise<boolean> {
  if (entries.length === 0) return true;
  const { rowCount } = await client.query(
    `update espejo.quarantine q set state = 'resolved', changed_at = clock_timestamp()
       from unnest($1::int[], $2::int[], $3::int[]) as k (document, epoch, seq)
      where q.document = k.document and q.epoch = k.epoch and q.seq = k.seq and q.state = 'waiting'`,
    [
      entries.map(({ document }) => document),
      entries.map(({ epoch }) => epoch),
      entries.map(({ seq }) => seq),
    ],
  );
  return rowCount === entries.length;
}
