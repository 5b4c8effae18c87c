/**
 * One-shot commands over the database and the objects of a relay: `node --import tsx relay/cli.ts <command>`. They need
 * no stop of the relays: each works under the same locks. Prints what it did, one line each; ends with status 1 when
 * something is wrong.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { isAdmin } from '../shared/permissions/admin.ts';
import { tallerApplication } from '../shared/taller/application.ts';
import { readConfig } from './config.ts';
import { seedWorkshop } from './demo.ts';
import { Accounts } from './identity/accounts.ts';
import { importRescue } from './import-rescue.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { Compactor } from './materializer/compactor.ts';
import { applyReportSchema } from './materializer/report-schema.ts';
import { listQuarantine, retryQuarantine } from './materializer/retry-quarantine.ts';
import { verifyReport } from './materializer/verify-report.ts';
import { migrate } from './migrations/migrate.ts';
import { openObjects } from './objects/open-objects.ts';

const HELP = `commands, each with DATABASE_URL (and S3_BUCKET or DATA_DIR) in the environment:

  migrate                                        bring the database to this build
  seed-admin <workspace> <user>                  make an administrator; password from ADMIN_PASSWORD
  verify [--workspace w]                         compare the report with snapshots and log
  rebuild-report [--workspace w]                 the same, and mend what differs
  quarantine [--workspace w]                     list what is set aside
  retry-quarantine [--workspace w] [--id n]…     append it again
  compact                                        snapshot every document now, and trim
  recreate <workspace> <document>                give a document its next epoch
  import-rescue <workspace> <file> [--user u]    store the unsent commits of a rescue file
`;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workspace: { type: 'string' },
    user: { type: 'string' },
    id: { type: 'string', multiple: true },
    help: { type: 'boolean' },
  },
});
const [command = 'help', ...words] = positionals;
if (command === 'help' || flags.help) {
  print(HELP);
  process.exit(0);
}
const config = readConfig(process.env);
if (config.databaseUrl === undefined) {
  process.stderr.write('DATABASE_URL is missing; give postgres://user:password@host/database\n');
  process.exit(1);
}
const application = tallerApplication;
const { schema } = application;
const pool = new pg.Pool({
  connectionString: config.databaseUrl,
  max: 4,
  application_name: `espejo ${command}`,
});
const scope = flags.workspace === undefined ? {} : { workspace: flags.workspace };

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await pool.end();
}

async function run(): Promise<void> {
  switch (command) {
    case 'migrate': {
      const ran = await migrate(pool);
      await applyReportSchema(pool, application);
      return print(`${ran.length} migrations run ${ran.join(' ')}`);
    }
    case 'seed-admin':
      return seedAdmin();
    case 'verify':
    case 'rebuild-report':
      return verify(command === 'rebuild-report');
    case 'quarantine':
      for (const entry of await listQuarantine(pool, flags.workspace)) {
        const { id, workspace, document, epoch, seq, reason, state, user, device, quarantinedAt, detail } =
          entry;
        print(
          `${id}  ${quarantinedAt.toISOString()}  ${workspace} ${document} ${epoch}.${seq}  ${reason} (${state})  ${user} ${device ?? '-'}  ${detail}`,
        );
      }
      return;
    case 'retry-quarantine':
      return retry();
    case 'compact':
    case 'recreate': {
      const objects = await openObjects(config);
      const compactor = new Compactor({ pool, objects, schema });
      if (command === 'compact') print(`${await compactor.runOnce({ all: true })} snapshots made`);
      else
        print(
          JSON.stringify(
            await compactor.recreate(await documentId(word(0, 'workspace'), word(1, 'document'))),
          ),
        );
      return objects.close();
    }
    case 'import-rescue':
      return rescue();
    default:
      fail(`command "${command}" is unknown\n\n${HELP}`);
  }
}

async function seedAdmin(): Promise<void> {
  const role = Object.keys(application.roles).find((name) => isAdmin(application.roles[name]!));
  if (role === undefined) fail('the application has no role that may administer');
  const password = process.env.ADMIN_PASSWORD;
  if (password === undefined) fail('ADMIN_PASSWORD is missing; give the first password of the administrator');
  await migrate(pool);
  const accounts = new Accounts({
    pool,
    roles: new Set(Object.keys(application.roles)),
    isAdminRole: (name) => name === role,
  });
  const account = { workspace: word(0, 'workspace'), name: word(1, 'user'), role, password };
  await accounts.create(account);
  print(`user ${account.name} administers workspace ${account.workspace}`);
  // A new workspace needs its statuses, roles and people before anybody can work in it.
  const log = new PostgresLog({ pool, instance: 'cli' });
  const users = [{ name: account.name, displayName: account.name, role }];
  const seeded = await seedWorkshop({ log, workspace: account.workspace, users });
  if (seeded === 'seeded') print(`workspace ${account.workspace} has its first rows`);
  await log.close();
}

async function verify(mend: boolean): Promise<void> {
  const objects = await openObjects(config);
  const { documents, rows, differences } = await verifyReport({ pool, objects, application, mend, ...scope });
  for (const { workspace, document, table, id, kind, columns } of differences) {
    print(`${workspace} ${document} ${table} ${id}: ${kind} ${columns.join(' ')}`);
  }
  print(`${documents} documents, ${rows} rows, ${differences.length} differences${mend ? ' mended' : ''}`);
  if (!mend && differences.length > 0) process.exitCode = 1;
  objects.close();
}

async function retry(): Promise<void> {
  const log = new PostgresLog({ pool, instance: 'cli' });
  const ids = flags.id?.map(Number);
  const { retried, ofPassedEpochs } = await retryQuarantine(pool, log, { ...scope, ...(ids ? { ids } : {}) });
  print(`${retried} updates appended again, ${ofPassedEpochs} left that belong to a passed epoch`);
  await log.close();
}

async function rescue(): Promise<void> {
  const log = new PostgresLog({ pool, instance: 'cli' });
  const { stored, alreadyKnown, left } = await importRescue(log, await readFile(word(1, 'file')), {
    workspace: word(0, 'workspace'),
    ...(flags.user === undefined ? {} : { user: flags.user }),
  });
  for (const { id, because } of left) print(`${id}: ${because}`);
  print(`${stored} commits stored, ${alreadyKnown} were there, ${left.length} left`);
  if (left.length > 0) process.exitCode = 1;
  await log.close();
}

async function documentId(workspace: string, name: string): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    'select id from espejo.document where workspace = $1 and name = $2',
    [workspace, name],
  );
  return rows[0]?.id ?? fail(`workspace ${workspace} has no document ${name}`);
}

function word(index: number, what: string): string {
  return words[index] ?? fail(`${command} needs a ${what}; see "help"`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(message: string): never {
  throw new Error(message);
}
