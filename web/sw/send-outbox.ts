/**
 * Sends what waits to the relay while no page is open: reads session and outbox as the replica left them, and posts
 * the commits. Takes nothing out of the outbox: the replica sends them again when it opens, and the relay, which
 * knows commits by their id, acks them as stored. So it does no harm beside an open replica either.
 */
import { BATCH_CONTENT_TYPE, encodeBatch } from '../../shared/protocol/batch.ts';
import { encodeCommit } from '../../shared/protocol/commit.ts';
import type { Session } from '../client/engine-messages.ts';
import type { OutboxEntry, StoreMeta } from '../replica/store/store.ts';
import { bytesNamedBy, type StoredEntry, withStoredBytes } from '../replica/store/stored-bytes.ts';

export interface SendOutboxDeps {
  readonly indexedDB: IDBFactory;
  readonly fetch: typeof fetch;
  /** Name of the engine's databases: `taller`. */
  readonly name: string;
}

/** Commits of one request. */
const MAX_BATCH = 100;

/** Resolves when the relay has answered for all of them; rejects when the browser should wake us again later. */
export async function sendOutbox(deps: SendOutboxDeps): Promise<'sent' | 'nothing' | 'signed-out'> {
  const session = await readOne<Session>(deps.indexedDB, `${deps.name}:session`, 'session', 'last');
  if (!session) return 'signed-out';
  const store = `${deps.name}:${session.workspace}:${session.user}`;
  const waiting = (await readAll<StoredEntry>(deps.indexedDB, store, 'outbox'))
    .filter(({ state, content }) => state === 'waiting' && content === undefined)
    .sort((a, b) => a.number - b.number);
  const entries = await withBytes(deps.indexedDB, store, waiting);
  if (entries.length === 0) return 'nothing';
  let token: string | undefined = session.token;
  for (let start = 0; start < entries.length; start += MAX_BATCH) {
    const commits = entries.slice(start, start + MAX_BATCH).map(({ commit }) => encodeCommit(commit));
    let answer = await post(deps, session, token, commits);
    if (answer.status === 401) {
      token = await renew(deps, session, store);
      if (token === undefined) return 'signed-out';
      answer = await post(deps, session, token, commits);
    }
    // A refusal is for the page to show; an outage is for the browser to try again.
    if (answer.status >= 500 || answer.status === 429) throw new Error(`the relay answered ${answer.status}`);
  }
  return 'sent';
}

function post(
  { fetch }: SendOutboxDeps,
  { relayUrl }: Session,
  token: string,
  commits: readonly Uint8Array[],
): Promise<Response> {
  return fetch(`${relayUrl}/api/sync/batch`, {
    method: 'POST',
    headers: { 'content-type': BATCH_CONTENT_TYPE, authorization: `Bearer ${token}` },
    body: encodeBatch(commits) as Uint8Array<ArrayBuffer>,
  });
}

/** A fresh token, stored with its refresh token before it is used; undefined when a password is needed. */
async function renew(deps: SendOutboxDeps, session: Session, store: string): Promise<string | undefined> {
  const meta = await readOne<StoreMeta>(deps.indexedDB, store, 'meta', 'meta');
  if (session.refreshToken === undefined || meta?.device === undefined) return undefined;
  const answer = await deps.fetch(`${session.relayUrl}/api/session/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken: session.refreshToken, device: meta.device }),
  });
  if (answer.status >= 500 || answer.status === 429) throw new Error(`the relay answered ${answer.status}`);
  if (!answer.ok) return undefined;
  const { token, expiresAtMs, refreshToken, grants } = (await answer.json()) as Session;
  const renewed: Session = {
    ...session,
    token,
    expiresAtMs,
    grants,
    ...(refreshToken ? { refreshToken } : {}),
  };
  await withStore(deps.indexedDB, `${deps.name}:session`, 'session', 'readwrite', (sessions) =>
    sessions.put(renewed, 'last'),
  );
  return token;
}

/** Without those that the replica has heard the ack of meanwhile. */
async function withBytes(
  factory: IDBFactory,
  database: string,
  waiting: readonly StoredEntry[],
): Promise<OutboxEntry[]> {
  const entries: OutboxEntry[] = [];
  for (const entry of waiting) {
    const bytes = new Map<string, Uint8Array>();
    const named = bytesNamedBy(entry);
    for (const [document, number] of named) {
      const stored = await readOne<{ update: Uint8Array }>(factory, database, 'updates', [document, number]);
      if (stored) bytes.set(document, stored.update);
    }
    if (bytes.size === named.length) entries.push(withStoredBytes(entry, (document) => bytes.get(document)));
  }
  return entries;
}

async function readOne<T>(
  factory: IDBFactory,
  database: string,
  store: string,
  key: IDBValidKey,
): Promise<T | undefined> {
  return (await withStore(factory, database, store, 'readonly', (entries) => entries.get(key))) as
    | T
    | undefined;
}

async function readAll<T>(factory: IDBFactory, database: string, store: string): Promise<T[]> {
  return ((await withStore(factory, database, store, 'readonly', (entries) => entries.getAll())) ??
    []) as T[];
}

/** Runs one request; undefined when there is no such database, which must not be made by looking for it. */
function withStore<T>(
  factory: IDBFactory,
  database: string,
  store: string,
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const opening = factory.open(database);
    let isMissing = false;
    opening.onupgradeneeded = () => {
      isMissing = true;
      opening.transaction?.abort();
    };
    opening.onerror = () => (isMissing ? resolve(undefined) : reject(opening.error));
    opening.onsuccess = () => {
      const opened = opening.result;
      opened.onversionchange = () => opened.close();
      if (!opened.objectStoreNames.contains(store)) {
        opened.close();
        resolve(undefined);
        return;
      }
      const transaction = opened.transaction(store, mode);
      const request = ask(transaction.objectStore(store));
      transaction.oncomplete = () => {
        opened.close();
        resolve(request.result);
      };
      transaction.onabort = () => {
        opened.close();
        reject(transaction.error);
      };
    };
  });
}
