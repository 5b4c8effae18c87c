/**
 * The page's side of the worker: typed calls, live results with stable row identity, and the choice between a
 * SharedWorker and a dedicated worker that only one tab may lead.
 */
import { type ProxyMethods, proxy, type Remote, releaseProxy, wrap } from 'comlink';
import type { WorkerApi } from '../replica/worker.ts';
import type {
  EngineApi,
  Failure,
  Params,
  Presence,
  ResultChange,
  ResultRow,
  Statement,
  Status,
  Stop,
  WriteOptions,
  WriteResult,
} from './engine-messages.ts';
import { carryFailures } from './failures.ts';
import { packStatements } from './packed-statements.ts';

/** The engine as elements see it: results are whole, and what goes on can be stopped at once. */
export interface EngineClient
  extends Omit<EngineApi, 'query' | 'transaction' | 'watch' | 'watchPresence' | 'watchStatus'> {
  query<R extends ResultRow = ResultRow>(sql: string, params?: Params): Promise<readonly R[]>;
  query<R extends ResultRow = ResultRow>(statement: Statement): Promise<readonly R[]>;
  /** One commit for all statements. */
  transaction(statements: readonly Statement[], options?: WriteOptions): Promise<WriteResult>;
  /**
   * Calls `onRows` with the first result and with each later one that differs; a row that did not change is the
   * same object as before. Calls neither before `watch` has returned nor after `Stop`.
   */
  watch<R extends ResultRow = ResultRow>(
    statement: Statement,
    onRows: (rows: readonly R[]) => void,
    onError?: (failure: Failure) => void,
  ): Stop;

  watchPresence(document: string, onChange: (present: readonly Presence[]) => void): Stop;
  watchStatus(onChange: (status: Status) => void): Stop;

  close(): void;
}

export interface EngineWorkers {
  /** Absent where SharedWorker does not exist. */
  readonly shared?: () => SharedWorker;
  readonly dedicated: () => Worker;
  /** Name of the Web Lock that the leading tab holds. */
  readonly lockName?: string;
  /** Another tab leads and this one may take over; asked only where there is no SharedWorker. */
  readonly onWaiting?: (takeOver: () => void) => void;
  /** Another tab took over: this page has no engine any more. */
  readonly onLost?: () => void;
}

/** How long a leading tab is given to end its engine before the lock is taken from it. */
const HAND_OVER_MS = 800;

/**
 * Resolves once calls may be made, which wait for the worker's script; where another tab leads, once that tab closed or
 * `takeOver` was called.
 */
export async function connectEngine(workers: EngineWorkers): Promise<EngineClient> {
  carryFailures();
  const lockName = workers.lockName ?? 'espejo';
  if (workers.shared !== undefined && typeof SharedWorker !== 'undefined') {
    const worker = workers.shared();
    const api = wrap<WorkerApi>(worker.port);
    const leave = await announcePage(api, lockName);
    askToPersist();
    const stopWaking = retryWithPage(api);
    return engineOver(api, () => {
      stopWaking();
      leave();
      worker.port.close();
    });
  }
  let end: () => void = () => {};
  const release = await lead(lockName, workers, () => end());
  const worker = workers.dedicated();
  const { port1, port2 } = new MessageChannel();
  worker.postMessage('page', [port2]);
  const api = wrap<WorkerApi>(port1);
  const stopListening = onTakeOver(lockName, async () => {
    await api.handOver();
    end();
    workers.onLost?.();
  });
  const stopWaking = retryWithPage(api);
  end = () => {
    stopWaking();
    stopListening();
    worker.terminate();
    release();
  };
  askToPersist();
  return engineOver(api, () => end());
}

/** Holds a lock as long as the page lives, so that the worker learns when it is gone. */
async function announcePage(api: Remote<WorkerApi>, lockName: string): Promise<() => void> {
  if (!navigator.locks) return () => {};
  const name = `${lockName}:page:${crypto.randomUUID()}`;
  let leave: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    leave = resolve;
  });
  await new Promise<void>((granted) => {
    navigator.locks.request(name, () => {
      granted();
      return held;
    });
  });
  // Not waited for: the calls that follow arrive behind it, and an opening worker answers late.
  api.pageOpened(name).catch(() => {}); // those tell
  return leave;
}

/** Resolves once this tab leads; the answer gives the lead up. */
function lead(lockName: string, workers: EngineWorkers, onStolen: () => void): Promise<() => void> {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve, reject) => {
    let release: () => void = () => {};
    const held = new Promise<void>((end) => {
      release = end;
    });
    let leading = false;
    const request = (options: LockOptions): Promise<unknown> =>
      navigator.locks.request(lockName, options, (lock) => {
        if (!lock) return undefined;
        leading = true;
        resolve(release);
        return held;
      });
    const lost = () => {
      onStolen();
      workers.onLost?.();
    };
    const queue = new AbortController();
    request({ ifAvailable: true })
      .then(() => {
        if (leading) return undefined;
        workers.onWaiting?.(() => {
          new BroadcastChannel(lockName).postMessage('take over');
          setTimeout(() => {
            if (leading) return;
            queue.abort();
            request({ steal: true }).catch(lost);
          }, HAND_OVER_MS);
        });
        return request({ signal: queue.signal }).catch((error: Error) => {
          if (leading) lost();
          else if (!queue.signal.aborted) reject(error);
        });
      })
      .catch(lost);
  });
}

