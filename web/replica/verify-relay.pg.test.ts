/** A replica and the real relay prove to each other that they hold the same, and whose fault it is when they do not. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { hlcOfMs } from '../../shared/base/hlc.ts';
import { type DeviceId, newId } from '../../shared/base/ids.ts';
import { bucketOfId } from '../../shared/documents/bucket.ts';
import { recordKey } from '../../shared/registers/key.ts';
import { until } from '../../shared/testing/until.ts';
import type { Proof } from '../client/engine-messages.ts';
import type { Replica } from './replica.ts';
import { takeUpdate } from './take-update.ts';
import { RealRelay } from './testing/real-relay.ts';
import { inTransaction } from './transaction.ts';

const test = suite('verify against the relay');
const NOTE = 'insert into notes (id, body) values (?, ?)';
const IN_OCTOBER = Date.UTC(2026, 9, 3);
const IN_NOVEMBER = Date.UTC(2026, 10, 3);
const ids = Array.from({ length: 40 }, (_, index) => newId(IN_NOVEMBER + index));
const WORK = `work/${bucketOfId(ids[0]!)}`;

let real: RealRelay;
let replica: Replica;
test.before(async () => {
  real = await RealRelay.open();
  replica = await real.replica('first', 'admin');
  await replica.transaction(ids.map((id, index) => ({ sql: NOTE, params: [id, `note ${index}`] })));
  await replica.execute("insert into secrets (id, body) values ('s', 'a secret')");
  await reported(replica);
});
test.after(async () => {
  await replica?.close();
  await real.close();
});

test('[VERIFY-3] device, log and report in order are told as equal, table by table', async () => {
  const proof = await replica.verify();

  assert.is(proof.relay.state, 'compared', proof.text);
  assert.equal(
    proof.relay.documents.map(({ document, outcome, seq }) => [document, outcome, seq]),
    [
      ['admin', 'equal', 1],
      [WORK, 'equal', 1],
    ],
  );
  assert.equal(
    workOf(proof).tables.map(({ table, rows, reportRows }) => [table, rows, reportRows]),
    [['notes', 40, 40]],
  );
  assert.match(proof.text, "The relay's report equals the registers in 2 of 2 documents.");
});

test('[VERIFY-3] a wrong row of SQL is mended here; a wrong row of the report is told as the relay’s; unsent work stays', async () => {
  const unsent = await writeUnsent(replica, ids[9]!, 'not sent yet');
  inTransaction(replica.core.sql, () =>
    replica.core.capture.pause(() =>
      replica.core.sql.run("update notes set body = 'torn' where id = ?", [ids[4]!]),
    ),
  );
  await real.pool.query("update report.notes set body = 'wrong' where workspace = 'one' and id = $1", [
    ids[7],
  ]);

  const proof = await replica.verify();

  assert.equal(
    proof.tables.flatMap(({ mendedIds }) => mendedIds),
    [ids[4]],
  );
  const { outcome, tables } = workOf(proof);
  assert.is(outcome, 'report-differs', proof.text);
  assert.equal(tables[0]!.ids, [ids[7]]);
  assert.match(proof.text, 'THE REPORT of the relay differs');
  assert.is(replica.query('select body from notes where id = ?', [ids[9]!])[0]!.body, 'not sent yet');
  assert.equal(replica.query('select id from _outbox'), [{ id: unsent }]);

  await real.pool.query("update report.notes set body = 'note 7' where workspace = 'one' and id = $1", [
    ids[7],
  ]);
  assert.is(workOf(await replica.verify()).outcome, 'equal');
});

test('[VERIFY-3] what the device lacks of the log is taken, and only that', async () => {
  const other = await real.replica('lacking', 'admin');
  await until(() => other.query('select * from notes').length === 40);
  await reported(other);
  await forget(other, WORK, other.core.documents.record(WORK).seq);
  await other.execute("update secrets set body = 'another secret'");
  await reported(other);

  const proof = await other.verify();

  assert.is(workOf(proof).outcome, 'mended', proof.text);
  assert.is(workOf(proof).tables[0]!.ids.length, 40);
  assert.is(other.query('select * from notes').length, 40);
  assert.is(workOf(await other.verify()).outcome, 'equal');
  await other.close();
});

test('[VERIFY-3] what the device has and the log has not goes, with the document taken anew under unsent work', async () => {
  const other = await real.replica('too-much', 'admin');
  await until(() => other.query('select * from notes').length === 40);
  await reported(other);
  const unsent = await writeUnsent(other, ids[2]!, 'kept through it');
  const invented = newId(IN_NOVEMBER);
  const doc = new Y.Doc();
  doc
    .getMap('notes')
    .set(recordKey(invented, 'ZZZZZZZZ' as DeviceId), [hlcOfMs(IN_NOVEMBER), 0, { body: 'x' }]);
  await takeUpdate(other.core, WORK, Y.encodeStateAsUpdate(doc));
  assert.is(other.query('select * from notes').length, 41);

  const proof = await other.verify();
  assert.is(workOf(proof).outcome, 'rebuilt', proof.text);
  assert.equal(workOf(proof).tables[0]!.ids, [invented]);

  await until(() => other.status().level && other.query('select * from notes').length === 40);
  await until(() =>
    other
      .query('select body from notes where id = ?', [ids[2]!])
      .some(({ body }) => body === 'kept through it'),
  );
  // Its hour is over with the rebuilding: it was made anew, and may go.
  assert.ok(unsent);
  other.retry();
  await reported(other);
  assert.is(workOf(await other.verify()).outcome, 'equal');
  await other.close();
});

test('[VERIFY-4] a document that the relay has and the device does not know is found and fetched', async () => {
  const other = await real.replica('unknowing', 'admin');
  await until(() => other.query('select * from notes').length === 40);
  await reported(other);
  await forget(other, WORK, 0);

  const proof = await other.verify();

  assert.equal(
    proof.relay.documents.map(({ document, outcome }) => [document, outcome]),
    [
      ['admin', 'equal'],
      [WORK, 'unknown-here'],
    ],
  );
  await until(() => other.query('select * from notes').length === 40);
  await other.close();
});

test('[VERIFY-4] so is what the relay wrote into a document without this device hearing of it', async () => {
  const other = await real.replica('deaf', 'admin');
  await until(() => other.query('select * from notes').length === 40);
  await reported(other);
  const { documents } = other.core;
  documents.setRecord({ ...documents.record(WORK), seq: 0 });

  const proof = await other.verify();

  assert.is(workOf(proof).outcome, 'unknown-here');
  await until(() => documents.record(WORK).seq > 0);
  assert.is(other.query('select * from notes').length, 40);
  await other.close();
});

test('[VERIFY-3] another workspace is never asked about: what is equal here is unknown there', async () => {
  const stranger = await real.replica('stranger', 'admin', { workspace: 'two' });
  await stranger.execute(NOTE, [newId(IN_NOVEMBER), 'of two']);
  await reported(stranger);

  const proof = await stranger.verify();

  assert.equal(
    proof.relay.documents.map(({ outcome, tables }) => [outcome, tables[0]!.reportRows]),
    [['equal', 1]],
  );
  await stranger.close();
});

test('[VERIFY-6] what a stock client wrote into registers by hand is told as left out of the report, not as a fault', async () => {
  const [mine, byHand] = [newId(IN_OCTOBER), newId(IN_OCTOBER + 1)];
  const document = `work/${bucketOfId(mine)}`;
  const device = await real.replica('beside-stock', 'admin', { workspace: 'two' });
  await device.execute(NOTE, [mine, 'as it was']);
  await reported(device);
  const stock = await openStock(document);
  const notes = stock.doc.getMap('notes');
  notes.set(recordKey(byHand, 'ZZZZZZZZ' as DeviceId), [hlcOfMs(IN_OCTOBER), 0, { body: 'by hand' }]);
  stock.doc.getText('of-nobody').insert(0, 'after that');
  await until(() => device.query('select id from notes where id = ?', [byHand]).length === 1);
  await until(() => device.core.documents.record(document).seq === 3);
  await reported(device);

  const proof = await device.verify();

  const { outcome, setAside, tables } = proofOf(proof, document);
  assert.is(outcome, 'set-aside', proof.text);
  assert.equal(setAside, [
    {
      seq: 2,
      device: undefined,
      reason: 'device (none) writes a register of device ZZZZZZZZ in table notes',
    },
    { seq: 3, device: undefined, reason: 'it builds on an update that is not there' },
  ]);
  assert.equal(tables[0]!.ids, [byHand]);
  assert.match(proof.text, 'the report leaves out updates that break a rule');
  assert.match(proof.text, 'left out: update 2, device (none) writes a register of device ZZZZZZZZ');

  await real.pool.query("update report.notes set body = 'wrong' where workspace = 'two' and id = $1", [mine]);
  assert.is(proofOf(await device.verify(), document).outcome, 'report-differs');
  stock.destroy();
  await device.close();
});

test.run();

/** An unmodified y-websocket client, in step with the relay. */
async function openStock(document: string): Promise<WebsocketProvider> {
  const provider = new WebsocketProvider(
    `${real.relay.url.replace('http', 'ws')}/sync/two`,
    document,
    new Y.Doc(),
    {
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
      disableBc: true,
      params: { token: await real.token('admin', 'two') },
    },
  );
  await until(() => provider.synced);
  return provider;
}

