/**
 * Where snapshots, photos and exports are kept: bytes under a key that never change once they are there.
 * So there is no overwrite, a reader never sees half an object, and a retried write is harmless [OBJ-1].
 * Two implementations, one contract suite: a folder (folder-store.ts) and S3 (s3-store.ts).
 */

export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  readonly storedAtMs: number;
}

export interface PutOptions {
  /** MIME type, served with downloads; `application/octet-stream` when absent. */
  readonly contentType?: string;
}

export interface DirectUpload {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ObjectStore {
  /**
   * Stores `bytes` unless the key is taken; resolves once they are durable. Of any number of racing calls
   * exactly one is told `created` [OBJ-2]. `exists` does not say that the bytes are the same: after a lost
   * answer it may be this caller's own first attempt, so whoever cares reads back.
   */
  putIfAbsent(key: string, bytes: Uint8Array, options?: PutOptions): Promise<'created' | 'exists'>;
  /** The whole object, or undefined when there is none. Throws rather than give fewer bytes than were stored. */
  get(key: string): Promise<Uint8Array | undefined>;
  head(key: string): Promise<ObjectInfo | undefined>;
  /** Every object whose key starts with `prefix`, in byte order of the keys. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /** Does nothing when there is no such object. */
  delete(key: string): Promise<void>;
  /** A short-lived address to fetch the object from directly; undefined where only the relay can read it. */
  downloadUrl(key: string, expiresInMs: number): Promise<string | undefined>;
  /**
   * A short-lived address to send a new object to directly, by PUT with exactly these headers; undefined where
   * only the relay can write it. What arrives there is unchecked: read it back.
   */
  uploadUrl(key: string, expiresInMs: number, contentType: string): Promise<DirectUpload | undefined>;
  close(): void;
}

/** S3 allows 1 024 bytes; the folder store needs each part to fit a file name. */
const MAX_KEY_LENGTH = 512;
const KEY = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}(\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199})*$/;

/** Throws on a key that could leave its folder or that one of the stores could not hold. */
export function assertKey(key: string): void {
  if (key.length > MAX_KEY_LENGTH || !KEY.test(key)) {
    throw new Error(
      `object key of ${key.length} characters is not allowed; give parts of A-Z, a-z, 0-9, ".", "_" and "-", ` +
        `joined by "/", ${MAX_KEY_LENGTH} characters at most`,
    );
  }
}
