/** The thread behind scan.ts: one update in, its clock ranges out, flat: client, from, until, client … */
import { parentPort } from 'node:worker_threads';
import { scanUpdate } from '../../shared/registers/update-scan.ts';
import { Knowledge } from './knowledge.ts';

export interface ScanRequest {
  readonly id: number;
  readonly update: Uint8Array;
}

export type ScanAnswer =
  | { readonly id: number; readonly structs: Float64Array; readonly deletes: Float64Array }
  | { readonly id: number; readonly fault: string };

parentPort?.on('message', ({ id, update }: ScanRequest) => {
  try {
    const knowledge = new Knowledge();
    knowledge.add(scanUpdate(update));
    const { structs, deletes } = knowledge.flat();
    const answer: ScanAnswer = { id, structs, deletes };
    parentPort?.postMessage(answer, [structs.buffer, deletes.buffer] as ArrayBuffer[]);
  } catch (error) {
    const answer: ScanAnswer = {
      id,
      fault: error instanceof Error ? error.message : 'update cannot be read',
    };
    parentPort?.postMessage(answer);
  }
});
