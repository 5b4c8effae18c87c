/**
 * What the page and the workers of one origin really hold, asked of each by the DevTools protocol after a collection:
 * JavaScript heap with the browser's objects for it, array buffers, and WebAssembly memory, which a bench's worker
 * tells itself: neither the protocol nor `performance.measureUserAgentSpecificMemory` counts it, and the latter leaves
 * shared workers out as well. What the operating system says of the processes stands beside it, as a check.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import WebSocket from 'ws';

export interface HeldMemory {
  /** `page`, `shared_worker`, `worker`. */
  readonly type: string;
  readonly heapBytes: number;
  /** Array buffers without WebAssembly memory. */
  readonly bufferBytes: number;
  readonly wasmBytes: number;
}

export interface Measured {
  readonly held: readonly HeldMemory[];
  /** Of the processes that run pages and workers: all their own memory, the browser's code for them included. */
  readonly processBytes: number;
}

interface TargetInfo {
  readonly targetId: string;
  readonly type: string;
  readonly url: string;
}

/** One entry for the page and each worker, of a Chromium started with `--remote-debugging-port=0`. */
export async function memoryOf(profile: string, origin: string): Promise<Measured> {
  const devTools = await DevTools.connect(profile);
  try {
    const { targetInfos } = await devTools.send<{ targetInfos: TargetInfo[] }>('Target.getTargets');
    const held: HeldMemory[] = [];
    for (const { targetId, type, url } of targetInfos) {
      if (!url.startsWith(origin)) continue;
      const { sessionId } = await devTools.send<{ sessionId: string }>('Target.attachToTarget', {
        targetId,
        flatten: true,
      });
      await devTools.send('HeapProfiler.collectGarbage', {}, sessionId);
      const usage = await devTools.send<Record<string, number>>('Runtime.getHeapUsage', {}, sessionId);
      const { result } = await devTools.send<{ result: { value: number } }>(
        'Runtime.evaluate',
        { expression: 'globalThis.wasmBytes?.() ?? 0', returnByValue: true },
        sessionId,
      );
      held.push({
        type,
        heapBytes: (usage.usedSize ?? 0) + (usage.embedderHeapUsedSize ?? 0),
        bufferBytes: usage.backingStorageSize ?? 0,
        wasmBytes: result.value,
      });
    }
    const { processInfo } = await devTools.send<{ processInfo: { type: string; id: number }[] }>(
      'SystemInfo.getProcessInfo',
    );
    const processes = processInfo.filter(({ type }) => type === 'renderer');
    const bytes = await Promise.all(processes.map(({ id }) => anonymousBytes(id)));
    return { held, processBytes: bytes.reduce((sum, each) => sum + each, 0) };
  } finally {
    devTools.close();
  }
}

/** Memory that no file stands behind; 0 where the system does not tell. */
async function anonymousBytes(pid: number): Promise<number> {
  const told = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Anonymous:\s+(\d+) kB/m.exec(told)?.[1] ?? 0) * 1024;
}

/** The browser's own end of the protocol; Playwright's sessions do not reach shared workers. */
class DevTools {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: { result?: unknown; error?: { message: string } }) => void>();
  #lastId = 0;

  static async connect(profile: string): Promise<DevTools> {
    const [port, path] = (await readFile(join(profile, 'DevToolsActivePort'), 'utf8')).split('\n');
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return new DevTools(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (bytes) => {
      const message = JSON.parse(String(bytes));
      this.#waiting.get(message.id)?.(message);
    });
  }

  send<Result>(method: string, params: object = {}, sessionId?: string): Promise<Result> {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result as Result);
      });
    });
  }

  close(): void {
    this.#socket.close();
  }
}
