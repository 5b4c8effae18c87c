import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isFiltered, orderPagePath, PLAIN_VIEW, readOrderPageView } from './order-filter.ts';

test('[NAV-3] a view is read from the address that it gives', () => {
  for (const as of ['board', 'lanes', 'list'] as const) {
    for (const scope of ['open', 'all'] as const) {
      for (const onlyLate of [true, false]) {
        const view = { as, scope, onlyLate, technician: 'a&b=c', status: 'waiting_parts' };
        const { searchParams } = new URL(orderPagePath(view), 'http://taller.test');
        assert.equal(readOrderPageView(searchParams), view);
      }
    }
  }
});

test('[NAV-3] an address that says nothing, or nonsense, gives the board of open orders', () => {
  assert.equal(readOrderPageView(new URLSearchParams()), PLAIN_VIEW);
  assert.equal(readOrderPageView(new URLSearchParams('vista=toString&mostrar=7&tarde=si')), PLAIN_VIEW);
  assert.is(orderPagePath({}), '/ordenes');
});

test('a board, lanes and a list of everything are not filtered', () => {
  assert.not(isFiltered({ ...PLAIN_VIEW, as: 'list', scope: 'all' }));
  assert.ok(isFiltered({ ...PLAIN_VIEW, onlyLate: true }));
  assert.ok(isFiltered({ ...PLAIN_VIEW, technician: 'eva' }));
  assert.ok(isFiltered({ ...PLAIN_VIEW, status: 'received' }));
});

test.run();
