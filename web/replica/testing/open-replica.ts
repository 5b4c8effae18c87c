/** Replicas for tests: the shop's schema, a store in memory, and a relay in memory when one is given. */
import type { Schema } from '../../../shared/schema/table.ts';
import { openReplica, type Replica, type ReplicaOptions } from '../replica.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { MemoryRelay } from './memory-relay.ts';
import { shopSchema } from './shop-schema.ts';

export interface TestReplicaOptions extends Partial<Omit<ReplicaOptions, 'schema'>> {
  readonly relay?: MemoryRelay;
  readonly schema?: Schema;
}

/** Connects when a relay is given. */
export async function openTestReplica({ relay, ...options }: TestReplicaOptions = {}): Promise<Replica> {
  const replica = await openReplica({
    schema: shopSchema,
    store: new MemoryStore(),
    user: 'ana',
    ...options,
    deps: {
      // The relay in memory has no HTTP, and nobody is to look for its name.
      fetch: () => Promise.reject(new Error('there is no HTTP here')),
      ...(relay ? { openSocket: relay.openSocket } : {}),
      ...options.deps,
    },
  });
  if (relay) connectTestReplica(replica);
  return replica;
}

export function connectTestReplica(replica: Replica): void {
  replica.connect({ url: 'ws://relay', workspace: 'test', token: 'token' });
}

/** All of them, twice round: what the last one sent has to reach the first. */
export async function settleAll(...replicas: readonly Replica[]): Promise<void> {
  for (let round = 0; round < 2; round++) for (const replica of replicas) await replica.settled();
}

/** Every mirrored table in order of id, and the conflicts: what must be equal between replicas. */
export function contentsOf(replica: Replica): Record<string, unknown> {
  const contents: Record<string, unknown> = {};
  for (const { name } of replica.core.schema.tables)
    contents[name] = replica.query(`select * from "${name}" order by id`);
  contents._conflict = replica.query('select * from _conflict order by 1, 2, 3, 6');
  return contents;
}
