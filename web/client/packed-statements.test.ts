import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packStatements, unpackStatements } from './packed-statements.ts';

test('statements cross as they are, each text once', () => {
  const [insert, update] = ['insert into t values (?)', 'update t set a = 1'];
  const statements = [
    { sql: insert, params: [1] },
    { sql: update, params: [] },
    { sql: insert, params: [null] },
    { sql: insert, params: ['x'] },
  ];
  const packed = packStatements(statements);

  assert.equal(packed.texts, [insert, update]);
  assert.equal(unpackStatements(structuredClone(packed)), statements);
  assert.equal(unpackStatements(packStatements([{ sql: update }])), [{ sql: update, params: [] }]);
  assert.equal(unpackStatements(packStatements([])), []);
});

test.run();
