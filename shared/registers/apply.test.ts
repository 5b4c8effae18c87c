import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { ProtocolError } from '../protocol/commit.ts';
import { testSchema } from '../testing/test-schema.ts';
import { applyRemoteUpdate } from './apply.ts';
import { DocumentRows } from './document-rows.ts';
import { scanUpdate } from './update-scan.ts';

const KEY = 'c1~AAAAAAAA';

test('[REG-7] an update whose predecessor is missing leaves the document as it is', () => {
  const [first, second] = updatesOf((doc) => [
    () => doc.getMap('customers').set(KEY, [1, 0, { name: 'Ana' }]),
    () => doc.getMap('customers').set(KEY, [2, 1, { name: 'Eva' }]),
  ]);
  const doc = new Y.Doc();

  assert.is(applyRemoteUpdate(doc, second!, 'test'), 'gap');
  assert.is(Y.encodeStateAsUpdate(doc).length, 2);
  assert.is(applyRemoteUpdate(doc, first!, 'test'), 'applied');
  assert.is(applyRemoteUpdate(doc, second!, 'test'), 'applied');
  assert.equal(doc.getMap('customers').get(KEY), [2, 1, { name: 'Eva' }]);
});

test('[REG-7] a register that another session of the device replaces needs that session first', () => {
  const earlier = new Y.Doc();
  earlier.getMap('customers').set(KEY, [1, 0, {}]);
  const base = Y.encodeStateAsUpdate(earlier);
  const later = new Y.Doc();
  Y.applyUpdate(later, base, 'test');
  const before = Y.encodeStateVector(later);
  later.getMap('customers').set(KEY, [2, 1, {}]);
  const update = Y.encodeStateAsUpdate(later, before);

  assert.is(applyRemoteUpdate(new Y.Doc(), update, 'test'), 'gap');
  assert.is(applyRemoteUpdate(earlier, update, 'test'), 'applied');
});

test('[REG-7] a delete of what is not there yet is a gap', () => {
  const updates = updatesOf((doc) => [
    () => doc.getText('orders~o1~notes').insert(0, 'hola'),
    () => doc.getText('orders~o1~notes').delete(0, 2),
  ]);

  assert.is(applyRemoteUpdate(new Y.Doc(), updates[1]!, 'test'), 'gap');
});

test('[REG-7] a merged update with a hole in it is a gap', () => {
  const updates = updatesOf((doc) =>
    [1, 2, 3].map((hlc) => () => doc.getMap('customers').set(`c${hlc}~AAAAAAAA`, [hlc, 0, {}])),
  );

  const holed = Y.mergeUpdates([updates[0]!, updates[2]!]);

  assert.is(applyRemoteUpdate(new Y.Doc(), holed, 'test'), 'gap');
});

test('[REG-7] nothing is reported touched while structs are pending', () => {
  const [first, second] = updatesOf((doc) => [
    () => doc.getMap('customers').set(KEY, [1, 0, { name: 'Ana' }]),
    () => doc.getMap('customers').set(KEY, [2, 1, { name: 'Eva' }]),
  ]);
  const doc = new Y.Doc();
  const rows = new DocumentRows(doc, testSchema);
  const seen: unknown[] = [];
  rows.observe(() => seen.push(rows.read('customers', 'c1')?.cells.name));

  Y.applyUpdate(doc, second!, 'unchecked');
  assert.equal(seen, []);
  Y.applyUpdate(doc, first!, 'unchecked');
  assert.equal(seen, ['Eva']);
});

test('an update that is already there is applied again without effect', () => {
  const [update] = updatesOf((doc) => [() => doc.getMap('customers').set(KEY, [1, 0, {}])]);
  const doc = new Y.Doc();
  applyRemoteUpdate(doc, update!, 'test');

  assert.is(applyRemoteUpdate(doc, update!, 'test'), 'applied');
  assert.is(doc.getMap('customers').size, 1);
});

test('[REG-9] a count that no update of this size can hold is refused before anything is allocated', () => {
  // One client, 2^28 structs, and then nothing.
  const hostile = new Uint8Array([1, 0x80, 0x80, 0x80, 0x80, 1, 0]);

  assert.throws(() => applyRemoteUpdate(new Y.Doc(), hostile, 'test'), /cut short/);
});

test('[REG-9] a value nested too deep is refused, not recursed into', () => {
  const header = [1, 1, 1, 0, 8, 1, 1, 't'.charCodeAt(0), 1];
  const nested = Array.from({ length: 200_000 }, () => [117, 1]).flat();

  assert.throws(
    () => applyRemoteUpdate(new Y.Doc(), new Uint8Array([...header, ...nested, 126, 0]), 'test'),
    /nested too deep/,
  );
});

