/**
 * [REG-8] over the relay's half: whatever three devices do and in whatever order it reaches the log, the report
 * equals the SQL rows that a replica's mirror makes of the same documents, conflicts and violations included.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { newId } from '../../shared/base/ids.ts';
import { Mirror } from '../../shared/mirror/mirror.ts';
import { loadSqlJs, openSqlJs } from '../../shared/mirror/sqljs.ts';
import { applyRemoteUpdate } from '../../shared/registers/apply.ts';
import { DocumentRows } from '../../shared/registers/document-rows.ts';
import { forSeeds, type Prng } from '../../shared/testing/prng.ts';
import { type Fixture, withMaterializer } from '../testing/materializer-fixture.ts';
import { insert, remove, type TestCommit, TestWriter, update, type Write } from '../testing/test-writer.ts';
import { Compactor } from './compactor.ts';
import { Report } from './report.ts';
import { readSnapshot } from './snapshot-file.ts';
import { verifyReport } from './verify-report.ts';

const test = suite('report equals mirror');
const sqlJs = await loadSqlJs();
const OCTOBER_MS = Date.UTC(2026, 9, 5);
const NOVEMBER_MS = Date.UTC(2026, 10, 5);
const HISTORIES = process.env.LONG === undefined ? 12 : 300;

test(`[REG-8] [MAT-4] ${HISTORIES} histories: the report equals what a replica's SQL shows`, async () => {
  await withMaterializer(
    async (fixture) => {
      let round = 0;
      await forSeeds(HISTORIES, [], async (random) => {
        round++;
        await playHistory(fixture, `w${round}`, random);
        await assertEqual(fixture, `w${round}`);
      });
      const verified = await verifyReport({
        pool: fixture.database.pool,
        objects: fixture.objects,
        application: fixture.application,
        mend: false,
      });
      assert.equal(verified.differences, []);
    },
    // A memory so small that documents leave it all the time.
    { entries: 7, documents: 2, warmRegisters: 12 },
  );
});

test.run();

async function playHistory(fixture: Fixture, workspace: string, random: Prng): Promise<void> {
  const writers = ['AAAAAAAA', 'BBBBBBBB', 'CCCCCCCC'].map(
    (device) => new TestWriter(fixture.log, { device, workspace }),
  );
  const jobIds = [OCTOBER_MS, OCTOBER_MS + 1, NOVEMBER_MS, NOVEMBER_MS + 1].map((ms) =>
    newId(ms, (count) => random.bytes(count)),
  );
  const unsent = new Map<TestWriter, TestCommit[]>(writers.map((writer) => [writer, []]));
  const stored: { from: TestWriter; commit: TestCommit }[] = [];
  const heard = new Map<TestWriter, number>(writers.map((writer) => [writer, 0]));
  const consumers = [fixture.materializer, await fixture.open()];
  const compactor = new Compactor({
    pool: fixture.database.pool,
    objects: fixture.objects,
    schema: fixture.application.schema,
    limits: { graceMs: 0 },
  });
  for (let step = 0; step < 80; step++) {
    const writer = random.pick(writers);
    const queue = unsent.get(writer)!;
    switch (random.int(7)) {
      case 0:
      case 1:
      case 2:
        queue.push(writer.make(`step.${step}`, randomWrites(random, jobIds)));
        break;
      case 3: {
        const sent = queue.splice(0, 1 + random.int(3));
        if (sent.length > 0) await writer.send(...sent);
        for (const commit of sent) stored.push({ from: writer, commit });
        break;
      }
      case 4:
        for (; heard.get(writer)! < stored.length; heard.set(writer, heard.get(writer)! + 1)) {
          const { from, commit } = stored[heard.get(writer)!]!;
          if (from !== writer) writer.hear(commit);
        }
        break;
      case 5:
        await random.pick(consumers).runOnce();
        break;
      case 6:
        if (random.chance(4)) await compactor.runOnce({ all: true });
        break;
    }
  }
  for (const [writer, queue] of unsent) if (queue.length > 0) await writer.send(...queue);
  for (const consumer of random.shuffle(consumers)) await consumer.runUntilLevel();
}

/** One or two documents per commit, one write each. */
function randomWrites(random: Prng, jobIds: readonly string[]): Record<string, Write> {
  const writes: Record<string, Write> = {};
  for (let count = 1 + random.int(2); count > 0; count--) {
    const [document, write] = randomWrite(random, jobIds);
    writes[document] = write;
  }
  return writes;
}

