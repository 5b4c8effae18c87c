/**
 * From the request that takes a right away to the end of the socket on another instance: with its notification, and
 * without, as after a lost connection, when only the poll finds it [ID-4].
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { percentile, report } from '../../shared/testing/bench.ts';
import { readConfig } from '../config.ts';
import { createLogger } from '../observability/log.ts';
import { openRelay } from '../relay.ts';
import { openTestDatabase } from '../testing/postgres.ts';
import { TEST_PASSWORD, testApplication } from '../testing/test-server.ts';

const ROUNDS = 20;
const BUDGET_MS = 1_000;

const database = await openTestDatabase();
const folder = await mkdtemp(join(tmpdir(), 'espejo-bench-'));
const [here, there] = await Promise.all([open(), open()]);

const told: number[] = [];
const found: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const admin = await tokenOf('admin');
  told.push(
    await timeToCut(() =>
      fetch(`${here.url}/api/users/writer/sessions`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${admin}` },
      }),
    ),
  );
  found.push(
    await timeToCut(() =>
      database.pool.query(`insert into espejo.revocation (workspace, user_name) values ('one', 'writer')`),
    ),
  );
}
const note = (times: readonly number[]) =>
  `longest of ${times.length}, median ${percentile(times, 50).toFixed(0)}`;
report({
  name: 'revocation: request to end of a socket on another instance',
  value: Math.max(...told),
  unit: 'ms',
  budget: { atMost: BUDGET_MS },
  note: note(told),
});
report({
  name: 'revocation: the same with its notification lost',
  value: Math.max(...found),
  unit: 'ms',
  budget: { atMost: BUDGET_MS },
  note: note(found),
});
await Promise.all([here.close(), there.close()]);
await database.close();
await rm(folder, { recursive: true, force: true });

async function timeToCut(takeAway: () => Promise<unknown>): Promise<number> {
  const token = await tokenOf('writer');
  const socket = new WebSocket(`${there.url.replace('http', 'ws')}/sync/one/work/2026-11?token=${token}`);
  await new Promise((resolve) => socket.once('message', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const startedAtMs = performance.now();
  await takeAway();
  await closed;
  return performance.now() - startedAtMs;
}

async function tokenOf(user: string): Promise<string> {
  const answer = await fetch(`${here.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ workspace: 'one', user, password: TEST_PASSWORD }),
  });
  return ((await answer.json()) as { token: string }).token;
}

function open() {
  return openRelay({
    config: readConfig({
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: folder,
      LIMIT_MAX_LOGINS_PER_MINUTE: '1000',
    }),
    application: testApplication,
    databaseUrl: database.url,
    role: 'relay',
    logger: createLogger({ level: 'silent' }),
    prepare: async ({ services: { accounts } }) => {
      for (const name of ['admin', 'writer'])
        await accounts
          .create({ workspace: 'one', name, role: name, password: TEST_PASSWORD })
          .catch(() => undefined); // the other one was first
    },
  });
}
