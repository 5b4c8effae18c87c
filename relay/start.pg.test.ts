/** `npm start` as somebody with nothing but Node runs it: own Postgres, own folder, the demo, a clean end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isAlive } from './embedded-postgres.ts';

const ROOT = join(import.meta.dirname, '..');
/** It may have to build the app first. */
const START_MS = 120_000;

test('npm start serves the app and the demo, keeps what was there, and leaves no Postgres behind', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'espejo-test-start-'));
  await chmod(dataDir, 0o755); // as root Postgres is another user, and would keep its data elsewhere
  try {
    const first = await start(dataDir);
    assert.match(first.output(), 'admin, recepcion, mecanico, caja');
    assert.equal(await (await fetch(`${first.url}/health`)).json(), { status: 'ok' });
    assert.match(await (await fetch(first.url)).text(), '<app-shell>');
    const session = await logIn(first.url, 'demo', 'admin', 'demo');
    assert.is(session.status, 200);
    const { documents } = await heads(first.url, session.token);
    assert.ok(documents.length >= 6, `${documents.length} documents`);
    assert.is((await logIn(first.url, 'other', 'admin', 'demo')).status, 401);
    const postgres = await postmasterOf(dataDir);
    assert.is(await first.end(), 0);
    assert.not(isAlive(postgres));

    const second = await start(dataDir);
    const again = await logIn(second.url, 'demo', 'recepcion', 'demo');
    assert.equal((await heads(second.url, again.token)).documents, documents, 'the demo is not made twice');
    assert.is(await second.end(), 0);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

interface Started {
  readonly url: string;
  readonly output: () => string;
  /** SIGTERM; gives the exit code. */
  end(): Promise<number | null>;
}

async function start(dataDir: string): Promise<Started> {
  const { DATABASE_URL: _, S3_BUCKET: __, ...env } = process.env;
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'relay/start.ts'], {
    cwd: ROOT,
    env: { ...env, PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`it did not start:\n${output}`));
    }, START_MS);
    const hear = (piece: Buffer) => {
      output += piece.toString();
      const found = /http:\/\/localhost:(\d+)\n/.exec(output);
      if (!found) return;
      clearTimeout(timer);
      resolve(`http://127.0.0.1:${found[1]}`);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    void exited.then(() => {
      clearTimeout(timer);
      reject(new Error(`it ended:\n${output}`));
    });
  });
  return {
    url,
    output: () => output,
    end: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

async function logIn(url: string, workspace: string, user: string, password: string) {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ workspace, user, password }),
  });
  return { status: answer.status, token: ((await answer.json()) as { token: string }).token };
}

async function heads(url: string, token: string): Promise<{ documents: readonly object[] }> {
  const answer = await fetch(`${url}/api/documents`, { headers: { authorization: `Bearer ${token}` } });
  return (await answer.json()) as { documents: readonly object[] };
}

async function postmasterOf(dataDir: string): Promise<number> {
  const file = await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8');
  return Number(file.split('\n', 1)[0]);
}

test.run();
