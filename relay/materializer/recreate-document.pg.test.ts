import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { newId } from '../../shared/base/ids.ts';
import { EpochChangedError } from '../log/log.ts';
import { type Fixture, withMaterializer } from '../testing/materializer-fixture.ts';
import { all, insert, remove, TEST_START_MS, TestWriter, update } from '../testing/test-writer.ts';
import { Compactor } from './compactor.ts';
import { readSnapshot } from './snapshot-file.ts';
import { verifyReport } from './verify-report.ts';

const test = suite('re-create a document');
const WORK = 'work/2026-11';
const JOB = newId(TEST_START_MS);

test('[EPOCH-1] rows, conflicts and texts are the same in the next epoch, written by one Yjs client', async () => {
  await withMaterializer(async (fixture) => {
    await fill(fixture);
    const before = await dump(fixture);

    const recreated = await compactorOf(fixture).recreate(1);
    await fixture.materializer.runUntilLevel();

    assert.equal([recreated.kind, recreated.kind === 'recreated' && recreated.epoch], ['recreated', 2]);
    assert.equal(await dump(fixture), before);
    assert.equal(await differences(fixture), []);
    const doc = await currentDocument(fixture);
    assert.is(doc.store.clients.size, 1);
    assert.is(doc.getText(`jobs~${JOB}~notes`).toString(), 'hello');
    assert.equal(await fixture.rows('select epoch, seq from espejo.report_cursor'), [{ epoch: 2, seq: 1 }]);
  });
});

test('[EPOCH-1] a commit made on the old epoch is refused, and lands once it is made again on the new one', async () => {
  await withMaterializer(async (fixture) => {
    const { ana, materializer, rows } = fixture;
    await fill(fixture);
    const offline = ana.make('offline', { [WORK]: update('jobs', JOB, 'title', 'written offline') });
    await compactorOf(fixture).recreate(1);

    const refusal = await ana.send(offline).catch((error) => error);
    assert.instance(refusal, EpochChangedError);

    ana.docs.set(WORK, await currentDocument(fixture));
    ana.epoch = 2;
    await ana.commit('offline', { [WORK]: update('jobs', JOB, 'title', 'written offline') });
    await materializer.runUntilLevel();
    assert.equal(await rows(`select title from report.jobs where id = '${JOB}'`), [
      { title: 'written offline' },
    ]);
    assert.equal(
      await rows(`select label, epoch, seq from report.history where new_value = '"written offline"'`),
      [{ label: 'offline', epoch: 2, seq: 2 }],
    );
  });
});

test('[EPOCH-1] what is appended while the copy is made is in both epochs, and in history once', async () => {
  await withMaterializer(async (fixture) => {
    const { ana, luis, materializer, rows } = fixture;
    await fill(fixture);
    // In the log but not yet in the report when the copy is made.
    await ana.commit('late', { [WORK]: update('jobs', JOB, 'title', 'late') });
    await luis.commit('late', { [WORK]: (doc) => doc.getText(`jobs~${JOB}~notes`).insert(0, 'oh ') });
    await luis.commit('late', { [WORK]: insert('jobs', newId(TEST_START_MS + 5), { title: 'new' }) });

    await compactorOf(fixture).recreate(1);
    await materializer.runUntilLevel();

    assert.equal(await rows('select epoch, head from espejo.document'), [{ epoch: 2, head: 2 }]);
    assert.equal(await rows('select epoch, seq from espejo.report_cursor'), [{ epoch: 2, seq: 2 }]);
    assert.is((await rows(`select 1 from report.history where label = 'late'`)).length, 3);
    assert.equal(await rows('select reason from espejo.quarantine'), []);
    assert.equal(await differences(fixture), []);
    const fresh = await fixture.open();
    await fresh.runUntilLevel();
    assert.equal(await rows(`select title, notes from report.jobs where id = '${JOB}'`), [
      { title: 'late', notes: 'oh hello' },
    ]);
  });
});

test('[EPOCH-1] [MAT-2] the report leaves the old epoch only when it has read it to its end', async () => {
  await withMaterializer(async (fixture) => {
    const { ana, materializer, database, rows } = fixture;
    await fill(fixture);
    await ana.commit('tied', {
      [WORK]: insert('jobs', newId(TEST_START_MS + 9), { title: 'tied' }),
      'stock/2026-11': insert('moves', newId(TEST_START_MS), { item: 'oil', qty: 1 }),
    });
    await compactorOf(fixture).recreate(1);
    await database.pool.query('insert into espejo.report_cursor (document) values (2)');
    const other = await database.pool.connect();
    await other.query('begin');
    await other.query('select 1 from espejo.report_cursor where document = 2 for update');

    await materializer.runUntilLevel();
    const meanwhile = await rows('select epoch, seq from espejo.report_cursor where document = 1');
    await other.query('rollback');
    other.release();
    await materializer.runUntilLevel();

    assert.equal(meanwhile, [{ epoch: 1, seq: 4 }]);
    assert.is((await rows(`select 1 from report.history where label = 'tied'`)).length, 2);
    assert.equal(await rows('select epoch, seq from espejo.report_cursor where document = 1'), [
      { epoch: 2, seq: 2 },
    ]);
  });
});

