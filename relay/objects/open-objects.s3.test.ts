import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../config.ts';
import { errorOf } from '../testing/error-of.ts';
import { openTestS3, type TestS3 } from '../testing/s3.ts';
import { openObjects } from './open-objects.ts';

const test = suite('open-objects');

test('a bucket that is not there ends the start with a message that names it', async () => {
  await withS3(async ({ options }) => {
    const error = await errorOf(open({ ...options, bucket: 'another-bucket' }));

    assert.instance(error, ConfigError);
    assert.match(
      error.message,
      /^S3_BUCKET is "another-bucket", which cannot be used \(NoSuchBucket\); look/,
    );
  });
});

test('[SNAP-5] an S3 that does not answer, or answers that it cannot, keeps nobody from starting', async () => {
  await withS3(async (s3) => {
    s3.faults = () => ({ kind: 'status', status: 503, code: 'ServiceUnavailable' });
    const store = await open(s3.options);
    s3.faults = () => undefined;

    assert.is(await store.putIfAbsent('k', Uint8Array.of(1)), 'created');
    store.close();
    (await open({ bucket: 'any', endpoint: 'http://127.0.0.1:9' })).close();
  });
});

test('a DATA_DIR where no folder can be made ends the start with a message that names it', async () => {
  const file = join(tmpdir(), `espejo-test-file-${process.pid}`);
  await writeFile(file, 'a file');
  try {
    const error = await errorOf(openObjects({ s3: undefined, dataDir: file }));

    assert.instance(error, ConfigError);
    assert.is(
      error.message,
      `DATA_DIR is "${file}", where nothing can be kept (ENOTDIR); give a folder that this user may write`,
    );
  } finally {
    await rm(file);
  }
});

test.run();

async function withS3(run: (s3: TestS3) => Promise<void>): Promise<void> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  const s3 = await openTestS3();
  // As on a machine of ours: the SDK finds them in the environment.
  process.env.AWS_ACCESS_KEY_ID = s3.options.credentials!.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = s3.options.credentials!.secretAccessKey;
  try {
    await run(s3);
  } finally {
    restore('AWS_ACCESS_KEY_ID', AWS_ACCESS_KEY_ID);
    restore('AWS_SECRET_ACCESS_KEY', AWS_SECRET_ACCESS_KEY);
    await s3.close();
  }
}

function open({ bucket, endpoint }: { readonly bucket: string; readonly endpoint?: string }) {
  return openObjects({ s3: { bucket, endpoint, region: 'us-east-1' }, dataDir: tmpdir() });
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
