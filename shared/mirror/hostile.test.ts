/** Whatever a peer put into a document, it is projected without throwing, and incremental still equals afresh. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { newId } from '../base/ids.ts';
import { tablesOfDocument } from '../documents/route.ts';
import { DocumentRows } from '../registers/document-rows.ts';
import { dumpTables } from '../testing/replicas.ts';
import { testSchema } from '../testing/test-schema.ts';
import { Mirror } from './mirror.ts';
import { loadSqlJs, openSqlJs } from './sqljs.ts';

const sqlJs = await loadSqlJs();
const ORDER = newId(Date.UTC(2026, 10, 15), () => new Uint8Array(16));
const DOCUMENTS = ['people', 'catalog', 'work/2026-11', 'stock/2026-11'];

const ids = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('x', ORDER) },
  { weight: 1, arbitrary: fc.constantFrom('', 'a\0b', '__proto__', 'z'.repeat(201)) },
);
const devices = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('AAAAAAAA', 'BBBBBBBB') },
  { weight: 1, arbitrary: fc.constantFrom('short', '') },
);
const cells = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    0,
    1,
    -1,
    1.5,
    2 ** 53,
    1e300,
    '',
    'x',
    'signed',
    'a\0b',
    '{}',
    '{',
    ORDER,
    true,
    false,
  ),
  fc.constantFrom<unknown>(
    [],
    {},
    [1],
    { a: 1 },
    new Uint8Array([1]),
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ),
);
const hlcs = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<unknown>(1, 2, 3, 4096 * 1_790_000_000_000) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(Number.MAX_SAFE_INTEGER, 0, -1, 1.5, 'x', null) },
);

/** Writes to the tables of one document, mostly of a shape that this build knows. */
function entriesOf(document: string): fc.Arbitrary<[table: string, key: string, value: unknown][]> {
  const own = tablesOfDocument(testSchema, document);
  const columns = fc.constantFrom('unknown', ...own.flatMap((table) => Object.keys(table.columns)));
  const tables = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...own.map(({ name }) => name)) },
    { weight: 1, arbitrary: fc.constantFrom(...testSchema.tables.map(({ name }) => name)) },
  );
  const record = fc
    .tuple(ids, devices, fc.dictionary(columns, cells, { maxKeys: 4, noNullPrototype: true }))
    // Child rows mostly belong to the document.
    .map(([id, device, value]): [string, unknown] => [`${id}~${device}`, { order_id: ORDER, ...value }]);
  const cell = fc
    .tuple(ids, devices, fc.oneof(columns, fc.constantFrom('__proto__', 'a~b')), cells)
    .map(([id, device, column, value]): [string, unknown] => [`${id}~${device}~${column}`, value]);
  const flag = fc
    .tuple(ids, devices, fc.constantFrom<unknown>(0, 1, 2, 'x'))
    .map(([id, device, value]): [string, unknown] => [`${id}~${device}~`, value]);
  const entry = fc
    .tuple(tables, hlcs, hlcs, fc.oneof(record, cell, cell, flag), fc.nat(10))
    .map(([table, hlc, seen, [key, content], strange]): [string, string, unknown] => [
      table,
      key,
      strange === 0 ? content : [hlc, seen, content],
    ]);
  return fc.array(entry, { maxLength: 25 });
}

const histories = fc
  .constantFrom(...DOCUMENTS)
  .chain((document) => fc.tuple(fc.constant(document), entriesOf(document)));

test('[REG-6] [REG-8] nothing a peer wrote into a document makes the mirror throw or differ from afresh', () => {
  fc.assert(
    fc.property(histories, ([document, writes]) => {
      const [doc, other] = [new Y.Doc(), new Y.Doc()];
      const rows = new DocumentRows(doc, testSchema);
      const [mirror, sql] = open();
      rows.observe((touched) => mirror.project(document, rows, touched));
      for (const [table, key, value] of writes) {
        other.getMap(table).set(key, value);
        // As it would come over the wire: what cannot be encoded is gone.
        Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc)), 'peer');
      }
      const [afresh, sqlAfresh] = open();
      afresh.rebuild(document, new DocumentRows(doc, testSchema));

      assert.is(dumpTables(sql, testSchema), dumpTables(sqlAfresh, testSchema));
      for (const database of [sql, sqlAfresh]) database.close();
    }),
    { numRuns: 150 },
  );
});

test.run();

function open(): [Mirror, ReturnType<typeof openSqlJs>] {
  const sql = openSqlJs(sqlJs);
  const mirror = new Mirror(sql, testSchema);
  mirror.createTables();
  return [mirror, sql];
}
