/**
 * An S3 for tests: s3rver, which ignores conditional headers, behind a middleware that does not. A PUT with
 * `If-None-Match: *` runs alone per key and answers 412 when the key is taken. `faults` may break any request.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
// @ts-expect-error: s3rver has no types; S3rverInternals below says what is used of it.
import S3rver from 's3rver';
import type { S3Options } from '../objects/s3-store.ts';

export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  /** The request is carried out, but its answer is lost. */
  | { readonly kind: 'answer-lost' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** Half of the body, then the connection breaks. */
  | { readonly kind: 'torn' }
  /** The whole length, but one byte is another. */
  | { readonly kind: 'corrupt' }
  /** Answered as done, and half of it is kept: a disk that lies. */
  | { readonly kind: 'half-stored' };

export interface TestS3 {
  readonly options: S3Options;
  /** Requests seen, as `PUT key`. */
  readonly requests: string[];
  /** Asked for each request; what it returns happens to it. */
  faults: (method: string, key: string) => Fault | undefined;
  close(): Promise<void>;
}

const BUCKET = 'espejo-test';

export async function openTestS3(): Promise<TestS3> {
  const directory = await mkdtemp(join(tmpdir(), 'espejo-s3-'));
  const s3rver = new S3rver({
    directory,
    silent: true,
    vhostBuckets: false,
    configureBuckets: [{ name: BUCKET, configs: [] }],
  }) as S3rverInternals;
  const halved = new Set<string>();
  storeWholeObjects(s3rver, (key) => halved.delete(key));
  listInByteOrder(s3rver);
  await s3rver.configureBuckets();

  const serve = s3rver.callback();
  const tails = new Map<string, Promise<void>>();
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const key = decodeURIComponent(new URL(request.url ?? '/', 'http://s3').pathname).slice(
      BUCKET.length + 2,
    );
    requests.push(`${method} ${key}`);
    const fault = s3.faults(method, key);
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault?.kind === 'status') return refuse(request, response, fault.status, fault.code);
    if (fault?.kind === 'answer-lost') hideAnswer(request, response);
    if (fault?.kind === 'torn' || fault?.kind === 'corrupt') damageAnswer(response, fault.kind);
    if (fault?.kind === 'half-stored' && method === 'PUT') halved.add(key);
    if (method !== 'PUT' || request.headers['if-none-match'] !== '*') return void serve(request, response);

    const before = tails.get(key) ?? Promise.resolve();
    const mine = before.then(async () => {
      if (await s3rver.store.existsObject(BUCKET, key)) {
        return refuse(request, response, 412, 'PreconditionFailed');
      }
      const done = new Promise<void>((resolve) => response.once('close', resolve));
      serve(request, response);
      await done;
    });
    tails.set(
      key,
      mine.catch(() => {}),
    );
    await mine;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const s3: TestS3 = {
    options: {
      bucket: BUCKET,
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    },
    requests,
    faults: () => undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      s3rver.logger.exceptions.unhandle();
      s3rver.logger.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return s3;
}

async function refuse(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  status: number,
  code: string,
): Promise<void> {
  await text(request);
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  );
}

/** Lets the server do its work, then breaks the connection instead of answering. */
function hideAnswer(request: http.IncomingMessage, response: http.ServerResponse): void {
  response.write = () => true;
  response.end = () => {
    request.socket.destroy();
    return response;
  };
}

function damageAnswer(response: http.ServerResponse, kind: 'torn' | 'corrupt'): void {
  const write = response.write.bind(response) as (chunk: Buffer) => boolean;
  response.write = (chunk: Buffer) => {
    if (kind === 'corrupt') {
      const copy = Buffer.from(chunk);
      copy[copy.length >> 1]! ^= 0xff;
      return write(copy);
    }
    write(chunk.subarray(0, chunk.length >> 1));
    setImmediate(() => response.destroy());
    return true;
  };
}

/** s3rver answers a PUT before its file is flushed, so that a read right after it can be short. */
function storeWholeObjects(s3rver: S3rverInternals, isHalved: (key: string) => boolean): void {
  const { store } = s3rver;
  store.putObject = async (object) => {
    const chunks: Buffer[] = [];
    if (Buffer.isBuffer(object.content)) chunks.push(object.content);
    else for await (const chunk of object.content) chunks.push(chunk);
    const whole = Buffer.concat(chunks);
    const bytes = isHalved(object.key) ? whole.subarray(0, whole.length >> 1) : whole;
    const path = store.getResourcePath(object.bucket, object.key, 'object');
    const md5 = createHash('md5').update(bytes).digest('hex');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, bytes);
    await rename(`${path}.part`, path);
    await store.putMetadata(object.bucket, object.key, object.metadata, md5);
    return { size: bytes.length, md5 };
  };
}

/** s3rver lists in the order of its folders: `s/1` before `s-1`. */
function listInByteOrder({ store }: S3rverInternals): void {
  const listObjects = store.listObjects.bind(store);
  store.listObjects = async (bucket, options) => {
    const result = await listObjects(bucket, options);
    result.objects.sort((one, other) => (one.key < other.key ? -1 : 1));
    return result;
  };
}

interface S3rverInternals {
  readonly store: {
    listObjects(bucket: string, options: unknown): Promise<{ objects: { key: string }[] }>;
    existsObject(bucket: string, key: string): Promise<boolean>;
    getResourcePath(bucket: string, key: string, resource: string): string;
    putMetadata(bucket: string, key: string, metadata: unknown, md5: string): Promise<void>;
    putObject(object: {
      bucket: string;
      key: string;
      metadata: unknown;
      content: Buffer | AsyncIterable<Buffer>;
    }): Promise<{ size: number; md5: string }>;
  };
  readonly logger: { exceptions: { unhandle(): void }; close(): void };
  configureBuckets(): Promise<void>;
  callback(): (request: http.IncomingMessage, response: http.ServerResponse) => void;
}
