import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { TEST_PASSWORD, testApplication } from '../../../relay/testing/test-server.ts';
import { openWholeRelay, type WholeRelay } from '../../../relay/testing/whole-relay.ts';
import { hlcOfMs } from '../../../shared/base/hlc.ts';
import { type DeviceId, newId } from '../../../shared/base/ids.ts';
import { type Commit, encodeCommit } from '../../../shared/protocol/commit.ts';
import {
  type ControlFromRelay,
  decodeFrameFromRelay,
  encodeFrame,
  SUBPROTOCOL,
  TOKEN_SUBPROTOCOL_PREFIX,
} from '../../../shared/protocol/wire.ts';
import { recordKey } from '../../../shared/registers/key.ts';
import { until } from '../../../shared/testing/until.ts';
import { openHeadless, openWebSocket } from '../headless.ts';
import type { Replica } from '../replica.ts';
import type { OpenSocket } from './channels.ts';
import { PollSocket } from './poll-socket.ts';

const polls: OpenSocket = (url, protocols) => new PollSocket(url, protocols, { fetch, nowMs: Date.now });

let whole: WholeRelay;
test.before(async () => {
  whole = await openWholeRelay({
    role: 'relay',
    prepare: async ({ services: { accounts } }) => {
      for (const user of ['writer', 'reader', 'admin'])
        await accounts.create({ workspace: 'one', name: user, role: user, password: TEST_PASSWORD });
    },
  });
});
test.after(() => whole.close());

test('a replica without WebSockets sends and receives, and says that it polls', async () => {
  const [walled, free] = [await open('walled', polls), await open('free', openWebSocket)];
  try {
    await note(walled, 'from behind the wall');
    await note(free, 'from outside');

    await until(() => bodies(walled).length === 2 && bodies(free).length === 2);
    assert.equal(bodies(walled), ['from behind the wall', 'from outside']);
    assert.equal(bodies(free), bodies(walled));
    await until(() => walled.status().pending === 0);
    assert.is(walled.status().transport, 'http');
    assert.is(free.status().transport, 'socket');
    assert.is(walled.status().level, true);
  } finally {
    await Promise.all([walled.close(), free.close()]);
  }
});

test('commits over polls are acked or rejected one by one, in the order of sending', async () => {
  const socket = new PollSocket(
    `${whole.relay.url.replace('http', 'ws')}/sync/one`,
    protocolsOf(await tokenOf('writer')),
    {
      fetch,
      nowMs: Date.now,
    },
  );
  const heard: ControlFromRelay[] = [];
  socket.onmessage = ({ data }) => {
    const frame = decodeFrameFromRelay(data as Uint8Array);
    if (frame.kind === 'control') heard.push(frame.message);
  };
  await new Promise<void>((resolve) => {
    socket.onopen = () => resolve();
  });
  const [good, ahead] = [commitAt(Date.now()), commitAt(Date.now() + 300_000)];

  for (const commit of [good, ahead])
    socket.send(encodeFrame({ kind: 'commit', bytes: encodeCommit(commit) }));
  await until(() => heard.length === 2);
  socket.close();

  assert.equal(
    heard.map((message) => [message.type, 'id' in message && message.id, 'code' in message && message.code]),
    [
      ['ack', good.id, false],
      ['reject', ahead.id, 'clock-ahead'],
    ],
  );
});

test('a token that no longer holds stops a poll as it stops a socket', async () => {
  const replica = await openHeadless({
    directory: join(whole.folder, 'no-token'),
    schema: testApplication.schema,
    user: 'writer',
    target: { url: whole.relay.url, workspace: 'one', token: 'nonsense' },
    deps: { openSocket: polls },
  });
  try {
    await until(() => replica.status().stopped === 'token-expired');
  } finally {
    await replica.close();
  }
});

async function open(name: string, openSocket: OpenSocket): Promise<Replica> {
  return openHeadless({
    directory: join(whole.folder, name),
    schema: testApplication.schema,
    user: 'writer',
    target: { url: whole.relay.url, workspace: 'one', token: await tokenOf('writer') },
    deps: { openSocket },
  });
}

async function tokenOf(user: string): Promise<string> {
  const answer = await fetch(`${whole.relay.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ workspace: 'one', user, password: TEST_PASSWORD }),
  });
  return ((await answer.json()) as { token: string }).token;
}

function protocolsOf(token: string): string[] {
  return [SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}${token}`];
}

function commitAt(ms: number): Commit {
  const doc = new Y.Doc();
  doc.getMap('notes').set(recordKey(newId(), 'AAAAAAA1' as DeviceId), [hlcOfMs(ms), 0, { body: 'x' }]);
  const parts = [{ document: 'work/2026-11', update: Y.encodeStateAsUpdate(doc) }];
  return {
    id: newId(),
    device: 'AAAAAAA1' as DeviceId,
    hlc: hlcOfMs(ms),
    schema: 1,
    label: 'note.add',
    parts,
  };
}

async function note(replica: Replica, body: string): Promise<void> {
  await replica.execute('insert into notes (id, body) values (?, ?)', [newId(), body]);
}

function bodies(replica: Replica): unknown[] {
  return replica.query('select body from notes order by body').map(({ body }) => body);
}

test.run();
