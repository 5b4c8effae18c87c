/** What the benches of the replica measure of a tablet at any size: how fast it opens, and what it holds in memory. */
import { assert } from '../../../shared/base/assert.ts';
import { percentile, report } from '../../../shared/testing/bench.ts';
import type { Measured } from './memory.ts';
import type { Tablet } from './tablet.ts';

const MB = 1024 * 1024;
/** Two seconds after opening the replica reads the rest of its image and what is written daily. */
const BACKGROUND_MS = 4_000;

/** Level with the relay, and everything stored there. */
export async function settled(tablet: Tablet): Promise<void> {
  await tablet.run((bench) => bench.level());
  await tablet.run((bench) => bench.stored());
}

/** Else the next opening would measure what came after the image. */
export async function imageStored(tablet: Tablet): Promise<void> {
  await tablet.run((bench) => bench.imageStored());
}

export function times(values: readonly number[]): string {
  return `p50 ${percentile(values, 50).toFixed(2)}, p99 ${percentile(values, 99).toFixed(2)}, ${values.length} times`;
}

/**
 * From the first line of the page's script to the first result, page and worker started anew. The budget is that of
 * the app being opened while the browser runs; what a browser that has just started adds is printed beside it.
 */
export async function reportOpening(
  tablet: Tablet,
  name: string,
  atMostMs: number,
  runs: number,
): Promise<void> {
  const [whileRunning, justStarted]: [number[], number[]] = [[], []];
  const measure = async (into: number[]) => {
    into.push(await tablet.run((bench) => bench.openedMs));
    assert((await tablet.run((bench) => bench.firstRows)) === 20, 'the first query did not find 20 rows');
  };
  for (let run = 0; run < runs; run++) {
    await tablet.restart();
    await measure(justStarted);
    await tablet.reopen();
    await measure(whileRunning);
  }
  report({
    name: `open to first result, ${name}`,
    value: percentile(whileRunning, 50),
    unit: 'ms',
    budget: { atMost: atMostMs },
    note: times(whileRunning),
  });
  report({
    name: `the same in a browser just started, ${name}`,
    value: percentile(justStarted, 50),
    unit: 'ms',
    budget: { none: true },
    note: times(justStarted),
  });
}

/** Right after the first result, when no document is in memory, and once the background has had its time. */
export async function reportMemory(tablet: Tablet, name: string, atMostMb?: number): Promise<void> {
  const hydrated = async () => {
    const [found] = await tablet.run((bench) =>
      bench.engine.query('select sum(hydrated) as documents, sum(registers) as registers from _document'),
    );
    return found ?? {};
  };
  await tablet.restart();
  const opened = await tablet.memory();
  const { documents } = await hydrated();
  assert(documents === 0, `${documents} documents were in memory already`);
  report({
    name: `memory of page, worker and wasm after open, ${name}`,
    value: bytesOf(opened) / MB,
    unit: 'MB',
    budget: atMostMb === undefined ? { none: true } : { atMost: atMostMb },
    note: memoryNote(opened),
  });
  await new Promise((resolve) => setTimeout(resolve, BACKGROUND_MS));
  const later = await tablet.memory();
  report({
    name: `the same, with the month's documents in memory, ${name}`,
    value: bytesOf(later) / MB,
    unit: 'MB',
    budget: { none: true },
    note: `${(await hydrated()).registers} registers; ${memoryNote(later)}`,
  });
}

function bytesOf({ held }: Measured): number {
  return held.reduce(
    (sum, { heapBytes, bufferBytes, wasmBytes }) => sum + heapBytes + bufferBytes + wasmBytes,
    0,
  );
}

function memoryNote({ held, processBytes }: Measured): string {
  const parts = held.map(
    ({ type, heapBytes, bufferBytes, wasmBytes }) =>
      `${type}: heap ${(heapBytes / MB).toFixed(1)}, buffers ${(bufferBytes / MB).toFixed(1)}, wasm ${(wasmBytes / MB).toFixed(1)}`,
  );
  return `${parts.join('; ')}; all renderer processes ${Math.round(processBytes / MB)}`;
}
