/** The documents a materializer keeps in memory, least recently used first to go when they hold too many registers. */
import type { PoolClient } from 'pg';
import { tablesOfDocument } from '../../shared/documents/route.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { Breath } from './breath.ts';
import { ENTRY_COLUMNS, type EntryRow, entryOfRow } from './log-entry.ts';
import { readSnapshot } from './snapshot-file.ts';
import { WarmDocument } from './warm-document.ts';

export interface Position {
  readonly document: number;
  readonly workspace: string;
  readonly name: string;
  readonly epoch: number;
  readonly seq: number;
}

/** Documents of no family are relayed and archived, not reported. */
export function isReported(schema: Schema, document: string): boolean {
  return tablesOfDocument(schema, document).length > 0;
}

/** Log entries read at a time while hydrating. */
const PAGE_ENTRIES = 1_000;

export class WarmDocuments {
  readonly #schema: Schema;
  readonly #objects: ObjectStore;
  readonly #maxRegisters: number;
  readonly #breath: Breath;
  /** In order of use. */
  readonly #documents = new Map<number, WarmDocument>();

  constructor(options: {
    readonly schema: Schema;
    readonly objects: ObjectStore;
    readonly maxRegisters: number;
    readonly breath: Breath;
  }) {
    this.#schema = options.schema;
    this.#objects = options.objects;
    this.#maxRegisters = options.maxRegisters;
    this.#breath = options.breath;
  }

  /** The document exactly as of `at`. Whoever moves it on and then fails must `drop` it. */
  async open(client: PoolClient, at: Position): Promise<WarmDocument> {
    const kept = this.#documents.get(at.document);
    this.#documents.delete(at.document);
    // Ahead of the cursor: a transaction was given up after the document had moved. Behind a trimmed log: others
    // went on with it while it lay here.
    const isUsable = kept?.epoch === at.epoch && kept.seq <= at.seq && (await this.#replay(client, kept, at));
    if (kept && !isUsable) kept.close();
    const warm = kept && isUsable ? kept : await this.#load(client, at);
    this.#documents.set(at.document, warm);
    return warm;
  }

  drop(document: number): void {
    this.#documents.get(document)?.close();
    this.#documents.delete(document);
  }

  /** Drops what exceeds the budget. Call between batches. */
  trim(): void {
    let registers = this.registerCount;
    for (const [id, warm] of this.#documents) {
      if (registers <= this.#maxRegisters) return;
      registers -= warm.rows.registerCount;
      this.drop(id);
    }
  }

  get registerCount(): number {
    let count = 0;
    for (const warm of this.#documents.values()) count += warm.rows.registerCount;
    return count;
  }

  close(): void {
    for (const id of [...this.#documents.keys()]) this.drop(id);
  }

  async #load(client: PoolClient, at: Position): Promise<WarmDocument> {
    const warm = new WarmDocument(
      { id: at.document, workspace: at.workspace, name: at.name, epoch: at.epoch },
      this.#schema,
    );
    try {
      const { rows } = await client.query<{ seq: number; key: string; sha256: string }>(
        `select seq, key, sha256 from espejo.snapshot
          where document = $1 and epoch = $2 and seq <= $3 order by seq desc limit 1`,
        [at.document, at.epoch, at.seq],
      );
      const snapshot = rows[0];
      if (snapshot !== undefined) {
        warm.load(await readSnapshot(this.#objects, snapshot), snapshot.seq);
      }
      if (await this.#replay(client, warm, at)) return warm;
      throw new Error(
        `log of ${at.name} has no seq ${warm.seq + 1} though the report is at ${at.seq}; restore the log or a snapshot`,
      );
    } catch (error) {
      warm.close();
      throw error;
    }
  }

  /** False when the log has a hole before `at`. */
  async #replay(client: PoolClient, warm: WarmDocument, at: Position): Promise<boolean> {
    while (warm.seq < at.seq) {
      const { rows } = await client.query<EntryRow>(
        `select ${ENTRY_COLUMNS}
           from espejo.log l left join espejo.commit k on k.workspace = $5 and k.id = l.commit
          where l.document = $1 and l.epoch = $2 and l.seq > $3 and l.seq <= $4
          order by l.seq limit ${PAGE_ENTRIES}`,
        [at.document, at.epoch, warm.seq, at.seq, at.workspace],
      );
      if (rows[0]?.seq !== warm.seq + 1) return false;
      for (const row of rows) {
        warm.apply(entryOfRow(row));
        await this.#breath.take();
      }
    }
    return true;
  }
}
