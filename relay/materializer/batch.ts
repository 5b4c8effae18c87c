/**
 * What one transaction of the materializer takes on: some documents, whose cursors it locks, and for each the next
 * entries of its log. Other consumers skip the locked ones. A batch is closed: when it holds one part of a commit it
 * holds them all, so `report` never shows half a commit [MAT-2]. What cannot be closed now (another consumer has
 * the other document, or its log is long) is cut off and comes with a later batch.
 */
import type { Pool, PoolClient } from 'pg';
import { ENTRY_COLUMNS, type EntryRow, entryOfRow, type LogEntry } from './log-entry.ts';

export interface Claim {
  readonly document: number;
  readonly workspace: string;
  readonly name: string;
  /** Where the cursor stands. */
  readonly epoch: number;
  readonly seq: number;
  /** Where the document stands. */
  readonly liveEpoch: number;
  readonly head: number;
}

export interface BatchPart {
  readonly claim: Claim;
  /** Contiguous, from `claim.seq + 1`. */
  readonly entries: readonly LogEntry[];
  /** The log of this epoch has nothing after the cursor, which is not the same as being cut to nothing. */
  readonly exhausted: boolean;
}

export interface BatchLimits {
  /** Documents whose turn it is; more join when commits tie them to these. */
  readonly documents: number;
  /** Of one document. */
  readonly entries: number;
  /** Of one document; one entry is taken whatever its size. */
  readonly bytes: number;
}

const CLAIM_COLUMNS = `c.document, d.workspace, d.name, c.epoch, c.seq, d.epoch as "liveEpoch", d.head`;
/** Commits tie a handful of documents; a chain longer than this is cut and continues with the next batch. */
const MAX_ROUNDS = 4;

/** Gives documents that were just born a cursor. */
export async function addCursors(pool: Pool): Promise<void> {
  await pool.query(`
    insert into espejo.report_cursor (document)
    select d.id from espejo.document d
     where not exists (select from espejo.report_cursor c where c.document = d.id)
    on conflict do nothing`);
}

/** Locks the cursors of documents that lag, those waiting longest first, until the transaction ends. */
export async function claimLagging(
  client: PoolClient,
  limit: number,
  except: readonly number[],
): Promise<Claim[]> {
  const { rows } = await client.query<Claim>(
    `select ${CLAIM_COLUMNS}
       from espejo.report_cursor c
       join espejo.document d on d.id = c.document
      where (d.epoch > c.epoch or d.head > c.seq) and c.document <> all ($2::int[])
      order by c.updated_at
      limit $1
        for update of c skip locked`,
    [limit, except],
  );
  return rows;
}

/** Locks these cursors, or those of them that nobody else has. */
export async function claimDocuments(client: PoolClient, documents: readonly number[]): Promise<Claim[]> {
  const { rows } = await client.query<Claim>(
    `select ${CLAIM_COLUMNS}
       from espejo.report_cursor c
       join espejo.document d on d.id = c.document
      where c.document = any ($1::int[])
      order by c.document
        for update of c skip locked`,
    [documents],
  );
  return rows;
}

/** Reads the logs of the claimed documents and of those tied to them, and closes the batch. */
export async function readBatch(
  client: PoolClient,
  claims: readonly Claim[],
  limits: BatchLimits,
): Promise<BatchPart[]> {
  const parts = new Map<number, OpenPart>();
  const refused = new Set<number>();
  let added: readonly Claim[] = claims;
  for (let round = 0; added.length > 0 && round < MAX_ROUNDS; round++) {
    const logs = await readLogs(client, added, limits);
    for (const claim of added) {
      const entries = logs.get(claim.document) ?? [];
      parts.set(claim.document, { claim, entries, exhausted: entries.length === 0 });
    }
    const missing = new Set<number>();
    for (const { entries } of parts.values()) {
      for (const { others } of entries) {
        for (const [document] of others) {
          if (!parts.has(document) && !refused.has(document)) missing.add(document);
        }
      }
    }
    added = missing.size > 0 ? await claimDocuments(client, [...missing]) : [];
    const got = new Set(added.map(({ document }) => document));
    for (const document of missing) if (!got.has(document)) refused.add(document);
  }
  close(parts);
  return [...parts.values()];
}

interface OpenPart {
  readonly claim: Claim;
  readonly entries: LogEntry[];
  readonly exhausted: boolean;
}

/** Cuts each document's entries before the first whose commit has a part that the batch does not hold. */
function close(parts: ReadonlyMap<number, OpenPart>): void {
  for (let cut = true; cut; ) {
    cut = false;
    for (const part of parts.values()) {
      const end = part.entries.findIndex((entry) => !entry.others.every((other) => isHeld(parts, other)));
      if (end < 0) continue;
      part.entries.length = end;
      cut = true;
    }
  }
}

function isHeld(
  parts: ReadonlyMap<number, OpenPart>,
  [document, epoch, seq]: readonly [number, number, number],
): boolean {
  const part = parts.get(document);
  if (part === undefined) return false;
  const { claim, entries } = part;
  // Behind the cursor: in report since an earlier batch, or in a life of the document that is over.
  if (epoch < claim.epoch || (epoch === claim.epoch && seq <= claim.seq)) return true;
  const last = entries.at(-1);
  return last !== undefined && epoch === last.epoch && seq <= last.seq;
}

async function readLogs(
  client: PoolClient,
  claims: readonly Claim[],
  limits: BatchLimits,
): Promise<Map<number, LogEntry[]>> {
  const { rows } = await client.query<EntryRow>(
    `select ${ENTRY_COLUMNS}
       from unnest($1::int[], $2::text[], $3::int[], $4::int[]) as c (document, workspace, epoch, seq)
      cross join lateral (
        select n.*, sum(length(n.update)) over (order by n.seq) - length(n.update) as before
          from (
            select * from espejo.log e
             where e.document = c.document and e.epoch = c.epoch and e.seq > c.seq
             order by e.seq
             limit $5
          ) n
      ) l
       left join espejo.commit k on k.workspace = c.workspace and k.id = l.commit
      where l.before < $6
      order by l.document, l.seq`,
    [
      claims.map(({ document }) => document),
      claims.map(({ workspace }) => workspace),
      claims.map(({ epoch }) => epoch),
      claims.map(({ seq }) => seq),
      limits.entries,
      limits.bytes,
    ],
  );
  const entries = new Map<number, LogEntry[]>();
  for (const row of rows) {
    const list = entries.get(row.document);
    if (list) list.push(entryOfRow(row));
    else entries.set(row.document, [entryOfRow(row)]);
  }
  return entries;
}
