/** Rights that are taken away while sockets are open, over two instances: every way to do it, every kind of socket. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { hlcOfMs } from '../shared/base/hlc.ts';
import { type DeviceId, newId } from '../shared/base/ids.ts';
import { encodeBatch } from '../shared/protocol/batch.ts';
import { encodeCommit } from '../shared/protocol/commit.ts';
import { decodeFrameFromRelay, encodeFrame, PROTOCOL_VERSION, SUBPROTOCOL } from '../shared/protocol/wire.ts';
import type { Relay } from './relay.ts';
import { TEST_PASSWORD } from './testing/test-server.ts';
import { openWholeRelay, type WholeRelay } from './testing/whole-relay.ts';

const DOCUMENT = 'work/2026-11';
const DEVICE = 'TAKENAWY';

let whole: WholeRelay;
let instances: Relay[];
let admin: string;
test.before(async () => {
  whole = await openWholeRelay({
    role: 'relay',
    prepare: async ({ services: { accounts } }) => {
      if ((await accounts.list('one')).length > 0) return;
      for (const name of ['admin', 'writer', 'reader'])
        await accounts.create({ workspace: 'one', name, role: name, password: TEST_PASSWORD });
    },
  });
  instances = [whole.relay, await whole.openAnother()];
  admin = await tokenOf('admin');
});
test.after(() => whole.close());

interface Case {
  readonly title: string;
  /** The token names this device; else the replica says it in its hello. */
  readonly isBound?: true;
  /** Cuts only sockets of the device. */
  readonly isOfDevice?: true;
  readonly takeAway: (user: string, token: string) => Promise<{ status: number }>;
}

const CASES: readonly Case[] = [
  {
    title: 'the user is disabled',
    takeAway: (user) => call(0, 'PATCH', `/api/users/${user}`, admin, { disabled: true }),
  },
  {
    title: 'the role changes',
    takeAway: (user) => call(0, 'PATCH', `/api/users/${user}`, admin, { role: 'reader' }),
  },
  {
    title: 'an administrator resets the password',
    takeAway: (user) =>
      call(0, 'POST', `/api/users/${user}/password`, admin, { password: 'otra clave larga' }),
  },
  {
    title: 'the user changes the password',
    takeAway: (_, token) =>
      call(0, 'POST', '/api/session/password', token, {
        password: TEST_PASSWORD,
        next: 'otra clave larga',
      }),
  },
  {
    title: 'the second factor is removed',
    takeAway: (user) => call(0, 'DELETE', `/api/users/${user}/second-factor`, admin),
  },
  {
    title: 'an administrator ends all sessions',
    takeAway: (user) => call(0, 'DELETE', `/api/users/${user}/sessions`, admin),
  },
  {
    title: 'the user signs out everywhere',
    takeAway: (_, token) => call(0, 'DELETE', '/api/session?everywhere=true', token),
  },
  {
    title: 'the device is revoked that the token is bound to',
    isBound: true,
    takeAway: () => call(0, 'POST', `/api/devices/${DEVICE}/revoke`, admin, {}),
  },
  {
    title: 'the device is revoked that only the replica named',
    isOfDevice: true,
    takeAway: () => call(0, 'POST', '/api/devices/ONLYSAID/revoke', admin, {}),
  },
];

CASES.forEach(({ title, isBound, isOfDevice, takeAway }, index) => {
  test(`[ID-4] ${title}: open sockets of every instance are cut, and nobody else's`, async () => {
    const user = `leaver${index}`;
    const account = { name: user, role: 'writer', password: TEST_PASSWORD };
    assert.is((await call(0, 'POST', '/api/users', admin, account)).status, 201);
    const token = await tokenOf(user, isBound ? DEVICE : undefined);
    const device = isOfDevice ? 'ONLYSAID' : isBound ? DEVICE : 'WHATEVER';
    if (isOfDevice) await tokenOf('reader', device); // somebody else signed in on it before
    const sockets = await Promise.all(
      [0, 1].flatMap((at) => [replica(at, token, device), ...(isOfDevice ? [] : [stock(at, token)])]),
    );
    const bystanders = await Promise.all(
      [0, 1].map(async (at) => replica(at, await tokenOf('writer'), 'BYSTANDR')),
    );
    const closed = sockets.map(closeOf);

    const askedAtMs = performance.now();
    assert.is((await takeAway(user, token)).status, 200);

    const ends = await Promise.all(closed);
    assert.equal(
      ends.map(({ code }) => code),
      sockets.map(() => 4401),
    );
    // A machine under load takes its time: how long it may take is revocation.bench.ts's to say.
    const slowestMs = Math.max(...ends.map(({ atMs }) => atMs - askedAtMs));
    console.log(`        cut ${Math.round(slowestMs)} ms after the request`);
    for (const at of [0, 1]) {
      assert.is((await closeOf(await refused(at, token, device))).code, 4401, 'nor does it come back');
      assert.is(bystanders[at]!.readyState, WebSocket.OPEN);
      bystanders[at]!.terminate();
    }
  });
});

