/**
 * What production runs, as processes that can be killed, joined by lines that can be broken:
 *
 *   replica ── FaultyLine ──┬── relay one ──┐
 *                           └── relay two ──┼── PostgresLine ── Postgres (fsync on)
 *                             materializer ─┘
 *                                └── S3 that can be told to fail
 *
 * Snapshots are made every second of what has 40 updates, and the log behind them goes at once, so that compaction
 * falls among the faults.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { S3Store } from '../../relay/objects/s3-store.ts';
import { startTestPostgres, type TestPostgres } from '../../relay/testing/postgres.ts';
import { openTestS3, type TestS3 } from '../../relay/testing/s3.ts';
import type { Prng } from '../../shared/testing/prng.ts';
import { PostgresLine } from './postgres-line.ts';
import { RelayProcess } from './relay-process.ts';

/** Requests of a broken round must not wait half a minute each. */
const S3_TIMEOUT_MS = 5_000;

export class Fleet {
  readonly postgres: TestPostgres;
  /** Straight to Postgres, past the line. */
  readonly pool: pg.Pool;
  readonly line: PostgresLine;
  readonly s3: TestS3;
  readonly objects: S3Store;
  readonly relays: readonly RelayProcess[];
  readonly materializer: RelayProcess;
  readonly #dataDir: string;

  static async open(random: Prng): Promise<Fleet> {
    const dataDir = await mkdtemp(join(tmpdir(), 'espejo-fleet-'));
    const postgres = await startTestPostgres({ fsync: true });
    const line = await PostgresLine.open(postgres.url, (oneIn) => random.chance(oneIn));
    const s3 = await openTestS3();
    const env = {
      S3_BUCKET: s3.options.bucket,
      S3_ENDPOINT: s3.options.endpoint!,
      AWS_ACCESS_KEY_ID: s3.options.credentials!.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.options.credentials!.secretAccessKey,
      SNAPSHOT_EVERY_SECONDS: '1',
      SNAPSHOT_AFTER_UPDATES: '40',
      SNAPSHOT_GRACE_SECONDS: '0',
      LIMIT_MAX_REQUESTS_PER_MINUTE: '100000',
    };
    const start = (role: 'relay' | 'materializer') =>
      RelayProcess.start({ databaseUrl: line.url, dataDir, role, env });
    const first = await start('relay'); // makes the tables
    const [second, materializer] = await Promise.all([start('relay'), start('materializer')]);
    return new Fleet({ dataDir, postgres, line, s3, relays: [first, second], materializer });
  }

  private constructor(parts: {
    readonly dataDir: string;
    readonly postgres: TestPostgres;
    readonly line: PostgresLine;
    readonly s3: TestS3;
    readonly relays: readonly RelayProcess[];
    readonly materializer: RelayProcess;
  }) {
    this.#dataDir = parts.dataDir;
    this.postgres = parts.postgres;
    this.line = parts.line;
    this.s3 = parts.s3;
    this.relays = parts.relays;
    this.materializer = parts.materializer;
    this.pool = new pg.Pool({ connectionString: parts.postgres.url, max: 8 });
    this.pool.on('error', () => undefined); // idle connections die with Postgres
    this.objects = new S3Store({ ...parts.s3.options, requestTimeoutMs: S3_TIMEOUT_MS });
  }

  /** The server's own wait before each flush of its log: a slow disk, as every session feels it. */
  async setCommitDelay(ms: number): Promise<void> {
    // Not in one call: ALTER SYSTEM refuses to be in a transaction. Postgres may just be away.
    for (const statement of [
      'alter system set commit_siblings = 0',
      `alter system set commit_delay = ${ms * 1_000}`,
      'select pg_reload_conf()',
    ])
      await this.pool.query(statement).catch(() => undefined);
  }

  /** Everything that was broken is whole, and every process serves. */
  async heal(): Promise<void> {
    this.s3.faults = () => undefined;
    this.line.loseOneIn = 0;
    await this.setCommitDelay(0);
    for (const process of [...this.relays, this.materializer]) {
      await process.restart(); // does nothing when it has stayed up
      process.setClock(0);
      await process.ready();
    }
  }

  /** What the processes printed last. */
  output(): string {
    return [...this.relays, this.materializer].map(({ output }) => output.slice(-1_500)).join('\n--\n');
  }

  async close(): Promise<void> {
    await Promise.all([...this.relays, this.materializer].map((process) => process.kill()));
    await this.line.close();
    await this.pool.end();
    this.objects.close();
    await this.s3.close();
    await this.postgres.close();
    await rm(this.#dataDir, { recursive: true });
  }
}
