/**
 * Local writes. SQL first, in one synchronous step: run the statements, let capture work out the registers, write
 * them, commit, tell the live queries. Then one strict store transaction with all parts of the commit and its
 * outbox entry, and only then does the promise resolve [WRITE-1].
 *
 *   begin ─ statements ─ capture.write ─┬─ rule broken: roll back, throw
 *                                       ├─ document not in memory: roll back, hydrate, again
 *                                       └─ registers ─ commit ─ live queries ─ store ─ resolve
 */
import { newId } from '../../shared/base/ids.ts';
import { documentOf } from '../../shared/documents/route.ts';
import { orFail } from '../../shared/mirror/or-fail.ts';
import { unusableParam } from '../../shared/mirror/params.ts';
import { RefusedWriteError } from '../../shared/mirror/refused-write.ts';
import type { RowChange } from '../../shared/mirror/row-change.ts';
import type { SqlParams, SqlRow } from '../../shared/mirror/sql.ts';
import { refusedBySqlite } from '../../shared/mirror/sqlite-refusal.ts';
import { mayWrite } from '../../shared/permissions/grants.ts';
import { signLabel } from '../../shared/protocol/signed-label.ts';
import { cellKey, flagKey } from '../../shared/registers/key.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import type { Statement, TextRef, WriteOptions, WriteResult } from '../client/engine-messages.ts';
import type { Core } from './core.ts';
import { addTouched, type OpenDocument } from './hydration.ts';
import { applyEdits, rebaseEdit } from './shared-text.ts';
import { assertMayRun, onlyReads } from './statement-rules.ts';
import type { OutboxEntry, StoredUpdate } from './store/store.ts';
import { inTransaction } from './transaction.ts';

/** Rows named in an outbox entry and `_sync`; a bulk import is followed by its commit, not row by row. */
const MAX_ROWS_TRACKED = 500;
/** Documents hydrated for one transaction can only grow; more rounds than this is a mistake of ours. */
const MAX_ROUNDS = 100;

/** The user may not write this document; asked of the grants before the relay would refuse the commit [PERM-1]. */
export class NotAllowedError extends Error {
  override name = 'NotAllowedError';
  readonly rule = 'not-allowed';
  readonly document: string;

  constructor(document: string) {
    super(`you may not change ${document}; ask whoever manages the roles`);
    this.document = document;
  }
}

export interface CommitMade {
  readonly id: string;
  readonly changes: readonly RowChange[];
  /** Resolves once on disk. */
  readonly stored: Promise<void>;
}

export class Writer {
  readonly #core: Core;
  /** Called with every commit that became durable, for undo. */
  onCommit: (entry: OutboxEntry, changes: readonly RowChange[]) => void = () => {};
  #isAnnouncing = false;

  constructor(core: Core) {
    this.#core = core;
  }

  async transaction(statements: readonly Statement[], options: WriteOptions = {}): Promise<WriteResult> {
    for (const sql of new Set(statements.map((statement) => statement.sql)))
      assertMayRun(sql, this.#core.analysis);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      while (!this.#core.whole.isWhole) await this.#core.whole.wait();
      const outcome = this.#attempt(statements, options);
      if ('missing' in outcome) {
        await this.#core.documents.hydrate(outcome.missing);
        continue;
      }
      await this.#durable(outcome.commit);
      return { changes: outcome.changes, commit: outcome.commit?.id, rows: outcome.rows };
    }
    throw new Error('a transaction kept asking for documents; this is a mistake of the engine');
  }

  /** Merges the edit `base -> next` into the shared text and resolves to what it is then. */
  async editText(ref: TextRef, base: string, next: string): Promise<string> {
    const { documents, whole } = this.#core;
    while (!whole.isWhole) await whole.wait();
    const document = this.#documentOfRow(ref);
    if (!documents.getOrCreate(document)) await documents.hydrate([document]);
    while (!whole.isWhole) await whole.wait();
    const open = documents.getOrCreate(document)!;
    const text = open.rows.sharedText(ref.table, ref.id, ref.column);
    const now = text.toString();
    const edits = rebaseEdit(base, next, now);
    if (edits.length === 0) return now;
    const made = this.commitRegisters([open], `${ref.table}.${ref.column}`, () => {
      for (const { at, remove, insert } of edits) {
        if (remove > 0) text.delete(at, remove);
        if (insert !== '') text.insert(at, insert);
      }
    });
    await this.#durable(made);
    return applyEdits(now, edits);
  }

