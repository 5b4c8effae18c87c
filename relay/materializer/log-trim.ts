/** What goes once a snapshot holds it: log behind snapshots, logs of passed epochs, and snapshots too old to keep. */
import type { Pool } from 'pg';
import type { Schema } from '../../shared/schema/table.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { expiredSnapshots } from './retention.ts';
import { readSnapshot } from './snapshot-file.ts';
import { isReported } from './warm-documents.ts';

export interface TrimOptions {
  readonly pool: Pool;
  readonly objects: ObjectStore;
  readonly schema: Schema;
  /** A snapshot must have been there this long before the log behind it goes. */
  readonly graceMs: number;
  readonly nowMs: number;
}

/** Rows deleted by one statement. */
const TRIM_ROWS = 5_000;

export async function trimmableDocuments({ pool, graceMs, nowMs }: TrimOptions): Promise<readonly number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `select d.id from espejo.document d
        where (d.trimmed_seq < d.snapshot_seq and d.snapshot_at <= to_timestamp($1::float8 / 1000))
           or exists (select from espejo.log l where l.document = d.id and l.epoch < d.epoch)`,
    [nowMs - graceMs],
  );
  return rows.map(({ id }) => id);
}

/** Reads the snapshot once more before anything behind it goes [SNAP-3]. */
export async function trimLog(
  { pool, objects, schema, graceMs, nowMs }: TrimOptions,
  id: number,
): Promise<void> {
  const { rows } = await pool.query<{
    name: string;
    epoch: number;
    seq: number;
    key: string | null;
    sha256: string;
    cursorEpoch: number | null;
    isOldEnough: boolean;
  }>(
    `select d.name, d.epoch, d.snapshot_seq as seq, d.snapshot_key as key, d.snapshot_sha256 as sha256,
              c.epoch as "cursorEpoch", d.snapshot_at <= to_timestamp($2::float8 / 1000) as "isOldEnough"
         from espejo.document d left join espejo.report_cursor c on c.document = d.id
        where d.id = $1`,
    [id, nowMs - graceMs],
  );
  const row = rows[0];
  if (!row || row.key === null || !row.isOldEnough) return;
  await readSnapshot(objects, { key: row.key, sha256: row.sha256 });
  await pool.query(
    'update espejo.document set trimmed_seq = $3 where id = $1 and epoch = $2 and trimmed_seq < $3 and snapshot_seq >= $3',
    [id, row.epoch, row.seq],
  );
  // Earlier lives of the document go once the report has left them.
  const oldest = isReported(schema, row.name) ? Math.min(row.cursorEpoch ?? 1, row.epoch) : row.epoch;
  for (;;) {
    const { rowCount } = await pool.query(
      `delete from espejo.log where ctid = any (array (
           select ctid from espejo.log
            where document = $1 and ((epoch = $2 and seq <= $3) or epoch < $4) limit ${TRIM_ROWS}))`,
      [id, row.epoch, row.seq, oldest],
    );
    if ((rowCount ?? 0) < TRIM_ROWS) return;
  }
}

/** Removes snapshots that the keep policy lets go, with their objects. */
export async function removeExpired({ pool, objects, nowMs }: TrimOptions): Promise<void> {
  const { rows } = await pool.query<{
    document: number;
    epoch: number;
    seq: number;
    key: string;
    madeAtMs: number;
  }>(
    `select s.document, s.epoch, s.seq, s.key, (extract(epoch from s.made_at) * 1000)::float8 as "madeAtMs"
         from espejo.snapshot s
        where exists (select from espejo.snapshot o
                       where o.document = s.document
                         and o.made_at < to_timestamp($1::float8 / 1000) - interval '7 days')
        order by s.document`,
    [nowMs],
  );
  const byDocument = new Map<number, typeof rows>();
  for (const row of rows) byDocument.set(row.document, [...(byDocument.get(row.document) ?? []), row]);
  for (const snapshots of byDocument.values()) {
    for (const { document, epoch, seq, key } of expiredSnapshots(snapshots, nowMs)) {
      // The object first: a row without its object is found again, an object without its row never.
      await objects.delete(key);
      await pool.query('delete from espejo.snapshot where document = $1 and epoch = $2 and seq = $3', [
        document,
        epoch,
        seq,
      ]);
    }
  }
}