test('[REG-9] whatever the bytes, an update is applied, waits, or is a ProtocolError that changed nothing', () => {
  const whole = mergedExample();
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)),
    fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
      .map((changes) => {
        const copy = whole.slice();
        for (const [at, byte] of changes) copy[at] = byte;
        return copy;
      }),
  );
  fc.assert(
    fc.property(damaged, (bytes) => {
      const doc = new Y.Doc();
      const rows = new DocumentRows(doc, testSchema);
      try {
        if (applyRemoteUpdate(doc, bytes, 'test') === 'gap') assert.is(doc.store.clients.size, 0);
      } catch (error) {
        assert.instance(error, ProtocolError);
        assert.is(doc.store.clients.size, 0);
      }
      for (const table of rows.tables()) for (const id of rows.ids(table)) rows.readCells(table, id);
      assert.is(doc.store.pendingStructs, null);
    }),
    { numRuns: 3_000 },
  );
});

test('[REG-9] structs that build on themselves, or wait for each other, are refused before anything is applied', () => {
  const item = (clock: number, origin: [number, number]) => ({ clock, origin });
  const onItself = updateOfItems([[1, [item(0, [1, 0])]]]);
  const inRing = updateOfItems([
    [2, [item(0, [1, 1])]],
    [1, [item(0, [2, 0]), item(1, [1, 0])]],
  ]);

  assert.throws(() => applyRemoteUpdate(new Y.Doc(), onItself, 'test'), /builds on itself/);
  assert.throws(() => applyRemoteUpdate(new Y.Doc(), inRing, 'test'), /wait for each other/);
});

test('clients that build on each other in turns are no ring', () => {
  const [one, two] = [new Y.Doc(), new Y.Doc()];
  const [ones, twos] = [one.getText('orders~o1~notes'), two.getText('orders~o1~notes')];
  for (let turn = 0; turn < 20; turn++) {
    ones.insert(turn % 3, 'a');
    Y.applyUpdate(two, Y.encodeStateAsUpdate(one), 'test');
    twos.insert(turn % 5, 'b');
    Y.applyUpdate(one, Y.encodeStateAsUpdate(two), 'test');
  }
  const doc = new Y.Doc();

  assert.is(applyRemoteUpdate(doc, Y.encodeStateAsUpdate(one), 'test'), 'applied');
  assert.is(doc.getText('orders~o1~notes').toString(), ones.toString());
});

test('a scan agrees with Yjs on the clocks of an update', () => {
  const update = mergedExample();
  const { from, to } = Y.parseUpdateMeta(update);

  const scan = scanUpdate(update);

  for (const [client, clock] of from) {
    const ranges = scan.structs.filter((range) => range.client === client);
    assert.is(Math.min(...ranges.map((range) => range.clock)), clock);
    assert.is(Math.max(...ranges.map((range) => range.clock + range.length)), to.get(client));
  }
});

test.run();

/** One update for each step, as a replica would send them. */
function updatesOf(steps: (doc: Y.Doc) => (() => void)[]): Uint8Array[] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (const step of steps(doc)) doc.transact(step, 'test');
  return updates;
}

/** Everything Yjs can write: maps, texts with surrogates and formats, lists, XML, deletes, subdocuments. */
function mergedExample(): Uint8Array {
  const one = new Y.Doc();
  one.clientID = 1;
  one
    .getMap('customers')
    .set(KEY, [1, 0, { name: 'Ana', vip: true, big: 2 ** 40, half: 0.5, none: null, list: [1, 'x'] }]);
  one.getMap('customers').set(KEY, [2, 1, { name: 'Eva' }]);
  one.getText('orders~o1~notes').insert(0, 'ñ😀 hola');
  one.getText('orders~o1~notes').format(0, 2, { bold: true });
  one.getText('orders~o1~notes').delete(2, 2);
  const two = new Y.Doc();
  two.clientID = 2;
  Y.applyUpdate(two, Y.encodeStateAsUpdate(one), 'test');
  two.getArray('list').push([new Uint8Array([1, 2]), { a: 1 }, new Y.Map()]);
  two.getXmlFragment('page').insert(0, [new Y.XmlElement('p')]);
  two.getText('orders~o1~notes').insert(1, 'x');
  two.getText('orders~o1~notes').insertEmbed(0, { image: 'x' });
  two.getMap('sub').set('doc', new Y.Doc({ guid: 'g' }));
  return Y.encodeStateAsUpdate(two);
}

/** An update as bytes: each client's items of one character, each with its left neighbour's client and clock. */
function updateOfItems(
  clients: readonly (readonly [
    client: number,
    items: readonly { clock: number; origin: [number, number] }[],
  ])[],
): Uint8Array {
  const bytes = [clients.length];
  for (const [client, items] of clients) {
    bytes.push(items.length, client, items[0]!.clock);
    for (const { origin } of items) bytes.push(0x80 | 4, ...origin, 1, 'x'.charCodeAt(0));
  }
  return new Uint8Array([...bytes, 0]);
}
