/**
 * What must be true while processes are killed, and after:
 *
 *   at any moment   no replica and no row of `report` shows one half of a commit over two documents
 *   in the end      every commit that a replica was told is stored is in Postgres, and every commit exactly once;
 *                   every replica has every document up to its head, and a new one gets the same rows;
 *                   `report` holds them too, each inserted once, and is what snapshots and log give when rebuilt
 */
import type pg from 'pg';
import * as assert from 'uvu/assert';
import { verifyReport } from '../../relay/materializer/verify-report.ts';
import type { ObjectStore } from '../../relay/objects/object-store.ts';
import { mayRead } from '../../shared/permissions/grants.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { Replica } from '../replica/replica.ts';
import { HALVES, type Writer } from './killed-workshop.ts';
import { differences, replicaContents, reportContents } from './report-rows.ts';

const REPORT_TIMEOUT_MS = 60_000;
const LEVEL_TIMEOUT_MS = 20_000;

export class Oracle {
  readonly #pool: pg.Pool;
  readonly #objects: ObjectStore;
  readonly #schema: Schema;
  readonly #workspace: string;
  readonly #writers: readonly Writer[];
  readonly #halves: string[] = [];
  readonly #told = new Set<string>();
  #watching = true;
  readonly #watched: Promise<void>;

  constructor(options: {
    readonly pool: pg.Pool;
    readonly objects: ObjectStore;
    readonly schema: Schema;
    readonly workspace: string;
    readonly writers: readonly Writer[];
  }) {
    this.#pool = options.pool;
    this.#objects = options.objects;
    this.#schema = options.schema;
    this.#workspace = options.workspace;
    this.#writers = options.writers;
    this.#watched = this.#watchReport();
  }

