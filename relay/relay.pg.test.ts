import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { hlcOfMs } from '../shared/base/hlc.ts';
import { type DeviceId, newId } from '../shared/base/ids.ts';
import { encodeBatch } from '../shared/protocol/batch.ts';
import { encodeCommit } from '../shared/protocol/commit.ts';
import { decodeFrames, MAX_POLL_WAIT_MS } from '../shared/protocol/poll.ts';
import { decodeFrameFromRelay, PROTOCOL_VERSION } from '../shared/protocol/wire.ts';
import { recordKey } from '../shared/registers/key.ts';
import { readConfig } from './config.ts';
import { createLogger } from './observability/log.ts';
import { openRelay, type Relay, type Role } from './relay.ts';
import { openTestDatabase, startTestPostgres, type TestDatabase } from './testing/postgres.ts';
import { TEST_PASSWORD, testApplication } from './testing/test-server.ts';

let database: TestDatabase;
let folder: string;
let first: Relay;
let second: Relay;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espejo-test-relay-'));
  database = await openTestDatabase();
  first = await open(database.url, 'all');
  second = await open(database.url, 'relay');
});
test.after(async () => {
  await Promise.all([first.close(), second.close()]);
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

test('a batch is stored once, acked twice, and becomes a row of the report', async () => {
  const token = await tokenOf('writer');
  const commit = noteCommit({ id: newId(), body: 'brakes squeak' });

  const answers = [await send(token, commit), await send(token, commit)];

  for (const { status, body } of answers) {
    assert.is(status, 202);
    assert.equal(body, { accepted: [{ id: commit.id, seqs: [[commit.document, 1, 1]] }], rejected: [] });
  }
  const { rows } = await eventually(
    () => database.pool.query(`select body, created_by from report.notes where workspace = 'one'`),
    ({ rows }) => rows.length > 0,
  );
  assert.equal(
    rows.map(({ body }) => body),
    ['brakes squeak'],
  );
  assert.is((await database.pool.query(`select from espejo.commit where id = $1`, [commit.id])).rowCount, 1);
});

test('a batch of one who may only read, or with a clock that is ahead, is refused and nothing of it stored', async () => {
  const forbidden = noteCommit({ id: newId(), body: 'x' });
  const ahead = noteCommit({ id: newId(), body: 'x', atMs: Date.now() + 120_000 });

  assert.is((await send(await tokenOf('reader'), forbidden)).body.rejected[0].code, 'not-allowed');
  const { body } = await send(await tokenOf('writer'), ahead);
  assert.is(body.rejected[0].code, 'clock-ahead');
  assert.is(body.rejected[0].retry, false);
  const { rowCount } = await database.pool.query('select from espejo.commit where id = any($1)', [
    [forbidden.id, ahead.id],
  ]);
  assert.is(rowCount, 0);
});

test('a poll brings what was missed, waits for what comes, and is cut by a revocation', async () => {
  const token = await tokenOf('reader');
  const poll = async (waitMs: number, positions: unknown[]) => {
    const hello = { type: 'hello', protocol: PROTOCOL_VERSION, device: 'POLLPOLL', schema: 1, positions };
    const answer = await fetch(`${second.url}/api/sync/poll`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ hello, waitMs }),
    });
    if (answer.status !== 200) return { status: answer.status, controls: [], updates: [] };
    const frames = decodeFrames(new Uint8Array(await answer.arrayBuffer())).map(decodeFrameFromRelay);
    return {
      status: answer.status,
      controls: frames.flatMap((frame) => (frame.kind === 'control' ? [frame.message.type] : [])),
      updates: frames.flatMap((frame) => (frame.kind === 'update' ? [[frame.fromSeq, frame.toSeq]] : [])),
    };
  };
  const commit = noteCommit({ id: newId(), body: 'for the poll' });
  const seq = (await send(await tokenOf('writer'), commit)).body.accepted[0].seqs[0][2];

  const missed = await eventually(
    () => poll(0, []),
    ({ updates }) => updates.at(-1)?.[1] === seq,
  );
  assert.equal(missed.controls.slice(0, 1), ['welcome']);
  assert.is(missed.controls.at(-1), 'level');
  assert.equal(missed.updates, [[1, seq]]);

  const writer = await tokenOf('writer');
  const waiting = poll(MAX_POLL_WAIT_MS, [[commit.document, 1, seq]]);
  await send(writer, noteCommit({ id: newId(), body: 'while it waits' }));
  assert.equal((await waiting).updates, [[seq + 1, seq + 1]]);

  const cut = poll(MAX_POLL_WAIT_MS, [[commit.document, 1, seq + 1]]);
  await new Promise((resolve) => setTimeout(resolve, 200)); // it is waiting now
  await call(first, 'DELETE', '/api/users/reader/sessions', await tokenOf('admin'), {});
  assert.is((await cut).status, 401);
});

test('a token opens the sockets of its own workspace and no other', async () => {
  const token = await tokenOf('reader', 'two');

  assert.is(await closeCode(first, `/sync/one?token=${token}`), 4403);
  assert.is(await closeCode(first, `/sync/two?token=nonsense`), 4401);
  assert.is(await closeCode(first, `/sync/two`), 4401);
  const allowed = await connect(first, `/sync/two/work/2026-11?token=${token}`);
  allowed.terminate();
});

