import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOSE_CODES, shouldReconnect } from './close-codes.ts';

test('[WIRE-1] a code from 4400 to 4499 ends it; any other, known or not, is worth a retry', () => {
  for (const code of [4400, 4401, 4413, 4450, 4499]) assert.not.ok(shouldReconnect(code), String(code));
  for (const code of [1000, 1006, 1012, 1013, 4399, 4500, 4503, 4999])
    assert.ok(shouldReconnect(code), String(code));
});

test('[WIRE-1] every refusal has its own code', () => {
  const codes = Object.values(CLOSE_CODES);
  assert.is(new Set(codes).size, codes.length);
});

test.run();
