import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../base/ids.ts';
import { loadSqlJs, openSqlJs } from '../../mirror/sqljs.ts';
import { sqliteDdl } from '../../schema/ddl-sqlite.ts';
import { tallerSchema } from '../schema.ts';
import { removePhoto } from './photo-flow.ts';

const test = suite('photos');
const sqlJs = await loadSqlJs();

test('a photo can be taken away, but not one that belongs to a signed reception', () => {
  const sql = openSqlJs(sqlJs);
  for (const statement of sqliteDdl(tallerSchema)) sql.run(statement);
  const [draft, signed, order] = ['draft', 'signed', 'order'];
  for (const id of [draft, signed]) sql.run('insert into receptions (id, status) values (?, ?)', [id, id]);
  const photos = [draft, signed, order].map((of) => {
    const id = newId();
    sql.run("insert into attachments (id, entity_id, kind) values (?, ?, 'photo')", [id, of]);
    return id;
  });

  for (const id of photos) for (const { sql: text, params = [] } of removePhoto(id)) sql.run(text, params);

  assert.equal(sql.rows('select entity_id from attachments'), [{ entity_id: signed }]);
});

test.run();
