/**
 * The worker around an engine. A SharedWorker serves every tab with one replica; a dedicated worker serves the one
 * tab that holds the lock. The schema comes from whoever composes: this file knows no workshop.
 */
import { expose, proxy } from 'comlink';
import type { DBSchema } from 'idb';
import { openDB } from 'idb';
import { loadSqlJs } from '../../shared/mirror/sqljs.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { EngineApi, Session } from '../client/engine-messages.ts';
import { carryFailures } from '../client/failures.ts';
import { Engine, type SessionKeeper } from './engine.ts';
import { openReplica, type Replica } from './replica.ts';
import { openIndexedDbStore } from './store/indexeddb-store.ts';
import type { SocketLike } from './sync/channels.ts';
import { fallbackSockets, isReachableByHttp } from './sync/fallback-sockets.ts';
import { PollSocket } from './sync/poll-socket.ts';

/** The disk is looked at this often; a quota changes slowly. */
const STORAGE_INTERVAL_MS = 60_000;

export interface WorkerOptions {
  readonly schema: Schema;
  readonly wasmUrl: string;
  /** Prefix of database and lock names, so that two apps of one origin do not meet. */
  readonly name: string;
  readonly priorityOf?: (tables: Iterable<string>) => number;
}

/** What the page's first message may ask beyond EngineApi. */
export interface WorkerApi extends EngineApi {
  /** The page holds this Web Lock as long as it lives; when it is free the page is gone. */
  pageOpened(lockName: string): Promise<void>;
  /** Ends the engine, so that another tab may open the store. */
  handOver(): Promise<void>;
}

/** Serves pages from here on. Call once, at the top of the worker's script. */
export function serveEngine(options: WorkerOptions): void {
  carryFailures();
  // The wasm compiles while the session of last time is read.
  const sqlJs = loadSqlJs(options.wasmUrl);
  sqlJs.catch(() => {}); // whoever opens a replica hears of it
  const engine = new Engine({
    open: (session) => openStored(options, sqlJs, session),
    sessions: new StoredSessions(options.name),
    renewal: {
      fetch: (input, init) => fetch(input, init),
      setTimer: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    nowMs: () => Date.now(),
  });
  self.addEventListener('online', () => {
    engine.retry().catch(() => {}); // its own status tells
  });
  const scope = self as unknown as {
    onconnect?: ((event: { readonly ports: readonly MessagePort[] }) => void) | null;
  };
  if ('onconnect' in scope) {
    scope.onconnect = ({ ports }) => {
      for (const port of ports) expose(apiFor(engine), port);
    };
  } else {
    expose(apiFor(engine));
  }
}

function apiFor(engine: Engine): WorkerApi {
  const { api, leave } = engine.forPage();
  return {
    ...api,
    // A function crosses only as a proxy.
    watch: async (...call) => proxy(await api.watch(...call)),
    watchPresence: async (...call) => proxy(await api.watchPresence(...call)),
    watchStatus: async (...call) => proxy(await api.watchStatus(...call)),
    pageOpened: async (lockName) => {
      navigator.locks?.request(lockName, async () => leave()).catch(() => {}); // no locks: the page lives as long as the worker
    },
    handOver: () => engine.close(),
  };
}

async function openStored(
  options: WorkerOptions,
  sqlJs: ReturnType<typeof loadSqlJs>,
  session: Session,
): Promise<Replica> {
  const store = await openIndexedDbStore(databaseName(options.name, session));
  const replica = await openReplica({
    schema: options.schema,
    store,
    user: session.user,
    sqlJs,
    grants: session.grants,
    ...(options.priorityOf ? { priorityOf: options.priorityOf } : {}),
    deps: {
      openSocket: fallbackSockets({
        openSocket: (url, protocols) => new WebSocket(url, protocols) as unknown as SocketLike,
        openPoll: (url, protocols) =>
          new PollSocket(url, protocols, { fetch: (input, init) => fetch(input, init), nowMs: Date.now }),
        isReachable: isReachableByHttp,
        nowMs: Date.now,
      }),
    },
  });
  watchStorage(replica);
  return replica;
}

function databaseName(name: string, { workspace, user }: Session): string {
  return `${name}:${workspace}:${user}`;
}

/** Tells the replica how its disk is. Ends with the worker. */
function watchStorage(replica: Replica): void {
  const look = async () => {
    const storage = navigator.storage;
    if (!storage) return;
    const [persisted, estimate] = await Promise.all([storage.persisted?.(), storage.estimate?.()]);
    replica.storageHealth({ persisted, usedBytes: estimate?.usage, quotaBytes: estimate?.quota });
  };
  const turn = () => {
    look().catch(() => {}); // not every browser tells
  };
  turn();
  setInterval(turn, STORAGE_INTERVAL_MS);
}

interface SessionLayout extends DBSchema {
  session: { key: 'last'; value: Session };
}

class StoredSessions implements SessionKeeper {
  readonly #database;

  constructor(name: string) {
    this.#database = openDB<SessionLayout>(`${name}:session`, 1, {
      upgrade: (database) => {
        database.createObjectStore('session');
      },
    });
  }

  async read(): Promise<Session | undefined> {
    return (await this.#database).get('session', 'last');
  }

  async write(session: Session | undefined): Promise<void> {
    const database = await this.#database;
    if (session) await database.put('session', session, 'last');
    else await database.delete('session', 'last');
  }
}
