/**
 * The live path alone behind a bare HTTP server, for tests and benches: real sockets, real Postgres (or memory),
 * tokens that say who they are. Run as a program it is a relay to be killed:
 *
 *   node --import tsx relay/testing/relay-process.ts <databaseUrl> <port> [instance]
 *
 * TEST_LIMITS (JSON) changes limits; TEST_OBJECTS_DIR is where snapshots are.
 */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import pg from 'pg';
import type { Access, Grants } from '../../shared/permissions/grants.ts';
import type { Fanout } from '../fanout/fanout.ts';
import { PostgresFanout } from '../fanout/postgres-fanout.ts';
import { type Identity, RefusedError, type Seat } from '../identity/seat.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { Live, type LiveDeps } from '../live.ts';
import type { Log } from '../log/log.ts';
import { PostgresLog } from '../log/postgres-log.ts';
import { readSnapshot } from '../materializer/snapshot-file.ts';
import { FolderStore } from '../objects/folder-store.ts';
import { profileCpu } from './cpu-parts.ts';

export interface TestRelay {
  readonly live: Live;
  readonly port: number;
  /** `ws://127.0.0.1:1234/sync` */
  readonly url: string;
  close(): Promise<void>;
  /** Ends every line at once, as the death of the process would; nothing is closed properly. */
  crash(): void;
}

/**
 * Tokens of tests: `<workspace>.<user>.<role>` and perhaps `.<device>`. Roles: `writer` writes everything, `reader`
 * reads everything, `front` writes people and work and reads stock, and has nothing else.
 */
export class TestIdentity implements Identity {
  /** While set, accounts cannot be read. */
  isAway = false;
  /** Users whose tokens are worth nothing. */
  readonly disabled = new Set<string>();
  /** How long tokens last from now on. */
  lifetimeMs = 3_600_000;

  async authenticate(token: string): Promise<Seat> {
    if (this.isAway)
      throw new RefusedError('storageAway', 'the accounts cannot be read now; come back later');
    const [workspace, user, role, device] = token.split('.');
    const grants = role === undefined ? undefined : TEST_GRANTS[role];
    if (!workspace || !user || !role || !grants || this.disabled.has(user))
      throw new RefusedError('badToken', 'the token is not valid; sign in');
    return {
      workspace,
      user,
      role,
      grants,
      ...(device === undefined ? {} : { device }),
      expiresAtMs: Date.now() + this.lifetimeMs,
      tokenId: token,
    };
  }
}

export const TEST_GRANTS: Readonly<Record<string, Grants>> = {
  writer: grantsOf('writer', {}, 'write'),
  reader: grantsOf('reader', {}, 'read'),
  front: grantsOf('front', { people: 'write', work: 'write', stock: 'read' }, 'none'),
};

export async function startTestRelay(
  options: {
    /** Absent: `log` and `fanout` must be given in `deps`. */
    readonly databaseUrl?: string;
    readonly port?: number;
    readonly instance?: string;
    readonly deps?: Partial<LiveDeps>;
  } = {},
): Promise<TestRelay> {
  const instance = options.instance ?? 'one';
  const storage = options.databaseUrl === undefined ? undefined : openStorage(options.databaseUrl, instance);
  const live = new Live({
    log: options.deps?.log ?? storage!.log,
    fanout: options.deps?.fanout ?? storage!.fanout,
    identity: new TestIdentity(),
    ...options.deps,
    timings: { drainMs: 500, refusalDelayMs: 50, ...options.deps?.timings },
  });
  await storage?.log.assertDurable();
  await live.start();
  const server = createServer((_, response) => response.writeHead(404).end());
  const lines = new Set<Socket>();
  server.on('connection', (line) => {
    lines.add(line);
    line.once('close', () => lines.delete(line));
  });
  server.on('upgrade', (request, stream, head) => live.handleUpgrade(request, stream, head));
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(options.port ?? 0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    live,
    port,
    url: `ws://127.0.0.1:${port}/sync`,
    crash: () => {
      server.close();
      for (const line of lines) line.destroy();
    },
    close: () => {
      closing ??= (async () => {
        server.close();
        await live.close();
        await storage?.close();
      })();
      return closing;
    },
  };
}

function openStorage(
  databaseUrl: string,
  instance: string,
): { log: PostgresLog; fanout: Fanout; close(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10, connectionTimeoutMillis: 5_000 });
  pool.on('error', () => undefined); // a killed server takes idle connections with it
  const log: PostgresLog & Log = new PostgresLog({ pool, instance });
  const fanout = new PostgresFanout({ connectionString: databaseUrl, pool, instance });
  return {
    log,
    fanout,
    close: async () => {
      await fanout.close();
      await log.close();
      await pool.end();
    },
  };
}

function grantsOf(role: string, families: Record<string, Access>, other: Access): Grants {
  return { role, families, other };
}

if (process.argv[1] === import.meta.filename) {
  const [databaseUrl, port, instance] = process.argv.slice(2);
  const { TEST_LIMITS, TEST_OBJECTS_DIR } = process.env;
  const objects = TEST_OBJECTS_DIR === undefined ? undefined : await FolderStore.open(TEST_OBJECTS_DIR);
  const relay = await startTestRelay({
    databaseUrl: databaseUrl!,
    port: Number(port ?? 0),
    instance: instance ?? `process-${process.pid}`,
    deps: {
      limits: { ...DEFAULT_LIMITS, ...(JSON.parse(TEST_LIMITS ?? '{}') as Partial<Limits>) },
      ...(objects ? { snapshots: { read: (snapshot) => readSnapshot(objects, snapshot) } } : {}),
    },
  });
  process.on('SIGUSR2', () => void globalThis.gc?.());
  // A bench asks twice: to begin, and for what was found.
  let stopProfile: Awaited<ReturnType<typeof profileCpu>> | undefined;
  process.on('message', async () => {
    if (stopProfile) process.send?.(await stopProfile());
    else {
      stopProfile = await profileCpu();
      process.send?.('begun');
    }
  });
  process.once('SIGTERM', () => void relay.close().then(() => process.exit(0)));
  process.stdout.write(`listening ${relay.port}\n`); // last: whoever reads it may send signals
}
