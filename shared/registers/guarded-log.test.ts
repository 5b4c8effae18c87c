import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { tablesOfDocument } from '../documents/route.ts';
import { defineSchema, defineTable, text } from '../schema/table.ts';
import { Prng } from '../testing/prng.ts';
import { type GuardedEntry, GuardedLog } from './guarded-log.ts';
import { parseKey } from './key.ts';
import { RegisterGuard } from './register-guard.ts';

const test = suite('guarded log');
const ANA = 'AAAAAAAA';
const LUIS = 'BBBBBBBB';
const schema = defineSchema({
  version: 1,
  minVersion: 1,
  families: [{ name: 'people', bucketed: false }],
  tables: [defineTable('people', { family: 'people' }, { name: text() })],
});
const guard = new RegisterGuard(schema, tablesOfDocument(schema, 'people'));

test('[REG-5] what a stock client wrote into registers is left out, and what it wrote after that waits', () => {
  const stock = new Y.Doc();
  const made = updateOf(stock, () => stock.getMap('people').set(`p1~${ANA}`, [1, 0, { name: 'by hand' }]));
  const typed = updateOf(stock, () => stock.getText('people~p1~notes').insert(0, 'abc'));
  const log = new GuardedLog(new Y.Doc(), guard);

  assert.equal(log.apply({ seq: 1, device: undefined, update: made }), {
    kind: 'refused',
    reason: 'foreign-register',
    detail: `device (none) writes a register of device ${ANA} in table people`,
  });
  assert.equal(log.apply({ seq: 2, device: undefined, update: typed }), { kind: 'waiting' });
  assert.equal([...log.waiting.keys()], [2]);
  assert.is(log.doc.getMap('people').size, 0);
});

test('[REG-5] what had waited is told as it comes in, or is left out then', () => {
  const ana = new Y.Doc();
  const first = updateOf(ana, () => ana.getMap('people').set(`p1~${ANA}`, [1, 0, { name: 'first' }]));
  const luis = new Y.Doc();
  Y.applyUpdate(luis, first);
  const second = updateOf(ana, () => ana.getMap('people').set(`p1~${ANA}`, [2, 0, { name: 'second' }]));
  const forged = updateOf(luis, () => luis.getMap('people').set(`p1~${ANA}`, [3, 0, { name: 'forged' }]));
  const log = new GuardedLog<GuardedEntry>(new Y.Doc(), guard);
  const told: number[] = [];

  log.apply({ seq: 1, device: LUIS, update: forged }, ({ seq }) => told.push(seq));
  log.apply({ seq: 2, device: ANA, update: second }, ({ seq }) => told.push(seq));
  const outcome = log.apply({ seq: 3, device: ANA, update: first }, ({ seq }) => told.push(seq));

  assert.equal(told, [3, 2]);
  assert.equal(outcome.kind === 'applied' && outcome.refusedLate.map(({ entry }) => entry.seq), [1]);
  assert.equal(log.doc.getMap('people').get(`p1~${ANA}`), [2, 0, { name: 'second' }]);
});

test('[REG-5] whoever wrote what in whatever order: no register is another’s, and a snapshot on the way changes nothing', () => {
  const first = Number(process.env.SEED ?? Date.now() % 1_000_000);
  let shown = 0;
  for (let seed = first; seed < first + 60; seed++) {
    const random = new Prng(seed);
    const { entries, authors } = makeLog(random);
    const whole = new GuardedLog(new Y.Doc(), guard);
    let resumed = new GuardedLog(new Y.Doc(), guard);
    for (const entry of entries) {
      whole.apply(entry);
      resumed.apply(entry);
      if (resumed.waiting.size > 0 || !random.chance(4)) continue;
      const doc = new Y.Doc();
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(resumed.doc));
      resumed = new GuardedLog(doc, guard);
    }

    const registers = whole.doc.getMap('people');
    shown += registers.size;
    for (const [key, [hlc]] of registers as Iterable<[string, [number]]>)
      assert.is(authors.get(hlc), parseKey(key)!.device, `seed ${seed}, ${key}`);
    assert.equal(resumed.doc.getMap('people').toJSON(), registers.toJSON(), `seed ${seed}`);
    assert.equal([...resumed.waiting.keys()], [...whole.waiting.keys()], `seed ${seed}`);
  }
  assert.ok(shown > 60, `seeds from ${first} show ${shown} registers`);
});

test.run();

/** Two devices that now and then write a register of the other, and a stock client; some entries come late. */
function makeLog(random: Prng): { entries: GuardedEntry[]; authors: Map<number, string | undefined> } {
  const writers = [ANA, LUIS, undefined].map((device) => ({ device, doc: new Y.Doc() }));
  const authors = new Map<number, string | undefined>();
  const updates: { device: string | undefined; update: Uint8Array }[] = [];
  for (let hlc = 1; hlc <= 40; hlc++) {
    const { device, doc } = random.pick(writers);
    const owner = device === undefined || random.chance(10) ? random.pick([ANA, LUIS]) : device;
    const map = doc.getMap('people');
    const key = `p${random.int(3)}~${owner}`;
    const update = updateOf(doc, () => {
      if (map.has(key) && random.chance(5)) map.delete(key);
      else map.set(key, [hlc, 0, { name: 'x' }]);
    });
    authors.set(hlc, device);
    const at = random.chance(5) ? random.int(updates.length + 1) : updates.length;
    updates.splice(at, 0, { device, update });
    if (random.chance(2)) for (const other of writers) Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(doc));
  }
  return { entries: updates.map((each, index) => ({ seq: index + 1, ...each })), authors };
}

function updateOf(doc: Y.Doc, write: () => void): Uint8Array {
  const before = Y.encodeStateVector(doc);
  const updates: Uint8Array[] = [];
  const keep = (update: Uint8Array) => updates.push(update);
  doc.on('update', keep);
  doc.transact(write);
  doc.off('update', keep);
  return updates[0] ?? Y.encodeStateAsUpdate(doc, before);
}
