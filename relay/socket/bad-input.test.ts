/** What a peer can send that it should not: each gets its code and a sentence, and nobody else notices. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type WebSocket from 'ws';
import * as Y from 'yjs';
import { newDeviceId } from '../../shared/base/ids.ts';
import { encodeCommit } from '../../shared/protocol/commit.ts';
import { encodeFrame, SUBPROTOCOL } from '../../shared/protocol/wire.ts';
import { MemoryFanout } from '../fanout/memory-fanout.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import type { LiveDeps } from '../live.ts';
import { MemoryLog } from '../log/memory-log.ts';
import { Metrics } from '../observability/metrics.ts';
import { startTestRelay, TestIdentity, type TestRelay } from '../testing/relay-process.ts';
import { ReplicaClient } from '../testing/replica-client.ts';
import { refusalOf, StockSocket } from '../testing/stock-socket.ts';

const test = suite('bad input');
const LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  maxFrameBytes: 20_000,
  maxCommitBytes: 15_000,
  maxBytesBeforeHello: 2_000,
  identifyTimeoutMs: 1_500,
  maxMessagesPerSecond: 20,
  maxAwarenessBytes: 1_000,
};
let relay: TestRelay;
let log: MemoryLog;
let witness: ReplicaClient;
let identity: TestIdentity;

test.before(async () => {
  log = new MemoryLog();
  identity = new TestIdentity();
  relay = await startTestRelay({ deps: depsOf({ limits: LIMITS }) });
  witness = await ReplicaClient.open({ url: relay.url, user: 'witness' });
});
test.after(async () => {
  await witness.close();
  await relay.close();
});

/** After every case: whoever was connected before works on, and the log holds only what the witness wrote. */
let written = 0;
test.after.each(async () => {
  written++;
  const answer = await witness.write({ witness: [`r${written}`, written] });
  assert.is(answer.type, 'ack');
  assert.equal(witness.faults, []);
  const documents = await log.documents('w');
  assert.equal(
    documents.filter(({ head }) => head > 0).map(({ document, head }) => [document, head]),
    [['witness', written]],
  );
});

const VALID_UPDATE = (() => {
  const doc = new Y.Doc();
  doc.getMap('rows').set('a', 'b');
  return Y.encodeStateAsUpdate(doc);
})();
const sync = (step: number, update: Uint8Array) => Uint8Array.of(0, step, update.length, ...update);

const stockCases: readonly (readonly [
  name: string,
  message: Uint8Array | string,
  code: number,
  sentence: RegExp,
])[] = [
  ['a text frame', 'hello', 4400, /text frames/],
  ['an empty frame', new Uint8Array(), 4400, /cut short/],
  ['an unknown message type', Uint8Array.of(77), 4400, /type 77/],
  ['an unknown sync step', Uint8Array.of(0, 9, 0), 4400, /type 9/],
  ['a sync message that is cut short', Uint8Array.of(0, 2, 50, 1), 4400, /cut short/],
  ['an update of random bytes', sync(2, Uint8Array.of(5, 1, 2, 3)), 4400, /cut short|malformed|not/],
  ['an update that is cut short', sync(2, VALID_UPDATE.subarray(0, -3)), 4400, /cut short/],
  ['an update followed by more', sync(2, Uint8Array.of(...VALID_UPDATE, 0)), 4400, /do not belong/],
  [
    'an update with a hostile count',
    sync(2, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 1, 0)),
    4400,
    /cut short/,
  ],
  [
    'an update with a hostile struct count',
    sync(2, Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, 7, 1, 0)),
    4400,
    /cut/,
  ],
  ['a step 2 of random bytes', sync(1, Uint8Array.of(1, 1, 1, 1, 99)), 4400, /./],
  ['awareness that is no JSON', Uint8Array.of(1, 5, 1, 9, 1, 1, 0x7b), 4400, /awareness/],
  ['awareness with a hostile count', Uint8Array.of(1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f), 4400, /awareness/],
  ['too much awareness', Uint8Array.of(1, 0xe9, 7, ...new Uint8Array(1_001)), 4400, /larger than 1000/],
  ['an oversized frame', new Uint8Array(20_001), 4413, /more than 20000 bytes/],
];
for (const [name, message, code, sentence] of stockCases) {
  test(`[EDGE-1] a stock client that sends ${name} is closed with ${code}`, async () => {
    const socket = await StockSocket.open(`${relay.url}/w/notes?token=w.mal.writer`);
    socket.send(message);
    const closed = await socket.closed;
    assert.is(closed.code, code);
    assert.match(closed.reason, sentence);
  });
}

