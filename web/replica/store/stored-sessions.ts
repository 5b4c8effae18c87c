/** The session of last time, in a database of its own: it names the database of the replica. */
import { type DBSchema, openDB } from 'idb';
import type { Session } from '../../client/engine-messages.ts';
import type { SessionKeeper } from '../engine.ts';

interface SessionLayout extends DBSchema {
  session: { key: 'last'; value: Session };
}

export class StoredSessions implements SessionKeeper {
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