/** Another tab asks for the lead. */
function onTakeOver(lockName: string, handOver: () => Promise<void>): () => void {
  const channel = new BroadcastChannel(lockName);
  channel.onmessage = () => {
    handOver().catch(() => {}); // then the other tab takes the lock
  };
  return () => channel.close();
}

/** A worker hears late, or never, that the network is back or that somebody picked the tablet up. */
function retryWithPage(api: Remote<WorkerApi>): () => void {
  const retry = () => {
    if (document.visibilityState === 'hidden') return;
    api.retry().catch(() => {}); // nobody is signed in
  };
  window.addEventListener('online', retry);
  document.addEventListener('visibilitychange', retry);
  return () => {
    window.removeEventListener('online', retry);
    document.removeEventListener('visibilitychange', retry);
  };
}

/** Some browsers ask the person, others decide; what they said is in `status().storage`. */
function askToPersist(): void {
  navigator.storage?.persist?.().catch(() => false);
}

/** Exported for tests: any endpoint that speaks EngineApi will do. */
export function engineOver(api: Remote<EngineApi>, close: () => void): EngineClient {
  const query = (statement: string | Statement, params: Params = []) =>
    typeof statement === 'string'
      ? api.query(statement, params)
      : api.query(statement.sql, statement.params ?? []);
  return {
    session: () => api.session(),
    openSession: (session) => api.openSession(session),
    closeSession: () => api.closeSession(),
    actAs: (person) => api.actAs(person),
    query: query as EngineClient['query'],
    execute: (sql, params = [], options = {}) => api.execute(sql, params, options),
    transaction: (statements, options = {}) => api.transaction(packStatements(statements), options),
    watch: <R extends ResultRow>(
      statement: Statement,
      onRows: (rows: readonly R[]) => void,
      onError: (failure: Failure) => void = () => {},
    ) => {
      let rows: readonly ResultRow[] = [];
      const take = (change: ResultChange): void => {
        rows = applyChange(rows, change);
        onRows(rows as readonly R[]);
      };
      return stoppable((listen) =>
        api.watch(statement.sql, statement.params ?? [], listen(take), listen(onError)),
      );
    },
    editText: (ref, base, next) => api.editText(ref, base, next),
    resolve: (ref, value) => api.resolve(ref, value),
    setPresence: (document, state) => api.setPresence(document, state),
    watchPresence: (document, onChange) =>
      stoppable((listen) => api.watchPresence(document, listen(onChange))),
    documentOf: (table, row) => api.documentOf(table, row),
    status: () => api.status(),
    watchStatus: (onChange) => stoppable((listen) => api.watchStatus(listen(onChange))),
    retry: () => api.retry(),
    discard: (commit) => api.discard(commit),
    resend: (commit) => api.resend(commit),
    verify: () => api.verify(),
    lastProof: () => api.lastProof(),
    syncReport: () => api.syncReport(),
    liveQueries: () => api.liveQueries(),
    undo: (commit) => api.undo(commit),
    redo: () => api.redo(),
    exportSqlite: () => api.exportSqlite(),
    exportRescue: () => api.exportRescue(),
    exportIncident: (options) => api.exportIncident(options),
    importRescue: (file) => api.importRescue(file),
    close,
  };
}

/** The result after a change; rows named by index keep their identity. */
export function applyChange(rows: readonly ResultRow[], change: ResultChange): readonly ResultRow[] {
  if (change.type === 'rows') return change.rows;
  return change.order.map((item) => (typeof item === 'number' ? rows[item]! : item));
}

/** Makes a listener that the worker can call until the subscription is stopped. */
type Listen = <Message>(listener: (message: Message) => void) => (message: Message) => void;

/**
 * A `Stop` for a subscription whose own end arrives later. Once stopped nothing of it holds the listeners, and through
 * them a whole page with all its elements: the message channel of a proxy lives until a collection in the worker ends it.
 */
function stoppable(start: (listen: Listen) => Promise<() => void>): Stop {
  const forget: (() => void)[] = [];
  const started = start(<Message>(listener: (message: Message) => void) => {
    let listening: ((message: Message) => void) | undefined = listener;
    forget.push(() => {
      listening = undefined;
    });
    return proxy((message: Message) => listening?.(message));
  });
  return () => {
    if (forget.length === 0) return;
    for (const one of forget.splice(0)) one();
    started.then(
      async (stop) => {
        await stop();
        (stop as Partial<ProxyMethods>)[releaseProxy]?.();
      },
      () => {}, // it never began, so there is nothing to end
    );
  };
}
