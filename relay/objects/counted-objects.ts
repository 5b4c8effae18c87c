import type { DirectUpload, ObjectInfo, ObjectStore, PutOptions } from './object-store.ts';

type Call = 'put' | 'get' | 'head' | 'list' | 'delete' | 'url';

/** Another store that counts its failed calls, for the alarm on `espejo_object_store_errors_total`. */
export class CountedObjects implements ObjectStore {
  readonly #store: ObjectStore;
  readonly #errors: { inc(labels: { readonly call: Call }): void };

  constructor(store: ObjectStore, errors: { inc(labels: { readonly call: Call }): void }) {
    this.#store = store;
    this.#errors = errors;
  }

  putIfAbsent(key: string, bytes: Uint8Array, options?: PutOptions): Promise<'created' | 'exists'> {
    return this.#counted('put', this.#store.putIfAbsent(key, bytes, options));
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#counted('get', this.#store.get(key));
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.#counted('head', this.#store.head(key));
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    try {
      yield* this.#store.list(prefix);
    } catch (error) {
      this.#errors.inc({ call: 'list' });
      throw error;
    }
  }

  delete(key: string): Promise<void> {
    return this.#counted('delete', this.#store.delete(key));
  }

  downloadUrl(key: string, expiresInMs: number): Promise<string | undefined> {
    return this.#counted('url', this.#store.downloadUrl(key, expiresInMs));
  }

  uploadUrl(key: string, expiresInMs: number, contentType: string): Promise<DirectUpload | undefined> {
    return this.#counted('url', this.#store.uploadUrl(key, expiresInMs, contentType));
  }

  close(): void {
    this.#store.close();
  }

  async #counted<T>(call: Call, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      this.#errors.inc({ call });
      throw error;
    }
  }
}
