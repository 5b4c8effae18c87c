import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { scanUpdate } from '../../shared/registers/update-scan.ts';
import { Prng } from '../../shared/testing/prng.ts';
import { Knowledge } from './knowledge.ts';
import { Scanner } from './scan.ts';

const test = suite('Knowledge');

test('after any history it has the state vector of the document, and knows every update again', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Prng(seed);
    const docs = [1, 2, 3].map((client) => {
      const doc = new Y.Doc();
      doc.clientID = client;
      return doc;
    });
    const updates: Uint8Array[] = [];
    for (const doc of docs) doc.on('update', (update: Uint8Array) => updates.push(update));
    for (let step = 0; step < 30; step++) {
      const doc = docs[random.int(3)]!;
      const text = doc.getText('t');
      if (random.int(4) === 0 && text.length > 0) text.delete(random.int(text.length), 1);
      else if (random.int(4) === 0) Y.applyUpdate(doc, Y.encodeStateAsUpdate(docs[random.int(3)]!), 'peer');
      else text.insert(random.int(text.length + 1), 'x'.repeat(1 + random.int(3)));
    }
    const whole = new Y.Doc();
    for (const update of updates) Y.applyUpdate(whole, update);

    const knowledge = new Knowledge();
    for (const update of updates.sort(() => random.int(3) - 1)) knowledge.add(scanUpdate(update));

    const expected = Y.decodeStateVector(Y.encodeStateVector(whole));
    assert.equal([...knowledge.stateVector()].sort(), [...expected].sort(), `seed ${seed}`);
    assert.not(knowledge.lacks(scanUpdate(Y.encodeStateAsUpdate(whole))), `seed ${seed}`);
  }
});

test('it lacks a new struct, a new delete, and nothing of a part of what it has', () => {
  const doc = new Y.Doc();
  doc.getText('t').insert(0, 'hello');
  const knowledge = new Knowledge();
  knowledge.add(scanUpdate(Y.encodeStateAsUpdate(doc)));
  assert.not(knowledge.lacks(scanUpdate(Y.encodeStateAsUpdate(doc))));

  const before = Y.encodeStateVector(doc);
  doc.getText('t').delete(1, 2);
  assert.ok(knowledge.lacks(scanUpdate(Y.encodeStateAsUpdate(doc, before))));
  knowledge.add(scanUpdate(Y.encodeStateAsUpdate(doc, before)));
  assert.not(knowledge.lacks(scanUpdate(Y.encodeStateAsUpdate(doc, before))));
  doc.getText('t').insert(0, 'x');
  assert.ok(knowledge.lacks(scanUpdate(Y.encodeStateAsUpdate(doc, before))));
});

test('behind a gap everything is asked for again', () => {
  const doc = new Y.Doc();
  doc.clientID = 7;
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (let index = 0; index < 3; index++) doc.getText('t').insert(index, 'x');
  const knowledge = new Knowledge();
  for (const index of [0, 2]) knowledge.add(scanUpdate(updates[index]!));

  assert.equal([...knowledge.stateVector()], [[7, 1]]);
});

test('a large update is scanned in another thread, to the same result', async () => {
  const doc = new Y.Doc();
  const rows = doc.getMap('rows');
  doc.transact(() => {
    for (let index = 0; index < 5_000; index++) rows.set(`row-${index}`, 'x'.repeat(50));
    for (let index = 0; index < 500; index++) rows.delete(`row-${index * 3}`);
  });
  const update = Y.encodeStateAsUpdate(doc);
  const scanner = new Scanner();

  const knowledge = await scanner.knowledgeOf(update);

  assert.ok(update.length > 200_000);
  assert.equal([...knowledge.stateVector()], [...Y.decodeStateVector(Y.encodeStateVector(doc))]);
  assert.not(knowledge.lacks(scanUpdate(update)));
  await scanner.close();
});

test.run();
