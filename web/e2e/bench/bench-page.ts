/** The page of the replica bench. Measures on the page, so messages between page and worker are in every figure. */
import { Prng } from '../../../shared/testing/prng.ts';
import { connectEngine, type EngineClient } from '../../client/engine-client.ts';
import type { ResultRow } from '../../client/engine-messages.ts';
import { BUSY_CUSTOMER, insertVisits, NEWEST_OF_CUSTOMER } from './visits.ts';

export interface BenchPage {
  readonly engine: EngineClient;
  /** From the first line of the script to the first result of an indexed query; 0 when nobody is signed in. */
  readonly openedMs: number;
  readonly firstRows: number;
  fill(filling: Filling): Promise<void>;
  /** Resolves once the stored SQL image has every update that is stored. */
  imageStored(): Promise<void>;
  bulkInsert(rows: number): Promise<number>;
  singleWrites(count: number): Promise<number[]>;
  liveWrites(count: number, queries: number): Promise<number[]>;
  /** Calls for each value of `total_minor` that appears in the busy customer's list. */
  stampRow(): Promise<string>;
  writeStamps(row: string, count: number): Promise<void>;
  readStamps(row: string, count: number): Promise<number[]>;
  level(): Promise<number>;
  stored(): Promise<number>;
  until(sql: string): Promise<number>;
  longestTask(): { stop(): number };
}

export interface Filling {
  readonly rows: number;
  /** The rows are in so many months, the last of them this many before the newest. */
  readonly months: number;
  readonly monthsAgo?: number;
  readonly rowsPerCommit: number;
}

const engine = await connectEngine({
  ...(location.search === '?dedicated'
    ? {}
    : { shared: () => new SharedWorker(new URL('./bench-worker.ts', import.meta.url), { type: 'module' }) }),
  dedicated: () => new Worker(new URL('./bench-worker.ts', import.meta.url), { type: 'module' }),
  lockName: 'bench',
});
const isSignedIn = (await engine.session()) !== undefined;
const firstRows = isSignedIn ? (await engine.query(NEWEST_OF_CUSTOMER, [BUSY_CUSTOMER])).length : 0;
const { scriptStartedAtMs } = window as unknown as { scriptStartedAtMs: number }; // index.html, before any import
const openedMs = isSignedIn ? performance.now() - scriptStartedAtMs : 0;
const random = new Prng(1);
/** Of a cell that no row holds yet: an update that changes nothing tells nobody. */
let lastValue = 1_000_000;
/** Milliseconds since 1970 with fractions, the same on every page of a machine. */
const wallMs = (): number => performance.timeOrigin + performance.now();

const bench: BenchPage = {
  engine,
  openedMs,
  firstRows,

  async fill({ rows, months, monthsAgo = 0, rowsPerCommit }) {
    let written: Promise<unknown> = Promise.resolve();
    for (let done = 0; done < rows; done += rowsPerCommit) {
      const month = Math.floor((done / rows) * months) + monthsAgo;
      const statements = insertVisits(random, Math.min(rowsPerCommit, rows - done), month);
      await written; // made up while the worker wrote those before
      written = engine.transaction(statements, { label: 'fill' });
    }
    await written;
  },

  async imageStored() {
    // A script of its own: what is measured first of all is how this one loads.
    const { imageStored } = await import('./image-stored.ts');
    const session = await engine.session();
    if (session) await imageStored(session);
  },

  async bulkInsert(rows) {
    const statements = insertVisits(random, rows, 0);
    const startedAtMs = performance.now();
    await engine.transaction(statements, { label: 'bulk' });
    return performance.now() - startedAtMs;
  },

  async singleWrites(count) {
    const ids = await someIds(count);
    const times: number[] = [];
    for (const id of ids) {
      const startedAtMs = performance.now();
      await engine.execute('update visits set odometer = ? where id = ?', [random.int(300_000), id]);
      times.push(performance.now() - startedAtMs);
    }
    return times;
  },

  async liveWrites(count, queries) {
    let told: (rows: readonly ResultRow[]) => void = () => {};
    const stops: (() => void)[] = [];
    let first: readonly ResultRow[] = [];
    for (let customer = 0; customer < queries; customer++) {
      await new Promise<void>((resolve) => {
        const statement = { sql: NEWEST_OF_CUSTOMER, params: [customer] };
        const stop = engine.watch(statement, (rows) => {
          if (customer === BUSY_CUSTOMER) {
            first = rows;
            told(rows);
          }
          resolve();
        });
        stops.push(stop);
      });
    }
    const times: number[] = [];
    for (let index = 0; index < count; index++) {
      const row = first[index % first.length];
      const value = ++lastValue;
      const startedAtMs = performance.now();
      const shown = new Promise<void>((resolve) => {
        told = (rows) => {
          if (rows.some(({ total_minor }) => total_minor === value)) resolve();
        };
      });
      engine.execute('update visits set total_minor = ? where id = ?', [value, row?.id ?? '']);
      await shown;
      times.push(performance.now() - startedAtMs);
    }
    for (const stop of stops) stop();
    return times;
  },

  async stampRow() {
    const [row] = await engine.query(NEWEST_OF_CUSTOMER, [BUSY_CUSTOMER]);
    return String(row?.id);
  },

  async writeStamps(row, count) {
    for (let index = 0; index < count; index++) {
      // Microseconds since 1970 stay within 2^53.
      await engine.execute('update visits set total_minor = ? where id = ?', [
        Math.round(wallMs() * 1000),
        row,
      ]);
      await pause(15);
    }
  },

  readStamps(row, count) {
    return new Promise((resolve) => {
      const times: number[] = [];
      const statement = { sql: 'select total_minor from visits where id = ?', params: [row] };
      let isFirst = true;
      const stop = engine.watch(statement, ([found]) => {
        if (!isFirst) times.push(wallMs() - Number(found?.total_minor) / 1000);
        isFirst = false;
        if (times.length < count) return;
        stop();
        resolve(times);
      });
    });
  },

  level: () => status(({ level, connection }) => level && connection === 'connected'),
  stored: () => status(({ pending }) => pending === 0),

  until(sql) {
    const startedAtMs = performance.now();
    return new Promise((resolve) => {
      const stop = engine.watch({ sql }, (rows) => {
        if (rows.length === 0) return;
        queueMicrotask(() => stop());
        resolve(performance.now() - startedAtMs);
      });
    });
  },

  longestTask() {
    const channel = new MessageChannel();
    let longestMs = 0;
    let last = performance.now();
    let isRunning = true;
    channel.port1.onmessage = () => {
      const now = performance.now();
      longestMs = Math.max(longestMs, now - last);
      last = now;
      if (isRunning) channel.port2.postMessage(0);
    };
    channel.port2.postMessage(0);
    return {
      stop: () => {
        isRunning = false;
        return longestMs;
      },
    };
  },
};

/** Connects first, so that the time is that of the replica and not of its back-off. */
function status(isSo: (status: Awaited<ReturnType<EngineClient['status']>>) => boolean): Promise<number> {
  const startedAtMs = performance.now();
  return new Promise((resolve) => {
    const stop = engine.watchStatus((now) => {
      if (!isSo(now)) return;
      queueMicrotask(() => stop());
      resolve(performance.now() - startedAtMs);
    });
  });
}

async function someIds(count: number): Promise<string[]> {
  const rows = await engine.query('select id from visits order by plate limit ?', [count]);
  return rows.map(({ id }) => String(id));
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

Object.assign(window, { bench });
