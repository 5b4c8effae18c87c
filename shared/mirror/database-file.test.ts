import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { forSeeds } from '../testing/prng.ts';
import { DatabaseFile, emptyDatabase } from './database-file.ts';
import type { SqlDatabase } from './sql.ts';
import { loadSqlJs, openSqlJs } from './sqljs.ts';

const test = suite('database file');
const BLOCK_BYTES = 16_384;
const sqlJs = await loadSqlJs();

test('an empty database is what SQLite makes itself', () => {
  const made = openSqlJs(sqlJs);
  made.exec('pragma user_version = 0');
  const expected = made.export();
  expected.fill(0, 96, 100); // the version of SQLite that wrote last

  assert.equal(emptyDatabase(), expected);
  made.close();
});

test('opening reads the header at most, and a query the blocks it needs', () => {
  const image = filled(5_000);
  const read: number[] = [];
  const sql = openSqlJs(
    sqlJs,
    fileOf(image, (index) => read.push(index)),
  );
  assert.ok(read.every((index) => index === 0));

  assert.equal(sql.rows("select value from cells where id = 'id42'"), [{ value: textOf(42) }]);

  assert.ok(read.length > 0 && read.length < 8, `${read.length} blocks were read`);
  assert.is(new Set(read).size, read.length);
  assert.equal(sql.rows('select count(*) as n from cells'), [{ n: 5_000 }]);
  sql.close();
});

test('whatever is written and rolled back, the blocks told as changed make the stored image the database', () =>
  forSeeds(10, [], (random) => {
    const file = fileOf(filled(200));
    const sql = openSqlJs(sqlJs, file);
    sql.exec('pragma journal_mode = memory; pragma synchronous = off; pragma locking_mode = exclusive');
    let stored: Uint8Array[] = blocksOf(file, undefined, []);
    file.takeChanged();
    for (let round = 0; round < 4; round++) {
      sql.exec('begin');
      for (let writes = random.int(60); writes > 0; writes--) {
        const id = `id${random.int(600)}`;
        if (random.chance(3)) sql.run('delete from cells where id = ?', [id]);
        else sql.run('replace into cells values (?, ?)', [id, 'x'.repeat(random.int(2_000))]);
      }
      sql.exec(random.chance(4) ? 'rollback' : 'commit');
      stored = blocksOf(file, file.takeChanged(), stored);

      const again = openSqlJs(sqlJs, joined(stored));
      assert.equal(
        again.rows('select * from cells order by id'),
        sql.rows('select * from cells order by id'),
      );
      assert.equal(again.rows('pragma integrity_check'), [{ integrity_check: 'ok' }]);
      again.close();
    }
    sql.close();
  }));

test('a block that was given away stays as it is, also when it is put back', () => {
  const file = fileOf(filled(200));
  const sql = openSqlJs(sqlJs, file);
  sql.run("update cells set value = 'first'");
  const changed = file.takeChanged();
  const given = [...changed].map((index) => file.block(index));
  const before = given.map((block) => block.slice());

  file.putBack(changed);
  sql.run("update cells set value = 'second'");

  assert.equal(given, before);
  const changedAgain = file.takeChanged();
  assert.ok([...changed].every((index) => changedAgain.has(index)));
  sql.close();
});

test('a block that cannot be read fails the statements that need it, and what was begun is rolled back', () => {
  const image = filled(2_000);
  const broken = Math.floor(image.length / BLOCK_BYTES / 2);
  let isBroken = true;
  const file = fileOf(image, (index) => {
    if (isBroken && index === broken) throw new Error('gone');
  });
  const sql = openSqlJs(sqlJs, file);
  sql.exec('pragma journal_mode = memory; pragma synchronous = off; pragma locking_mode = exclusive');

  assert.throws(() => sql.rows('select sum(length(value)) from cells'), /malformed/);
  sql.exec('begin');
  assert.throws(() => sql.run("update cells set value = 'lost'"), /malformed/);
  sql.exec('rollback');

  isBroken = false;
  assert.equal(sql.rows("select count(*) as n from cells where value = 'lost'"), [{ n: 0 }]);
  assert.equal(sql.rows('pragma integrity_check'), [{ integrity_check: 'ok' }]);
  sql.close();
});

test('it is told when SQLite has cut the file short and keeps it by itself', () => {
  const file = fileOf(filled(200));
  const sql = openSqlJs(sqlJs, file);
  sql.exec(
    'pragma journal_mode = memory; pragma synchronous = off; pragma locking_mode = exclusive; pragma cache_size = 10',
  );
  sql.run("update cells set value = 'short'");
  sql.run("insert into cells values ('long', ?)", ['z'.repeat(300_000)]);
  sql.rows('select * from cells');
  assert.not(file.isLeft);

  sql.exec('begin');
  for (let index = 0; index < 3_000; index++)
    sql.run('insert into cells values (?, ?)', [`more${index}`, 'y'.repeat(300)]);
  sql.exec('rollback');

  assert.ok(file.isLeft);
  assert.equal(sql.rows('select count(*) as n from cells'), [{ n: 201 }]);
  sql.close();
});

test.run();

function textOf(index: number): string {
  return `value ${index} `.repeat(index % 20);
}

function filled(rows: number): Uint8Array {
  const sql: SqlDatabase = openSqlJs(sqlJs);
  sql.exec('create table cells (id text primary key, value text) strict; begin');
  for (let index = 0; index < rows; index++)
    sql.run('insert into cells values (?, ?)', [`id${index}`, textOf(index)]);
  sql.exec('commit');
  const image = sql.export();
  sql.close();
  return image;
}

function fileOf(image: Uint8Array, onRead: (index: number) => unknown = () => {}): DatabaseFile {
  return new DatabaseFile({
    bytes: image.length,
    blockBytes: BLOCK_BYTES,
    readBlock: (index) => {
      onRead(index);
      return image.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
    },
  });
}

/** All blocks, of which those that did not change are taken from `before`. */
function blocksOf(
  file: DatabaseFile,
  changed: ReadonlySet<number> | undefined,
  before: readonly Uint8Array[],
): Uint8Array[] {
  return Array.from({ length: Math.ceil(file.bytes / BLOCK_BYTES) }, (_, index) =>
    changed?.has(index) === false ? before[index]! : file.block(index),
  );
}

function joined(blocks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(blocks));
}
