import { generateMsgId } from '@lit/localize/internal/id-generation.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { templatesOf } from './localisation.ts';

test('a plain text is found by the id of its source', () => {
  assert.is(templatesOf({ Órdenes: 'Orders' })[generateMsgId('Órdenes', false)], 'Orders');
});

test('a text with values is found by the id of its pieces, and names the places of its values', () => {
  const id = generateMsgId(['Sin conexión. Pendientes: ', '.'], false);
  const template = templatesOf({ 'Sin conexión. Pendientes: {0}.': 'Offline. Pending: {0}.' })[id];

  assert.ok(typeof template === 'object' && 'strTag' in template);
  assert.equal([...template.strings], ['Offline. Pending: ', '.']);
  assert.equal(template.values, [0]);
});

test('a translation may say the values in another order', () => {
  const id = generateMsgId(['', ' de ', ''], false);
  const template = templatesOf({ '{0} de {1}': 'of {1}, {0}' })[id];

  assert.ok(typeof template === 'object' && 'values' in template);
  assert.equal(template.values, [1, 0]);
});

test.run();