const control = (message: unknown) => encodeFrame({ kind: 'control', message: message as never });
const hello = (change: object = {}) =>
  control({ type: 'hello', protocol: 1, device: 'AbCdEf01', schema: 1, positions: [], ...change });
const commitFrame = (bytes: Uint8Array) => encodeFrame({ kind: 'commit', bytes });

const replicaCases: readonly (readonly [string, readonly (Uint8Array | string)[], number, RegExp])[] = [
  ['a text frame', ['x'], 4400, /text frames/],
  ['an unknown frame kind', [Uint8Array.of(9)], 4400, /kind 9/],
  ['control that is no JSON', [Uint8Array.of(0, 1, 0x7b)], 4400, /malformed/],
  ['control that is null', [control(null)], 4400, /not an object/],
  ['an unknown control message', [control({ type: 'surprise' })], 4400, /unknown type/],
  ['a commit before hello', [commitFrame(new Uint8Array(20))], 4400, /first message must be hello/],
  ['hello without a device', [hello({ device: '?' })], 4400, /device/],
  ['hello with strange positions', [hello({ positions: [['people', -1, 'x']] })], 4400, /position/],
  ['hello of another protocol', [hello({ protocol: 99 })], 4426, /update to 1/],
  ['hello twice', [hello(), hello()], 4400, /said before/],
  ['too much before hello', [new Uint8Array(2_001)], 4413, /before hello/],
  ['an update frame', [hello(), Uint8Array.of(3, 1, 1, 1, 1, 0)], 4400, /sends commits/],
  ['a commit of random bytes', [hello(), commitFrame(Uint8Array.of(1, 2, 3))], 4400, /cut short/],
  ['a commit of another version', [hello(), commitFrame(Uint8Array.of(9, 2, 3))], 4400, /version 9/],
  [
    'a channel nobody told it',
    [hello(), encodeFrame({ kind: 'channel', number: 999, payload: Uint8Array.of(0, 0, 0) })],
    4404,
    /channel 999/,
  ],
  [
    'an update on a channel',
    [hello(), encodeFrame({ kind: 'channel', number: 1, payload: sync(2, VALID_UPDATE) })],
    4400,
    /commits, not updates/,
  ],
  ['a ping without a time', [hello(), control({ type: 'ping' })], 4400, /ping/],
  ['an oversized frame', [hello(), new Uint8Array(20_001)], 4413, /more than 20000/],
];
for (const [name, messages, code, sentence] of replicaCases) {
  test(`[EDGE-1] a replica that sends ${name} is closed with ${code}`, async () => {
    await witness.until(() => witness.documents.has('witness'));
    const socket = new StockSocketOfReplica(`${relay.url}/w?token=w.mal.writer`);
    await socket.opened;
    for (const message of messages) socket.send(message);
    const closed = await socket.closed;
    assert.is(closed.code, code);
    assert.match(closed.reason, sentence);
  });
}

test('[EDGE-1] a commit for a name that is no document name is closed with 4400', async () => {
  const socket = new StockSocketOfReplica(`${relay.url}/w?token=w.mal.writer`);
  await socket.opened;
  socket.send(hello());
  const commit = witness.commitOf([{ document: '../etc', update: VALID_UPDATE }]);
  socket.send(commitFrame(encodeCommit(commit)));

  assert.is((await socket.closed).code, 4400);
});

const doors: readonly (readonly [string, string, string[], number, RegExp])[] = [
  ['a token that is not valid', '/w?token=nonsense', [SUBPROTOCOL], 4401, /sign in/],
  ['no token', '/w', [SUBPROTOCOL], 4401, /sign in/],
  ['a token of another workspace', '/w?token=other.mal.writer', [SUBPROTOCOL], 4403, /not for workspace w/],
  ['no subprotocol', '/w?token=w.mal.writer', [], 4426, /espejo\.v1/],
  ['no grant to read a document', '/w/cash?token=w.mal.front', [], 4403, /may not read document cash/],
  ['a stock socket with a wrong token', '/w/notes?token=nonsense', [], 4401, /sign in/],
];
for (const [name, path, protocols, code, sentence] of doors) {
  test(`[EDGE-1] a socket with ${name} is closed with ${code}`, async () => {
    const socket = new StockSocketOfReplica(`${relay.url}${path}`, protocols);
    const closed = await socket.closed;
    assert.is(closed.code, code);
    assert.match(closed.reason, sentence);
  });
}

