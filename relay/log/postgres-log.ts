/**
 * The log in Postgres: one call of espejo.append per batch (migrations/0001-log.sql holds the statement and says why
 * it is shaped so), on a connection of its own, so that an append never waits for a pool that readers have drained.
 */
import type pg from 'pg';
import {
  type AppendOutcome,
  type AppendRequest,
  type DocumentStage,
  type DocumentState,
  EpochChangedError,
  type Log,
  type LogRow,
  type LogSlice,
  type Position,
  StorageAwayError,
  type StoredCommit,
  type StoredPart,
} from './log.ts';

/** A commit takes milliseconds; after this long the connection is taken for dead. */
const APPEND_TIMEOUT_MS = 15_000;
/** SQLSTATE that espejo.append raises. */
const EPOCH_CHANGED = 'EP001';

export interface PostgresLogOptions {
  readonly pool: pg.Pool;
  /** The same name as the Fanout of this process has. */
  readonly instance: string;
}

export class PostgresLog implements Log {
  readonly #pool: pg.Pool;
  readonly #instance: string;
  #writer: pg.PoolClient | undefined;
  /** Settles when the writer is free: callers take turns. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor({ pool, instance }: PostgresLogOptions) {
    this.#pool = pool;
    this.#instance = instance;
  }

  /** Throws when a commit would be reported before it is on disk [LOG-1]. Call once at start. */
  async assertDurable(): Promise<void> {
    const { rows } = await this.#pool.query<{ synchronous_commit: string }>('show synchronous_commit');
    const setting = rows[0]?.synchronous_commit;
    if (setting !== 'on' && setting !== 'remote_apply') {
      throw new Error(
        `synchronous_commit is "${setting}"; set it to on, or acknowledged commits can be lost`,
      );
    }
  }

  append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    if (requests.length === 0) return Promise.resolve([]);
    const appended = this.#last.then(() => this.#append(requests));
    this.#last = appended.catch(() => undefined);
    return appended;
  }

  async #append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    const writer = await this.#openWriter();
    try {
      const result = await withTimeout(
        writer.query<AppendRow>({
          name: 'espejo-append',
          text: 'select * from espejo.append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)',
          values: argumentsOf(this.#instance, requests),
        }),
      );
      return outcomesOf(requests, result.rows);
    } catch (error) {
      if ((error as { code?: unknown }).code === EPOCH_CHANGED)
        throw new EpochChangedError((error as Error).message);
      if (!isStorageAway(error)) throw error;
      this.#writer = undefined;
      giveBack(writer, error as Error);
      throw new StorageAwayError(`append: ${(error as Error).message}`);
    }
  }

  async documents(workspace: string): Promise<readonly DocumentState[]> {
    const rows = await this.#read<DocumentRow>(`${SELECT_DOCUMENT} where d.workspace = $1 order by d.id`, [
      workspace,
    ]);
    return rows.map(documentOfRow);
  }

  async readAfter(workspace: string, positions: readonly Position[], maxBytes: number): Promise<LogSlice> {
    // One statement, so one snapshot: heads and rows belong together.
    const rows = await this.#read<SliceRow>(READ_AFTER, [
      workspace,
      positions.map(({ documentId }) => documentId),
      positions.map(({ epoch }) => epoch),
      positions.map(({ seq }) => seq),
      maxBytes,
    ]);
    const documents: DocumentState[] = [];
    const updates: LogRow[] = [];
    let more = false;
    for (const row of rows) {
      if (row.what === 'document') documents.push(documentOfRow(row));
      else if (row.what === 'more') more = true;
      else updates.push(logRowOf(row));
    }
    return { documents, rows: updates, more };
  }

  async readRange(
    documentId: number,
    epoch: number,
    after: number,
    upTo: number,
  ): Promise<readonly LogRow[]> {
    const rows = await this.#read<StoredRow>(
      `select document, epoch, seq, position, commit, stored_at, update from espejo.log
        where document = $1 and epoch = $2 and seq > $3 and seq <= $4 order by seq`,
      [documentId, epoch, after, upTo],
    );
    return rows.map(logRowOf);
  }

  async behind(workspaces: readonly string[], positions: readonly Position[]): Promise<readonly string[]> {
    const rows = await this.#read<{ workspace: string }>(
      `select distinct d.workspace
         from espejo.document d
         left join unnest($2::int[], $3::int[], $4::int[]) as k (document, epoch, seq) on k.document = d.id
        where d.workspace = any ($1::text[]) and (k.document is null or k.epoch <> d.epoch or k.seq < d.head)`,
      [
        workspaces,
        positions.map(({ documentId }) => documentId),
        positions.map(({ epoch }) => epoch),
        positions.map(({ seq }) => seq),
      ],
    );
    return rows.map(({ workspace }) => workspace);
  }

  async storedCommits(
    workspace: string,
    device: string,
    ids: readonly string[],
  ): Promise<readonly StoredCommit[]> {
    await this.#last;
    const rows = await this.#read<{ id: string; document: number; name: string; epoch: number; seq: number }>(
      `select c.id, d.id as document, d.name, p.epoch, p.seq
         from espejo.commit c cross join lateral unnest(c.documents, c.epochs, c.seqs) as p (document, epoch, seq)
         join espejo.document d on d.id = p.document
        where c.workspace = $1 and c.device = $2 and c.id = any ($3::uuid[])`,
      [workspace, device, ids],
    );
    const parts = new Map<string, StoredPart[]>();
    for (const { id, document: documentId, name: document, epoch, seq } of rows)
      parts.set(id, [...(parts.get(id) ?? []), { documentId, document, epoch, seq }]);
    return [...parts].map(([id, own]) => ({ id, parts: own }));
  }

  stages(workspaces: readonly string[]): Promise<readonly DocumentStage[]> {
    return this.#read<DocumentStage & pg.QueryResultRow>(
      `select d.workspace, d.id as "documentId", d.epoch, d.snapshot_seq as archived,
              case when c.epoch = d.epoch then c.seq else 0 end as reported
         from espejo.document d
         left join espejo.report_cursor c on c.document = d.id
        where d.workspace = any ($1::text[])`,
      [workspaces],
    );
  }

  /** Gives its connection back; the pool is its owner's to end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#writer) giveBack(this.#writer);
    this.#writer = undefined;
  }

  async #openWriter(): Promise<pg.PoolClient> {
    if (this.#isClosed) throw new StorageAwayError('the log is closed');
    if (this.#writer) return this.#writer;
    try {
      const writer = await this.#pool.connect();
      writer.on('error', ignoreLostConnection);
      await withTimeout(writer.query('set synchronous_commit = on'));
      if (this.#isClosed) {
        giveBack(writer);
        throw new StorageAwayError('the log was closed meanwhile');
      }
      this.#writer = writer;
      return writer;
    } catch (error) {
      throw new StorageAwayError(`connect: ${(error as Error).message}`);
    }
  }

  async #read<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, [...values])).rows;
    } catch (error) {
      if (isStorageAway(error)) throw new StorageAwayError(`read: ${(error as Error).message}`);
      throw error;
    }
  }
}

/** The next query fails and says so. */
function ignoreLostConnection(): void {}

