import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { tablesOfDocument } from '../documents/route.ts';
import { defineSchema, defineTable, sharedText, text } from '../schema/table.ts';
import { Prng } from '../testing/prng.ts';
import { RELAY_DEVICE, RegisterGuard } from './register-guard.ts';

const test = suite('register guard');
const schema = defineSchema({
  version: 1,
  minVersion: 1,
  families: [
    { name: 'people', bucketed: false },
    { name: 'work', bucketed: true },
  ],
  tables: [
    defineTable('people', { family: 'people' }, { name: text(), notes: sharedText() }),
    defineTable('jobs', { family: 'work', bucket: 'id' }, { title: text(), notes: sharedText() }),
  ],
});
const guard = new RegisterGuard(schema, tablesOfDocument(schema, 'people'));
const ANA = 'AAAAAAAA';
const LUIS = 'BBBBBBBB';

test('[REG-5] a first write and every later one of a device to its own key pass', () => {
  const doc = new Y.Doc();
  const first = updateOf(doc, () => doc.getMap('people').set(`p1~${ANA}`, [1, 0, {}]));
  const second = updateOf(doc, () => doc.getMap('people').set(`p1~${ANA}`, [2, 0, {}]));
  const server = new Y.Doc();

  assert.is(guard.check(server, first, ANA), undefined);
  Y.applyUpdate(server, first);
  assert.is(guard.check(server, second, ANA), undefined);
});

test('[REG-5] overwriting is traced to its key through the update and the document', () => {
  const doc = new Y.Doc();
  const first = updateOf(doc, () => doc.getMap('people').set(`p1~${ANA}`, [1, 0, {}]));
  const server = new Y.Doc();
  Y.applyUpdate(server, first);
  const byLuis = new Y.Doc();
  Y.applyUpdate(byLuis, first);
  const chain = updateOf(byLuis, () => {
    for (let hlc = 2; hlc < 50; hlc++) byLuis.getMap('people').set(`p1~${ANA}`, [hlc, 0, {}]);
  });

  assert.is(guard.check(server, chain, LUIS)?.reason, 'foreign-register');
  assert.is(guard.check(server, chain, undefined)?.reason, 'foreign-register');
  assert.is(guard.check(server, chain, ANA), undefined);
  assert.is(guard.check(server, chain, RELAY_DEVICE), undefined);
});

test('[REG-5] what a delete range takes away counts as written', () => {
  const doc = new Y.Doc();
  const first = updateOf(doc, () => doc.getMap('people').set(`p1~${ANA}`, [1, 0, {}]));
  const server = new Y.Doc();
  Y.applyUpdate(server, first);
  const removal = updateOf(doc, () => doc.getMap('people').delete(`p1~${ANA}`));

  assert.is(guard.check(server, removal, LUIS)?.reason, 'foreign-register');
  assert.is(guard.check(server, removal, ANA), undefined);
  Y.applyUpdate(server, removal);
  // Deleted already: telling it again, as a stock client's whole state does, changes nothing.
  assert.is(guard.check(server, removal, LUIS), undefined);
});

test('[REG-5] telling what is there already is no write', () => {
  const doc = new Y.Doc();
  doc.getMap('people').set(`p1~${ANA}`, [1, 0, {}]);
  const whole = Y.encodeStateAsUpdate(doc);
  const server = new Y.Doc();

  assert.is(guard.check(server, whole, LUIS)?.reason, 'foreign-register');
  Y.applyUpdate(server, whole);
  assert.is(guard.check(server, whole, LUIS), undefined);
});

test('[REG-5] an item between its own neighbour and a foreign one is found out: Yjs asks the right one', () => {
  const doc = new Y.Doc();
  doc.clientID = 1;
  doc.getMap('people').set(`p1~${ANA}`, [1, 0, {}]);
  doc.getMap('people').set(`p1~${LUIS}`, [1, 0, {}]);
  // One struct of client 2 at clock 0: origin 1.1 (Luis's), right origin 1.0 (Ana's), content any [7].
  const forged = Uint8Array.from([1, 1, 2, 0, 0xc8, 1, 1, 1, 0, 1, 125, 7, 0]);

  assert.is(guard.check(doc, forged, LUIS)?.reason, 'foreign-register');
});

test('[REG-5] shared texts are for everyone', () => {
  const doc = new Y.Doc();
  const typed = updateOf(doc, () => doc.getText('people~p1~notes').insert(0, 'abc'));

  assert.is(guard.check(new Y.Doc(), typed, undefined), undefined);
});

test('[PERM-2] tables and texts of another family are refused, unknown ones kept for newer builds', () => {
  const check = (write: (doc: Y.Doc) => void) => {
    const doc = new Y.Doc();
    return guard.check(
      new Y.Doc(),
      updateOf(doc, () => write(doc)),
      ANA,
    )?.reason;
  };

  assert.is(
    check((doc) => doc.getMap('jobs').set(`j1~${ANA}`, [1, 0, {}])),
    'foreign-table',
  );
  assert.is(
    check((doc) => doc.getText('jobs~j1~notes').insert(0, 'x')),
    'foreign-table',
  );
  assert.is(
    check((doc) => doc.getMap('from_the_future').set(`j1~${LUIS}`, [1, 0, {}])),
    undefined,
  );
});

test('[REG-5] an update that waits for its predecessor is not judged yet', () => {
  const doc = new Y.Doc();
  doc.getMap('people').set(`p1~${ANA}`, [1, 0, {}]);
  const second = updateOf(doc, () => doc.getMap('people').set(`p1~${ANA}`, [2, 0, {}]));

  assert.is(guard.check(new Y.Doc(), second, LUIS), undefined);
});

test('[MAT-3] whatever the bytes, the guard answers and never throws', () => {
  const random = new Prng(Number(process.env.SEED ?? Date.now() % 1_000_000));
  const doc = new Y.Doc();
  const valid = updateOf(doc, () => {
    for (let index = 0; index < 20; index++)
      doc.getMap('people').set(`p${index}~${ANA}`, [1, 0, { name: 'x' }]);
    doc.getText('people~p1~notes').insert(0, 'hello');
    doc.getMap('people').delete(`p3~${ANA}`);
  });
  for (let round = 0; round < 3_000; round++) {
    const bytes = random.chance(4) ? random.bytes(random.int(60)) : Uint8Array.from(valid);
    for (let flips = random.int(4); flips >= 0 && bytes.length > 0; flips--) {
      bytes[random.int(bytes.length)] = random.int(256);
    }
    try {
      guard.check(
        doc,
        bytes.subarray(0, random.chance(3) ? random.int(bytes.length + 1) : bytes.length),
        LUIS,
      );
    } catch (error) {
      assert.unreachable(`seed ${random.seed}, round ${round}: ${error}`);
    }
  }
});

test.run();

function updateOf(doc: Y.Doc, write: () => void): Uint8Array {
  const updates: Uint8Array[] = [];
  const collect = (update: Uint8Array) => updates.push(update);
  doc.on('update', collect);
  doc.transact(write);
  doc.off('update', collect);
  return Y.mergeUpdates(updates);
}
