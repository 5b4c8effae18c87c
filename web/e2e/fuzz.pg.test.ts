/**
 * Frames and bodies that no client of ours would send, thrown at a real relay over real sockets, while two replicas of
 * another workspace and two of the same one go on with their work. Nothing ends the relay, nothing makes it grow,
 * nobody notices. Together with relay/socket/fuzz.test.ts (100 000 frames, each in the hands of a fresh connection)
 * and relay/api/fuzz.pg.test.ts. `SEED=…` throws the same again, `FUZZ_ROUNDS=…` so many times as much.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { malform, validFrames } from '../../relay/testing/malformed-frames.ts';
import { openTestDatabase, type TestDatabase } from '../../relay/testing/postgres.ts';
import { newDeviceId, newId } from '../../shared/base/ids.ts';
import {
  encodeFrame,
  PROTOCOL_VERSION,
  SUBPROTOCOL,
  TOKEN_SUBPROTOCOL_PREFIX,
} from '../../shared/protocol/wire.ts';
import { tallerSchema } from '../../shared/taller/schema.ts';
import { Prng } from '../../shared/testing/prng.ts';
import { openHeadless } from '../replica/headless.ts';
import type { Replica } from '../replica/replica.ts';
import { createAccount, signIn } from './accounts.ts';
import { frame, throwBytes } from './raw-socket.ts';
import { RelayProcess } from './relay-process.ts';

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 1);
const FRAMES = 4_000 * ROUNDS;
const BODIES = 2_000 * ROUNDS;
const LANES = 6;
/** A stock client that is refused for good hears of it only seconds later. */
const PATIENCE_MS = 60;
const CANARY_TIMEOUT_MS = 20_000;
/** Of heap and buffers together, once the garbage is gone: for each frame, and for each edit that was exchanged. */
const MAX_GROWTH_BYTES_EACH = 2 * 1024;
/** Sockets that were ended take a moment to go. */
const SETTLE_TIMEOUT_MS = 60_000;
/** Sockets, requests and whatever else tells of events: kept ones weigh too little to be seen among the bytes. */
const MAX_EMITTERS_KEPT = 300;
/** The relay collects its garbage when it is asked to, and prints how many of those it keeps. */
const COUNT_WHEN_ASKED = `--import data:text/javascript,${encodeURIComponent(
  "import { EventEmitter } from 'node:events'; import { queryObjects } from 'node:v8';" +
    "process.on('SIGUSR2', () => console.log('emitters kept: ' + queryObjects(EventEmitter, { format: 'count' })));",
)}`;
const USER = 'recepcion';

const test = suite('fuzz');
let database: TestDatabase;
let relay: RelayProcess;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espejo-fuzz-'));
  database = await openTestDatabase();
  relay = await RelayProcess.start({
    databaseUrl: database.url,
    dataDir: folder,
    env: {
      LIMIT_MAX_REQUESTS_PER_MINUTE: '10000000',
      LIMIT_MAX_MESSAGES_PER_SECOND: '1000000',
      LIMIT_MAX_CONNECTIONS_PER_ADDRESS: '10000',
      NODE_OPTIONS: COUNT_WHEN_ASKED,
    },
  });
});
test.after(async () => {
  await relay.kill();
  await database.close();
  await rm(folder, { recursive: true });
});

