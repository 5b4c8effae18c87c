import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { carryOver, mapCaret, spliceBetween } from './text-merge.ts';

test('two texts differ in one stretch', () => {
  assert.equal(spliceBetween('hola mundo', 'hola gran mundo'), { at: 5, removed: 0, inserted: 'gran ' });
  assert.equal(spliceBetween('aaa', 'aa'), { at: 2, removed: 1, inserted: '' });
  assert.equal(spliceBetween('igual', 'igual'), { at: 5, removed: 0, inserted: '' });
});

test('a caret behind what others wrote moves with its letters', () => {
  assert.is(mapCaret(10, 'hola mundo', 'hola gran mundo'), 15);
});

test('a caret before it stays', () => {
  assert.is(mapCaret(2, 'hola mundo', 'hola gran mundo'), 2);
});

test('a caret at the very place stays before it', () => {
  assert.is(mapCaret(5, 'hola ', 'hola mundo'), 5);
});

test('a caret in a stretch that was replaced goes to its end', () => {
  assert.is(mapCaret(6, 'abc DEF ghi', 'abc XY ghi'), 6);
});

test('letters typed while the merge ran are not lost', () => {
  assert.is(carryOver('freno', 'frenos', 'mirar freno'), 'mirar frenos');
  assert.is(carryOver('uno', 'uno dos', 'cero uno'), 'cero uno dos');
});

test('nothing typed meanwhile: the merged text stands', () => {
  assert.is(carryOver('a', 'a', 'ab'), 'ab');
});

test('what was deleted while the merge ran stays deleted', () => {
  assert.is(carryOver('uno dos', 'uno', 'cero uno dos'), 'cero uno');
});

test.run();
