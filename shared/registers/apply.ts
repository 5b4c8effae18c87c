/**
 * Remote updates on their way into a Y.Doc. Yjs accepts an update whose predecessor is missing, hides the keys
 * it touches and reports them deleted; here such an update is found out before the document is touched [REG-7].
 */
import * as Y from 'yjs';
import { ProtocolError } from '../protocol/commit.ts';
import { scanUpdate, type UpdateScan } from './update-scan.ts';

/**
 * Applies an update whose predecessors are all there. 'gap': the document is untouched; ask for what is missing
 * and apply this again after it. Throws ProtocolError on malformed bytes.
 */
export function applyRemoteUpdate(doc: Y.Doc, update: Uint8Array, origin: unknown): 'applied' | 'gap' {
  if (hasGap(doc, scanUpdate(update))) return 'gap';
  try {
    Y.applyUpdate(doc, update, origin);
  } catch {
    // Yjs reads every struct before it integrates the first: bad texts and JSON end here, with nothing changed.
    throw new ProtocolError('update cannot be read');
  }
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) {
    // Only structs that wait for each other in a ring come this far: they can never be completed.
    doc.store.pendingStructs = null;
    doc.store.pendingDs = null;
    throw new ProtocolError('update holds structs that wait for each other');
  }
  return 'applied';
}

/** True when the update builds on something that neither the document nor the update itself has. */
function hasGap(doc: Y.Doc, scan: UpdateScan): boolean {
  const known = new Map<number, number>();
  const knownUntil = (client: number): number => {
    let until = known.get(client);
    if (until === undefined) {
      until = Y.getState(doc.store, client);
      known.set(client, until);
    }
    return until;
  };
  for (const { client, clock, length, skip } of scan.structs) {
    const until = knownUntil(client);
    if (skip ? clock + length > until : clock > until) return true;
    known.set(client, Math.max(until, clock + length));
  }
  for (let index = 0; index < scan.needs.length; index += 2) {
    if (scan.needs[index + 1]! >= knownUntil(scan.needs[index]!)) return true;
  }
  return scan.deletes.some(({ client, clock, length }) => clock + length > knownUntil(client));
}
