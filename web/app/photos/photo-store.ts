/**
 * Photos on this device, by the SHA-256 of their bytes, and how far each has come to the relay. A photo is put here
 * before the row that names it is written, so no order ever names a photo that its own device does not have.
 *
 *   put ──► waiting ──(uploader)──► stored     kept afterwards, so that it shows without a network
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

export type PhotoState = 'waiting' | 'stored' | 'refused';

export interface StoredPhoto {
  /** Hex, 64 characters. */
  readonly sha256: string;
  readonly family: string;
  readonly contentType: string;
  readonly bytes: ArrayBuffer;
  readonly state: PhotoState;
  readonly attempts: number;
  /** The relay's sentence, when it was refused. */
  readonly error: string;
  readonly putAtMs: number;
}

interface PhotoDatabase extends DBSchema {
  photo: { key: string; value: StoredPhoto; indexes: { state: PhotoState } };
}

export class PhotoStore {
  readonly #database: IDBPDatabase<PhotoDatabase>;

  private constructor(database: IDBPDatabase<PhotoDatabase>) {
    this.#database = database;
  }

  /** One database per workspace and user, because what a user may send is theirs. */
  static async open(workspace: string, user: string): Promise<PhotoStore> {
    const database = await openDB<PhotoDatabase>(`taller-photos:${workspace}:${user}`, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('photo', { keyPath: 'sha256' }).createIndex('state', 'state');
      },
    });
    return new PhotoStore(database);
  }

  /** On disk once it resolves; a photo that is there already keeps its state. */
  async put(
    photos: readonly Pick<StoredPhoto, 'sha256' | 'family' | 'contentType' | 'bytes' | 'putAtMs'>[],
  ): Promise<void> {
    const transaction = this.#database.transaction('photo', 'readwrite', { durability: 'strict' });
    for (const photo of photos) {
      if ((await transaction.store.getKey(photo.sha256)) === undefined) {
        await transaction.store.put({ ...photo, state: 'waiting', attempts: 0, error: '' });
      }
    }
    await transaction.done;
  }

  get(sha256: string): Promise<StoredPhoto | undefined> {
    return this.#database.get('photo', sha256);
  }

  /** Keeps what was fetched from the relay, so that it shows again without a network. */
  async keep(
    photo: Pick<StoredPhoto, 'sha256' | 'family' | 'contentType' | 'bytes' | 'putAtMs'>,
  ): Promise<void> {
    await this.#database.put('photo', { ...photo, state: 'stored', attempts: 0, error: '' });
  }

  waiting(): Promise<StoredPhoto[]> {
    return this.#database.getAllFromIndex('photo', 'state', 'waiting');
  }

  countWaiting(): Promise<number> {
    return this.#database.countFromIndex('photo', 'state', 'waiting');
  }

  async mark(sha256: string, state: PhotoState, error = ''): Promise<void> {
    const transaction = this.#database.transaction('photo', 'readwrite', { durability: 'strict' });
    const photo = await transaction.store.get(sha256);
    if (photo) await transaction.store.put({ ...photo, state, error, attempts: photo.attempts + 1 });
    await transaction.done;
  }

  close(): void {
    this.#database.close();
  }
}
