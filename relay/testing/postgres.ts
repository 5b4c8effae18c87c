/**
 * Databases for tests: each call gives an empty, migrated one. With TEST_DATABASE_URL they are made on that server,
 * else on one embedded Postgres per process, started with the first call and ended with the process.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, endLeftover, isAlive, startEmbeddedPostgres } from '../embedded-postgres.ts';
import { migrate } from '../migrations/migrate.ts';

export interface TestDatabase {
  readonly url: string;
  readonly pool: pg.Pool;
  /** Ends the pool and drops the database. */
  close(): Promise<void>;
}

const PREFIX = 'espejo-test-pg-';

export async function openTestDatabase(options: { readonly migrated?: boolean } = {}): Promise<TestDatabase> {
  const serverUrl = process.env.TEST_DATABASE_URL ?? (await sharedServer());
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 10 });
  pool.on('error', () => undefined); // a server killed by a test takes idle connections with it
  if (options.migrated !== false) await migrate(pool);
  let closing: Promise<void> | undefined;
  return {
    url: url.href,
    pool,
    close: () => {
      closing ??= (async () => {
        await pool.end();
        await administer(serverUrl, `drop database if exists ${name} with (force)`);
        release();
      })();
      return closing;
    },
  };
}

/**
 * A Postgres of its own, for tests that kill it: `kill` ends it with SIGKILL, `start` brings it back on the same
 * port with the same data.
 */
export async function startTestPostgres(options: { readonly fsync?: boolean } = {}): Promise<TestPostgres> {
  await removeLeftovers();
  const dataDir = join(tmpdir(), `${PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`);
  let server = await startEmbeddedPostgres({ dataDir, fsync: options.fsync ?? false });
  const port = Number(new URL(server.url).port);
  return {
    url: server.url,
    kill: async () => {
      // Its backends too: left alone they answer for some moments more.
      const children = await readFile(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').catch(
        () => '',
      );
      const pids = [
        server.pid,
        ...children
          .split(' ')
          .map(Number)
          .filter((pid) => pid > 0),
      ];
      for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      // Where nobody collects orphans they stay in the process table: not waited for longer than it takes to die.
      for (let tries = 0; tries < 200 && pids.some(isAlive); tries++)
        await new Promise((done) => setTimeout(done, 10));
    },
    start: async () => {
      server = await startEmbeddedPostgres({ dataDir, port, fsync: options.fsync ?? false });
    },
    close: async () => {
      await server.stop();
      await rm(server.dataDir, { recursive: true, force: true });
    },
  };
}

export interface TestPostgres {
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

// The one server of this process. Module state, because uvu runs all files of a folder in one process and starting
// a server for each file would take longer than the tests.
let shared: Promise<EmbeddedPostgres> | undefined;
let users = 0;

async function sharedServer(): Promise<string> {
  users++;
  shared ??= (async () => {
    await removeLeftovers();
    // Its own folder each time: the one before may still be on its way out.
    const dataDir = join(tmpdir(), `${PREFIX}${process.pid}-${randomBytes(3).toString('hex')}`);
    const server = await startEmbeddedPostgres({ dataDir, fsync: false, maxConnections: 200 });
    return server;
  })();
  return (await shared).url;
}

/** With the last database closed the server may go: uvu ends by itself only when nothing is left open. */
function release(): void {
  if (shared === undefined || --users > 0) return;
  const ending = shared;
  shared = undefined;
  void ending.then(async (server) => {
    await server.stop();
    await rm(server.dataDir, { recursive: true, force: true });
  });
}

async function administer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** What test processes left that were killed before they could clean up. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const owner = Number.parseInt(name.slice(PREFIX.length), 10);
    if (owner === process.pid || isAlive(owner)) continue;
    const dataDir = join(tmpdir(), name);
    await endLeftover(dataDir).catch(() => undefined);
    await rm(dataDir, { recursive: true, force: true }).catch(() => undefined); // another process was faster
  }
}