test('[EDGE-1] malformed frames and bodies neither end the relay nor make it grow, and others work on undisturbed', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  const random = new Prng(seed);
  const tokens = new Map<string, string>();
  for (const workspace of ['attacked', 'quiet']) {
    await createAccount(database.pool, { workspace, name: USER, role: USER });
    tokens.set(workspace, (await signIn(relay.url, workspace, USER)).token);
  }
  const canaries = [
    await Canaries.open(relay, 'quiet', tokens.get('quiet')!, join(folder, 'quiet')),
    await Canaries.open(relay, 'attacked', tokens.get('attacked')!, join(folder, 'attacked')),
  ];
  const token = tokens.get('attacked')!;
  await throwFrames(random, token, 300); // what is loaded and compiled once is no growth
  await throwBodies(random, token, 150);
  const before = await held();
  const { pid } = relay;

  const working = canaries.map((pair) => pair.work());
  const frames = await throwFrames(random, token, FRAMES);
  const bodies = await throwBodies(random, token, BODIES);
  for (const pair of canaries) pair.stop();
  const exchanged = await Promise.all(working);

  const why = `seed ${seed}`;
  assert.is(relay.pid, pid, `${why}: the relay ended; it printed:\n${relay.output.slice(-4_000)}`);
  assert.ok((await fetch(`${relay.url}/ready`)).ok, why);
  for (const count of exchanged) assert.ok(count >= 10, `${why}: canaries exchanged only ${count} edits`);
  const answers = Object.entries(bodies.answers).filter(([status]) => Number(status) >= 500);
  assert.equal(answers, [], `${why}: bodies were answered with a failure of ours`);
  const failures = relay.output
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"|"level":[56]0/.test(line));
  assert.equal(failures, [], `${why}: the relay logged failures`);
  const edits = exchanged.reduce((sum, count) => sum + count, 0);
  const grown = await settledGrowth(before, {
    bytes: MAX_GROWTH_BYTES_EACH * (FRAMES + edits),
    emitters: MAX_EMITTERS_KEPT,
  });
  process.stdout.write(
    `\n» fuzz, seed ${seed}: ${frames} frames over sockets, ${bodies.count} bodies ${JSON.stringify(bodies.answers)}, canaries exchanged ${exchanged.join(' and ')} edits, memory grew ${(grown.bytes / 1e6).toFixed(1)} MB, emitters by ${grown.emitters}\n`,
  );
  for (const pair of canaries) await pair.close();
});

test.run();

/** Answers how many were sent. */
async function throwFrames(random: Prng, token: string, count: number): Promise<number> {
  const samples = validFrames();
  const hello = () =>
    frame(
      encodeFrame({
        kind: 'control',
        message: {
          type: 'hello',
          protocol: PROTOCOL_VERSION,
          device: newDeviceId(),
          schema: tallerSchema.version,
          positions: [],
        },
      }),
    );
  let left = count;
  let upgraded = 0;
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      while (left > 0) {
        const many = Math.min(left, 1 + random.int(6));
        left -= many;
        const thrown = Array.from({ length: many }, () =>
          bent(random, malform(random.pick(samples), random)),
        );
        const isStock = random.chance(2);
        const path = isStock ? `/sync/attacked/notes?token=${token}` : '/sync/attacked';
        const protocols = isStock ? [] : [SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}${token}`];
        const first = isStock || random.chance(8) ? [] : [hello()];
        if (await throwBytes({ port: relay.port, path, protocols }, [...first, ...thrown], PATIENCE_MS))
          upgraded++;
      }
    }),
  );
  assert.ok(upgraded > count / 10, `only ${upgraded} connections for ${count} frames got through the door`);
  return count;
}

/** Most frames are whole WebSocket frames; of the others the header is bent, too. */
function bent(random: Prng, payload: Uint8Array): Buffer {
  const whole = frame(payload);
  if (!random.chance(6)) return whole;
  const at = random.int(Math.min(whole.length, 6));
  whole[at] = random.int(256);
  return random.chance(3) ? whole.subarray(0, random.int(whole.length)) : whole;
}

const VALID_BODIES: readonly (readonly [method: string, path: string, body: object])[] = [
  [
    'POST',
    '/api/sync/batch',
    { commits: [{ id: newId(), device: 'AAAAAAA1', hlc: 1, schema: 1, label: '', parts: [] }] },
  ],
  [
    'POST',
    '/api/sync/poll',
    {
      hello: { type: 'hello', protocol: 1, device: 'AAAAAAA1', schema: 1, positions: [['work', 1, 1]] },
      waitMs: 0,
    },
  ],
  ['POST', '/api/objects', { family: 'work', sha256: 'a'.repeat(64), bytes: 10, contentType: 'image/png' }],
  ['POST', '/api/session/refresh', { refreshToken: 'x', device: 'AAAAAAA1' }],
  ['PATCH', '/api/devices/AAAAAAA1', { label: 'x' }],
];

async function throwBodies(
  random: Prng,
  token: string,
  count: number,
): Promise<{ count: number; answers: Record<string, number> }> {
  const answers: Record<string, number> = {};
  let left = count;
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      while (left-- > 0) {
        const [method, path, body] = random.pick(VALID_BODIES);
        const text = new TextEncoder().encode(JSON.stringify(body));
        const answer = await fetch(`${relay.url}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': random.chance(4) ? 'application/octet-stream' : 'application/json',
          },
          body: malform(text, random) as Uint8Array<ArrayBuffer>,
        });
        await answer.arrayBuffer();
        answers[answer.status] = (answers[answer.status] ?? 0) + 1;
      }
    }),
  );
  return { count, answers };
}