  /**
   * Ends a conflict: the cell gets this value, written by someone who has seen both sides, even when it is the value
   * that already stands. Column '' is the row itself: 1 deletes it, 0 keeps it.
   */
  async resolve({ table, id, column }: TextRef, value: CellValue): Promise<WriteResult> {
    const { sql, documents, device, whole } = this.#core;
    while (!whole.isWhole) await whole.wait();
    const row = sql.rows(
      'select document from _conflict where table_name = ? and row_id = ? and column_name = ?',
      [table, id, column],
    )[0];
    if (!row) throw new Error(`${table}.${column}, row ${id}: there is no conflict any more`);
    const document = row.document as string;
    if (!documents.getOrCreate(document)) await documents.hydrate([document]);
    while (!whole.isWhole) await whole.wait();
    const open = documents.getOrCreate(document)!;
    if (column === '' && value !== 0 && value !== 1)
      throw new Error('a deleted row is either kept (0) or deleted (1)');
    const kept = column === '' ? value : this.#rehearse({ table, id, column }, value);
    const made = this.commitRegisters([open], `${table}.resolve`, (hlc) => {
      const seen = Math.max(...open.rows.registers(table, id).map((register) => register.hlc));
      const key = column === '' ? flagKey(id, device) : cellKey(id, device, column);
      open.doc.getMap(table).set(key, [hlc, seen, kept]);
    });
    await this.#durable(made);
    return { changes: made.changes.length, commit: made.id, rows: [] };
  }