const refusals: readonly (readonly [string, string, WebSocket.ClientOptions, number, RegExp])[] = [
  ['a path without a workspace', '', {}, 404, /\/sync\/<workspace>/],
  ['a workspace with strange letters', '/W%20x?token=w.a.writer', {}, 404, /\/sync\/<workspace>/],
  ['a document name that climbs', '/w/..%2f..%2fetc?token=w.a.writer', {}, 404, /document names/],
  ['a document name in capitals', '/w/Notes?token=w.a.writer', {}, 404, /document names/],
  ['a broken percent sign', '/w/%E0%A4%A?token=w.a.writer', {}, 404, /document names/],
  ['a foreign page', '/w/notes?token=w.a.writer', { origin: 'https://evil.example' }, 403, /origin/],
  ['an endless token', `/w/notes?token=${'x'.repeat(9_000)}`, {}, 431, /8192/],
];
for (const [name, path, options, status, sentence] of refusals) {
  test(`[EDGE-1] an upgrade with ${name} is refused with ${status}`, async () => {
    const refusal = await refusalOf(`${relay.url}${path}`, options);
    assert.is(refusal.status, status);
    assert.match(refusal.sentence, sentence);
  });
}

test('[EDGE-1] a stock client that may only read is closed with 4403 when it writes, and not before', async () => {
  const socket = await StockSocket.open(`${relay.url}/w/witness?token=w.mal.reader`);
  await socket.until(() => socket.count(0, 0) === 1);
  socket.send(sync(1, Uint8Array.of(0, 0)));
  socket.send(Uint8Array.of(3));
  const before = await Promise.race([
    socket.closed,
    new Promise((resolve) => setTimeout(resolve, 50, 'open')),
  ]);
  socket.send(sync(2, VALID_UPDATE));

  assert.is(before, 'open');
  const closed = await socket.closed;
  assert.is(closed.code, 4403);
  assert.match(closed.reason, 'role reader may not write document witness');
});

test('[EDGE-1] a socket that never says hello is closed with 4408', async () => {
  const socket = new StockSocketOfReplica(`${relay.url}/w?token=w.mal.writer`);
  const closed = await socket.closed;
  assert.is(closed.code, 4408);
  assert.match(closed.reason, '1500 ms');
});

test('[EDGE-1] a hello of another device than the token is for is closed with 4403', async () => {
  const socket = new StockSocketOfReplica(`${relay.url}/w?token=w.mal.writer.${newDeviceId()}`);
  await socket.opened;
  socket.send(hello());
  assert.is((await socket.closed).code, 4403);
});

test('[EDGE-1] more messages a second than allowed are closed with 4429; commits are only held back', async () => {
  const flood = await StockSocket.open(`${relay.url}/w/notes?token=w.mal.writer`);
  for (let index = 0; index < 300; index++) flood.send(Uint8Array.of(3));

  const closed = await flood.closed;
  assert.is(closed.code, 4429);
  assert.match(closed.reason, 'more than 20 messages a second');
  const answers = await Promise.all(
    Array.from({ length: 300 }, () => {
      written++;
      return witness.write({ witness: [`r${written}`, written] });
    }),
  );
  assert.ok(answers.every(({ type }) => type === 'ack'));
});

test('[EDGE-1] a token that cannot be checked now is a reason to come back', async () => {
  identity.isAway = true;
  const socket = new StockSocketOfReplica(`${relay.url}/w?token=w.a.writer`);
  const closed = await socket.closed;
  identity.isAway = false;
  assert.is(closed.code, 4503);
});

test('[EDGE-1] connections beyond the limit of an address are refused with 429, of a workspace with 1013', async () => {
  const limits = { ...LIMITS, maxConnectionsPerAddress: 3, maxConnectionsPerWorkspace: 2 };
  const small = await startTestRelay({ deps: { ...depsOf({ limits }), log: new MemoryLog() } });
  const url = (workspace: string) => `${small.url}/${workspace}/notes?token=${workspace}.a.writer`;
  const sockets = [await StockSocket.open(url('a')), await StockSocket.open(url('a'))];

  const third = await new StockSocket(url('a')).closed;
  await new Promise((resolve) => setTimeout(resolve, 20)); // its end must have reached the relay
  sockets.push(await StockSocket.open(url('b')));
  const fourth = await refusalOf(url('b'));

  assert.is(third.code, 1013);
  assert.match(third.reason, 'at most 2 connections per workspace');
  assert.is(fourth.status, 429);
  assert.match(fourth.sentence, 'at most 3 connections per address');
  await small.close();
});

