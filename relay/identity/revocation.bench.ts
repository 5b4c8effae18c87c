/**
 * From the request that takes a right away to the end of the socket on another instance: with its notification, and
 * without, as after a lost connection, when only the poll finds it [ID-4].
 */
import WebSocket from 'ws';
import { percentile, report } from '../../shared/testing/bench.ts';
import { TEST_PASSWORD } from '../testing/test-server.ts';
import { openWholeRelay } from '../testing/whole-relay.ts';

const ROUNDS = 20;
const BUDGET_MS = 1_000;

const whole = await openWholeRelay({
  role: 'relay',
  prepare: async ({ services: { accounts } }) => {
    if ((await accounts.list('one')).length > 0) return;
    for (const name of ['admin', 'writer'])
      await accounts.create({ workspace: 'one', name, role: name, password: TEST_PASSWORD });
  },
});
const { relay: here, database } = whole;
const there = await whole.openAnother();

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
await whole.close();

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