  /**
   * The value as SQL would keep it, by an update that is taken back again: a rule that holds for it holds for what is
   * written as a register too. Only a seal does not, for both values were there before anybody saw both.
   */
  #rehearse({ table, id, column }: TextRef, value: CellValue): CellValue {
    const { sql, capture, documents, clock, device, user } = this.#core;
    sql.exec('begin');
    try {
      this.#run(`update main."${table}" set "${column}" = ? where id = ?`, [value, id], false);
      const [row] = sql.rows(`select "${column}" as value from main."${table}" where id = ?`, [id]);
      const documentRows = (name: string) => documents.getOrCreate(name)?.rows;
      capture.write({ user, device, hlc: clock.tick(), documentRows });
      return row ? (row.value as CellValue) : value;
    } catch (error) {
      const isSealed =
        error instanceof RefusedWriteError && (error.rule === 'sealed' || error.rule === 'append-only');
      if (!isSealed) throw error;
      return value;
    } finally {
      sql.exec('rollback');
    }
  }

  /**
   * A commit made of registers instead of SQL: `change` writes the documents, SQL follows. For shared text, undo
   * and resolving. The documents must be in memory.
   */
  commitRegisters(
    documents: readonly OpenDocument[],
    label: string,
    change: (hlc: number) => void,
  ): CommitMade {
    const { sql, capture, mirror } = this.#core;
    for (const { name } of documents) this.#assertMayWrite(name);
    const hlc = this.#tick(documents);
    const touchedByDocument = new Map<string, Map<string, Set<string>>>();
    const stops = documents.map(({ name, rows }) => {
      const touched = new Map<string, Set<string>>();
      touchedByDocument.set(name, touched);
      return rows.observe((more) => addTouched(touched, more));
    });
    const parts = collectUpdates(documents, (origin) => {
      let run = () => change(hlc);
      for (const { doc } of documents) {
        const inner = run;
        run = () => doc.transact(inner, origin);
      }
      run();
    });
    for (const stop of stops) stop();
    const changes = inTransaction(sql, () =>
      capture.pause(() =>
        documents.flatMap(({ name, rows }) => mirror.project(name, rows, touchedByDocument.get(name)!)),
      ),
    );
    return this.#store(parts, hlc, label, changes);
  }

  #attempt(
    statements: readonly Statement[],
    options: WriteOptions,
  ): { missing: readonly string[] } | { changes: number; commit: CommitMade | undefined; rows: SqlRow[] } {
    const { sql, capture, mirror, documents, clock, device, acting } = this.#core;
    const user = acting?.user ?? this.#core.user;
    let applied: readonly string[] = [];
    sql.exec('begin');
    try {
      let changed = 0;
      const rows: SqlRow[] = [];
      let written: string | undefined;
      let text = '';
      let isReading = false;
      let givesRows = false;
      for (const statement of statements) {
        // A bulk write repeats one text many thousand times.
        if (statement.sql !== written) {
          written = statement.sql;
          text = orFail(written);
          isReading = onlyReads(written, this.#core.analysis);
          givesRows = isReading || /\breturning\b/i.test(written);
        }
        for (const row of this.#run(text, statement.params ?? [], givesRows)) rows.push(row);
        // After a SELECT, SQLite still tells of the statement before it.
        if (!isReading) changed += sql.changes();
      }
      // Every document in memory was observed, so the tick is later than all they hold.
      const hlc = clock.tick();
      const result = capture.write({
        user,
        device,
        hlc,
        documentRows: (name) => documents.getOrCreate(name)?.rows,
      });
      if (result.missing.length > 0) {
        sql.exec('rollback');
        return { missing: result.missing };
      }
      if (result.documents.length === 0) {
        sql.exec('commit');
        return { changes: changed, commit: undefined, rows };
      }
      for (const name of result.documents) this.#assertMayWrite(name);
      const open = result.documents.map((name) => documents.getOrCreate(name)!);
      applied = result.documents;
      const parts = result.apply('capture');
      for (const { name, rows } of open) {
        const touched = result.touched.get(name);
        if (touched) mirror.settle(name, rows, touched);
      }
      sql.exec('commit');
      const commit = this.#store(parts, hlc, options.label ?? '', result.changes);
      return { changes: changed, commit, rows };
    } catch (error) {
      sql.exec('rollback');
      // The registers may be ahead of SQL and of the store now: what is stored counts.
      for (const name of applied) documents.distrust(name);
      throw error;
    }
  }

  /** The rows it gives where it may give some. */
  #run(text: string, params: SqlParams, givesRows: boolean): readonly SqlRow[] {
    const { sql } = this.#core;
    const unusable = unusableParam(params);
    if (unusable !== undefined) throw new Error(unusable);
    try {
      if (givesRows) return sql.rows(text, params);
      sql.run(text, params);
      return [];
    } catch (error) {
      throw refusedBySqlite(sql, error, { sql: text, params }) ?? error;
    }
  }

  #store(
    parts: ReadonlyMap<string, Uint8Array>,
    hlc: number,
    label: string,
    changes: readonly RowChange[],
  ): CommitMade {
    const { documents, outbox, queue, live, tables, deps, device, schema } = this.#core;
    const number = this.#core.takeNumber();
    const createdAtMs = deps.nowMs();
    const id = newId(createdAtMs, deps.randomBytes);
    const updates: StoredUpdate[] = [];
    for (const [document, update] of parts) {
      updates.push({ document, number, update, commit: id });
      documents.noteUpdate(document, number);
    }
    const entry: OutboxEntry = {
      commit: {
        id,
        device,
        hlc,
        schema: schema.version,
        label: signLabel(label, this.#core.acting?.user),
        parts: updates.map(({ document, update }) => ({
          document,
          epoch: documents.record(document).epoch,
          update,
        })),
      },
      number,
      createdAtMs,
      priority: this.#core.priorityOf(new Set(changes.map(({ table }) => table))),
      attempts: 0,
      state: 'waiting',
      ...(changes.length <= MAX_ROWS_TRACKED ? { rows: changes.map(({ table, id }) => [table, id]) } : {}),
    };
    // Started before the live queries run, so that the disk works while they do.
    const stored = queue.write({ durability: 'strict', updates, outboxPut: [entry] }).then(() => {
      outbox.add(entry);
      tables.outboxChanged(entry);
      live.changed([], ['_outbox', '_sync']);
      this.onCommit(entry, changes);
      this.#announce();
    });
    // Whoever called may not wait for it; the failure is told through the status as well.
    stored.catch(() => {});
    tables.rowsChanged(entry, 'local', createdAtMs);
    live.changed(changes, ['_conflict', '_violation', '_document']);
    return { id, changes, stored };
  }

  /** When the disk refused, once SQL shows again what is stored: whoever hears of it looks next [WRITE-3]. */
  async #durable(made: CommitMade | undefined): Promise<void> {
    const { whole } = this.#core;
    try {
      await made?.stored;
    } catch (error) {
      if (!whole.isWhole) await whole.wait().catch(() => {}); // rows that the disk has no room to put back
      throw error;
    }
  }

  /**
   * In a turn of its own, so that whoever waits for the commit is told first: working out the status and sending take
   * as long as the disk did. Commits that the disk took together are announced together.
   */
  #announce(): void {
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    this.#core.deps.nextTurn(() => {
      this.#isAnnouncing = false;
      this.#core.statusChanged();
      this.#core.committed();
    });
  }

  /** Later than everything the documents hold, so that what is written now wins. */
  #tick(documents: readonly OpenDocument[]): number {
    for (const { rows } of documents) this.#core.clock.observe(rows.maxHlc);
    return this.#core.clock.tick();
  }

  #assertMayWrite(document: string): void {
    const { grants, acting } = this.#core;
    if (grants && !mayWrite(grants, document)) throw new NotAllowedError(document);
    if (acting && !mayWrite(acting.grants, document)) throw new NotAllowedError(document);
  }

  #documentOfRow(ref: TextRef): string {
    const { sql, schema } = this.#core;
    const table = schema.tables.find(({ name }) => name === ref.table);
    if (table?.columns[ref.column]?.kind !== 'sharedText')
      throw new Error(`${ref.table}.${ref.column} is no shared text of this schema`);
    const columns = table.bucket === undefined || table.bucket === 'id' ? 'id' : `id, ${table.bucket}`;
    const row = sql.rows(`select ${columns} from ${table.name} where id = ?`, [ref.id])[0];
    if (!row) throw new Error(`${ref.table} has no row ${ref.id}`);
    return documentOf(schema, ref.table, row as Readonly<Record<string, CellValue>>);
  }
}

/** The one update that each document's transaction made, by document. */
export function collectUpdates(
  documents: readonly OpenDocument[],
  run: (origin: object) => void,
): ReadonlyMap<string, Uint8Array> {
  const origin = {};
  const updates = new Map<string, Uint8Array>();
  const stops = documents.map(({ name, doc }) => {
    const keep = (update: Uint8Array, from: unknown) => {
      if (from === origin) updates.set(name, update);
    };
    doc.on('update', keep);
    return () => doc.off('update', keep);
  });
  try {
    run(origin);
  } finally {
    for (const stop of stops) stop();
  }
  return updates;
}