test('a page of another origin opens no socket', async () => {
  const token = await tokenOf('reader');
  const refused = new WebSocket(`${first.url.replace('http', 'ws')}/sync/one?token=${token}`, {
    origin: 'https://evil.example',
  });
  const status = await new Promise((resolve) =>
    refused.once('unexpected-response', (_request, response) => resolve(response.statusCode)),
  );

  assert.is(status, 403);
});

test('a process that only materializes answers monitors and nothing else', async () => {
  const writer = await open(database.url, 'materializer');
  try {
    assert.is((await fetch(`${writer.url}/health`)).status, 200);
    assert.is((await fetch(`${writer.url}/ready`)).status, 200);
    assert.match(await (await fetch(`${writer.url}/metrics`)).text(), 'espejo_materializer_lag_updates');
    assert.is((await call(writer, 'POST', '/api/session', undefined, {})).status, 404);
  } finally {
    await writer.close();
  }
});

test('with Postgres away a relay is alive, not ready, refuses with "come back", and recovers', async () => {
  const postgres = await startTestPostgres();
  const relay = await open(postgres.url, 'all');
  try {
    const token = await tokenOf('writer', 'one', relay);
    await postgres.kill();

    assert.is((await fetch(`${relay.url}/health`)).status, 200);
    assert.equal(await (await fetch(`${relay.url}/ready`)).json(), { ready: false });
    const refused = await send(token, noteCommit({ id: newId(), body: 'x' }), relay);
    assert.is(refused.status, 503);
    assert.is(refused.body.code, 'storage-away');

    await postgres.start();
    const ready = await eventually(
      () => fetch(`${relay.url}/ready`),
      ({ status }) => status === 200,
    );
    assert.is(ready.status, 200);
    const stored = await eventually(
      () => send(token, noteCommit({ id: newId(), body: 'back' }), relay),
      ({ status, body }) => status === 202 && body.accepted.length === 1,
    );
    assert.is(stored.body.accepted.length, 1);
  } finally {
    await relay.close();
    await postgres.close();
  }
});

function open(databaseUrl: string, role: Role): Promise<Relay> {
  return openRelay({
    config: readConfig({
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: join(folder, role),
      LIMIT_MAX_LOGINS_PER_MINUTE: '1000',
    }),
    application: testApplication,
    databaseUrl,
    role,
    logger: createLogger({ level: 'silent' }),
    prepare: async ({ services: { accounts } }) => {
      for (const workspace of ['one', 'two']) {
        if ((await accounts.list(workspace)).length > 0) continue;
        for (const user of ['admin', 'writer', 'reader'])
          await accounts.create({ workspace, name: user, role: user, password: TEST_PASSWORD });
      }
    },
  });
}

interface NoteCommit {
  readonly id: string;
  readonly document: string;
  readonly bytes: Uint8Array;
}

/** One inserted note, as a replica would make it. */
function noteCommit(note: { id: string; body: string; atMs?: number }): NoteCommit {
  const device = 'AAAAAAA1' as DeviceId;
  const hlc = hlcOfMs(note.atMs ?? Date.now());
  const rowId = newId();
  const document = `work/${new Date().toISOString().slice(0, 7)}`;
  const doc = new Y.Doc();
  doc.getMap('notes').set(recordKey(rowId, device), [hlc, 0, { body: note.body, created_by: 'writer' }]);
  const parts = [{ document, update: Y.encodeStateAsUpdate(doc) }];
  return {
    id: note.id,
    document,
    bytes: encodeCommit({ id: note.id, device, hlc, schema: 1, label: 'note.add', parts }),
  };
}

async function send(
  token: string,
  commit: NoteCommit,
  relay = first,
): Promise<{ status: number; body: Body }> {
  const answer = await fetch(`${relay.url}/api/sync/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: encodeBatch([commit.bytes]) as Uint8Array<ArrayBuffer>,
  });
  return { status: answer.status, body: (await answer.json()) as Body };
}

// biome-ignore lint/suspicious/noExplicitAny: a test's assertion is the check
type Body = any;

async function call(relay: Relay, method: string, path: string, token: string | undefined, body: object) {
  const answer = await fetch(relay.url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Body };
}

async function tokenOf(user: string, workspace = 'one', relay = first): Promise<string> {
  const { body } = await call(relay, 'POST', '/api/session', undefined, {
    workspace,
    user,
    password: TEST_PASSWORD,
  });
  return body.token;
}

/** Resolves once the relay has said something on it: then it is registered there. */
function connect(relay: Relay, path: string, protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(relay.url.replace('http', 'ws') + path, protocols);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)));
    if (protocols.length > 0)
      socket.once('open', () => {
        socket.removeAllListeners('close');
        resolve(socket);
      });
    else
      socket.once('message', () => {
        socket.removeAllListeners('close');
        resolve(socket);
      });
  });
}

function closeCode(relay: Relay, path: string): Promise<number> {
  const socket = new WebSocket(relay.url.replace('http', 'ws') + path);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', resolve);
  });
}

async function eventually<T>(ask: () => Promise<T>, isGood: (answer: T) => boolean): Promise<T> {
  const deadlineMs = Date.now() + 15_000;
  for (;;) {
    const answer = await ask();
    if (isGood(answer) || Date.now() > deadlineMs) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

test.run();
