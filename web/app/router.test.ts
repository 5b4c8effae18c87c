import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matchPath } from './router.ts';

test('a named segment becomes a parameter, decoded', () => {
  assert.equal(matchPath('/ordenes/:id', '/ordenes/T2-000%2F12'), { id: 'T2-000/12' });
});

test('a path with more or fewer segments is another page', () => {
  assert.is(matchPath('/ordenes/:id', '/ordenes'), undefined);
  assert.is(matchPath('/ordenes', '/ordenes/7'), undefined);
});

test('a slash at the end changes nothing', () => {
  assert.equal(matchPath('/ordenes', '/ordenes/'), {});
});

test('broken percent-encoding is taken as it stands', () => {
  assert.equal(matchPath('/ordenes/:id', '/ordenes/%E0%A4%A'), { id: '%E0%A4%A' });
});

test.run();
