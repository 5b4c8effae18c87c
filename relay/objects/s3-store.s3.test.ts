import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as assert from 'uvu/assert';
import { openTestS3, type TestS3 } from '../testing/s3.ts';
import { testObjectStoreContract } from './object-store.contract.ts';
import { S3Store } from './s3-store.ts';

const test = testObjectStoreContract('objects in S3', async () => {
  const s3 = await openTestS3();
  return { store: new S3Store(s3.options), close: () => s3.close() };
});

test('the real SDK writes, reads back and lists what the store sees, and the other way round', async () => {
  await withS3(async (s3, store) => {
    const client = new S3Client({
      region: 'us-east-1',
      endpoint: s3.options.endpoint!,
      forcePathStyle: true,
      credentials: s3.options.credentials!,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    const Bucket = s3.options.bucket;

    await client.send(new PutObjectCommand({ Bucket, Key: 'sdk/one', Body: 'written by the SDK' }));
    await store.putIfAbsent('sdk/two', new TextEncoder().encode('written by the store'));

    assert.is(new TextDecoder().decode(await store.get('sdk/one')), 'written by the SDK');
    const two = await client.send(new GetObjectCommand({ Bucket, Key: 'sdk/two' }));
    assert.is(await two.Body!.transformToString(), 'written by the store');
    const listed = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'sdk/' }));
    assert.equal(
      listed.Contents?.map(({ Key, Size }) => [Key, Size]),
      [
        ['sdk/one', 18],
        ['sdk/two', 20],
      ],
    );
    client.destroy();
  });
});

test('[OBJ-2] 409 is asked again until the racing write is over', async () => {
  await withS3(async (s3, store) => {
    let conflicts = 3;
    s3.faults = () =>
      conflicts-- > 0 ? { kind: 'status', status: 409, code: 'ConditionalRequestConflict' } : undefined;

    assert.is(await store.putIfAbsent('k', Uint8Array.of(1)), 'created');

    assert.equal(s3.requests, Array(4).fill('PUT k'));
  });
});

test('[OBJ-2] 409 without end is an outage, not an endless loop', async () => {
  await withS3(async (s3, store) => {
    s3.faults = () => ({ kind: 'status', status: 409, code: 'ConditionalRequestConflict' });

    const error = await store.putIfAbsent('k', Uint8Array.of(1)).catch((reason) => reason);

    assert.is(error.name, 'ConditionalRequestConflict');
    assert.is(s3.requests.length, 8);
  });
});

test('503 is tried again', async () => {
  await withS3(async (s3, store) => {
    let failures = 1;
    s3.faults = () => (failures-- > 0 ? { kind: 'status', status: 503, code: 'SlowDown' } : undefined);

    assert.is(await store.putIfAbsent('k', Uint8Array.of(1)), 'created');
  });
});

test('[OBJ-2] a write whose answer was lost is there once, and reads back', async () => {
  await withS3(async (s3, store) => {
    let lost = 1;
    s3.faults = () => (lost-- > 0 ? { kind: 'answer-lost' } : undefined);

    assert.is(await store.putIfAbsent('k', Uint8Array.of(5)), 'exists');

    assert.equal([...(await store.get('k'))!], [5]);
  });
});

test('[OBJ-1] a read that breaks off throws instead of giving half', async () => {
  await withS3(async (s3, store) => {
    await store.putIfAbsent('k', new Uint8Array(200_000).fill(3));
    s3.faults = (method) => (method === 'GET' ? { kind: 'torn' } : undefined);

    const outcome = await store.get('k').catch(() => 'threw');

    assert.is(outcome, 'threw');
  });
});

test('a bucket that does not exist is an error, never an empty store', async () => {
  await withS3(async (s3) => {
    const store = new S3Store({ ...s3.options, bucket: 'no-such-bucket' });

    const error = await store.get('k').catch((reason) => reason);

    assert.is(error.name, 'NoSuchBucket');
    store.close();
  });
});

test('a signed address gives the object without credentials', async () => {
  await withS3(async (s3, store) => {
    await store.putIfAbsent('p/photo', Uint8Array.of(9, 8));

    const url = await store.downloadUrl('p/photo', 60_000);

    assert.match(url, /X-Amz-Expires=60/);
    assert.ok(url.startsWith(s3.options.endpoint!));
  });
});

async function withS3(run: (s3: TestS3, store: S3Store) => Promise<void>): Promise<void> {
  const s3 = await openTestS3();
  const store = new S3Store({ ...s3.options, wait: async () => {} });
  try {
    await run(s3, store);
  } finally {
    store.close();
    await s3.close();
  }
}

test.run();
