import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spliceOf } from './text-splice.ts';

const texts = fc.string({ unit: fc.constantFrom('a', 'b', '😀', '😁', '\u{1fa00}', 'ñ'), maxLength: 12 });

test('[CAP-7] a splice turns one text into the other, and never cuts a character in two', () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const splice = spliceOf(before, after);
      if (!splice) return assert.is(before, after);
      const { at, remove, insert } = splice;
      assert.is(before.slice(0, at) + insert + before.slice(at + remove), after);
      for (const part of [before.slice(0, at), before.slice(at, at + remove), insert])
        assert.ok(part.isWellFormed());
    }),
    { numRuns: 1_000 },
  );
});

test('[CAP-7] a splice is as small as it can be', () => {
  assert.equal(spliceOf('brakes squeal', 'front brakes squeal'), { at: 0, remove: 0, insert: 'front ' });
  assert.equal(spliceOf('abc', 'abXc'), { at: 2, remove: 0, insert: 'X' });
  assert.equal(spliceOf('aaa', 'aa'), { at: 2, remove: 1, insert: '' });
  assert.is(spliceOf('same', 'same'), undefined);
});

test.run();
