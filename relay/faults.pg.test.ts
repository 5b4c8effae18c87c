/**
 * Three relays on one Postgres while calls and answers are lost, notifications dropped, appends slow, and relays end in
 * the middle of it. The oracle: every acknowledged commit is stored, none twice, no document has a gap, and everybody
 * ends up with the same rows.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Commit } from '../shared/protocol/commit.ts';
import { Prng } from '../shared/testing/prng.ts';
import { PostgresFanout } from './fanout/postgres-fanout.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { type Faults, FaultyFanout, FaultyLog } from './testing/faulty-log.ts';
import { openTestDatabase, type TestDatabase } from './testing/postgres.ts';
import { startTestRelay, type TestRelay } from './testing/relay-process.ts';
import { ReplicaClient } from './testing/replica-client.ts';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 10);
const RELAYS = 3;
const WRITERS = 4;
const WRITES = 15;
const DOCUMENTS = ['people', 'work/2026-11', 'stock/2026-11'];
const FAULTS: Faults = { slowMs: 8, lostCall: 12, lostAnswer: 10, lostNotification: 2 };

const test = suite('faults');
let database: TestDatabase;
test.before(async () => {
  database = await openTestDatabase();
});
test.after(() => database.close());

for (let round = 0; round < ROUNDS; round++) {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31)) + round;
  test(`[AWAY-2] nothing acknowledged is lost and nothing is stored twice, whatever fails (seed ${seed})`, async () => {
    await playRound(new Prng(seed), `w${seed}`);
  });
}

test.run();

async function playRound(random: Prng, workspace: string): Promise<void> {
  const relays = await Promise.all(
    Array.from({ length: RELAYS }, (_, index) => FaultyRelay.start(`${index}`, random)),
  );
  const acknowledged = new Set<string>();
  const sent = new Set<string>();
  const write = async (who: number) => {
    const own = new Prng(random.int(2 ** 31));
    let client = await connect(relays, own, workspace);
    for (let index = 0; index < WRITES; index++) {
      const documents = own.shuffle(DOCUMENTS).slice(0, 1 + own.int(DOCUMENTS.length));
      const parts = documents.map((name) =>
        client.part(name, (doc) => doc.getMap('rows').set(`${who}-${index}`, documents)),
      );
      const commit = client.commitOf(parts);
      sent.add(commit.id);
      client = await sendUntilStored(client, commit, relays, own, workspace);
      acknowledged.add(commit.id);
    }
    await client.close();
    return client.faults;
  };
  const writing = Array.from({ length: WRITERS }, (_, who) => write(who));
  const crashing = (async () => {
    for (let times = 0; times < 3; times++) {
      await new Promise((resolve) => setTimeout(resolve, 40 + random.int(80)));
      const index = random.int(RELAYS);
      await relays[index]!.crash();
      relays[index] = await FaultyRelay.start(`${index}-${times}`, random);
    }
  })();
  const faults = (await Promise.all(writing)).flat();
  await crashing;
  for (const relay of relays) relay.log.isHealed = true;

  assert.equal(faults, []);
  const { rows: stored } = await database.pool.query<{ id: string }>(
    'select id from espejo.commit where workspace = $1',
    [workspace],
  );
  assert.equal(stored.map(({ id }) => id).sort(), [...acknowledged].sort());
  assert.is(acknowledged.size, sent.size);
  const heads = await database.pool.query<{ name: string; head: number }>(
    'select name, head from espejo.document where workspace = $1',
    [workspace],
  );
  const { rows: gaps } = await database.pool.query(
    `select d.name from espejo.document d left join espejo.log l on l.document = d.id
      where d.workspace = $1 group by d.id having count(l.seq) <> d.head or max(l.seq) <> d.head`,
    [workspace],
  );
  assert.equal(gaps, []);
  const readers = await Promise.all(
    relays.map(({ relay }) => ReplicaClient.open({ url: relay.url, workspace })),
  );
  for (const reader of readers) {
    // Its relay may have missed a notification, and finds out by looking.
    await reader.until(() => heads.rows.every(({ name, head }) => reader.documents.get(name)?.seq === head));
    assert.equal(reader.faults, []);
    for (const name of DOCUMENTS) assert.equal(reader.rows(name), readers[0]!.rows(name));
    await reader.close();
  }
  const keys = new Set(DOCUMENTS.flatMap((name) => Object.keys(readers[0]!.rows(name))));
  assert.is(keys.size, WRITERS * WRITES);
  for (const relay of relays) await relay.close();
}

/** As a replica does: again when told to come back, elsewhere when the line is lost, always the same commit. */
async function sendUntilStored(
  first: ReplicaClient,
  commit: Commit,
  relays: readonly FaultyRelay[],
  random: Prng,
  workspace: string,
): Promise<ReplicaClient> {
  let client = first;
  for (;;) {
    const answer = await Promise.race([client.send(commit), client.closed]);
    if ('type' in answer && answer.type === 'ack') return client;
    if ('type' in answer) {
      if (!answer.retry) throw new Error(`refused for good: ${answer.code}, ${answer.message}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    } else {
      client = await connect(relays, random, workspace, client);
    }
  }
}

async function connect(
  relays: readonly FaultyRelay[],
  random: Prng,
  workspace: string,
  from?: ReplicaClient,
): Promise<ReplicaClient> {
  // A welcome may be among what is lost. Each time it is given longer: on a loaded machine none is quick.
  for (let patienceMs = 500; ; patienceMs *= 2) {
    const client = new ReplicaClient({
      url: random.pick(relays).relay.url,
      workspace,
      ...(from ? { from } : {}),
    });
    const late = new Promise<'late'>((resolve) => setTimeout(resolve, patienceMs, 'late'));
    const how = await Promise.race([
      client.until(() => client.isLevel).then(() => 'level'),
      client.closed,
      late,
    ]);
    if (how === 'level') return client;
    client.socket.terminate();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

class FaultyRelay {
  readonly relay: TestRelay;
  readonly log: FaultyLog;
  readonly #fanout: FaultyFanout;

  static async start(instance: string, random: Prng): Promise<FaultyRelay> {
    const name = `${instance}-${random.int(1e6)}`;
    const { pool, url } = database;
    const log = new FaultyLog(new PostgresLog({ pool, instance: name }), FAULTS, random);
    const fanout = new FaultyFanout(
      new PostgresFanout({ connectionString: url, pool, instance: name }),
      FAULTS,
      random,
    );
    const relay = await startTestRelay({ deps: { log, fanout, timings: { pollMs: 60, drainMs: 0 } } });
    return new FaultyRelay(relay, log, fanout);
  }

  private constructor(relay: TestRelay, log: FaultyLog, fanout: FaultyFanout) {
    this.relay = relay;
    this.log = log;
    this.#fanout = fanout;
  }

  /** Ends as a killed process does: what is on its way to Postgres may arrive, and nobody hears of it. */
  async crash(): Promise<void> {
    this.log.isDead = true;
    this.relay.crash();
    void this.relay.close(); // its timers; it never gets further than the append that is under way
    await this.#fanout.close();
    await this.log.close();
  }

  async close(): Promise<void> {
    await this.relay.close();
    await this.#fanout.close();
    await this.log.close();
  }
}
