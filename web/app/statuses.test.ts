import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_STATUSES } from '../../shared/taller/status.ts';
import { canTakeBack, type MovableOrder } from './statuses.ts';

const test = suite('statuses');
const STATUSES = DEFAULT_STATUSES.map((status) => ({ ...status, wip_limit: null }));

for (const [from, to, isSo] of [
  ['received', 'in_progress', true],
  ['ready', 'received', true],
  ['draft', 'received', false],
  ['received', 'cancelled', false],
  ['ready', 'delivered', false],
] as const) {
  test(`a move from ${from} to ${to} can${isSo ? '' : 'not'} be taken back with one tap`, () => {
    const order: MovableOrder = {
      id: 'o',
      number: 'OR1',
      status_key: from,
      locked_at: null,
      unlocked_at: null,
    };
    assert.is(canTakeBack(order, to, STATUSES), isSo);
    assert.is(canTakeBack({ ...order, locked_at: 1 }, to, STATUSES), false);
  });
}

test.run();