function randomWrite(random: Prng, jobIds: readonly string[]): [string, Write] {
  const person = random.pick(['p1', 'p2', 'p3', 'p4', 'p5']);
  const job = random.pick(jobIds);
  const month = Number.parseInt(job.slice(0, 8) + job.slice(9, 13), 16) < NOVEMBER_MS ? '2026-10' : '2026-11';
  const work = `work/${month}`;
  const code = random.pick(['A', 'B', null]);
  switch (random.int(9)) {
    case 0:
      return [
        'people',
        insert('people', person, { name: random.pick(['Ana', 'Luis']), code, credit: random.int(9) - 2 }),
      ];
    case 1:
      return ['people', update('people', person, 'code', code)];
    case 2:
      return ['people', update('people', person, 'name', random.pick(['x', 'y', null]))];
    case 3:
      // Deleting wins, so what is deleted is gone for good: rarely, or nothing would be left.
      return ['people', random.chance(4) ? remove('people', person) : update('people', person, 'credit', -1)];
    case 4:
      return [work, insert('jobs', job, { title: 't', person_id: random.pick([person, null]) })];
    case 5:
      return [work, update('jobs', job, 'status', random.pick(['open', 'done', 'lost']))];
    case 6:
      return [work, random.chance(4) ? remove('jobs', job) : update('jobs', job, 'person_id', person)];
    case 7:
      return [work, (doc) => doc.getText(`jobs~${job}~notes`).insert(0, random.pick(['a', 'bc']))];
    default:
      return [work, insert('lines', `l${random.int(3)}-${month}`, { job_id: job, qty: random.int(5) })];
  }
}

/** Builds a replica's database from the documents as they are in snapshots and log, and compares table by table. */
async function assertEqual({ database, objects, application }: Fixture, workspace: string): Promise<void> {
  const { schema } = application;
  const sql = openSqlJs(sqlJs);
  const mirror = new Mirror(sql, schema);
  mirror.createTables();
  const { rows: documents } = await database.pool.query<{
    id: number;
    name: string;
    key: string | null;
    sha: string;
    seq: number;
  }>(
    'select id, name, snapshot_key as key, snapshot_sha256 as sha, snapshot_seq as seq from espejo.document where workspace = $1 order by name',
    [workspace],
  );
  for (const { id, name, key, sha, seq } of documents) {
    const doc = new Y.Doc();
    if (key !== null) applyRemoteUpdate(doc, await readSnapshot(objects, { key, sha256: sha }), 'snapshot');
    const { rows: log } = await database.pool.query<{ update: Uint8Array }>(
      'select update from espejo.log where document = $1 and seq > $2 order by seq',
      [id, seq],
    );
    for (const { update: bytes } of log) assert.is(applyRemoteUpdate(doc, bytes, 'log'), 'applied');
    const rows = new DocumentRows(doc, schema);
    sql.exec('begin');
    mirror.rebuild(name, rows);
    sql.exec('commit');
    rows.close();
    doc.destroy();
  }
  const client = await database.pool.connect();
  try {
    const report = new Report(schema);
    for (const { name } of schema.tables) {
      const reported = await report.readWhere(client, { workspace, table: name, condition: 'true' });
      const shown = sql.rows(`select * from ${name} order by id`);
      assert.equal(
        [...reported].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, row]) => ({ id, ...row })),
        shown,
        name,
      );
    }
    assert.equal(
      (
        await client.query(
          `select table_name, row_id, column_name, winner_device, loser_device, policy, document from report.conflict
            where workspace = $1 order by table_name collate "C", row_id collate "C", column_name collate "C", loser_device collate "C"`,
          [workspace],
        )
      ).rows,
      sql.rows(
        `select table_name, row_id, column_name, winner_device, loser_device, policy, document from _conflict
          order by table_name, row_id, column_name, loser_device`,
      ),
      'conflicts',
    );
    assert.equal(
      (
        await client.query(
          `select kind, table_name, row_id, rule, device, keeper_id from report.violation
            where workspace = $1 order by kind, table_name collate "C", row_id collate "C", rule collate "C", device collate "C"`,
          [workspace],
        )
      ).rows,
      sql.rows(
        `select kind, table_name, row_id, rule, device, keeper_id from _violation order by kind, table_name, row_id, rule, device`,
      ),
      'violations',
    );
  } finally {
    client.release();
    sql.close();
  }
}
