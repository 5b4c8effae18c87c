/**
 * Objects in S3, or in whatever speaks its protocol. The conditional create is `If-None-Match: *`: 412 means the
 * key is taken, 409 that another write of the same key is in flight, which is asked again [OBJ-2].
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  assertKey,
  type DirectUpload,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from './object-store.ts';

export interface S3Options {
  readonly bucket: string;
  /** Put before every key, so that several installations can share a bucket: `espejo/`. */
  readonly prefix?: string;
  readonly region?: string;
  /** Another S3 than Amazon's: `http://localhost:9000`. */
  readonly endpoint?: string;
  /** Absent: the SDK's own chain (environment, instance role). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** A request without an answer for this long is tried again. */
  readonly requestTimeoutMs?: number;
  /** Tries of one request at 5xx, throttling and broken connections. */
  readonly attempts?: number;
  readonly wait?: (ms: number) => Promise<void>;
}

/** One S3 stall is some seconds; a snapshot of 25 MB takes two on a slow line. */
const REQUEST_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;
const ATTEMPTS = 4;
/** A start does not wait longer to hear that its bucket is a wrong one. */
const PROBE_MS = 5_000;
/** A racing write is over within its own upload; 8 tries wait about 13 s in all. */
const CONFLICT_ATTEMPTS = 8;
const CONFLICT_WAIT_MS = 100;

export class S3Store implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #wait: (ms: number) => Promise<void>;

  constructor(options: S3Options) {
    this.#bucket = options.bucket;
    this.#prefix = options.prefix ?? '';
    this.#wait = options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.#client = new S3Client({
      region: options.region ?? 'us-east-1',
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, forcePathStyle: true }),
      ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
      maxAttempts: options.attempts ?? ATTEMPTS,
      requestHandler: {
        requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
        connectionTimeout: CONNECT_TIMEOUT_MS,
      },
      // Streamed checksums are chunk framing that not every S3 understands; whoever cares compares SHA-256.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async putIfAbsent(key: string, bytes: Uint8Array, options?: PutOptions): Promise<'created' | 'exists'> {
    assertKey(key);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#client.send(
          new PutObjectCommand({
            Bucket: this.#bucket,
            Key: this.#prefix + key,
            Body: bytes,
            ContentLength: bytes.length,
            ContentType: options?.contentType ?? 'application/octet-stream',
            IfNoneMatch: '*',
          }),
        );
        return 'created';
      } catch (error) {
        if (statusOf(error) === 412) return 'exists';
        if (statusOf(error) !== 409 || attempt === CONFLICT_ATTEMPTS) throw error;
        await this.#wait(CONFLICT_WAIT_MS * 2 ** (attempt - 1));
      }
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    assertKey(key);
    const answer = await this.#client
      .send(new GetObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + key }))
      .catch(undefinedWhenMissing);
    if (answer === undefined) return undefined;
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array(0);
    if (answer.ContentLength !== undefined && bytes.length !== answer.ContentLength) {
      throw new Error(`object store sent ${bytes.length} of ${answer.ContentLength} bytes; try again`);
    }
    return bytes;
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    assertKey(key);
    const answer = await this.#client
      .send(new HeadObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + key }))
      .catch(undefinedWhenMissing);
    return (
      answer && { key, bytes: answer.ContentLength ?? 0, storedAtMs: answer.LastModified?.getTime() ?? 0 }
    );
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket, Prefix: this.#prefix + prefix },
    );
    for await (const page of pages) {
      for (const entry of page.Contents ?? []) {
        yield {
          key: entry.Key!.slice(this.#prefix.length),
          bytes: entry.Size ?? 0,
          storedAtMs: entry.LastModified?.getTime() ?? 0,
        };
      }
    }
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    await this.#client
      .send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + key }))
      .catch(undefinedWhenMissing);
  }

  async downloadUrl(key: string, expiresInMs: number): Promise<string> {
    assertKey(key);
    return getSignedUrl(
      this.#client,
      new GetObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + key }),
      { expiresIn: Math.ceil(expiresInMs / 1000) },
    );
  }

  async uploadUrl(key: string, expiresInMs: number, contentType: string): Promise<DirectUpload> {
    assertKey(key);
    const url = await getSignedUrl(
      this.#client,
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: this.#prefix + key,
        ContentType: contentType,
        IfNoneMatch: '*',
      }),
      {
        expiresIn: Math.ceil(expiresInMs / 1000),
        signableHeaders: new Set(['content-type', 'if-none-match', 'host']),
      },
    );
    return { url, headers: { 'content-type': contentType, 'if-none-match': '*' } };
  }

  /** What S3 or the SDK says against this bucket, or that nobody answers soon; undefined when it can be read. */
  async probe(): Promise<unknown> {
    try {
      const command = new GetObjectCommand({ Bucket: this.#bucket, Key: `${this.#prefix}probe` });
      await this.#client.send(command, { abortSignal: AbortSignal.timeout(PROBE_MS) });
      return undefined;
    } catch (error) {
      return statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket' ? undefined : error;
    }
  }

  close(): void {
    this.#client.destroy();
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function undefinedWhenMissing(error: unknown): undefined {
  // A bucket that is not there is a mistake in the configuration, not a missing object.
  if (statusOf(error) === 404 && (error as S3ServiceException).name !== 'NoSuchBucket') return undefined;
  throw error;
}