/** Two replicas that write to each other, one after the other, and miss nothing. */
class Canaries {
  readonly #pair: readonly [Replica, Replica];
  #isStopped = false;

  static async open(
    { port }: RelayProcess,
    workspace: string,
    token: string,
    directory: string,
  ): Promise<Canaries> {
    const open = (name: string) =>
      openHeadless({
        schema: tallerSchema,
        user: USER,
        directory: join(directory, name),
        target: { url: `ws://127.0.0.1:${port}`, workspace, token },
      });
    return new Canaries([await open('one'), await open('two')]);
  }

  private constructor(pair: readonly [Replica, Replica]) {
    this.#pair = pair;
  }

  /** Resolves, once stopped, with the number of edits that arrived. Throws when one does not. */
  async work(): Promise<number> {
    for (let count = 0; ; count++) {
      const [from, to] = count % 2 === 0 ? this.#pair : ([this.#pair[1], this.#pair[0]] as const);
      const id = newId();
      await from.execute('insert into customers (id, name) values (?, ?)', [id, `Cliente ${count}`]);
      const deadlineMs = Date.now() + CANARY_TIMEOUT_MS;
      while (to.query('select 1 from customers where id = ?', [id]).length === 0) {
        if (Date.now() > deadlineMs)
          throw new Error(`edit ${count} did not arrive: ${JSON.stringify([from.status(), to.status()])}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      if (this.#isStopped) return count + 1;
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  async close(): Promise<void> {
    for (const replica of this.#pair) await replica.close();
  }
}

interface Held {
  /** Heap and buffers, by the relay's own metrics. */
  readonly bytes: number;
  readonly emitters: number;
}

/** What the relay holds once its garbage is gone. */
async function held(): Promise<Held> {
  const counts = () =>
    [...relay.output.matchAll(/^emitters kept: (\d+)\n/gm)].map(([, count]) => Number(count));
  const [already, deadlineMs] = [counts().length, Date.now() + SETTLE_TIMEOUT_MS];
  process.kill(relay.pid!, 'SIGUSR2');
  while (counts().length === already) {
    assert.ok(Date.now() < deadlineMs, 'the relay does not tell what it holds');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const text = await (await fetch(`${relay.url}/metrics`)).text();
  const figure = (name: string) => Number(new RegExp(`^espejo_${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    bytes: figure('nodejs_heap_size_used_bytes') + figure('nodejs_external_memory_bytes'),
    emitters: counts().at(-1)!,
  };
}

/** How much more there is than before, as soon as that is little enough. */
async function settledGrowth(before: Held, most: Held): Promise<Held> {
  const deadlineMs = Date.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const now = await held();
    const grown = { bytes: now.bytes - before.bytes, emitters: now.emitters - before.emitters };
    if (grown.bytes < most.bytes && grown.emitters < most.emitters) return grown;
    assert.ok(Date.now() < deadlineMs, `what the relay holds grew and stays: ${JSON.stringify(grown)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
