/**
 * Frames that are random, and frames that are almost right: nothing a peer sends ends the relay or reaches the log,
 * and whoever works beside it notices nothing. A fault names its seed.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { ProtocolError } from '../../shared/protocol/commit.ts';
import { encodeFrame } from '../../shared/protocol/wire.ts';
import { Prng } from '../../shared/testing/prng.ts';
import { MemoryFanout } from '../fanout/memory-fanout.ts';
import type { Seat } from '../identity/seat.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { Flusher } from '../log/flusher.ts';
import { MemoryLog } from '../log/memory-log.ts';
import { Feeds } from '../room/feeds.ts';
import { Joins } from '../room/join.ts';
import { malform, validFrames } from '../testing/malformed-frames.ts';
import { TEST_GRANTS } from '../testing/relay-process.ts';
import { Burst } from './burst.ts';
import { type Connection, type ConnectionDeps, SocketRefusal, Window } from './connection.ts';
import { Outlet } from './outlet.ts';
import { ReplicaConnection } from './replica-connection.ts';
import { StockConnection } from './stock-connection.ts';

const FRAMES = 100_000;
const test = suite('fuzz');

test('[EDGE-1] 100 000 malformed frames are each taken, or refused with a sentence, and store nothing they should not', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = new Prng(seed);
  const { log, openStock, openReplica, flusher } = await setup();
  const samples = validFrames();
  let refused = 0;
  for (let index = 0; index < FRAMES; index++) {
    const isStock = random.int(2) === 0;
    const connection = isStock ? openStock() : openReplica();
    const frame = malform(samples[random.int(samples.length)]!, random);
    try {
      connection.receive(frame);
    } catch (error) {
      const isRefusal = error instanceof ProtocolError || error instanceof SocketRefusal;
      if (!isRefusal) throw new Error(`seed ${seed}, frame ${index}: ${(error as Error).stack}`);
      assert.ok(error.message.length > 5, `seed ${seed}: a refusal without a sentence`);
      refused++;
    }
    connection.ended();
    if (index % 1_000 === 0) await flusher.idle();
  }
  await flusher.idle();

  assert.ok(refused > FRAMES / 4, `only ${refused} were refused`);
  // Whatever got through can be applied by everybody.
  for (const { documentId, head } of await log.documents('w')) {
    for (const { update } of await log.readRange(documentId, 1, 0, head)) {
      const doc = new Y.Doc();
      try {
        Y.applyUpdate(doc, update);
      } catch (error) {
        throw new Error(
          `seed ${seed}: an update was stored that nobody can apply: ${(error as Error).message}`,
        );
      }
    }
  }
});

test.run();

async function setup() {
  const log = new MemoryLog();
  const burst = new Burst();
  const feeds = new Feeds({
    log,
    fanout: new MemoryFanout(),
    burst,
    limits: DEFAULT_LIMITS,
    nowMs: Date.now,
    pollMs: 60_000,
    metrics: undefined,
    logger: undefined,
  });
  const flusher = new Flusher({
    log,
    maxWaitingBytes: 1_000_000,
    onStored: (batch) => feeds.offer(batch),
  });
  const joins = new Joins({ log, snapshots: undefined, maxBytesInFlight: 1_000_000 });
  const deps: ConnectionDeps = {
    flusher,
    log,
    joins,
    limits: DEFAULT_LIMITS,
    minSchema: 0,
    nowMs: Date.now,
    metrics: undefined,
    logger: undefined,
  };
  const feed = await feeds.open('w');
  const seat: Seat = {
    workspace: 'w',
    user: 'mal',
    role: 'writer',
    grants: TEST_GRANTS.writer!,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    tokenId: 't',
  };
  const window = new Window({ pause: () => undefined, resume: () => undefined });
  const outlet = new Outlet({
    socket: { readyState: 1, close: () => undefined, once: () => undefined } as never,
    stream: {
      writableLength: 0,
      writableCorked: 0,
      write: () => true,
      cork: () => undefined,
      uncork: () => undefined,
      once: () => undefined,
      removeListener: () => undefined,
    } as never,
    burst,
    maxUnsentBytes: 1_000_000,
    joinTimeoutMs: 60_000,
    refusalDelayMs: 0,
    onClosing: () => undefined,
  });
  const hello = encodeFrame({
    kind: 'control',
    message: { type: 'hello', protocol: 1, device: 'AbCdEf01', schema: 1, positions: [] },
  });
  return {
    log,
    flusher,
    openStock: (): Connection => new StockConnection({ seat, feed, document: 'notes', outlet, window, deps }),
    openReplica: (): Connection => {
      const connection = new ReplicaConnection({
        seat: { ...seat, device: 'AbCdEf01' },
        feed,
        outlet,
        window,
        deps,
        burst: (write) => write(),
        identifyDevice: async () => undefined,
      });
      connection.receive(hello);
      return connection;
    },
  };
}
