import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDecimal, parseWhole } from './parse-decimal.ts';

for (const [typed, value] of [
  ['1,5', 1.5],
  ['1.5', 1.5],
  ['1.234,50', 1234.5],
  ['1,234.50', 1234.5],
  ['1.234.567', 1234567],
  ['-3', -3],
  ['12 €', 12],
  ['', undefined],
  ['dos', undefined],
  [',', undefined],
] as const) {
  test(`"${typed}" is ${value}`, () => {
    assert.is(parseDecimal(typed), value);
  });
}

for (const [typed, value] of [
  ['84210', 84_210],
  ['84.210', 84_210],
  ['84,210', 84_210],
  ['84 210 km', 84_210],
  ['1.234.567', 1_234_567],
  ['84210,5', 84_210],
  ['84.210,5', 84_210],
  ['12,5', 12],
  ['dos', undefined],
  ['-5', undefined],
  ['', undefined],
] as const) {
  test(`"${typed}" as a whole number is ${value}`, () => {
    assert.is(parseWhole(typed), value);
  });
}

test.run();
