/**
 * Scanning an update takes some 8 ms a megabyte. Small ones are scanned where they are; large ones in a worker
 * thread, because nobody's edit may wait for somebody's join.
 */
import { Worker } from 'node:worker_threads';
import { ProtocolError } from '../../shared/protocol/commit.ts';
import { scanUpdate } from '../../shared/registers/update-scan.ts';
import { Knowledge } from './knowledge.ts';
import type { ScanAnswer, ScanRequest } from './scan-worker.ts';

/** Up to here the event loop is held for less than two milliseconds. */
const INLINE_BYTES = 128 * 1024;
/** A thread costs some 10 MB; large joins come in waves. */
const IDLE_MS = 30_000;

/** Threads do not inherit the loader that lets this process read TypeScript. */
const BOOTSTRAP = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ register }) => {
  register();
  return import(${JSON.stringify(new URL('./scan-worker.ts', import.meta.url).href)});
});`;

export class Scanner {
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 1;
  readonly #running = new Map<
    number,
    { readonly done: (answer: ScanAnswer) => void; readonly failed: (error: Error) => void }
  >();

  /** What an update holds, as clocks. Throws ProtocolError for one that cannot be read. */
  async knowledgeOf(update: Uint8Array): Promise<Knowledge> {
    const knowledge = new Knowledge();
    if (update.length <= INLINE_BYTES) {
      knowledge.add(scanUpdate(update));
      return knowledge;
    }
    const answer = await this.#ask(update);
    if ('fault' in answer) throw new ProtocolError(answer.fault);
    knowledge.addFlat(answer.structs, answer.deletes);
    return knowledge;
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #ask(update: Uint8Array): Promise<ScanAnswer> {
    const id = this.#nextId++;
    const request: ScanRequest = { id, update };
    return new Promise((done, failed) => {
      this.#running.set(id, { done, failed });
      this.#open().postMessage(request);
    });
  }

  #open(): Worker {
    clearTimeout(this.#idle);
    if (this.#worker) return this.#worker;
    const worker = new Worker(BOOTSTRAP, { eval: true });
    worker.unref();
    worker.on('message', (answer: ScanAnswer) => {
      this.#running.get(answer.id)?.done(answer);
      this.#running.delete(answer.id);
      if (this.#running.size > 0) return;
      this.#idle = setTimeout(() => void this.close(), IDLE_MS);
      this.#idle.unref();
    });
    const fail = (error: Error) => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { failed } of this.#running.values()) failed(error);
      this.#running.clear();
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the scanning thread ended')));
    this.#worker = worker;
    return worker;
  }
}