test('[EPOCH-1] re-created again and again under load, no commit is lost', async () => {
  await withMaterializer(async (fixture) => {
    const { log, materializer, rows } = fixture;
    await fill(fixture);
    materializer.start();
    const compactor = compactorOf(fixture);
    let isDone = false;
    let epochs = 0;
    const recreating = (async () => {
      while (!isDone) {
        const recreated = await compactor.recreate(1);
        if (recreated.kind === 'recreated') epochs++;
        materializer.wake();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();

    for (let index = 0; index < 80; index++) {
      const id = newId(TEST_START_MS + index);
      for (let attempt = 0; ; attempt++) {
        // A fresh Yjs client on whatever the document is now, as a replica does after `epoch-changed`.
        const writer = new TestWriter(log, { device: `D${String(index).padStart(7, '0')}` });
        writer.epoch = (
          await rows<[{ epoch: number }]>('select epoch from espejo.document where id = 1')
        )[0].epoch;
        const outcome = await writer
          .commit(`job ${index}`, { [WORK]: insert('jobs', id, { title: `${index}` }) })
          .then(
            () => 'stored',
            (error) => error,
          );
        materializer.wake();
        if (outcome === 'stored') break;
        assert.instance(outcome, EpochChangedError);
        assert.ok(attempt < 50);
      }
    }
    isDone = true;
    await recreating;
    await materializer.close();
    await (await fixture.open()).runUntilLevel();

    assert.ok(epochs >= 2, `re-created ${epochs} times`);
    assert.is((await rows(`select 1 from report.jobs where title ~ '^[0-9]+$'`)).length, 80);
    assert.is((await rows(`select 1 from report.history where label like 'job %'`)).length, 80);
    assert.equal(await differences(fixture), []);
  });
});

test('[EPOCH-1] a document with an update that waits for its predecessor is left alone', async () => {
  await withMaterializer(async (fixture) => {
    const { ana, materializer } = fixture;
    await fill(fixture);
    ana.make('lost', { [WORK]: update('jobs', JOB, 'title', 'lost') });
    await ana.commit('waits', { [WORK]: update('jobs', JOB, 'title', 'waits') });
    await materializer.runUntilLevel();

    assert.equal(await compactorOf(fixture).recreate(1), { kind: 'left', because: 'updates-waiting' });
  });
});

test('[EPOCH-1] a document that too many Yjs clients wrote is re-created with its next snapshot', async () => {
  await withMaterializer(async (fixture) => {
    await fill(fixture);
    const compactor = new Compactor({
      pool: fixture.database.pool,
      objects: fixture.objects,
      schema: fixture.schema,
      limits: { clients: 1, graceMs: 0 },
    });
    await compactor.runOnce({ all: true });
    await fixture.materializer.runUntilLevel();
    assert.equal(await fixture.rows('select epoch from espejo.document'), [{ epoch: 2 }]);

    await compactor.runOnce();

    assert.equal(await fixture.rows('select count(*)::int as n from espejo.log where epoch = 1'), [{ n: 0 }]);
    assert.equal(await differences(fixture), []);
  });
});

test.run();

async function fill({ ana, luis, materializer }: Fixture): Promise<void> {
  const gone = newId(TEST_START_MS + 1);
  const made = await ana.commit('job', {
    [WORK]: all(
      insert('jobs', JOB, { title: 'one' }),
      insert('jobs', gone, { title: 'gone' }),
      insert('lines', 'l1', { job_id: JOB, qty: 5, later: 'kept for a newer build' }),
      (doc) => doc.getText(`jobs~${JOB}~notes`).insert(0, 'hello'),
    ),
  });
  luis.hear(made);
  const deleted = await luis.commit('job', { [WORK]: remove('jobs', gone) });
  ana.hear(deleted);
  ana.hear(await luis.commit('job', { [WORK]: update('jobs', JOB, 'status', 'done') }));
  luis.hear(await ana.commit('job', { [WORK]: update('jobs', JOB, 'status', 'lost') }));
  await materializer.runUntilLevel();
}

function compactorOf({ database, objects, schema }: Fixture): Compactor {
  return new Compactor({ pool: database.pool, objects, schema });
}

async function differences({ database, objects, application }: Fixture): Promise<readonly unknown[]> {
  return (await verifyReport({ pool: database.pool, objects, application, mend: false })).differences;
}

async function currentDocument({ rows, objects }: Fixture): Promise<Y.Doc> {
  const [{ key, sha256, epoch }] = await rows<[{ key: string; sha256: string; epoch: number }]>(
    'select snapshot_key as key, snapshot_sha256 as sha256, epoch from espejo.document where id = 1',
  );
  const doc = new Y.Doc();
  Y.applyUpdate(doc, await readSnapshot(objects, { key, sha256 }));
  for (const { update: bytes } of await rows<{ update: Uint8Array }[]>(
    `select update from espejo.log where document = 1 and epoch = ${epoch} and seq > 1 order by seq`,
  )) {
    Y.applyUpdate(doc, bytes);
  }
  return doc;
}

async function dump({ rows }: Fixture): Promise<unknown> {
  return Promise.all(
    ['jobs', 'lines', 'conflict', 'violation', 'history'].map((table) =>
      rows(`select (to_jsonb(r) - 'found_at')::text as row from report.${table} r order by 1`),
    ),
  );
}
