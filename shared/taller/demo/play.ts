/**
 * Plays a script through the engine, as a device would have: SQL into a database, capture into registers, registers
 * into the bytes of a commit. Gives ordinary commits; storing them is the caller's part.
 */
import * as Y from 'yjs';
import { HybridClock } from '../../base/hlc.ts';
import type { DeviceId } from '../../base/ids.ts';
import { Capture } from '../../mirror/capture.ts';
import { Mirror } from '../../mirror/mirror.ts';
import type { SqlDatabase } from '../../mirror/sql.ts';
import type { Commit, CommitPart } from '../../protocol/commit.ts';
import { DocumentRows } from '../../registers/document-rows.ts';
import { tallerSchema } from '../schema.ts';
import { DEFAULT_SEED, type DemoOptions, demoCommits } from './demo.ts';
import { randomFrom } from './random.ts';
import type { DemoCommit } from './script.ts';

export interface PlayedCommit {
  readonly user: string;
  readonly commit: Commit;
}

/**
 * Every commit of the demo workspace, in order. `sql` is an empty database that the caller closes; afterwards it
 * holds the rows of the workspace. Throws RefusedWriteError when the script breaks a rule of the schema.
 */
export function playDemo(sql: SqlDatabase, options: DemoOptions): Generator<PlayedCommit> {
  return playScript(sql, demoCommits(options), options.seed ?? DEFAULT_SEED);
}

/** The same for any script into a new workspace; the seed makes the ids of its commits. */
export function* playScript(
  sql: SqlDatabase,
  script: Iterable<DemoCommit>,
  seed: number,
): Generator<PlayedCommit> {
  const player = new Player(sql, seed);
  for (const step of script) {
    const commit = player.play(step);
    if (commit !== undefined) yield { user: step.user, commit };
  }
}

class Player {
  readonly #sql: SqlDatabase;
  readonly #mirror: Mirror;
  readonly #capture: Capture;
  readonly #documents = new Map<string, { readonly doc: Y.Doc; readonly rows: DocumentRows }>();
  readonly #random: ReturnType<typeof randomFrom>;
  readonly #clock: HybridClock;
  #nowMs = 0;

  constructor(sql: SqlDatabase, seed: number) {
    this.#sql = sql;
    this.#mirror = new Mirror(sql, tallerSchema);
    this.#capture = new Capture(sql, tallerSchema);
    this.#random = randomFrom(seed);
    this.#clock = new HybridClock(() => this.#nowMs);
    this.#mirror.createTables();
    this.#capture.install();
  }

  /** Undefined when the step changed nothing. */
  play(step: DemoCommit): Commit | undefined {
    this.#nowMs = step.atMs;
    const hlc = this.#clock.tick();
    const parts: CommitPart[] = [];
    this.#sql.exec('begin');
    for (const { sql, params } of step.statements) this.#sql.run(sql, params);
    const result = this.#capture.write({
      user: step.user,
      device: step.device as DeviceId,
      hlc,
      documentRows: (document) => this.#open(document).rows,
    });
    for (const document of result.documents)
      this.#open(document).doc.once('update', (update: Uint8Array) => {
        parts.push({ document, update });
      });
    result.apply(this);
    for (const [document, touched] of result.touched)
      this.#mirror.settle(document, this.#open(document).rows, touched);
    this.#sql.exec('commit');
    if (parts.length === 0) return undefined;
    return {
      id: this.#random.newId(step.atMs),
      device: step.device as DeviceId,
      hlc,
      schema: tallerSchema.version,
      label: step.label,
      parts,
    };
  }

  #open(name: string): { readonly doc: Y.Doc; readonly rows: DocumentRows } {
    const open = this.#documents.get(name);
    if (open) return open;
    const doc = new Y.Doc();
    const opened = { doc, rows: new DocumentRows(doc, tallerSchema) };
    this.#documents.set(name, opened);
    return opened;
  }
}
