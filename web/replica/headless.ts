/** The same replica in Node, for imports, jobs and tests: a directory instead of IndexedDB, `ws` instead of WebSocket. */
import { WebSocket } from 'ws';
import { openReplica, type Replica, type ReplicaOptions } from './replica.ts';
import { FileStore } from './store/file-store.ts';
import type { SocketLike } from './sync/channels.ts';
import type { Target } from './sync/connection.ts';

export interface HeadlessOptions extends Omit<ReplicaOptions, 'store'> {
  /** Where it keeps everything; one process at a time. */
  readonly directory: string;
  /** Connects at once; without it the replica stays offline until `connect`. */
  readonly target?: Target;
}

export async function openHeadless({ directory, target, ...options }: HeadlessOptions): Promise<Replica> {
  const store = await FileStore.open(directory);
  const replica = await openReplica({
    ...options,
    store,
    deps: { openSocket: openWebSocket, ...options.deps },
  });
  if (target) replica.connect(target);
  return replica;
}

/** For ReplicaDeps in Node. */
export function openWebSocket(url: string, protocols: string[]): SocketLike {
  // Compression costs more than it saves, and the relay refuses it anyway.
  return new WebSocket(url, protocols, { perMessageDeflate: false }) as unknown as SocketLike;
}
