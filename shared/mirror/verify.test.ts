import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../base/ids.ts';
import { Workshop } from '../testing/histories.ts';
import { Prng } from '../testing/prng.ts';
import { TestReplica } from '../testing/replicas.ts';
import { testSchema } from '../testing/test-schema.ts';
import { loadSqlJs } from './sqljs.ts';
import {
  differingRanges,
  differingRows,
  Fingerprint,
  fingerprintRegisters,
  fingerprintSql,
} from './verify.ts';

const sqlJs = await loadSqlJs();

test('[MIR-11] after any history the fingerprints of registers and SQL are equal', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Prng(seed);
    const replica = new TestReplica({ sqlJs, schema: testSchema, random });
    const workshop = new Workshop(random);
    replica.write(...workshop.opening());
    for (let step = 0; step < 10; step++) replica.tryWrite(...workshop.transaction());

    for (const document of replica.documents.keys()) {
      const ranges = differingRanges(registersOf(replica, document), sqlOf(replica, document));
      assert.is(ranges.size, 0, `seed ${seed}, ${document}`);
    }
    replica.close();
  }
});

test('[MIR-11] a row that SQL holds otherwise is found, and nothing beside it', () => {
  const replica = openWithItems(500);
  const ids = replica.query('select id from items order by id').map(({ id }) => String(id));
  // Behind the engine's back, as a torn image would be.
  replica.sql.exec('begin; update temp._capture set capturing = 0');
  replica.sql.run("update items set brand = 'torn' where id = ?", [ids[7]!]);
  replica.sql.run('delete from items where id = ?', [ids[9]!]);
  replica.sql.run("insert into items (id) values ('invented')");
  replica.sql.exec('update temp._capture set capturing = 1; commit');

  const ranges = differingRanges(registersOf(replica, 'catalog'), sqlOf(replica, 'catalog'));
  assert.ok((ranges.get('items')?.length ?? 0) <= 3);

  const differences = differingRows(testSchema, 'catalog', {
    rows: replica.rows('catalog'),
    mirror: replica.mirror,
    ranges,
  });
  assert.equal(differences.map(({ id }) => id).sort(), [ids[7]!, ids[9]!, 'invented'].sort());
  const invented = differences.find(({ id }) => id === 'invented');
  assert.is(invented?.expected, undefined);

  replica.mirror.project(
    'catalog',
    replica.rows('catalog'),
    new Map([['items', new Set(differences.map(({ id }) => id))]]),
  );
  assert.is(differingRanges(registersOf(replica, 'catalog'), sqlOf(replica, 'catalog')).size, 0);
});

test('[MIR-11] a fingerprint does not depend on the order of rows, and tells null, text and number apart', () => {
  const of = (...rows: [string, (null | string | number)[]][]) => {
    const fingerprint = new Fingerprint('t');
    for (const [id, cells] of rows) fingerprint.add(id, cells);
    return fingerprint.read();
  };

  assert.equal(of(['a', [1]], ['b', [2]]), of(['b', [2]], ['a', [1]]));
  const different = [of(['a', [1]]), of(['a', ['1']]), of(['a', [null]]), of(['a', ['']]), of()];
  assert.is(new Set(different.map(({ ranges }) => ranges.join())).size, different.length);
});

test.run();

function registersOf(replica: TestReplica, document: string) {
  return fingerprintRegisters(testSchema, document, replica.rows(document), replica.mirror);
}

function sqlOf(replica: TestReplica, document: string) {
  return fingerprintSql(testSchema, document, replica.mirror);
}

function openWithItems(count: number): TestReplica {
  const replica = new TestReplica({ sqlJs, schema: testSchema, random: new Prng(1) });
  replica.write(
    ...Array.from({ length: count }, (_, index) => ({
      sql: 'insert into items (id, brand, price_minor) values (?, ?, ?)',
      params: [newId(1_790_000_000_000 + index), `brand ${index}`, index],
    })),
  );
  return replica;
}
