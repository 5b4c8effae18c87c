import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDecimal } from './parse-decimal.ts';

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

test.run();
