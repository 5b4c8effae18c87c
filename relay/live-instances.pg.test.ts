/** Several instances on one Postgres: one order for everybody, whole commits, and presence across. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inTime } from '../shared/testing/until.ts';
import { PostgresFanout } from './fanout/postgres-fanout.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { openTestDatabase, type TestDatabase } from './testing/postgres.ts';
import { startTestRelay, type TestRelay } from './testing/relay-process.ts';
import { ReplicaClient } from './testing/replica-client.ts';
import { StockSocket } from './testing/stock-socket.ts';

const test = suite('Live: several instances');
/** No test lasts as long. */
const NEVER_MS = 3_600_000;
let database: TestDatabase;
let relays: TestRelay[];
let round = 0;

test.before(async () => {
  database = await openTestDatabase();
  relays = await Promise.all(
    ['one', 'two'].map((instance) => startTestRelay({ databaseUrl: database.url, instance })),
  );
});
test.after(async () => {
  for (const relay of relays) await relay.close();
  await database.close();
});
test.before.each(() => {
  round++;
});

test('[ROOM-1] writers on both instances: everyone gets every commit whole, in seq order', async () => {
  const workspace = `w${round}`;
  const clients = await Promise.all(
    [0, 1, 0, 1].map((index) => ReplicaClient.open({ url: relays[index]!.url, workspace })),
  );
  const documents = ['a', 'b', 'c'];
  const writes = clients.flatMap((client, who) =>
    Array.from({ length: 30 }, (_, index) => {
      const [first, second] = [documents[(who + index) % 3]!, documents[(who + index + 1) % 3]!];
      return client.write({ [first]: [`${who}-${index}`, 'left'], [second]: [`${who}-${index}`, 'right'] });
    }),
  );
  const answers = await inTime(Promise.all(writes), 'every answer');
  const total = 4 * 30;
  for (const client of clients) await client.until(() => client.units.length === total);

  assert.ok(answers.every(({ type }) => type === 'ack'));
  for (const client of clients) {
    assert.equal(client.faults, []);
    assert.ok(client.units.every((names) => names.length === 2));
    for (const name of documents) assert.equal(client.rows(name), clients[0]!.rows(name));
  }
  for (const client of clients) await client.close();
});

test('[FAN-1] what one instance stored a notification brings to the other, without looking', async () => {
  const workspace = `w${round}`;
  const timings = { pollMs: NEVER_MS };
  const relay = await startTestRelay({ databaseUrl: database.url, instance: 'told', deps: { timings } });
  const eva = await ReplicaClient.open({ url: relay.url, workspace });
  const ana = await ReplicaClient.open({ url: relays[0]!.url, workspace });

  await ana.write({ people: ['r1', 'Ana'], work: ['o1', 'order'] });
  await eva.until(() => eva.units.length === 1, 'a notification brings the commit of the other instance');

  assert.equal(eva.units[0]!.sort(), ['people', 'work']);
  assert.equal(eva.faults, []);
  await ana.close();
  await eva.close();
  await relay.close();
});

test('[FAN-1] a notification that is lost is made up for by looking', async () => {
  const workspace = `w${round}`;
  const pool = database.pool;
  const deaf = new PostgresFanout({ connectionString: database.url, pool, instance: 'deaf' });
  deaf.start = async () => undefined; // hears nothing
  const relay = await startTestRelay({
    deps: { log: new PostgresLog({ pool, instance: 'deaf' }), fanout: deaf, timings: { pollMs: 50 } },
  });
  const eva = await ReplicaClient.open({ url: relay.url, workspace });
  const ana = await ReplicaClient.open({ url: relays[0]!.url, workspace });

  await ana.write({ people: ['r1', 'Ana'], work: ['o1', 'order'] });
  await eva.until(() => eva.units.length === 1, 'looking brings the commit of the other instance');

  assert.equal(eva.units[0]!.sort(), ['people', 'work']);
  assert.equal(eva.faults, []);
  await ana.close();
  await eva.close();
  await relay.close();
});

test('[ROOM-2] missing rows of one document send its readers away, and the others get theirs', async () => {
  const workspace = `w${round}`;
  const stock = await StockSocket.open(`${relays[0]!.url}/${workspace}/broken?token=${workspace}.a.writer`);
  const healthy = await StockSocket.open(
    `${relays[0]!.url}/${workspace}/healthy?token=${workspace}.a.writer`,
  );
  for (const socket of [stock, healthy]) await socket.until(() => socket.count(0, 0) === 1);
  await database.pool.query(`insert into espejo.document (workspace, name, head) values ($1, 'broken', 3)`, [
    workspace,
  ]);
  const ana = await ReplicaClient.open({ url: relays[1]!.url, workspace }).catch((error: Error) => error);
  const batch = new PostgresLog({ pool: database.pool, instance: 'writer' });
  const update = Uint8Array.of(0, 0);
  await batch.append([
    { workspace, user: 'x', device: undefined, commit: undefined, parts: [{ document: 'healthy', update }] },
  ]);

  assert.is((await inTime(stock.closed, 'the reader is sent away')).code, 1012);
  await healthy.until(() => healthy.count(0, 2) === 1);
  assert.ok(ana instanceof Error);
  await healthy.close();
  await batch.close();
});

test('[AWARE-1] clients on different instances see each other, and who was there before', async () => {
  const workspace = `w${round}`;
  const url = (index: number) => `${relays[index]!.url}/${workspace}/notes?token=${workspace}.a.writer`;
  const ana = await StockSocket.open(url(0));
  await ana.until(() => ana.count(0, 0) === 1);
  ana.send(presence(7, 1, '{"name":"ana"}'));
  await ana.until(() => ana.count(1) === 1);

  const eva = await StockSocket.open(url(1));
  await eva.until(() => eva.count(1) === 1);
  eva.send(presence(9, 1, '{"name":"eva"}'));
  await ana.until(() => ana.messages.some((message) => textOf(message).includes('eva')));

  assert.match(textOf(eva.messages.find((message) => message[0] === 1)!), 'ana');
  await ana.close();
  await eva.until(() => eva.messages.some((message) => textOf(message).includes('null')));
  await eva.close();
});

test.run();

function presence(client: number, clock: number, state: string): Uint8Array {
  const inner = [1, client, clock, state.length, ...new TextEncoder().encode(state)];
  return Uint8Array.of(1, inner.length, ...inner);
}

const textOf = (message: Uint8Array) => Buffer.from(message).toString('latin1');
