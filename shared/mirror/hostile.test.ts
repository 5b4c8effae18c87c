/** Whatever a peer put into a document, it is projected without throwing, and incremental still equals afresh. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { newId } from '../base/ids.ts';
import { DocumentRows } from '../registers/document-rows.ts';
import { dumpTables } from '../testing/replicas.ts';
import { testSchema } from '../testing/test-schema.ts';
import { Mirror } from './mirror.ts';
import { loadSqlJs, openSqlJs } from './sqljs.ts';

const sqlJs = await loadSqlJs();
const ORDER = newId(Date.UTC(2026, 10, 15), () => new Uint8Array(16));
const DOCUMENTS = ['people', 'catalog', 'work/2026-11', 'stock/2026-11'];
const COLUMNS = testSchema.tables.flatMap((table) => Object.keys(table.columns));

const ids = fc.constantFrom('x', 'y', ORDER, '', 'a\0b', '__proto__', 'z'.repeat(201));
const devices = fc.constantFrom('AAAAAAAA', 'BBBBBBBB', 'short', '');
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
const keys = fc.oneof(
  fc.tuple(ids, devices).map((parts) => parts.join('~')),
  fc
    .tuple(ids, devices, fc.constantFrom('', 'unknown', '__proto__', 'a~b', ...COLUMNS))
    .map((parts) => parts.join('~')),
);
const records = fc.dictionary(fc.constantFrom('unknown', ...COLUMNS), cells, {
  maxKeys: 6,
  noNullPrototype: true,
});
const hlcs = fc.constantFrom<unknown>(
  1,
  2,
  3,
  4096 * 1_790_000_000_000,
  Number.MAX_SAFE_INTEGER,
  0,
  -1,
  1.5,
  'x',
  null,
);
const values = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(hlcs, hlcs, fc.oneof(records, cells)) },
  { weight: 1, arbitrary: cells },
);
const tables = fc.constantFrom(...testSchema.tables.map(({ name }) => name));
const entries = fc.array(fc.tuple(tables, keys, values), { maxLength: 25 });

test('[REG-6] [REG-8] nothing a peer wrote into a document makes the mirror throw or differ from afresh', () => {
  fc.assert(
    fc.property(entries, fc.constantFrom(...DOCUMENTS), (writes, document) => {
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
