/**
 * The first lines of a worker. Opening waits for the disk and for wasm to compile, and the engine's own script is
 * large: so this small part, which loads first, takes in the pages that arrive and asks for all of it at once.
 */
import { type IndexedDbStore, openIndexedDbStore } from './store/indexeddb-store.ts';
import { StoredSessions } from './store/stored-sessions.ts';

export interface WorkerStart {
  /** Prefix of database and lock names, so that two apps of one origin do not meet. */
  readonly name: string;
  readonly wasm: Promise<WebAssembly.Module>;
  readonly sessions: StoredSessions;
  /** Calls with the port of each page, also of those that came before. */
  onPage(serve: (port: MessagePort) => void): void;
  /** The store of this name; the one of last time's session is open already. */
  openStore(databaseName: string): Promise<IndexedDbStore>;
}

/** Call once, synchronously in the worker's first script: what a page sends earlier is lost. */
export function startWorker({ name, wasmUrl }: { name: string; wasmUrl: string }): WorkerStart {
  const wasm = compile(wasmUrl);
  wasm.catch(() => {}); // whoever opens a replica hears of it
  const sessions = new StoredSessions(name);
  let early: Promise<{ readonly name: string; readonly store: IndexedDbStore } | undefined> | undefined =
    openLast(sessions, name);
  early.catch(() => {}); // opening it again tells why
  return {
    name,
    wasm,
    sessions,
    onPage: takePages(),
    openStore: async (databaseName) => {
      const opened = await early?.catch(() => undefined);
      early = undefined;
      if (opened?.name === databaseName) return opened.store;
      await opened?.store.close();
      return openIndexedDbStore(databaseName);
    },
  };
}

export function databaseNameOf(name: string, { workspace, user }: { workspace: string; user: string }) {
  return `${name}:${workspace}:${user}`;
}

async function openLast(sessions: StoredSessions, name: string) {
  const session = await sessions.read();
  if (!session) return undefined;
  const databaseName = databaseNameOf(name, session);
  const store = await openIndexedDbStore(databaseName);
  store.readAhead();
  return { name: databaseName, store };
}

/** A shared worker is given a port by each page that connects, a dedicated one in the first message. */
function takePages(): WorkerStart['onPage'] {
  const waiting: MessagePort[] = [];
  let serve = (port: MessagePort): void => {
    waiting.push(port);
  };
  const take = ({ ports }: { readonly ports: readonly MessagePort[] }): void => {
    for (const port of ports) serve(port);
  };
  const scope = self as unknown as { onconnect?: typeof take | null; onmessage?: typeof take | null };
  if ('onconnect' in scope) scope.onconnect = take;
  else scope.onmessage = take;
  return (handler) => {
    serve = handler;
    for (const port of waiting.splice(0)) handler(port);
  };
}

/** Compiles while it loads, where the server names its type. */
async function compile(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the database engine did not load: ${url} answered ${response.status}`);
  return response.headers.get('content-type') === 'application/wasm'
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