function giveBack(writer: pg.PoolClient, broken?: Error): void {
  writer.removeListener('error', ignoreLostConnection);
  writer.release(broken);
}

interface AppendRow {
  readonly request: number;
  readonly document: number;
  readonly name: string;
  readonly epoch: number;
  readonly seq: number;
  readonly position: string;
  readonly outcome: 'stored' | 'duplicate';
}

interface DocumentRow {
  readonly id: number;
  readonly name: string;
  readonly epoch: number;
  readonly head: number;
  readonly trimmed_seq: number;
  readonly log_bytes: string;
  readonly snapshot_seq: number;
  readonly snapshot_key: string | null;
  readonly snapshot_sha256: string | null;
  readonly snapshot_bytes: number | null;
}

interface StoredRow {
  readonly document: number;
  readonly epoch: number;
  readonly seq: number;
  readonly position: string;
  readonly commit: string | null;
  readonly stored_at: Date;
  readonly update: Buffer;
}

type SliceRow = (DocumentRow & StoredRow) & { readonly what: 'document' | 'row' | 'more' };

const DOCUMENT_COLUMNS = `d.id, d.name, d.epoch, d.head, d.trimmed_seq, d.log_bytes, d.snapshot_seq, d.snapshot_key,
  d.snapshot_sha256, d.snapshot_bytes`;
const SELECT_DOCUMENT = `select ${DOCUMENT_COLUMNS} from espejo.document d`;

