import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withPlate } from './people.ts';

const test = suite('people');
const VEHICLES = [{ plate: '' }, { plate: '1234 BCD' }, { plate: 'M-1234-AB' }];

test('a plate is the same however it was typed', () => {
  for (const typed of ['1234bcd', ' 1234-BCD ', '1234 bcd'])
    assert.is(withPlate(VEHICLES, typed)?.plate, '1234 BCD', typed);
  assert.is(withPlate(VEHICLES, 'm1234ab')?.plate, 'M-1234-AB');
});

test('part of a plate is none, nor is what has no letter or digit', () => {
  for (const typed of ['1234', '', '🚗', '--']) assert.is(withPlate(VEHICLES, typed), undefined, typed);
});

test.run();