function proofOf({ relay }: Proof, name: string) {
  return relay.documents.find(({ document }) => document === name)!;
}

function workOf(proof: Proof) {
  return proofOf(proof, WORK);
}

/** Resolves once everything this device made is in the report, and it knows that. */
async function reported(of: Replica): Promise<void> {
  await until(() => {
    const { documents } = of.core;
    const isIn = documents.names().every((name) => {
      const { reported: to, seq } = documents.record(name);
      return to >= seq;
    });
    const { level, pending } = of.status();
    return level && isIn && pending === held(of);
  });
}

/** Commits that wait for a moment far away. */
function held({ core }: Replica): number {
  return core.outbox.entries().filter(({ errorCode }) => errorCode === 'storage-away').length;
}

/** A commit that waits for its next attempt while the device is connected, as after a relay that was away. */
async function writeUnsent(of: Replica, id: string, body: string): Promise<string> {
  const { outbox, deps } = of.core;
  outbox.hold();
  const { commit } = await of.execute('update notes set body = ? where id = ?', [body, id]);
  outbox.refused(commit!, 'storage-away', 'the storage is away', true, deps.nowMs() + 3_600_000);
  outbox.release();
  return commit!;
}

/** As if it had never come, though its position says so; at 0, as if nobody had told of it. */
async function forget({ core }: Replica, name: string, seq: number): Promise<void> {
  const { documents, sql, capture, mirror, queue } = core;
  const record = { ...documents.record(name), seq, snapshotNumber: 0, snapshotBytes: 0 };
  documents.remove(name);
  if (seq > 0) documents.setRecord(record);
  inTransaction(sql, () => capture.pause(() => mirror.drop(name)));
  await queue.write({ durability: 'strict', dropDocuments: [name], documents: seq > 0 ? [record] : [] });
}
