import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellKey, flagKey, isRowId, parseKey, parseTextName, recordKey, textName } from './key.ts';

test('[REG-5] every key carries the device that writes it', () => {
  assert.equal(parseKey(recordKey('c1', 'AAAAAAAA')), {
    kind: 'record',
    id: 'c1',
    device: 'AAAAAAAA',
    column: '',
  });
  assert.equal(parseKey(cellKey('c1', 'AAAAAAAA', 'name')), {
    kind: 'cell',
    id: 'c1',
    device: 'AAAAAAAA',
    column: 'name',
  });
  assert.equal(parseKey(flagKey('c1', 'AAAAAAAA')), {
    kind: 'flag',
    id: 'c1',
    device: 'AAAAAAAA',
    column: '',
  });
});

test('[REG-6] a key of another shape is no register', () => {
  for (const key of [
    '',
    'c1',
    '~AAAAAAAA',
    'c1~short',
    'c1~AAAAAAAA~name~more',
    'c1~AAAA AAA',
    'c1~AAAAAAAAA',
  ]) {
    assert.is(parseKey(key), undefined, key);
  }
});

test('a row id is any text of 1 to 200 characters without ~ and NUL', () => {
  for (const id of ['1', 'García Ñ', 'a/b:c', 'x'.repeat(200)]) assert.ok(isRowId(id), id);
  for (const id of ['', 'a~b', 'a\0b', 'x'.repeat(201), 5, null]) assert.not.ok(isRowId(id), String(id));
});

test('the name of a shared text tells its table, row and column', () => {
  assert.equal(parseTextName(textName('orders', 'o 1', 'notes')), {
    table: 'orders',
    id: 'o 1',
    column: 'notes',
  });
  for (const name of ['orders', 'orders~1', 'orders~~notes', 'a~b~c~d'])
    assert.is(parseTextName(name), undefined);
});

test.run();
