import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSqlJs, openSqlJs } from '../mirror/sqljs.ts';
import { columnsOf, parsePredicate } from './predicate.ts';
import type { CellValue } from './table.ts';

const sqlJs = await loadSqlJs();

test('[SCHEMA-1] an expression has the same truth here as in SQLite', () => {
  const sql = openSqlJs(sqlJs);
  const value = fc.constantFrom<CellValue>(null, 0, 1, -3, 2.5, '', 'signed', "d'or", '10');
  const operand = fc.oneof(
    fc.constantFrom('a', 'b', '"c"', 'null', '0', '1', '-3', '2.5', "'signed'", "'d''or'", "''"),
  );
  const comparison = fc.oneof(
    fc
      .tuple(operand, fc.constantFrom('=', '==', '<>', '!=', '<', '<=', '>', '>='), operand)
      .map((parts) => parts.join(' ')),
    fc.tuple(operand, fc.constantFrom('is null', 'is not null')).map((parts) => parts.join(' ')),
    fc
      .tuple(operand, fc.constantFrom('in', 'not in'), operand, operand)
      .map(([a, op, x, y]) => `${a} ${op} (${x}, ${y})`),
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 3 },
      comparison,
      fc
        .tuple(tie('expression'), fc.constantFrom('and', 'or'), tie('expression'))
        .map(([a, op, b]) => `(${a}) ${op} (${b})`),
      tie('expression').map((inner) => `not (${inner})`),
    ),
  }));
  fc.assert(
    fc.property(expression, fc.tuple(value, value, value), (text, [a, b, c]) => {
      // Columns of a table of type `any` compare as their values do, without affinity.
      const [row] = sql.rows(`select (${text}) is true as truth from (select ? as a, ? as b, ? as "c")`, [
        a,
        b,
        c,
      ]);
      const cells: Record<string, CellValue> = { a, b, c };
      assert.is(
        parsePredicate(text)((name) => cells[name] ?? null),
        row?.truth === 1,
        text,
      );
    }),
    { numRuns: 500 },
  );
});

test('[SCHEMA-1] what is outside the grammar is refused when the schema is read', () => {
  for (const sql of ['', 'length(a) > 1', 'a = ', 'a + 1 = 2', 'a = 1 or', "a like 'x'", 'a = ?', '(a = 1']) {
    assert.throws(() => parsePredicate(sql), /expression/, sql);
  }
});

test('the columns of an expression are its words that are columns', () => {
  assert.equal(columnsOf("qty_milli <> 0 and status = 'open note'", ['qty_milli', 'status', 'note', 'qty']), [
    'qty_milli',
    'status',
  ]);
});

test.run();