test('[ID-4] what a revoked device wrote is not taken from a token without a device, but from an administrator', async () => {
  await tokenOf('writer', 'LOSTLOST');
  await call(0, 'POST', '/api/devices/LOSTLOST/revoke', admin, {});

  const answer = await batch(await tokenOf('writer'), 'LOSTLOST');
  assert.equal(
    answer.rejected.map(({ code, retry }) => [code, retry]),
    [['revoked', false]],
  );
  assert.is((await batch(admin, 'LOSTLOST')).accepted.length, 1);
});

// biome-ignore lint/suspicious/noExplicitAny: a test's assertion is the check
type Body = any;

async function call(
  at: number,
  method: string,
  path: string,
  token: string | undefined,
  body?: object,
): Promise<{ status: number; body: Body }> {
  const answer = await fetch(instances[at]!.url + path, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

async function tokenOf(user: string, device?: string): Promise<string> {
  const login = { workspace: 'one', user, password: TEST_PASSWORD, ...(device && { device }) };
  return (await call(0, 'POST', '/api/session', undefined, login)).body.token;
}

/** Resolves once the relay holds it: after its welcome. */
async function replica(at: number, token: string, device: string): Promise<WebSocket> {
  const socket = await refused(at, token, device);
  await new Promise<void>((resolve, reject) => {
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.on('message', (message: Buffer) => {
      const frame = decodeFrameFromRelay(new Uint8Array(message));
      if (frame.kind === 'control' && frame.message.type === 'level') resolve();
    });
  });
  return socket;
}

/** Says hello and waits for nothing. */
async function refused(at: number, token: string, device: string): Promise<WebSocket> {
  const socket = new WebSocket(`${instances[at]!.url.replace('http', 'ws')}/sync/one?token=${token}`, [
    SUBPROTOCOL,
  ]);
  socket.once('open', () => {
    const hello = { type: 'hello', protocol: PROTOCOL_VERSION, device, schema: 1, positions: [] } as const;
    socket.send(encodeFrame({ kind: 'control', message: hello }));
  });
  return socket;
}

/** Resolves once the relay has said something on it. */
function stock(at: number, token: string): Promise<WebSocket> {
  const url = `${instances[at]!.url.replace('http', 'ws')}/sync/one/${DOCUMENT}?token=${token}`;
  const socket = new WebSocket(url);
  return new Promise((resolve, reject) => {
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.once('message', () => resolve(socket));
  });
}

/** A cut comes with a notification, or with the poll a second later; this many polls are as good as never. */
const NEVER_MS = 20_000;

function closeOf(socket: WebSocket): Promise<{ code: number; atMs: number }> {
  return new Promise((resolve, reject) => {
    const never = setTimeout(() => reject(new Error('the socket was not cut')), NEVER_MS);
    socket.once('close', (code) => {
      clearTimeout(never);
      resolve({ code, atMs: performance.now() });
    });
  });
}

async function batch(
  token: string,
  device: string,
): Promise<{ accepted: { id: string }[]; rejected: { code: string; retry: boolean }[] }> {
  const doc = new Y.Doc();
  doc.getMap('free').set('a', 1);
  const commit = encodeCommit({
    id: newId(),
    device: device as DeviceId,
    hlc: hlcOfMs(Date.now()),
    schema: 1,
    label: 'test',
    parts: [{ document: DOCUMENT, update: Y.encodeStateAsUpdate(doc) }],
  });
  const answer = await fetch(`${instances[1]!.url}/api/sync/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: encodeBatch([commit]) as Uint8Array<ArrayBuffer>,
  });
  return (await answer.json()) as never;
}

test.run();
