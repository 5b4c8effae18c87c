import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../base/ids.ts';
import { orderLines, orders, testSchema } from '../testing/test-schema.ts';
import { bucketOfId, idRangeOfBucket } from './bucket.ts';
import { documentOf, Router, routeOf, tablesOfDocument } from './route.ts';

const LAST_OF_OCTOBER = Date.UTC(2026, 10, 1) - 1;

test('[DOC-1] the UTC month of a UUIDv7 names its bucket', () => {
  assert.is(bucketOfId(newId(LAST_OF_OCTOBER)), '2026-10');
  assert.is(bucketOfId(newId(LAST_OF_OCTOBER + 1)), '2026-11');
  assert.is(bucketOfId('c1'), undefined);
});

test('[DOC-1] the ids of a bucket are a range of texts', () => {
  const range = idRangeOfBucket('2026-11')!;
  const inRange = (ms: number) => newId(ms) >= range.from && newId(ms) < range.to;

  assert.ok(inRange(Date.UTC(2026, 10, 1)) && inRange(Date.UTC(2026, 11, 1) - 1));
  assert.not.ok(inRange(LAST_OF_OCTOBER) || inRange(Date.UTC(2026, 11, 1)));
  for (const bucket of ['', '2026', '2026-13', '2026-1', 'x']) assert.is(idRangeOfBucket(bucket), undefined);
});

test('[DOC-2] a child row lives in the document of the row that routes it', () => {
  const order = newId(LAST_OF_OCTOBER);

  assert.is(routeOf(orders, { id: order }), 'work/2026-10');
  assert.is(routeOf(orderLines, { id: newId(LAST_OF_OCTOBER + 9e9), order_id: order }), 'work/2026-10');
  assert.is(documentOf(testSchema, 'customers', { id: 'c1' }), 'people');
});

test('[DOC-2] a row that cannot be routed has no document', () => {
  assert.is(routeOf(orderLines, { id: 'l1', order_id: null }), undefined);
  assert.throws(() => documentOf(testSchema, 'orders', { id: 'o1' }), /"id" must be a UUIDv7/);
  assert.throws(() => documentOf(testSchema, 'nothing', { id: 'o1' }), /not in the schema/);
});

test('[DOC-2] many rows are routed as each alone', () => {
  const ids = [0, 1, -1, 9e9, 2, -9e9, 0].map((ms) => newId(LAST_OF_OCTOBER + ms));
  const notIds = [
    'o1',
    '',
    `${ids[0]}x`,
    ids[0]!.toUpperCase(),
    `${ids[0]!.slice(0, 14)}4${ids[0]!.slice(15)}`,
  ];
  const own = new Router(orders);
  const ofParent = new Router(orderLines);

  for (const id of [...ids, ...notIds, ids[1]!, ...notIds]) {
    assert.is(own.documentOf(id, null), routeOf(orders, { id }));
    assert.is(ofParent.documentOf('l1', id), routeOf(orderLines, { id: 'l1', order_id: id }));
  }
  assert.is(ofParent.documentOf('l1', null), undefined);
  assert.is(Object.keys(orderLines.columns)[ofParent.bucketIndex], 'order_id');
});

test('the tables of a document are those of its family', () => {
  const names = (document: string) => tablesOfDocument(testSchema, document).map(({ name }) => name);

  assert.equal(names('people'), ['customers']);
  assert.equal(names('work/2026-11'), ['orders', 'order_lines', 'estimates']);
  assert.equal(names('work'), []);
  assert.equal(names('people/2026-11'), []);
  assert.equal(names('drawing'), []);
});

test.run();
