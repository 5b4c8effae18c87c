import type { AwarenessOptions } from './awareness.ts';
import { Room } from './room.ts';

/** The rooms of one workspace: one for each document that somebody here is at. */
export class Rooms implements Iterable<Room> {
  readonly #byName = new Map<string, Room>();
  readonly #awareness: (room: string) => AwarenessOptions;

  constructor(awareness: (room: string) => AwarenessOptions) {
    this.#awareness = awareness;
  }

  get size(): number {
    return this.#byName.size;
  }

  [Symbol.iterator](): Iterator<Room> {
    return this.#byName.values();
  }

  find(name: string): Room | undefined {
    return this.#byName.get(name);
  }

  /** The room of a document, made when it is not there. Call `leave` after taking a member out. */
  open(name: string): Room {
    let room = this.#byName.get(name);
    if (!room) {
      room = new Room(name, this.#awareness(name));
      this.#byName.set(name, room);
    }
    return room;
  }

  leave(room: Room): void {
    if (!room.isEmpty) return;
    room.awareness.close();
    this.#byName.delete(room.name);
  }

  close(): void {
    for (const room of this) room.awareness.close();
  }
}