  /** Remembers what the replicas have been told until now; from here on it may not be lost. */
  noteTold(): void {
    for (const writer of this.#writers) for (const commit of writer.told()) this.#told.add(commit);
  }

  get toldCount(): number {
    return this.#told.size;
  }

  async #assertStored(): Promise<void> {
    const { rows } = await this.#pool.query('select id from espejo.commit where workspace = $1', [
      this.#workspace,
    ]);
    const stored = new Set(rows.map(({ id }) => id as string));
    assert.equal(
      [...this.#told].filter((commit) => !stored.has(commit)),
      [],
      'a replica was told that these commits are stored, and they are not',
    );
  }

  /** Call once everything works again and every replica is settled. */
  async assertEnd(): Promise<void> {
    this.noteTold();
    await this.#assertStored();
    await this.#assertCounts();
    await this.#assertOnce();
    for (const { replica } of this.#writers) await this.assertHasEverything(replica);
    await this.#assertSameRows();
    await this.#assertReportedOnce();
    await this.#assertRebuilt();
    this.#watching = false;
    await this.#watched;
    assert.equal(
      [...this.#halves, ...this.#writers.flatMap(({ halves }) => halves)],
      [],
      'half a commit was seen',
    );
  }

  /** Call with a replica that has everything. */
  async assertSameAs(replica: Replica): Promise<void> {
    const [first] = this.#writers;
    await this.#assertSoon('a new replica has other rows', LEVEL_TIMEOUT_MS, async () =>
      this.#differences(first!.replica, replica, 'a new replica'),
    );
  }

  /** As many commits of each device as it made. Their ids may differ: what was refused is made anew. */
  async #assertCounts(): Promise<void> {
    const left = this.#writers.flatMap(({ replica }) =>
      replica.query('select id, label, state, error_code, error from _outbox'),
    );
    assert.equal(left, [], 'commits are left in an outbox');
    const { rows } = await this.#pool.query(
      `select device, count(*)::int as commits from espejo.commit
        where workspace = $1 and label <> '' and device = any ($2) group by device`,
      [this.#workspace, this.#writers.map(({ replica }) => replica.device)],
    );
    const commits = Object.fromEntries(rows.map(({ device, commits }) => [device, commits]));
    const made = Object.fromEntries(this.#writers.map(({ replica, made }) => [replica.device, made]));
    assert.equal(commits, made, 'commits stored, and commits made');
  }

  /** Each part of each commit has one row in the log, and each document's seqs are 1, 2, 3 … up to its head. */
  async #assertOnce(): Promise<void> {
    const repeated = await this.#pool.query(
      `select l.commit, d.name, count(*)::int from espejo.log l join espejo.document d on d.id = l.document
        where d.workspace = $1 group by 1, 2 having count(*) > 1`,
      [this.#workspace],
    );
    assert.equal(repeated.rows, [], 'a commit is in a log twice');
    const missing = await this.#pool.query(
      `select c.id, p.document, p.seq
         from espejo.commit c cross join lateral unnest(c.documents, c.epochs, c.seqs) as p (document, epoch, seq)
         left join espejo.log l on l.document = p.document and l.epoch = p.epoch and l.seq = p.seq and l.commit = c.id
         join espejo.document d on d.id = p.document
        where c.workspace = $1 and l.seq is null and p.epoch = d.epoch and p.seq > d.trimmed_seq`,
      [this.#workspace],
    );
    assert.equal(missing.rows, [], 'a part of a stored commit is not in its log');
    const gaps = await this.#pool.query(
      `select d.name, d.head, d.trimmed_seq, count(l.seq)::int as rows, max(l.seq) as last
         from espejo.document d
         left join espejo.log l on l.document = d.id and l.epoch = d.epoch and l.seq > d.trimmed_seq
        where d.workspace = $1
        group by d.id having count(l.seq) <> d.head - d.trimmed_seq or max(l.seq) <> d.head`,
      [this.#workspace],
    );
    assert.equal(gaps.rows, [], 'the seqs of a document have a gap');
  }

  /** Looks again until all agree: the relay writes rows of its own, of accounts, whenever it starts. */
  async #assertSameRows(): Promise<void> {
    await this.#assertSoon('report or replicas differ', REPORT_TIMEOUT_MS, async () => {
      const [first, ...others] = this.#writers.map(({ replica }) => replica);
      const report = await reportContents(this.#pool, this.#schema, this.#workspace);
      return [
        ...others.flatMap((other) => this.#differences(first!, other, other.device)),
        ...differences(replicaContents(first!, this.#schema), report, [first!.device, 'report']),
      ];
    });
  }

  #differences(one: Replica, other: Replica, name: string): string[] {
    const [ones, others] = [one, other].map((replica) => replicaContents(replica, this.#schema));
    return differences(ones!, others!, [one.device, name]);
  }

  async #assertSoon(what: string, withinMs: number, find: () => Promise<string[]>): Promise<void> {
    const deadlineMs = Date.now() + withinMs;
    for (;;) {
      const found = await find();
      if (found.length === 0) return;
      if (Date.now() > deadlineMs) assert.equal(found, [], what);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Notifications may be lost: then an instance looks for itself, every 1.5 s. */
  async assertHasEverything(replica: Replica): Promise<void> {
    const deadlineMs = Date.now() + LEVEL_TIMEOUT_MS;
    for (;;) {
      const { grants } = replica.status();
      const { rows } = await this.#pool.query<{ name: string; epoch: number; head: number }>(
        'select name, epoch, head from espejo.document where workspace = $1',
        [this.#workspace],
      );
      const held = new Map(
        replica
          .query('select name, epoch, seq from _document')
          .map(({ name, epoch, seq }) => [name, `${epoch}.${seq}`]),
      );
      const behind = rows
        .filter(({ name }) => !grants || mayRead(grants, name))
        .filter(({ name, epoch, head }) => held.get(name) !== `${epoch}.${head}`)
        .map(({ name, epoch, head }) => `${name} is at ${epoch}.${head}, and here ${held.get(name)}`);
      if (behind.length === 0) return;
      if (Date.now() > deadlineMs) assert.equal(behind, [], `${replica.device} does not have everything`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Every insert is one line of history, and every commit that inserts has its lines. */
  async #assertReportedOnce(): Promise<void> {
    const twice = await this.#pool.query(
      `select table_name, row_id, count(*)::int from report.history
        where workspace = $1 and action = 'insert' group by 1, 2 having count(*) > 1`,
      [this.#workspace],
    );
    assert.equal(twice.rows, [], 'a row was inserted into the report twice');
    const missing = await this.#pool.query(
      `select c.id, c.label from espejo.commit c
        where c.workspace = $1 and c.label in ('line.add', 'wo.create')
          and not exists (select from report.history h where h.workspace = $1 and h.commit_id = c.id)`,
      [this.#workspace],
    );
    assert.equal(missing.rows, [], 'a stored commit never reached the report');
  }

  /** From the snapshots and the log behind them, as a consumer reads them that starts now. */
  async #assertRebuilt(): Promise<void> {
    const { differences } = await verifyReport({
      pool: this.#pool,
      objects: this.#objects,
      application: { schema: this.#schema },
      workspace: this.#workspace,
      mend: false,
    });
    assert.equal(differences, [], 'snapshots and log give another report');
    const { rows } = await this.#pool.query(
      `select document, epoch, seq, reason, detail from espejo.quarantine where workspace = $1 and state <> 'resolved'`,
      [this.#workspace],
    );
    assert.equal(rows, [], 'an update was set aside');
  }

  /** One statement sees one moment of Postgres, so a half that it finds was really there. */
  async #watchReport(): Promise<void> {
    const tables = /\b(wo_lines|stock_movements|work_orders|customers)\b/g;
    const halves = HALVES.map((sql) =>
      `select count(*)::int as rows from (${sql}) halves`.replace(
        tables,
        `(select * from report.$1 where workspace = '${this.#workspace}')`,
      ),
    );
    while (this.#watching) {
      for (const sql of halves) {
        const answer = await this.#pool.query(sql).catch(() => undefined); // Postgres may just have been killed
        const rows = answer?.rows[0]?.rows ?? 0;
        if (rows > 0) this.#halves.push(`report showed ${rows} rows of: ${sql}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
}
