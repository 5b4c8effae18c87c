/**
 * The worker around an engine. A SharedWorker serves every tab with one replica; a dedicated worker serves the one
 * tab that holds the lock. The schema comes from whoever composes: this file knows no workshop.
 */
import { expose, type ProxyMethods, proxy, releaseProxy } from 'comlink';
import { loadSqlJs } from '../../shared/mirror/sqljs.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { EngineApi, Session } from '../client/engine-messages.ts';
import { carryFailures } from '../client/failures.ts';
import { Engine } from './engine.ts';
import { openReplica, type Replica, type ReplicaOptions } from './replica.ts';
import type { SocketLike } from './sync/channels.ts';
import { fallbackSockets, isReachableByHttp } from './sync/fallback-sockets.ts';
import { PollSocket } from './sync/poll-socket.ts';
import { databaseNameOf, type WorkerStart } from './worker-start.ts';

/** The disk is looked at this often; a quota changes slowly. */
const STORAGE_INTERVAL_MS = 60_000;

export interface WorkerOptions {
  readonly schema: Schema;
  readonly priorityOf?: (tables: Iterable<string>) => number;
}

/** What the page's first message may ask beyond EngineApi. */
export interface WorkerApi extends EngineApi {
  /** The page holds this Web Lock as long as it lives; when it is free the page is gone. */
  pageOpened(lockName: string): Promise<void>;
  /** Ends the engine, so that another tab may open the store. */
  handOver(): Promise<void>;
}

/** Serves pages from here on, those that came since `start` included. */
export function serveEngine(start: WorkerStart, options: WorkerOptions): void {
  carryFailures();
  const sqlJs = loadSqlJs(start.wasm);
  sqlJs.catch(() => {}); // whoever opens a replica hears of it
  const engine = new Engine({
    open: (session, onImageDamaged) => openStored(start, { ...options, onImageDamaged }, sqlJs, session),
    sessions: start.sessions,
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
  start.onPage((port) => expose(apiFor(engine), port));
}

function apiFor(engine: Engine): WorkerApi {
  const { api, leave } = engine.forPage();
  return {
    ...api,
    // A function crosses only as a proxy.
    watch: async (sql, params, ...listeners) => ended(await api.watch(sql, params, ...listeners), listeners),
    watchPresence: async (document, listener) =>
      ended(await api.watchPresence(document, listener), [listener]),
    watchStatus: async (listener) => ended(await api.watchStatus(listener), [listener]),
    pageOpened: async (lockName) => {
      navigator.locks?.request(lockName, async () => leave()).catch(() => {}); // no locks: the page lives as long as the worker
    },
    handOver: () => engine.close(),
  };
}

/** A `stop` that also gives back the message channels of the page's listeners; else they wait for a collection. */
function ended(stop: () => void, listeners: readonly object[]): () => void {
  return proxy(() => {
    stop();
    for (const listener of listeners) (listener as Partial<ProxyMethods>)[releaseProxy]?.();
  });
}

async function openStored(
  start: WorkerStart,
  options: WorkerOptions & Pick<ReplicaOptions, 'onImageDamaged'>,
  sqlJs: ReturnType<typeof loadSqlJs>,
  session: Session,
): Promise<Replica> {
  const store = await start.openStore(databaseNameOf(start.name, session));
  const replica = await openReplica({
    schema: options.schema,
    store,
    user: session.user,
    sqlJs,
    grants: session.grants,
    ...(options.onImageDamaged ? { onImageDamaged: options.onImageDamaged } : {}),
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
