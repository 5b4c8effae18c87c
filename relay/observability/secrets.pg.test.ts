/**
 * A relay with everything in it, at its most talkative, is driven through HTTP, sockets, polls, uploads, the report and
 * mistakes of all kinds; no line of its log holds a token, a password, a code or what somebody wrote.
 */
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { hlcOfMs } from '../../shared/base/hlc.ts';
import { type DeviceId, newId } from '../../shared/base/ids.ts';
import { bucketOfMs } from '../../shared/documents/bucket.ts';
import { encodeBatch } from '../../shared/protocol/batch.ts';
import { encodeCommit } from '../../shared/protocol/commit.ts';
import { encodeFrame, PROTOCOL_VERSION, SUBPROTOCOL } from '../../shared/protocol/wire.ts';
import { recordKey } from '../../shared/registers/key.ts';
import { until } from '../../shared/testing/until.ts';
import type { Relay } from '../relay.ts';
import { openWholeRelay } from '../testing/whole-relay.ts';
import { createLogger } from './log.ts';

const PASSWORD = 'swordfish-in-the-well';
const WRONG_PASSWORD = 'herring-on-the-roof';
const ROW_VALUE = 'plate-9999-XYZ';
const BAD_VALUE = 'unreadable-8888-XYZ';
const CONTENT = new TextEncoder().encode('photo-of-7777-XYZ');
const DOCUMENT = `work/${bucketOfMs(Date.now())}`;
const DEVICE = 'SECRETS1' as DeviceId;

test('no line of the log holds a token, a password or what somebody wrote', async () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'trace', destination: { write: (line) => lines.push(line) } });
  const { relay, database, close } = await openWholeRelay({
    logger,
    prepare: async ({ services: { accounts } }) => {
      await accounts.create({ workspace: 'one', name: 'admin', role: 'admin', password: PASSWORD });
    },
  });
  try {
    const { token, refreshToken } = (await call(relay, 'POST', '/api/session', {
      body: { workspace: 'one', user: 'admin', password: PASSWORD, device: DEVICE },
    })) as { token: string; refreshToken: string };
    await driveHttp(relay, token, refreshToken);
    await driveSockets(relay, token);
    await until(
      async () =>
        (await database.pool.query('select from report.notes where body = $1', [ROW_VALUE])).rowCount === 1,
    );
    await until(async () => (await database.pool.query('select from espejo.quarantine')).rowCount! > 0);

    const secrets = [
      token,
      token.split('.')[2]!,
      refreshToken,
      PASSWORD,
      WRONG_PASSWORD,
      ROW_VALUE,
      BAD_VALUE,
    ];
    const text = lines.join('');
    assert.ok(lines.length > 15, `${lines.length} lines`);
    for (const secret of [...secrets, 'photo-of-7777', 'Bearer', 'bearer.', 'scrypt$', 'token='])
      assert.not.match(text, secret);
    for (const line of lines) assert.type(JSON.parse(line).level, 'string');
  } finally {
    await close();
  }
});

async function driveHttp(relay: Relay, token: string, refreshToken: string): Promise<void> {
  const wrong = { workspace: 'one', user: 'admin', password: WRONG_PASSWORD };
  await call(relay, 'POST', '/api/session', { body: wrong });
  await call(relay, 'POST', '/api/session', { body: { ...wrong, password: [WRONG_PASSWORD] } });
  await call(relay, 'POST', '/api/session/refresh', { body: { refreshToken, device: DEVICE } });
  await call(relay, 'GET', `/api/session?token=${token}`, {});
  await call(relay, 'GET', `/api/nothing/${ROW_VALUE}?q=${ROW_VALUE}`, { token });
  await call(relay, 'GET', `/api/documents/${ROW_VALUE}`, { token });
  await call(relay, 'GET', `/api/reports/notes?body=${ROW_VALUE}`, { token });
  await call(relay, 'POST', '/api/users', {
    token,
    body: { name: 'ana', displayName: ROW_VALUE, role: 'reader', password: WRONG_PASSWORD },
  });
  await call(relay, 'POST', '/api/join', { body: { code: 'SECRETCD' } });
  const sha256 = createHash('sha256').update(CONTENT).digest('hex');
  const announced = { family: 'work', sha256, bytes: CONTENT.length, contentType: 'image/png' };
  await call(relay, 'POST', '/api/objects', { token, body: announced });
  await call(relay, 'PUT', `/api/objects/work/${sha256}/parts/0`, { token, body: CONTENT });
  await call(relay, 'POST', `/api/objects/work/${sha256}/complete`, { token, body: {} });
  const readable = noteCommit(ROW_VALUE, (doc, at) =>
    doc.getMap('notes').set(recordKey(newId(), DEVICE), [at, 0, { body: ROW_VALUE }]),
  );
  // A register of another device: the materializer sets it aside.
  const foreign = noteCommit(BAD_VALUE, (doc, at) =>
    doc.getMap('notes').set(recordKey(newId(), 'SOMEBODY'), [at, 0, { body: BAD_VALUE }]),
  );
  const ahead = noteCommit(ROW_VALUE, (doc) => doc.getMap('notes').set('x', ROW_VALUE), 600_000);
  const batch = encodeBatch([readable, foreign, ahead]);
  await call(relay, 'POST', '/api/sync/batch', { token, body: batch });
  await call(relay, 'POST', '/api/sync/batch', { token, body: { commits: [{ id: ROW_VALUE }] } });
  const hello = { type: 'hello', protocol: PROTOCOL_VERSION, device: DEVICE, schema: 1, positions: [] };
  await call(relay, 'POST', '/api/sync/poll', { token, body: { hello, waitMs: 0 } });
}

async function driveSockets(relay: Relay, token: string): Promise<void> {
  const base = relay.url.replace('http', 'ws');
  await closed(new WebSocket(`${base}/sync/one?token=${token.slice(0, -4)}`, [SUBPROTOCOL]));
  const stock = new WebSocket(`${base}/sync/one/free?token=${token}`);
  stock.once('message', () => {
    stock.send(Uint8Array.of(9, 9, 9));
  });
  await closed(stock);
  const replica = new WebSocket(`${base}/sync/one`, [SUBPROTOCOL, `bearer.${token}`]);
  replica.once('open', () => {
    const hello = {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      device: DEVICE,
      schema: 1,
      positions: [],
    } as const;
    replica.send(encodeFrame({ kind: 'control', message: hello }));
    replica.send(encodeFrame({ kind: 'commit', bytes: new TextEncoder().encode(BAD_VALUE) }));
  });
  await closed(replica);
}

function noteCommit(label: string, write: (doc: Y.Doc, hlc: number) => void, aheadMs = 0): Uint8Array {
  const hlc = hlcOfMs(Date.now() + aheadMs);
  const doc = new Y.Doc();
  write(doc, hlc);
  const parts = [{ document: DOCUMENT, update: Y.encodeStateAsUpdate(doc) }];
  return encodeCommit({ id: newId(), device: DEVICE, hlc, schema: 1, label, parts });
}

async function call(
  relay: Relay,
  method: string,
  path: string,
  { token, body }: { token?: string; body?: object },
): Promise<unknown> {
  const isBytes = body instanceof Uint8Array;
  const answer = await fetch(relay.url + path, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }),
    },
    ...(body && { body: isBytes ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
}

function closed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
  });
}

test.run();
