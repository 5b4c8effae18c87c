/** The command line as a process: what it prints and how it ends. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../shared/base/ids.ts';
import { encodeRescueFile } from '../shared/protocol/rescue-file.ts';
import { tallerApplication } from '../shared/taller/application.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { Materializer } from './materializer/materializer.ts';
import { FolderStore } from './objects/folder-store.ts';
import { openTestDatabase, type TestDatabase } from './testing/postgres.ts';
import { insert, TEST_START_MS, TestWriter, update } from './testing/test-writer.ts';

const test = suite('command line');
let database: TestDatabase;
let dataDir: string;
let log: PostgresLog;
let ana: TestWriter;

test.before(async () => {
  database = await openTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'espejo-cli-'));
  log = new PostgresLog({ pool: database.pool, instance: 'test' });
  ana = new TestWriter(log, { device: 'AAAAAAAA' });
});

test.after(async () => {
  await log.close();
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

test('without a command it says what there is', async () => {
  assert.match((await cli()).output, /rebuild-report/);
});

test('an unknown command and a missing word end with status 1 and a sentence', async () => {
  assert.equal(await cli('frobnicate').then(({ code, output }) => [code, output.split('\n')[0]]), [
    1,
    'command "frobnicate" is unknown',
  ]);
  assert.equal(await cli('recreate', 'taller'), {
    code: 1,
    output: 'recreate needs a document; see "help"\n',
  });
});

test('seed-admin makes an account that can log in and a workspace to work in, once', async () => {
  const first = await cli('seed-admin', 'nuevo', 'jefa');
  assert.equal(first, {
    code: 0,
    output: 'user jefa administers workspace nuevo\nworkspace nuevo has its first rows\n',
  });
  assert.equal(
    (await log.documents('nuevo')).map(({ document, head }) => [document, head]),
    [['admin', 1]],
  );
  assert.is((await cli('seed-admin', 'nuevo', 'jefa')).code, 1);
});

test('[MAT-5] verify finds what rebuild-report mends', async () => {
  await ana.commit('x', { people: insert('customers', newId(TEST_START_MS), { name: 'Marta' }) });
  const materializer = new Materializer({
    pool: database.pool,
    objects: await FolderStore.open(join(dataDir, 'objects')),
    application: tallerApplication,
  });
  await materializer.prepare();
  await materializer.runUntilLevel();
  await materializer.close();
  assert.is((await cli('verify')).code, 0);
  await database.pool.query(`delete from report.customers`);

  const found = await cli('verify');
  assert.is(found.code, 1);
  assert.match(found.output, /taller people customers [0-9a-f-]+: missing/);
  assert.is((await cli('rebuild-report', '--workspace', 'taller')).code, 0);
  assert.is((await cli('verify')).code, 0);
});

test('compact makes snapshots', async () => {
  assert.equal(await cli('compact'), { code: 0, output: '2 snapshots made\n' });
});

test('import-rescue stores the commits of a device that will not come back, once', async () => {
  const commit = ana.make('offline', { people: update('customers', 'c1', 'name', 'x') });
  const file = join(dataDir, 'rescue');
  await writeFile(
    file,
    encodeRescueFile({
      device: 'AAAAAAAA',
      user: 'ana',
      schema: 1,
      setAside: [],
      sqlite: new Uint8Array(0),
      commits: [{ ...commit, device: 'AAAAAAAA' as never, schema: 1 }],
    }),
  );

  assert.equal(await cli('import-rescue', 'taller', file), {
    code: 0,
    output: '1 commits stored, 0 were there, 0 left\n',
  });
  assert.equal(await cli('import-rescue', 'taller', file), {
    code: 0,
    output: '0 commits stored, 1 were there, 0 left\n',
  });

  await writeFile(
    file,
    encodeRescueFile({
      ...{ device: 'AAAAAAAA', user: 'ana', schema: 1, sqlite: new Uint8Array(0), commits: [] },
      setAside: [
        {
          ...{ id: newId(), device: 'AAAAAAAA', hlc: 1, schema: 1, label: 'refused', documents: ['people'] },
          ...{
            createdAtMs: 1,
            code: 'not-allowed',
            reason: 'people may not be written',
            registers: [],
            texts: [],
          },
        },
      ],
    }),
  );
  const { code, output } = await cli('import-rescue', 'taller', file);
  assert.is(code, 1, 'what was refused is named, not passed over');
  assert.match(output, /refused \(people may not be written\).*another device/s);
  assert.match(output, /0 commits stored, 0 were there, 1 left/);

  const { rows } = await database.pool.query(
    `select user_name, device from espejo.commit where label = 'offline'`,
  );
  assert.equal(rows, [{ user_name: 'ana', device: 'AAAAAAAA' }]);
});

test.run();

function cli(...words: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = {
      ...process.env,
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      ADMIN_PASSWORD: 'a long enough password 7',
      S3_BUCKET: '',
    };
    const script = join(import.meta.dirname, 'cli.ts');
    execFile(process.execPath, ['--import', 'tsx', script, ...words], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}
