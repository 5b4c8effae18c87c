/**
 * Takes updates out of quarantine by appending them once more: they come to the report, to replicas and into the next
 * snapshot like any other, and what has been applied before changes nothing. One that is still refused is set aside
 * again under its new seq.
 */
import type { Pool } from 'pg';
import type { Log } from '../log/log.ts';

export interface QuarantineEntry {
  readonly id: number;
  readonly workspace: string;
  readonly document: string;
  readonly epoch: number;
  readonly seq: number;
  readonly reason: string;
  readonly detail: string;
  readonly user: string;
  readonly device: string | undefined;
  readonly state: 'waiting' | 'open';
  readonly quarantinedAt: Date;
  readonly bytes: number;
}

/** What is in quarantine now, oldest first. */
export async function listQuarantine(pool: Pool, workspace?: string): Promise<readonly QuarantineEntry[]> {
  const { rows } = await pool.query<QuarantineEntry>(
    `select q.id::int, q.workspace, d.name as document, q.epoch, q.seq, q.reason, q.detail, q.user_name as user,
            q.device, q.state, q.quarantined_at as "quarantinedAt", length(q.update) as bytes
       from espejo.quarantine q join espejo.document d on d.id = q.document
      where q.state in ('waiting', 'open') and ($1::text is null or q.workspace = $1)
      order by q.id`,
    [workspace ?? null],
  );
  return rows;
}

/**
 * Retries these entries, or all open ones; those that wait come by themselves. Answers how many were appended. An entry
 * of an earlier life of its document cannot be: it depends on structs that are gone.
 */
export async function retryQuarantine(
  pool: Pool,
  log: Pick<Log, 'append'>,
  options: { readonly ids?: readonly number[]; readonly workspace?: string } = {},
): Promise<{ readonly retried: number; readonly ofPassedEpochs: number }> {
  const { rows } = await pool.query<{
    id: string;
    workspace: string;
    document: string;
    user: string;
    device: string | null;
    update: Uint8Array;
    isPassed: boolean;
  }>(
    `select q.id, q.workspace, d.name as document, q.user_name as user, q.device, q.update,
            q.epoch <> d.epoch as "isPassed"
       from espejo.quarantine q join espejo.document d on d.id = q.document
      where q.state = 'open' and ($1::bigint[] is null or q.id = any ($1)) and ($2::text is null or q.workspace = $2)
      order by q.id`,
    [options.ids ?? null, options.workspace ?? null],
  );
  const current = rows.filter(({ isPassed }) => !isPassed);
  for (const { id, workspace, document, user, device, update } of current) {
    await log.append([
      { workspace, user, device: device ?? undefined, commit: undefined, parts: [{ document, update }] },
    ]);
    // Killed here, it is appended twice, which is harmless.
    await pool.query(
      `update espejo.quarantine set state = 'retried', changed_at = clock_timestamp() where id = $1`,
      [id],
    );
  }
  return { retried: current.length, ofPassedEpochs: rows.length - current.length };
}
