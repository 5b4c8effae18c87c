/** The live path over real sockets and a log in memory: replicas, their commits, and what they are told. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { hlcOfMs } from '../shared/base/hlc.ts';
import { newDeviceId } from '../shared/base/ids.ts';
import { encodeFrame } from '../shared/protocol/wire.ts';
import { inTime, until } from '../shared/testing/until.ts';
import { FanoutHub, MemoryFanout } from './fanout/memory-fanout.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { LiveDeps } from './live.ts';
import type { AppendRequest } from './log/log.ts';
import { MemoryLog, MemoryLogOfInstance } from './log/memory-log.ts';
import { Metrics } from './observability/metrics.ts';
import { startTestRelay, TestIdentity, type TestRelay } from './testing/relay-process.ts';
import { ReplicaClient } from './testing/replica-client.ts';
import { StockSocket } from './testing/stock-socket.ts';

const test = suite('Live: replicas');
const opened: { close(): Promise<unknown> }[] = [];

test.after.each(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

test('[WIRE-2] a commit reaches the others and is acknowledged with its seqs once it is stored', async () => {
  const { relay, log } = await setup();
  const [ana, eva] = [await join(relay), await join(relay)];

  const answer = await ana.write({ people: ['r1', 'Ana'] });
  await eva.until(() => eva.units.length === 1);

  assert.equal(answer, { type: 'ack', id: idOf(answer), seqs: [['people', 1, 1]] });
  assert.equal(eva.rows('people'), { r1: 'Ana' });
  assert.is((await log.documents('w'))[0]!.head, 1);
  assert.equal([...ana.faults, ...eva.faults], []);
});

test('[WIRE-2] nothing is told to anyone before the log has it', async () => {
  const { relay, log } = await setup();
  const [ana, eva] = [await join(relay), await join(relay)];
  let release: (() => void) | undefined;
  const append = log.append.bind(log);
  log.append = async (requests: readonly AppendRequest[]) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return append(requests);
  };

  let isAnswered = false;
  const answer = ana.write({ people: ['r1', 'Ana'] }).finally(() => {
    isAnswered = true;
  });
  await until(() => release !== undefined);
  eva.say({ type: 'ping', sentAtMs: 1 });
  await eva.until(() => eva.controls.some(({ type }) => type === 'pong'));

  assert.not(isAnswered);
  assert.is(eva.units.length, 0);
  release!();
  assert.is((await answer).type, 'ack');
});

test('[WIRE-3] the parts of a commit arrive as one unit, for each by what they may read', async () => {
  const { relay } = await setup();
  const ana = await join(relay);
  const front = await join(relay, { role: 'front', user: 'eva' });

  await ana.write({ work: ['o1', 'order'], cash: ['c1', 100], stock: ['s1', 'movement'] });
  await ana.write({ cash: ['c2', 200] });
  await ana.write({ people: ['p1', 'Ana'] });
  await front.until(() => front.units.length === 2);

  assert.equal(ana.units, [['work', 'cash', 'stock'], ['cash'], ['people']]);
  assert.equal(front.units, [['work', 'stock'], ['people']]);
  assert.not(front.documents.has('cash'));
  assert.equal([...ana.faults, ...front.faults], []);
});

test('[WIRE-4] a replica that comes back gets what it missed as one unit, and pays for no more', async () => {
  const { relay } = await setup();
  const [ana, eva] = [await join(relay), await join(relay)];
  for (let index = 0; index < 200; index++) await ana.write({ people: [`r${index}`, 'x'.repeat(100)] });
  await eva.until(() => eva.units.length === 200);
  await eva.close();
  await ana.write({ people: ['new', 'Ana'], work: ['o1', 'order'] });

  const again = await join(relay, { from: eva });

  assert.equal(
    again.units.map((names) => [...names].sort()),
    [['people', 'work']],
  );
  assert.equal(again.rows('people'), ana.rows('people'));
  assert.ok(again.bytes < 2_000, `${again.bytes} bytes for two small updates`);
  assert.equal(again.faults, []);
});

test('[WIRE-4] commits during a join come after it, none twice and none missing', async () => {
  const { relay } = await setup();
  const ana = await join(relay);
  for (let index = 0; index < 50; index++) await ana.write({ people: [`r${index}`, index] });

  const joining = Array.from({ length: 10 }, () => join(relay));
  const writes = Array.from({ length: 50 }, (_, index) => ana.write({ people: [`s${index}`, index] }));
  const joined = await Promise.all(joining);
  await Promise.all(writes);

  for (const replica of joined) {
    await replica.until(() => replica.documents.get('people')?.seq === 100);
    assert.equal(replica.rows('people'), ana.rows('people'));
    assert.equal(replica.faults, []);
  }
});

test('[WIRE-4] what is stored while a join is being read comes behind it', async () => {
  const { relay, log } = await setup();
  const ana = await join(relay);
  await ana.write({ people: ['r1', 1] });
  const readRange = log.readRange.bind(log);
  let release: (() => void) | undefined;
  log.readRange = async (...range) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return readRange(...range);
  };

  const joining = join(relay);
  await until(() => release !== undefined);
  await ana.write({ people: ['r2', 2] });
  await ana.write({ work: ['o1', 1] });
  release!();
  const eva = await joining;
  await eva.until(() => eva.units.length === 3);

  assert.equal(eva.units, [['people'], ['people'], ['work']]);
  assert.equal(eva.rows('people'), { r1: 1, r2: 2 });
  assert.equal(eva.faults, []);
});

test('[ROOM-1] what another instance stored in between is read and delivered first, whole', async () => {
  const hub = new FanoutHub();
  hub.isDeaf = true; // nothing is heard of each other
  const shared = new MemoryLog(hub);
  const [one, two] = await Promise.all(
    ['one', 'two'].map(async (instance) => {
      const log = new MemoryLogOfInstance(shared, instance);
      const fanout = new MemoryFanout(hub, instance);
      const relay = await startTestRelay({ deps: { log, fanout, timings: { pollMs: 60_000 } } });
      opened.push(relay);
      return relay;
    }),
  );
  const [ana, eva] = [await join(one!), await join(two!)];
  await ana.write({ a: ['1', 'ana'], b: ['1', 'ana'] });
  await ana.write({ c: ['1', 'ana'] });

  const answer = await eva.write({ b: ['2', 'eva'], d: ['1', 'eva'] });

  assert.is(answer.type === 'ack' && answer.seqs.map(([name, , seq]) => `${name}${seq}`).join(' '), 'b2 d1');
  assert.equal(eva.units, [['a', 'b'], ['c'], ['b', 'd']]);
  assert.equal(eva.faults, []);
  assert.equal(eva.rows('b'), { 1: 'ana', 2: 'eva' });
  await ana.until(() => ana.units.length === 2);
  await ana.write({ b: ['3', 'ana'] });
  await eva.write({ b: ['4', 'eva'], a: ['2', 'eva'] });
  assert.equal(eva.units.slice(3), [['b'], ['b', 'a']]);
  assert.equal([...ana.faults, ...eva.faults], []);
});

test('[FAN-1] looking is one question for all workspaces, and reads only where something is missing', async () => {
  const log = new MemoryLog();
  const asked: string[] = [];
  const spy = new Proxy(log, {
    get: (target, name) => {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        if (name === 'behind') asked.push('behind');
        if (name === 'readAfter') asked.push(`read ${args[0]}`);
        return member.apply(target, args);
      };
    },
  });
  const { relay } = await setup({ log: spy, timings: { pollMs: 20 } });
  const names = ['one', 'two', 'three'];
  const clients = await Promise.all(names.map((workspace) => join(relay, { workspace })));
  await until(() => asked.length >= 3, 'looking, three times');
  const quiet = [...asked];

  await log.appendAs('elsewhere', [{ ...stockRequest('people', EMPTY), workspace: 'two' }]);
  await clients[1]!.until(
    () => clients[1]!.units.length === 1,
    'looking brings what another instance stored',
  );

  assert.equal([...new Set(quiet)], ['behind']);
  assert.equal([...new Set(asked.filter((what) => what !== 'behind'))], ['read two']);
});

test('a document that is born is announced before its first update', async () => {
  const { relay } = await setup();
  const [ana, eva] = [await join(relay), await join(relay)];

  await ana.write({ 'work/2026-11': ['o1', 'order'] });
  await eva.until(() => eva.units.length === 1);

  const announced = eva.controls.filter(({ type }) => type === 'document');
  assert.equal(
    announced.map((message) => message.type === 'document' && message.name),
    ['work/2026-11'],
  );
  assert.equal(eva.faults, []);
});

test('[LOG-3] a commit that is sent again is acknowledged again, with the same seqs', async () => {
  const { relay, log } = await setup();
  const ana = await join(relay);
  const commit = ana.commitOf([ana.part('people', (doc) => doc.getMap('rows').set('r1', 1))]);

  const first = await ana.send(commit);
  const second = await ana.send(commit);

  assert.equal(second, first);
  assert.is((await log.documents('w'))[0]!.head, 1);
});

test('[WIRE-7] a replica that asks on joining learns which of its commits are stored, before it gets anything', async () => {
  const { relay } = await setup();
  const ana = await join(relay);
  const stored = ana.commitOf([ana.part('people', (doc) => doc.getMap('rows').set('r1', 1))]);
  const seqs = (await ana.send(stored)).type === 'ack' ? [['people', 1, 1]] : [];
  const unknown = ana.commitOf([ana.part('people', (doc) => doc.getMap('rows').set('r2', 1))]);
  await ana.close();

  const again = await join(relay, { device: ana.device, unsure: [unknown.id, stored.id] });
  const other = await join(relay, { unsure: [stored.id] });

  assert.equal(
    again.controls.map(({ type }) => type).filter((type) => type !== 'pong'),
    ['welcome', 'ack', 'document', 'level'],
  );
  assert.equal(again.controls[1], { type: 'ack', id: stored.id, seqs });
  assert.not(other.controls.some(({ type }) => type === 'ack'));
});

test('[LOG-3] a commit that is sent twice at once is stored once', async () => {
  const { relay, log } = await setup();
  const ana = await join(relay);
  const commit = ana.commitOf([ana.part('people', (doc) => doc.getMap('rows').set('r1', 1))]);

  const answers = await Promise.all([relay.live.appendBatch(seat, [commit]), ana.send(commit)]);

  assert.is(answers[0].accepted.length, 1);
  assert.is(answers[1].type, 'ack');
  assert.is((await log.documents('w'))[0]!.head, 1);
});

test('[GATE-1] a commit is refused whole, with its reason, when it may not be stored', async () => {
  const { relay, log } = await setup({
    limits: { ...DEFAULT_LIMITS, maxCommitBytes: 5_000, maxDocumentBytes: 9_000 },
  });
  const front = await join(relay, { role: 'front' });
  const rows = (key: string, value: unknown) => (doc: Y.Doc) => doc.getMap('rows').set(key, value);
  const ahead = hlcOfMs(Date.now() + 90_000);
  const big = (size: number) => front.commitOf([front.part('people', rows('big', 'x'.repeat(size)))]);

  const refused = [
    await front.send(front.commitOf([front.part('people', rows('a', 1)), front.part('stock', rows('b', 1))])),
    await front.send(front.commitOf([front.part('people', rows('a', 1))], { hlc: ahead })),
    await front.send(front.commitOf([front.part('people', rows('r~AbCdEf01', [ahead, 0, { name: 'x' }]))])),
    await front.send(big(6_000)),
    await front.send(front.commitOf([{ document: 'people', update: Uint8Array.of(9, 9, 9) }])),
    await front.send(front.commitOf([front.part('people', rows('a', 1))], { schema: 0 })),
    await front.send(front.commitOf([{ ...front.part('people', rows('a', 1)), epoch: 2 }])),
  ];

  assert.equal(
    refused.map((answer) => answer.type === 'reject' && [answer.code, answer.retry]),
    [
      ['not-allowed', false],
      ['clock-ahead', false],
      ['clock-ahead', false],
      ['too-large', false],
      ['malformed', false],
      ['schema-too-old', false],
      ['epoch-changed', false],
    ],
  );
  assert.match(messageOf(refused[0]!), 'role front may not write document stock');
  assert.match(messageOf(refused[1]!), 'at most 60 s');
  assert.match(messageOf(refused[3]!), 'at most 5000');
  assert.is((await log.documents('w')).filter(({ head }) => head > 0).length, 0);
});

test('[GATE-1] a document that would grow beyond its limit takes no more, others do', async () => {
  const { relay } = await setup({ limits: { ...DEFAULT_LIMITS, maxDocumentBytes: 3_000 } });
  const ana = await join(relay);

  const answers = [
    await ana.write({ people: ['a', 'x'.repeat(2_000)] }),
    await ana.write({ people: ['b', 'x'.repeat(2_000)] }),
    await ana.write({ work: ['c', 'x'.repeat(2_000)] }),
  ];

  assert.equal(
    answers.map(({ type }) => type),
    ['ack', 'reject', 'ack'],
  );
  assert.match(messageOf(answers[1]!), 'beyond 3000 bytes');
});

test('[GATE-1] a workspace takes a limited number of documents, and goes on with those it has', async () => {
  const { relay } = await setup({ limits: { ...DEFAULT_LIMITS, maxDocumentsPerWorkspace: 2 } });
  const ana = await join(relay);
  await ana.write({ a: ['1', 1], b: ['1', 1] });

  assert.equal(codeOf(await ana.write({ c: ['1', 1] })), ['too-many', true]);
  assert.is((await ana.write({ b: ['2', 1] })).type, 'ack');
});

test('[GATE-2] what builds on a refused commit is refused until it is sent or written afresh', async () => {
  const { relay } = await setup();
  const ana = await join(relay, { role: 'front' });
  const doc = new Y.Doc();
  const edit = (key: string) => {
    const before = Y.encodeStateVector(doc);
    doc.getMap('rows').set(key, 1);
    return { document: 'people', update: Y.encodeStateAsUpdate(doc, before) };
  };
  const refusedPart = ana.part('stock', (one) => one.getMap('rows').set('x', 1));
  const [first, second, third] = [edit('one'), edit('two'), edit('three')];

  const refused = await ana.send(ana.commitOf([first, refusedPart]));
  const later = await ana.send(ana.commitOf([second]));
  const elsewhere = await ana.write({ work: ['o1', 1] });
  const rebased = await ana.send(
    ana.commitOf([ana.part('people', (one) => one.getMap('rows').set('two', 1))]),
  );
  const resent = await ana.send(ana.commitOf([first]));
  const after = await ana.send(ana.commitOf([second]));
  const skipping = await ana.send(ana.commitOf([third]));

  assert.equal(codeOf(refused), ['not-allowed', false]);
  assert.equal(codeOf(later), ['after-rejected', true]);
  assert.equal(
    [elsewhere, rebased, resent, after, skipping].map(({ type }) => type),
    Array(5).fill('ack'),
  );
});

test('[GATE-2] a delete of something that was refused is refused as well', async () => {
  const { relay } = await setup();
  const ana = await join(relay, { role: 'front' });
  const doc = new Y.Doc();
  const edit = (change: () => void) => {
    const before = Y.snapshot(doc);
    const vector = Y.encodeStateVector(doc);
    change();
    assert.not(Y.equalSnapshots(before, Y.snapshot(doc)));
    return { document: 'people', update: Y.encodeStateAsUpdate(doc, vector) };
  };
  const text = doc.getText('text');
  const insert = edit(() => text.insert(0, 'hello'));
  const erase = edit(() => text.delete(1, 2));
  const refusedPart = ana.part('stock', (one) => one.getMap('rows').set('x', 1));

  const refused = await ana.send(ana.commitOf([insert, refusedPart]));
  const later = await ana.send(ana.commitOf([erase]));
  const resent = await ana.send(ana.commitOf([insert]));
  const again = await ana.send(ana.commitOf([erase]));

  assert.equal([refused, later].map(codeOf), [
    ['not-allowed', false],
    ['after-rejected', true],
  ]);
  assert.equal(
    [resent, again].map(({ type }) => type),
    ['ack', 'ack'],
  );
});

test('[GATE-2] in a batch, too, later commits of a refused one are refused and the rest is stored', async () => {
  const { relay } = await setup();
  const doc = new Y.Doc();
  const device = newDeviceId();
  const maker = await join(relay, { device });
  const parts = ['one', 'two'].map((key) => {
    const before = Y.encodeStateVector(doc);
    doc.getMap('rows').set(key, 1);
    return { document: 'people', update: Y.encodeStateAsUpdate(doc, before) };
  });
  const commits = [
    maker.commitOf([parts[0]!], { hlc: hlcOfMs(Date.now() + 3_600_000) }),
    maker.commitOf([parts[1]!]),
    maker.commitOf([maker.part('work', (one) => one.getMap('rows').set('o1', 1))]),
  ];

  const answer = await relay.live.appendBatch(seat, commits);

  assert.equal(answer.accepted, [{ id: commits[2]!.id, seqs: [['work', 1, 1]] }]);
  assert.equal(
    answer.rejected.map(({ id, code, retry }) => [id, code, retry]),
    [
      [commits[0]!.id, 'clock-ahead', false],
      [commits[1]!.id, 'after-rejected', true],
    ],
  );
});

test('[GATE-3] a socket on which too many clients wrote comes back, and goes on with what it has sent stored', async () => {
  const { relay, log } = await setup({ limits: { ...DEFAULT_LIMITS, maxClocksPerSender: 4 } });
  const ana = await join(relay);
  const row = (document: string, key: string, client: number) =>
    ana.commitOf([ana.part(document, (doc) => doc.getMap('rows').set(key, 1), client)]);

  // The same client again is nothing new.
  for (const [document, client] of [
    ['people', 1],
    ['people', 1],
    ['work', 1],
    ['people', 2],
    ['people', 3],
  ] as const)
    assert.is((await ana.send(row(document, `r${client}`, client))).type, 'ack');
  const last = row('people', 'r4', 4);
  void ana.send(last);
  void ana.send(row('people', 'r5', 5));
  const closed = await inTime(ana.closed, 'closed');
  const again = await join(relay, { from: ana, unsure: [last.id] });

  assert.equal([closed.code, closed.reason.split(';')[1]], [1012, ' come back and go on']);
  assert.equal(
    again.controls.filter(({ type }) => type === 'ack').map((message) => 'id' in message && message.id),
    [last.id],
  );
  const heads = (await log.documents('w')).map(({ document, head }) => [document, head]);
  assert.equal(heads.sort(), [
    ['people', 5],
    ['work', 1],
  ]);
  assert.is((await again.write({ people: ['r6', 1] })).type, 'ack');
});

test('[GATE-3] names of documents that were refused count as well', async () => {
  const { relay } = await setup({ limits: { ...DEFAULT_LIMITS, maxClocksPerSender: 4 } });
  const ana = await join(relay, { role: 'front' });
  const empty = (document: string) => ana.commitOf([{ document, update: EMPTY }], { schema: 0 });

  for (const name of ['a', 'b', 'c', 'd', 'd']) assert.is((await ana.send(empty(name))).type, 'reject');
  void ana.send(empty('e'));

  assert.is((await inTime(ana.closed, 'closed')).code, 1012);
});

test('[GATE-3] of a batch that too many clients wrote the rest is to come in another', async () => {
  const { relay } = await setup({ limits: { ...DEFAULT_LIMITS, maxClocksPerSender: 2 } });
  const maker = await join(relay);
  const commits = [1, 2, 3, 4].map((client) =>
    maker.commitOf([maker.part('people', (doc) => doc.getMap('rows').set(`r${client}`, 1), client)]),
  );

  const first = await relay.live.appendBatch(seat, commits);
  const second = await relay.live.appendBatch(seat, commits.slice(3));

  assert.equal(
    first.rejected.map(({ id, code, retry }) => [id, code, retry]),
    [[commits[3]!.id, 'too-many', true]],
  );
  assert.equal([first.accepted.length, second.accepted.length], [3, 1]);
});

test('[AWARE-3] a replica follows a limited number of documents: those it spoke on last', async () => {
  const { relay } = await setup({ limits: { ...DEFAULT_LIMITS, maxPresenceDocumentsPerSocket: 2 } });
  const ana = await join(relay);
  await ana.write({ a: ['1', 1], b: ['1', 1], c: ['1', 1] });
  const numberOf = new Map(
    ana.controls.flatMap((message) =>
      message.type === 'document' ? [[message.name, message.number] as const] : [],
    ),
  );
  const watchers = new Map<string, StockSocket>();
  for (const name of ['a', 'b', 'c']) {
    const watcher = await StockSocket.open(`${relay.url}/w/${name}?token=w.eva.writer`);
    opened.push(watcher);
    await watcher.until(() => watcher.count(0, 0) === 1);
    watchers.set(name, watcher);
  }
  let clock = 0;
  const say = (name: string) => {
    clock++;
    const state = new TextEncoder().encode('{"name":"ana"}');
    const payload = Uint8Array.of(1, state.length + 4, 1, 7, clock, state.length, ...state);
    ana.socket.send(encodeFrame({ kind: 'channel', number: numberOf.get(name)!, payload }));
  };
  const isThere = (name: string) => {
    const last = watchers
      .get(name)!
      .messages.filter(([type]) => type === 1)
      .at(-1);
    return last !== undefined && new TextDecoder().decode(last).includes('ana');
  };
  const seen = (name: string, is: boolean) => watchers.get(name)!.until(() => isThere(name) === is);

  for (const name of ['a', 'b', 'a']) say(name);
  await Promise.all([seen('a', true), seen('b', true)]);
  say('c');
  await Promise.all([seen('c', true), seen('b', false)]);
  assert.equal(['a', 'b', 'c'].map(isThere), [true, false, true]);

  say('b'); // it comes back when it speaks again
  await Promise.all([seen('b', true), seen('a', false)]);
  assert.equal(['a', 'b', 'c'].map(isThere), [false, true, true]);
});

test('[AWAY-1] while the storage is away sockets stay, commits come back, and are stored when it is there', async () => {
  const { relay, log } = await setup();
  const [ana, eva] = [await join(relay), await join(relay)];
  const doc = new Y.Doc();
  const edit = (key: string) => {
    const before = Y.encodeStateVector(doc);
    doc.getMap('rows').set(key, 1);
    return ana.commitOf([{ document: 'people', update: Y.encodeStateAsUpdate(doc, before) }]);
  };
  const commits = [edit('one'), edit('two'), edit('three')];

  log.isAway = true;
  const refused = await Promise.all(commits.map((commit) => ana.send(commit)));
  assert.ok(relay.live.isStorageAway);
  log.isAway = false;
  await until(() => !relay.live.isStorageAway);
  const tooEarly = await ana.send(commits[1]!);
  const stored = await Promise.all(commits.map((commit) => ana.send(commit)));
  await eva.until(() => eva.units.length === 3);

  assert.equal(refused.map(codeOf), Array(3).fill(['storage-away', true]));
  assert.equal(codeOf(tooEarly), ['after-rejected', true]);
  assert.equal(
    stored.map(({ type }) => type),
    ['ack', 'ack', 'ack'],
  );
  assert.equal(eva.rows('people'), { one: 1, two: 1, three: 1 });
});

test('[AWAY-1] while the storage is away presence flows, and what a stock client writes waits for it', async () => {
  const { relay, log } = await setup();
  const [ana, eva] = await Promise.all(
    ['ana', 'eva'].map((user) => StockSocket.open(`${relay.url}/w/notes?token=w.${user}.writer`)),
  );
  opened.push(ana!, eva!);
  for (const socket of [ana!, eva!]) await socket.until(() => socket.count(0, 0) === 1);
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'hello');

  log.isAway = true;
  ana!.send(syncMessage(2, Y.encodeStateAsUpdate(doc)));
  await until(() => relay.live.isStorageAway);
  const state = new TextEncoder().encode('{"name":"ana"}');
  ana!.send(Uint8Array.of(1, state.length + 4, 1, 7, 1, state.length, ...state));
  await eva!.until(() => eva!.count(1) === 1);
  assert.is(eva!.count(0, 2), 0);
  log.isAway = false;
  await eva!.until(() => eva!.count(0, 2) === 1);

  assert.is((await log.documents('w'))[0]!.head, 1);
});

test('a commit stored by HTTP reaches those on sockets', async () => {
  const { relay } = await setup();
  const eva = await join(relay);
  const commit = eva.commitOf([eva.part('people', (doc) => doc.getMap('rows').set('r1', 1))]);

  await relay.live.appendBatch(seat, [commit]);
  await eva.until(() => eva.units.length === 1);

  assert.equal(eva.rows('people'), { r1: 1 });
});

test('replicas hear how far report and snapshots have come', async () => {
  const { relay, log } = await setup();
  const ana = await join(relay);
  await ana.write({ people: ['r1', 1] });

  log.reported.set(1, 1);
  await ana.until(() => ana.controls.some(({ type }) => type === 'stages'));

  assert.equal(
    ana.controls.find(({ type }) => type === 'stages'),
    { type: 'stages', documents: [['people', 1, 1, 0]] },
  );
});

test('a re-created document sends its replicas away, and they come back to the new epoch', async () => {
  const snapshot = new Y.Doc();
  snapshot.getMap('rows').set('kept', 1);
  const update = Y.encodeStateAsUpdate(snapshot);
  const { relay, log } = await setup({ snapshots: { read: async () => update }, timings: { pollMs: 20 } });
  const ana = await join(relay);
  await ana.write({ people: ['lost', 1] });

  log.setState('w', 'people', {
    epoch: 2,
    head: 1,
    trimmedSeq: 1,
    snapshotSeq: 1,
    snapshotKey: 'k',
    snapshotSha256: 's',
    snapshotBytes: update.length,
  });
  const { code } = await inTime(ana.closed, 'looking finds the new epoch');
  const again = await join(relay, { from: ana });

  assert.is(code, 1012);
  assert.equal(again.rows('people'), { kept: 1 });
  assert.is(again.documents.get('people')!.epoch, 2);
});

test('[EDGE-2] a stock client with the content of a passed epoch is told to open the document afresh', async () => {
  const { relay, log } = await setup({ timings: { pollMs: 20, refusalDelayMs: 1 } });
  const old = new Y.Doc();
  old.getText('text').insert(0, 'kept');
  const fresh = new Y.Doc();
  fresh.getText('text').insert(0, 'kept');
  await log.append([stockRequest('notes', Y.encodeStateAsUpdate(old))]);
  log.setState('w', 'notes', { epoch: 2, head: 0 });
  await log.append([stockRequest('notes', Y.encodeStateAsUpdate(fresh))]);
  const open = async () => {
    const socket = await StockSocket.open(`${relay.url}/w/notes?token=w.ana.writer`);
    opened.push(socket);
    await socket.until(() => socket.count(0, 0) === 1);
    return socket;
  };

  const returning = await open();
  returning.send(syncMessage(1, Y.encodeStateAsUpdate(old)));
  const closed = await returning.closed;
  const newcomer = await open();
  const vector = Y.encodeStateVector(fresh);
  fresh.getText('text').insert(4, '!');
  newcomer.send(syncMessage(2, Y.encodeStateAsUpdate(fresh, vector)));
  await newcomer.until(() => newcomer.count(0, 2) === 1);

  assert.is(closed.code, 4403);
  assert.match(closed.reason, 're-created');
  assert.is((await log.documents('w'))[0]!.head, 2);
});

test('a join whose log was trimmed in the meantime is served from the newer snapshot', async () => {
  const snapshots = { read: async () => Y.encodeStateAsUpdate(writer.doc('people')) };
  const { relay, log } = await setup({ snapshots });
  const writer = await join(relay);
  for (let index = 0; index < 10; index++) await writer.write({ people: [`r${index}`, index] });
  log.setState('w', 'people', {
    trimmedSeq: 8,
    snapshotSeq: 10,
    snapshotKey: 'k',
    snapshotSha256: 's',
    snapshotBytes: 100,
  });

  const late = await join(relay);

  assert.equal(late.rows('people'), writer.rows('people'));
  assert.equal(late.faults, []);
});

test('cut closes the sockets of the named seats and no others', async () => {
  const { relay } = await setup();
  const [ana, eva] = [await join(relay, { user: 'ana' }), await join(relay, { user: 'eva' })];

  const count = relay.live.cut(({ user }) => user === 'ana', 'badToken', 'the account was disabled');

  assert.is(count, 1);
  assert.equal(await ana.closed, { code: 4401, reason: 'the account was disabled' });
  assert.is((await eva.write({ people: ['r1', 1] })).type, 'ack');
});

test('a device says how old its outbox is, and the figure is a metric', async () => {
  const metrics = new Metrics();
  const { relay } = await setup({ metrics });
  const ana = await join(relay);
  for (const outboxAgeMs of [90_000, undefined, -5, 'x'])
    ana.say({ type: 'ping', sentAtMs: 1, ...(outboxAgeMs === undefined ? {} : { outboxAgeMs }) } as never);
  await ana.until(() => ana.controls.filter(({ type }) => type === 'pong').length >= 4);

  const text = await metrics.text();
  assert.match(text, 'espejo_device_outbox_age_seconds_count 1');
  assert.match(text, 'espejo_device_outbox_age_seconds_sum 90');
});

test('[ID-4] a right that is taken away while a socket is on its way in closes that socket', async () => {
  const identity = new TestIdentity();
  const { relay, log } = await setup({ identity });
  const readDocuments = log.documents.bind(log);
  let letIn = () => {};
  const held = new Promise<void>((resolve) => {
    letIn = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    log.documents = async (workspace) => {
      resolve();
      await held;
      return readDocuments(workspace);
    };
  });
  const ana = new StockSocket(`${relay.url}/w/people?token=w.ana.writer`);
  await asked;

  identity.disabled.add('ana');
  assert.is(
    relay.live.cut(({ user }) => user === 'ana', 'badToken'),
    0,
    'it is not open yet',
  );
  letIn();

  assert.is((await ana.closed).code, 4401);
});

test('close stores what has arrived and tells everyone to come back', async () => {
  const { relay, log } = await setup();
  const ana = await join(relay);
  const answer = ana.write({ people: ['r1', 1] });
  await turn();
  await new Promise((resolve) => setTimeout(resolve, 20)); // the frame must be in the relay's hands

  await relay.close();

  assert.is((await answer).type, 'ack');
  assert.is((await ana.closed).code, 1012);
  assert.is((await log.documents('w'))[0]!.head, 1);
});

test.run();

const seat = {
  workspace: 'w',
  user: 'ana',
  role: 'writer',
  grants: { role: 'writer', families: {}, other: 'write' },
  expiresAtMs: Number.MAX_SAFE_INTEGER,
  tokenId: 't',
} as const;

async function setup(deps: Partial<LiveDeps> = {}): Promise<{ relay: TestRelay; log: MemoryLog }> {
  const log = new MemoryLog();
  const relay = await startTestRelay({ deps: { log, fanout: new MemoryFanout(), minSchema: 1, ...deps } });
  opened.push(relay);
  return { relay, log };
}

async function join(
  relay: TestRelay,
  options: Partial<ConstructorParameters<typeof ReplicaClient>[0]> = {},
): Promise<ReplicaClient> {
  const client = await ReplicaClient.open({ url: relay.url, ...options });
  opened.push(client);
  return client;
}

type Answer = Awaited<ReturnType<ReplicaClient['send']>>;
const idOf = (answer: Answer) => answer.id;
const codeOf = (answer: Answer) => (answer.type === 'reject' ? [answer.code, answer.retry] : [answer.type]);
const messageOf = (answer: Answer) => (answer.type === 'reject' ? answer.message : '');
const syncMessage = (step: number, update: Uint8Array) => Uint8Array.of(0, step, update.length, ...update);
const stockRequest = (document: string, update: Uint8Array): AppendRequest => ({
  workspace: 'w',
  user: 'ana',
  device: undefined,
  commit: undefined,
  parts: [{ document, update }],
});
const EMPTY = Uint8Array.of(0, 0);
const turn = () => new Promise((resolve) => setImmediate(resolve));
