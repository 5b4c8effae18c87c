import { createHash, randomBytes } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { S3Store } from '../objects/s3-store.ts';
import { openTestS3, type TestS3 } from '../testing/s3.ts';
import { openTestServer, type TestServer } from '../testing/test-server.ts';

let s3: TestS3;
let server: TestServer;
test.before(async () => {
  s3 = await openTestS3();
  server = await openTestServer({ objects: new S3Store(s3.options) });
});
test.after(async () => {
  await server.close();
  await s3.close();
});

test('with S3 a photo goes straight there and comes straight from there, and the relay has looked at it', async () => {
  const token = await server.token('writer');
  const photo = new Uint8Array(randomBytes(5_000));
  const { direct } = (await announce(token, photo)).body;

  const put = await fetch(direct.url, { method: 'PUT', headers: direct.headers, body: photo });
  assert.is(put.status, 200);
  assert.is((await server.call('GET', pathOf(photo), { token })).status, 404, 'not before it was looked at');
  assert.is((await complete(token, photo)).status, 200);

  const { url } = (await server.call('GET', pathOf(photo), { token })).body;
  assert.ok(url.startsWith(s3.options.endpoint!));
  assert.ok(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(photo));
});

test('another content at the address is found, removed, and the upload starts again', async () => {
  const token = await server.token('writer');
  const photo = new Uint8Array(randomBytes(5_000));
  const { direct } = (await announce(token, photo)).body;
  await fetch(direct.url, {
    method: 'PUT',
    headers: direct.headers,
    body: new Uint8Array(randomBytes(5_000)),
  });

  assert.is((await complete(token, photo)).body.code, 'other-content');
  const again = (await announce(token, photo)).body;
  await fetch(again.direct.url, { method: 'PUT', headers: again.direct.headers, body: photo });
  assert.is((await complete(token, photo)).status, 200);
});

test('an address cannot be used to replace what is stored', async () => {
  const token = await server.token('writer');
  const photo = new Uint8Array(randomBytes(5_000));
  const { direct } = (await announce(token, photo)).body;
  await fetch(direct.url, { method: 'PUT', headers: direct.headers, body: photo });

  const replaced = await fetch(direct.url, {
    method: 'PUT',
    headers: direct.headers,
    body: new Uint8Array(5_000),
  });
  assert.is(replaced.status, 412);
  assert.is((await complete(token, photo)).status, 200);
});

test('parts through the relay work with S3 too', async () => {
  const token = await server.token('writer');
  const photo = new Uint8Array(randomBytes(1_000));
  await announce(token, photo);
  await server.call('PUT', `${pathOf(photo)}/parts/0`, { token, body: photo });

  assert.is((await complete(token, photo)).status, 200);
});

function pathOf(content: Uint8Array): string {
  return `/api/objects/work/${createHash('sha256').update(content).digest('hex')}`;
}

function announce(token: string, content: Uint8Array) {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const body = { family: 'work', sha256, bytes: content.length, contentType: 'image/jpeg' };
  return server.call('POST', '/api/objects', { token, body });
}

function complete(token: string, content: Uint8Array) {
  return server.call('POST', `${pathOf(content)}/complete`, { token, body: {} });
}

test.run();
