/**
 * What must be true while processes are killed, and after:
 *
 *   at any moment   no replica and no row of `report` shows one half of a commit over two documents
 *   after a kill    every commit that a replica was told is stored is in Postgres
 *   in the end      every commit is stored exactly once, and all replicas and `report` hold the same rows
 */
import type pg from 'pg';
import * as assert from 'uvu/assert';
import type { Schema } from '../../shared/schema/table.ts';
import { HALVES, type Writer } from './killed-workshop.ts';
import { differences, replicaContents, reportContents } from './report-rows.ts';

const REPORT_TIMEOUT_MS = 20_000;

export class Oracle {
  readonly #pool: pg.Pool;
  readonly #schema: Schema;
  readonly #workspace: string;
  readonly #writers: readonly Writer[];
  readonly #halves: string[] = [];
  #watching = true;
  readonly #watched: Promise<void>;

  constructor(pool: pg.Pool, schema: Schema, workspace: string, writers: readonly Writer[]) {
    this.#pool = pool;
    this.#schema = schema;
    this.#workspace = workspace;
    this.#writers = writers;
    this.#watched = this.#watchReport();
  }

  /** Call after a kill, once Postgres answers. `told` was taken before it. */
  async assertStored(told: readonly string[]): Promise<void> {
    const { rows } = await this.#pool.query('select id from espejo.commit where workspace = $1', [
      this.#workspace,
    ]);
    const stored = new Set(rows.map(({ id }) => id as string));
    assert.equal(
      told.filter((commit) => !stored.has(commit)),
      [],
      'a replica was told that these commits are stored, and they are not',
    );
  }

  /** Call once every replica is settled. */
  async assertEnd(): Promise<void> {
    await this.assertStored(this.#writers.flatMap((writer) => writer.told()));
    await this.#assertCounts();
    await this.#assertOnce();
    await this.#assertSameRows();
    this.#watching = false;
    await this.#watched;
    assert.equal(
      [...this.#halves, ...this.#writers.flatMap(({ halves }) => halves)],
      [],
      'half a commit was seen',
    );
  }

  /** As many commits of each device as it made. Their ids may differ: what was refused is made anew. */
  async #assertCounts(): Promise<void> {
    const { rows } = await this.#pool.query(
      `select device, count(*)::int as commits from espejo.commit where workspace = $1 and label <> '' group by device`,
      [this.#workspace],
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
        where c.workspace = $1 and l.seq is null and p.seq > d.trimmed_seq`,
      [this.#workspace],
    );
    assert.equal(missing.rows, [], 'a part of a stored commit is not in its log');
    const gaps = await this.#pool.query(
      `select d.name, d.head, count(l.seq)::int as rows, max(l.seq) as last
         from espejo.document d left join espejo.log l on l.document = d.id and l.epoch = d.epoch
        where d.workspace = $1 group by d.id having count(l.seq) <> d.head - d.trimmed_seq or max(l.seq) <> d.head`,
      [this.#workspace],
    );
    assert.equal(gaps.rows, [], 'the seqs of a document have a gap');
  }

  async #assertSameRows(): Promise<void> {
    const [first, ...others] = this.#writers.map(({ replica }) => ({
      name: replica.device as string,
      contents: replicaContents(replica, this.#schema),
    }));
    if (!first) throw new Error('no replicas');
    for (const other of others) {
      assert.equal(differences(first.contents, other.contents, [first.name, other.name]), []);
    }
    const deadlineMs = Date.now() + REPORT_TIMEOUT_MS;
    for (;;) {
      const report = await reportContents(this.#pool, this.#schema, this.#workspace);
      const found = differences(first.contents, report, [first.name, 'report']);
      if (found.length === 0) return;
      if (Date.now() > deadlineMs) assert.equal(found, [], 'report differs from the replicas');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
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