test('[EDGE-1] a client that does not read is closed at a bounded buffer, and the others get everything', async () => {
  const limits = { ...LIMITS, maxUnsentBytes: 200_000, maxMessagesPerSecond: 10_000 };
  const ownLog = new MemoryLog();
  const metrics = new Metrics();
  const small = await startTestRelay({ deps: { ...depsOf({ limits }), log: ownLog, metrics } });
  const slow = await StockSocket.open(`${small.url}/w/notes?token=w.slow.writer`);
  await slow.until(() => slow.messages.length > 1);
  slow.socket.pause();
  const [ana, eva] = [
    await ReplicaClient.open({ url: small.url }),
    await ReplicaClient.open({ url: small.url }),
  ];

  // The kernel takes a few MB before the relay's own buffer grows.
  const hasClosed = async () => (await metrics.closes.get()).values.length > 0;
  for (let index = 0; index < 2_000 && !(await hasClosed()); index++)
    await ana.write({ notes: [`r${index}`, `${index} ${'x'.repeat(12_000)}`] });
  slow.socket.resume();
  const closed = await slow.closed;
  await eva.until(() => eva.documents.get('notes')?.seq === ana.documents.get('notes')?.seq);

  assert.is(closed.code, 1013);
  assert.equal(eva.rows('notes'), ana.rows('notes'));
  for (const client of [ana, eva]) await client.close();
  await small.close();
});

test('[EDGE-1] who does not read what was missed is closed in time, and others have their turn to join', async () => {
  const metrics = new Metrics();
  const limits = { ...DEFAULT_LIMITS, joinTimeoutMs: 300, maxJoinBytesInFlight: 1 };
  const small = await startTestRelay({ deps: { ...depsOf({ limits, metrics }), log: await largeLog() } });
  const slow = new StockSocket(`${small.url}/w/large?token=w.slow.writer`);
  await slow.opened;
  slow.socket.pause();

  const late = await StockSocket.open(`${small.url}/w/large?token=w.late.writer`);
  await late.until(() => late.count(0, 1) > 0);

  assert.equal(
    (await metrics.closes.get()).values.map(({ labels, value }) => [labels.reason, value]),
    [['tooMuchUnsent', 1]],
  );
  slow.socket.terminate();
  await late.close();
  await small.close();
});

test('[EDGE-1] what waits for a join that waits for its turn is bounded', async () => {
  const limits = { ...DEFAULT_LIMITS, maxUnsentBytes: 200_000, maxJoinBytesInFlight: 1 };
  const small = await startTestRelay({ deps: { ...depsOf({ limits }), log: await largeLog() } });
  const [writer, slow] = [
    await ReplicaClient.open({ url: small.url }),
    new StockSocket(`${small.url}/w/large?token=w.slow.writer`),
  ];
  await slow.opened;
  slow.socket.pause();
  const late = new ReplicaClient({ url: small.url });
  await late.until(() => late.controls.some(({ type }) => type === 'welcome'));

  for (let index = 0; index < 20; index++) await writer.write({ notes: [`r${index}`, 'x'.repeat(12_000)] });

  const { code, reason } = await late.closed;
  assert.is(code, 1013);
  assert.is(reason, 'more than 200000 bytes came while it waited to join');
  slow.socket.terminate();
  await writer.close();
  await small.close();
});

test.run();

/** A document of 16 MB in workspace `w`: more than the kernel takes for a client that does not read. */
async function largeLog(): Promise<MemoryLog> {
  const large = new MemoryLog();
  const doc = new Y.Doc();
  for (let index = 0; index < 4; index++) {
    doc.getMap('notes').set(`r${index}~AAAAAAAA`, 'x'.repeat(4_000_000));
    const update = Y.encodeStateAsUpdate(doc);
    doc.getMap('notes').delete(`r${index}~AAAAAAAA`);
    await large.append([
      {
        workspace: 'w',
        user: 'ana',
        device: undefined,
        commit: undefined,
        parts: [{ document: 'large', update }],
      },
    ]);
  }
  return large;
}

class StockSocketOfReplica extends StockSocket {
  constructor(url: string, protocols: string[] = [SUBPROTOCOL]) {
    super(url, protocols);
  }
}

function depsOf(deps: Partial<LiveDeps>): Partial<LiveDeps> {
  return { log, fanout: new MemoryFanout(), identity, ...deps };
}
