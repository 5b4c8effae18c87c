import pg from 'pg';
import * as assert from 'uvu/assert';
import { migrate } from '../migrations/migrate.ts';
import { errorOf } from '../testing/error-of.ts';
import { openTestDatabase, startTestPostgres, type TestDatabase } from '../testing/postgres.ts';
import { testLogContract } from './log.contract.ts';
import { StorageAwayError } from './log.ts';
import { PostgresLog } from './postgres-log.ts';

let database: TestDatabase;

const test = testLogContract('Postgres', async () => {
  database = await openTestDatabase();
  return {
    log: new PostgresLog({ pool: database.pool, instance: 'contract' }),
    recreate: async (workspace, document) => {
      await database.pool.query(
        `update espejo.document
            set epoch = epoch + 1, head = 1, trimmed_seq = 1, snapshot_seq = 1, log_bytes = 0
          where workspace = $1 and name = $2`,
        [workspace, document],
      );
    },
    close: () => database.close(),
  };
});

test('[LOG-1] a server that acknowledges before the disk does is refused', async () => {
  const name = new URL(database.url).pathname.slice(1);
  await database.pool.query(`alter database ${name} set synchronous_commit = off`);
  const pool = new pg.Pool({ connectionString: database.url });
  const log = new PostgresLog({ pool, instance: 'one' });

  assert.match((await errorOf(log.assertDurable())).message, /synchronous_commit is "off"/);

  await pool.end();
  await database.pool.query(`alter database ${name} reset synchronous_commit`);
});

test('two instances that append to the same new documents do not wait for each other in a ring', async () => {
  const logs = ['one', 'two'].map((instance) => new PostgresLog({ pool: database.pool, instance }));
  for (let round = 0; round < 20; round++) {
    const names = [`r${round}-a`, `r${round}-b`, `r${round}-c`];
    const request = (document: string) => ({
      workspace: 'ring',
      user: 'ana',
      device: undefined,
      commit: undefined,
      parts: [{ document, update: Uint8Array.of(1) }],
    });
    await Promise.all([
      logs[0]!.append(names.map(request)),
      logs[1]!.append([...names].reverse().map(request)),
    ]);
  }
  const documents = await logs[0]!.documents('ring');
  assert.is(documents.length, 60);
  assert.ok(documents.every(({ head }) => head === 2));
  for (const log of logs) await log.close();
});

test('one batch that names hundreds of documents is told in several notifications', async () => {
  const listener = new pg.Client({ connectionString: database.url });
  await listener.connect();
  const pointers: string[] = [];
  listener.on('notification', ({ payload }) => pointers.push(...(payload ?? '').split('|')[2]!.split(',')));
  await listener.query('listen espejo_log');
  const log = new PostgresLog({ pool: database.pool, instance: 'many' });

  await log.append(
    Array.from({ length: 450 }, (_, index) => ({
      workspace: 'many',
      user: 'ana',
      device: undefined,
      commit: undefined,
      parts: [{ document: `document-${index}`, update: Uint8Array.of(1) }],
    })),
  );
  await listener.query('select'); // notifications come before its answer

  assert.is(new Set(pointers).size, 450);
  await log.close();
  await listener.end();
});

test('a server that was killed is away, and is there again after its restart with every row', async () => {
  const server = await startTestPostgres();
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on('error', () => undefined);
  await migrate(pool);
  const log = new PostgresLog({ pool, instance: 'one' });
  const request = {
    workspace: 'w',
    user: 'ana',
    device: undefined,
    commit: undefined,
    parts: [{ document: 'a', update: Uint8Array.of(1) }],
  };
  await log.append([request]);

  await server.kill();
  assert.instance(await errorOf(log.append([request])), StorageAwayError);
  await server.start();
  const [outcome] = await log.append([request]);

  assert.is(outcome!.parts[0]!.seq, 2);
  await log.close();
  await pool.end();
  await server.close();
});

test.run();
