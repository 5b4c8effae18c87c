/**
 * The HTTP side of a relay for tests: real Postgres, real Fastify on a free port, and a live part that records.
 * Two workspaces with one account per role of a small application that is not a workshop.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { BatchAnswer } from '../../shared/protocol/batch.ts';
import type { CloseReason } from '../../shared/protocol/close-codes.ts';
import type { Commit } from '../../shared/protocol/commit.ts';
import type { Application } from '../../shared/schema/application.ts';
import { defineSchema, defineTable, text } from '../../shared/schema/table.ts';
import { type Config, type Environment, readConfig } from '../config.ts';
import { type IdentityServices, openIdentity } from '../identity/identity-services.ts';
import { concerns } from '../identity/revocations.ts';
import type { Seat } from '../identity/seat.ts';
import { FolderStore } from '../objects/folder-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { createLogger } from '../observability/log.ts';
import { Metrics } from '../observability/metrics.ts';
import { type LivePort, type RelayServer, startServer } from '../server.ts';
import { openTestDatabase, type TestDatabase } from './postgres.ts';

export const TEST_PASSWORD = 'correct horse battery';

const notes = defineTable(
  'notes',
  { family: 'work', bucket: 'id' },
  { body: text({ comment: 'what was noted' }) },
);
const secrets = defineTable('secrets', { family: 'admin' }, { body: text() });

/** Roles: admin (all), writer (work), reader (reads work), nobody (nothing). */
export const testApplication: Application = {
  name: 'notebook',
  schema: defineSchema({
    version: 1,
    minVersion: 1,
    families: [
      { name: 'work', bucketed: true },
      { name: 'admin', bucketed: false },
    ],
    tables: [notes, secrets],
  }),
  roles: {
    admin: { role: 'admin', families: { work: 'write', admin: 'write' }, other: 'write' },
    writer: { role: 'writer', families: { work: 'write', admin: 'none' }, other: 'none' },
    reader: { role: 'reader', families: { work: 'read', admin: 'none' }, other: 'none' },
    nobody: { role: 'nobody', families: { work: 'none', admin: 'none' }, other: 'none' },
  },
  reportViews: [],
};

/** Records what it is given; accepts every commit unless told otherwise. */
export class FakeLive implements LivePort {
  readonly batches: { readonly seat: Seat; readonly commits: readonly Commit[] }[] = [];
  readonly cuts: CloseReason[] = [];
  readonly upgrades: string[] = [];
  /** Batches are answered once it resolves. */
  holding: Promise<void> = Promise.resolve();
  /** Seats of sockets that a test says are open. */
  readonly open = new Set<Seat>();

  async appendBatch(seat: Seat, commits: readonly Commit[]): Promise<BatchAnswer> {
    this.batches.push({ seat, commits });
    await this.holding;
    return {
      accepted: commits.map(({ id, parts }) => ({
        id,
        seqs: parts.map(({ document }) => [document, 1, 1] as const),
      })),
      rejected: [],
    };
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex): void {
    this.upgrades.push(request.url ?? '');
    socket.end('HTTP/1.1 418 Recorded\r\nConnection: close\r\n\r\n');
  }

  cut(predicate: (seat: Seat) => boolean, reason: CloseReason): number {
    const cut = [...this.open].filter(predicate);
    for (const seat of cut) {
      this.open.delete(seat);
      this.cuts.push(reason);
    }
    return cut.length;
  }

  async close(): Promise<void> {}
}

export interface TestServer {
  readonly url: string;
  readonly config: Config;
  readonly database: TestDatabase;
  readonly services: IdentityServices;
  readonly live: FakeLive;
  readonly objects: ObjectStore;
  /** Every line that was logged. */
  readonly lines: string[];
  /** Sends JSON; gives status, headers and the parsed body. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** A token of an account of `workspace` (`one` or `two`); accounts are named by their role. */
  token(user: string, workspace?: string, device?: string): Promise<string>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Bodies differ by endpoint; tests look at fields they expect.
  // biome-ignore lint/suspicious/noExplicitAny: a test's assertion is the check
  readonly body: any;
}

export interface TestServerOptions {
  readonly env?: Environment;
  readonly database?: TestDatabase;
  readonly objects?: ObjectStore;
  readonly appDir?: string;
  readonly nowMs?: () => number;
}

export async function openTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const database = options.database ?? (await openTestDatabase());
  const folder = await mkdtemp(join(tmpdir(), 'espejo-test-objects-'));
  const objects = options.objects ?? (await FolderStore.open(folder));
  const config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    LIMIT_MAX_LOGINS_PER_MINUTE: '1000',
    LIMIT_MAX_FAILED_LOGINS_PER_ADDRESS: '100000',
    ...options.env,
  });
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', destination: { write: (line) => lines.push(line) } });
  const live = new FakeLive();
  const nowMs = options.nowMs ?? Date.now;
  const services = await openIdentity({
    config,
    application: testApplication,
    pool: database.pool,
    databaseUrl: database.url,
    logger,
    nowMs,
    onRevoked: (revocation) => live.cut((seat) => concerns(revocation, seat), 'badToken'),
  });
  await createAccounts(services);
  const server: RelayServer = await startServer({
    context: {
      config,
      application: testApplication,
      pool: database.pool,
      ...services,
      objects,
      metrics: new Metrics(),
      logger,
      nowMs,
    },
    live,
    ...(options.appDir === undefined ? {} : { appDir: options.appDir }),
  });
  const call = (method: string, path: string, callOptions: CallOptions = {}) =>
    callServer(server.url, method, path, callOptions);
  return {
    url: server.url,
    config,
    database,
    services,
    live,
    objects,
    lines,
    call,
    async token(user, workspace = 'one', device) {
      const { body } = await call('POST', '/api/session', {
        body: { workspace, user, password: TEST_PASSWORD, ...(device === undefined ? {} : { device }) },
      });
      return body.token;
    },
    async close() {
      await server.close();
      await services.revocations.close();
      objects.close();
      await rm(folder, { recursive: true, force: true });
      if (!options.database) await database.close();
    },
  };
}

/** Scrypt takes its time on purpose: accounts of a shared database are made once. */
async function createAccounts({ accounts }: IdentityServices): Promise<void> {
  for (const workspace of ['one', 'two']) {
    if ((await accounts.list(workspace)).length > 0) continue;
    for (const role of Object.keys(testApplication.roles))
      await accounts.create({ workspace, name: role, role, password: TEST_PASSWORD });
  }
}

async function callServer(base: string, method: string, path: string, options: CallOptions): Promise<Answer> {
  const isBytes = options.body instanceof Uint8Array;
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined
        ? {}
        : { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined
      ? {}
      : { body: isBytes ? (options.body as Uint8Array<ArrayBuffer>) : JSON.stringify(options.body) }),
  });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: answer.status,
    headers: answer.headers,
    body: isJson && bytes.length > 0 ? JSON.parse(Buffer.from(bytes).toString('utf8')) : bytes,
  };
}
