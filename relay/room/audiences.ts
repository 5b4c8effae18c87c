/** The replicas of one workspace by what they may read: members with the same grants get the same frames. */
import { type Grants, mayRead } from '../../shared/permissions/grants.ts';
import type { Frame } from '../socket/frame.ts';
import type { Delivery } from './delivery.ts';

export interface ReplicaMember {
  readonly grants: Grants;
  /** Never throws. */
  deliver(delivery: Delivery): void;
  tell(frame: Frame): void;
  comeBack(sentence: string): void;
}

export interface Audience {
  readonly grants: Grants;
  readonly members: ReadonlySet<ReplicaMember>;
}

export class Audiences implements Iterable<Audience> {
  readonly #audiences = new Map<string, { readonly grants: Grants; readonly members: Set<ReplicaMember> }>();
  #memberCount = 0;

  get memberCount(): number {
    return this.#memberCount;
  }

  [Symbol.iterator](): Iterator<Audience> {
    return this.#audiences.values();
  }

  add(member: ReplicaMember): void {
    const key = keyOf(member);
    let audience = this.#audiences.get(key);
    if (!audience) {
      audience = { grants: member.grants, members: new Set() };
      this.#audiences.set(key, audience);
    }
    audience.members.add(member);
    this.#memberCount++;
  }

  /** Does nothing for somebody who is not there. */
  remove(member: ReplicaMember): void {
    const key = keyOf(member);
    const audience = this.#audiences.get(key);
    if (!audience?.members.delete(member)) return;
    this.#memberCount--;
    if (audience.members.size === 0) this.#audiences.delete(key);
  }

  /** Members that may read a document. */
  *readersOf(document: string): Iterable<ReplicaMember> {
    for (const { grants, members } of this.#audiences.values()) {
      if (mayRead(grants, document)) yield* members;
    }
  }
}

function keyOf({ grants }: ReplicaMember): string {
  return JSON.stringify(grants);
}
