/** A worker for files, as long as a page needs one. */
import { type Remote, wrap } from 'comlink';
import type { FileWorker } from './file-worker.ts';

export interface Files {
  readonly worker: Remote<FileWorker>;
  close(): void;
}

export function openFileWorker(): Files {
  const worker = new Worker(new URL('./file-worker.ts', import.meta.url), { type: 'module' });
  return { worker: wrap<FileWorker>(worker), close: () => worker.terminate() };
}
