import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { forSeeds } from '../../shared/testing/prng.ts';
import { applyEdits, editBetween, rebaseEdit } from './shared-text.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { connectTestReplica, openTestReplica, settleAll } from './testing/open-replica.ts';

const test = suite('shared-text');

/** base, next (this side), now (what others made of base), merged */
const merges: readonly [string, string, string, string][] = [
  ['', 'a', '', 'a'],
  ['brakes', 'brakes!', 'brakes', 'brakes!'],
  ['brakes', 'brakes!', 'old brakes', 'old brakes!'],
  ['brakes', 'new brakes', 'brakes squeak', 'new brakes squeak'],
  ['one two three', 'one three', 'one two three four', 'one three four'],
  ['one two three', 'one 2 three', 'one two 3', 'one 2 3'],
  ['', 'mine', 'theirs', 'minetheirs'],
  ['abc', '', 'abXc', 'X'],
  ['abc', 'ac', 'abc', 'ac'],
  ['left word right', 'left right', 'word', ''],
  ['front brakes', 'front discs', 'the front brakes squeak', 'the front discs squeak'],
  ['a😀b', 'a😁b', 'a😀b', 'a😁b'],
];

for (const [base, next, now, merged] of merges) {
  test(`[TEXT-1] "${base}" edited to "${next}" while it became "${now}" is "${merged}"`, () => {
    assert.is(applyEdits(now, rebaseEdit(base, next, now)), merged);
  });
}

test('[TEXT-1] nothing that either side typed is lost, and an edit of a text nobody touched is exact', () =>
  forSeeds(200, [], (random) => {
    const letters = (alphabet: string) =>
      Array.from({ length: random.int(6) }, () => alphabet[random.int(alphabet.length)]).join('');
    const edited = (text: string, alphabet: string) => {
      const at = random.int(text.length + 1);
      return text.slice(0, at) + letters(alphabet) + text.slice(at + random.int(text.length - at + 1));
    };
    const base = letters('xyz');
    const next = edited(base, 'ABC');
    const now = edited(base, '123');

    const merged = applyEdits(now, rebaseEdit(base, next, now));
    for (const typed of 'ABC123') {
      const count = (text: string) => text.split(typed).length - 1;
      assert.is(count(merged), count(next) + count(now), `${base} -> ${next}, ${now}: ${merged}`);
    }
    assert.is(applyEdits(base, rebaseEdit(base, next, base)), next);
  }));

test('[TEXT-1] the words of two who type at one place at once stay whole', () => {
  let now = 'noise: ';
  const [ana, eva] = [typist(), typist()];
  for (let letter = 0; letter < 4; letter++) {
    ana('oils'[letter]!);
    eva('belt'[letter]!);
  }

  assert.ok(['noise: oilsbelt', 'noise: beltoils'].includes(now), now);

  /** Types after the letter typed last, into the text as it was then. */
  function typist(): (letter: string) => void {
    let base = now;
    let caret = now.length;
    return (letter) => {
      const edit = rebaseEdit(base, base.slice(0, caret) + letter + base.slice(caret), now)[0]!;
      now = applyEdits(now, [edit]);
      base = now;
      caret = edit.at + 1;
    };
  }
});

test('[TEXT-1] a text that others wrote anew from end to end takes no longer than a text', () => {
  const base = 'abcdefghij'.repeat(10_000);
  const now = base.replaceAll('a', 'Z').replaceAll('e', 'YY');

  const merged = applyEdits(now, rebaseEdit(base, `${base}!`, now));
  assert.is(merged, `${now}!`);
});

test('an edit never splits a character in two', () => {
  const edit = editBetween('x😀', 'x😁')!;
  assert.equal(edit, { at: 1, remove: 2, insert: '😁' });
});

test('[TEXT-2] two devices type into one text offline, and both texts are there', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  const ref = { table: 'orders', id: newId(), column: 'notes' };
  await a.execute('insert into orders (id) values (?)', [ref.id]);
  await a.editText(ref, '', 'brakes');
  await settleAll(a, b);
  a.disconnect();
  b.disconnect();

  assert.is(await a.editText(ref, 'brakes', 'front brakes'), 'front brakes');
  assert.is(await b.editText(ref, 'brakes', 'brakes squeak'), 'brakes squeak');
  connectTestReplica(a);
  connectTestReplica(b);
  await settleAll(a, b);

  for (const replica of [a, b])
    assert.equal(replica.query('select notes from orders'), [{ notes: 'front brakes squeak' }]);
  await a.close();
  await b.close();
});

test('a text of a row that is not there, and a column that is no shared text, are refused', async () => {
  const replica = await openTestReplica();
  const failure = (column: string) =>
    replica
      .editText({ table: 'orders', id: newId(), column }, '', 'x')
      .catch((error: Error) => error.message);

  assert.match((await failure('notes')) as string, /has no row/);
  assert.match((await failure('status')) as string, /is no shared text/);
  await replica.close();
});

test.run();