const READ_AFTER = `
  with known as (
    select * from unnest($2::int[], $3::int[], $4::int[]) as k (document, epoch, seq)
  ),
  changed as materialized (
    select ${DOCUMENT_COLUMNS}, case when k.epoch = d.epoch then k.seq else 0 end as after
      from espejo.document d
      left join known k on k.document = d.id
     where d.workspace = $1 and (k.document is null or k.epoch <> d.epoch or k.seq <> d.head)
  ),
  missed as materialized (
    select l.document, l.epoch, l.seq, l.position, l.commit, l.stored_at, l.update,
           sum(length(l.update)) over (order by l.position range between unbounded preceding and 1 preceding) as before
      from changed c
      join espejo.log l on l.document = c.id and l.epoch = c.epoch and l.seq > c.after
  )
  select 'document' as what, c.id, c.name, c.epoch, c.head, c.trimmed_seq, c.log_bytes, c.snapshot_seq, c.snapshot_key,
         c.snapshot_sha256, c.snapshot_bytes,
         null::int as document, null::int as seq, null::bigint as position, null::uuid as commit, null::timestamptz as stored_at, null::bytea as update
    from changed c
  union all
  select 'row', null, null, m.epoch, null, null, null, null, null, null, null,
         m.document, m.seq, m.position, m.commit, m.stored_at, m.update
    from missed m
   where coalesce(m.before, 0) <= $5
  union all
  select 'more', null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
   where exists (select from missed m where m.before > $5)
  order by position nulls first, document`;

function documentOfRow(row: DocumentRow): DocumentState {
  return {
    documentId: row.id,
    document: row.name,
    epoch: row.epoch,
    head: row.head,
    trimmedSeq: row.trimmed_seq,
    snapshotSeq: row.snapshot_seq,
    snapshotKey: row.snapshot_key ?? undefined,
    snapshotSha256: row.snapshot_sha256 ?? undefined,
    snapshotBytes: row.snapshot_bytes ?? 0,
    logBytes: Number(row.log_bytes),
  };
}

function logRowOf(row: StoredRow): LogRow {
  return {
    documentId: row.document,
    epoch: row.epoch,
    seq: row.seq,
    position: Number(row.position),
    commit: row.commit ?? undefined,
    storedAtMs: row.stored_at.getTime(),
    update: row.update,
  };
}

/** The arguments of espejo.append: requests as arrays beside each other, all updates in one binary value. */
function argumentsOf(instance: string, requests: readonly AppendRequest[]): unknown[] {
  const of: (number | null)[] = [];
  const names: string[] = [];
  const epochs: number[] = [];
  const starts: number[] = [];
  const lengths: number[] = [];
  const updates: Uint8Array[] = [];
  let bytes = 0;
  requests.forEach((request, index) => {
    for (const part of request.parts) {
      of.push(index + 1);
      names.push(part.document);
      epochs.push(part.epoch ?? (request.commit ? 1 : 0));
      starts.push(bytes);
      lengths.push(part.update.length);
      updates.push(part.update);
      bytes += part.update.length;
    }
  });
  return [
    instance,
    requests.map(({ workspace }) => workspace),
    requests.map(({ commit }) => commit?.id ?? null),
    requests.map(({ device }) => device ?? null),
    requests.map(({ user }) => user),
    requests.map(({ commit }) => commit?.hlc ?? null),
    requests.map(({ commit }) => commit?.schema ?? null),
    requests.map(({ commit }) => commit?.label ?? null),
    of,
    names,
    epochs,
    starts,
    lengths,
    Buffer.concat(updates, bytes),
  ];
}

function outcomesOf(requests: readonly AppendRequest[], rows: readonly AppendRow[]): AppendOutcome[] {
  const byRequest: AppendRow[][] = requests.map(() => []);
  for (const row of rows) byRequest[row.request - 1]!.push(row);
  return byRequest.map((own, index) => {
    const first = own[0];
    if (!first) throw new Error('espejo.append did not answer a request');
    const parts = own.map(
      (row): StoredPart => ({ documentId: row.document, document: row.name, epoch: row.epoch, seq: row.seq }),
    );
    if (first.outcome === 'duplicate') return { kind: 'duplicate', parts };
    if (parts.length > 1) {
      const order = new Map(requests[index]!.parts.map(({ document }, place) => [document, place]));
      parts.sort((a, b) => order.get(a.document)! - order.get(b.document)!);
    }
    return { kind: 'stored', position: Number(first.position), parts };
  });
}

function withTimeout<T>(running: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new StorageAwayError(`no answer within ${APPEND_TIMEOUT_MS} ms`)),
      APPEND_TIMEOUT_MS,
    );
  });
  return Promise.race([running, late]).finally(() => clearTimeout(timer));
}

/**
 * Whether what went wrong may go right later. Only what Postgres says about the values themselves is final: data
 * exceptions (22), constraints (23), limits of a row or statement (54). Everything else, a full disk and a missing
 * function included, is somebody's to mend, while devices keep their commits.
 */
function isStorageAway(error: unknown): boolean {
  if (error instanceof StorageAwayError) return true;
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return false;
  const { code } = error as { code?: unknown };
  return typeof code !== 'string' || !/^(22|23|54)...$/.test(code);
}
