import { createHash, randomBytes } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTestServer, type TestServer } from '../testing/test-server.ts';
import { PART_BYTES } from './objects.ts';

let server: TestServer;
let nowMs = Date.now();
test.before(async () => {
  server = await openTestServer({ nowMs: () => nowMs });
});
test.after(() => server.close());

test('an object is announced, sent in parts after a break, completed, and read by a signed address', async () => {
  const token = await server.token('writer');
  const photo = randomBytes(PART_BYTES + 1000);
  const announced = await announce(token, photo);
  assert.equal(announced.body, { stored: false, partBytes: PART_BYTES, parts: [] });

  await sendPart(token, photo, 1);
  assert.equal((await announce(token, photo)).body.parts, [1], 'where to go on');
  assert.is((await complete(token, photo)).body.code, 'part-missing');
  await sendPart(token, photo, 0);
  assert.is((await complete(token, photo)).status, 200);

  assert.is((await announce(token, photo)).body.stored, true);
  const address = (await server.call('GET', pathOf(photo), { token: await server.token('reader') })).body;
  const content = await fetch(server.url + address.url);
  assert.is(content.headers.get('content-type'), 'image/jpeg');
  assert.match(content.headers.get('content-security-policy') ?? '', 'sandbox');
  assert.ok(Buffer.from(await content.arrayBuffer()).equals(photo));
});

test('content that does not have its name is refused and forgotten', async () => {
  const token = await server.token('writer');
  const photo = randomBytes(1000);
  await announce(token, photo);
  await server.call('PUT', `${pathOf(photo)}/parts/0`, { token, body: new Uint8Array(randomBytes(1000)) });

  assert.is((await complete(token, photo)).body.code, 'other-content');
  assert.equal((await announce(token, photo)).body.parts, []);
  await sendPart(token, photo, 0);
  assert.is((await complete(token, photo)).status, 200);
});

test('an address expires, and no part of it can be changed', async () => {
  const token = await server.token('writer');
  const photo = await store(token, randomBytes(100));
  const other = await store(token, randomBytes(100));
  const { url } = (await server.call('GET', pathOf(photo), { token })).body;
  const status = async (path: string) => (await fetch(server.url + path)).status;

  assert.is(await status(url), 200);
  assert.is(await status(url.replace(hashOf(photo), hashOf(other))), 403);
  assert.is(await status(url.replace('workspace=one', 'workspace=two')), 403);
  assert.is(await status(url.replace(/expires=\d/, 'expires=9')), 403);
  assert.is(await status(url.replace(/signature=.*/, 'signature=')), 403);
  nowMs += 5 * 60_000 + 1;
  assert.is(await status(url), 403);
});

test('who may not write a family cannot upload to it, who may not read it gets no address', async () => {
  const photo = await store(await server.token('writer'), randomBytes(100));

  assert.is((await announce(await server.token('reader'), photo)).status, 403);
  assert.is((await server.call('GET', pathOf(photo), { token: await server.token('nobody') })).status, 403);
  assert.is((await announce(await server.token('writer'), photo, { family: 'admin' })).status, 403);
});

test('knowing the hash of an object of another workspace gives nothing of it', async () => {
  const photo = await store(await server.token('writer', 'one'), randomBytes(100));
  const stranger = await server.token('writer', 'two');

  assert.is((await server.call('GET', pathOf(photo), { token: stranger })).status, 404);
  assert.equal((await announce(stranger, photo)).body, { stored: false, partBytes: PART_BYTES, parts: [] });
  assert.is((await complete(stranger, photo)).body.code, 'part-missing');
});

test('types that a browser would run, sizes above the limit, odd names and wrong part sizes are refused', async () => {
  const token = await server.token('writer');
  const photo = randomBytes(100);

  assert.is((await announce(token, photo, { contentType: 'text/html' })).status, 400);
  assert.is((await announce(token, photo, { contentType: 'image/svg+xml' })).status, 400);
  assert.is((await announce(token, photo, { bytes: 1e9 })).status, 413);
  assert.is((await announce(token, photo, { sha256: '../../etc/passwd' })).status, 400);
  assert.is((await announce(token, photo, { family: '../admin' })).status, 400);
  await announce(token, photo);
  const part = (number: number | string, bytes: number) =>
    server.call('PUT', `${pathOf(photo)}/parts/${number}`, { token, body: new Uint8Array(bytes) });
  assert.is((await part(0, 99)).status, 400);
  assert.is((await part(1, 100)).status, 400);
  assert.is((await part('..%2f0', 100)).status, 400);
  assert.is((await part(0, PART_BYTES + 1)).status, 413);
});

function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function pathOf(content: Uint8Array): string {
  return `/api/objects/work/${hashOf(content)}`;
}

function announce(token: string, content: Uint8Array, change: object = {}) {
  return server.call('POST', '/api/objects', {
    token,
    body: {
      family: 'work',
      sha256: hashOf(content),
      bytes: content.length,
      contentType: 'image/jpeg',
      ...change,
    },
  });
}

function sendPart(token: string, content: Uint8Array, part: number) {
  const body = new Uint8Array(content.subarray(part * PART_BYTES, (part + 1) * PART_BYTES));
  return server.call('PUT', `${pathOf(content)}/parts/${part}`, { token, body });
}

function complete(token: string, content: Uint8Array) {
  return server.call('POST', `${pathOf(content)}/complete`, { token, body: {} });
}

async function store(token: string, content: Uint8Array): Promise<Uint8Array> {
  await announce(token, content);
  await sendPart(token, content, 0);
  await complete(token, content);
  return content;
}

test.run();
