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
  const scan = scanUpdate(update);
  const known = knownAfter(doc, scan);
  if (known === 'gap') return 'gap';
  assertNoRing(doc, scan, known);
  try {
    Y.applyUpdate(doc, update, origin);
  } catch {
    // Yjs reads every struct before it integrates the first: bad texts and JSON end here, with nothing changed.
    throw new ProtocolError('update cannot be read');
  }
  return 'applied';
}

/** Whether the update builds on something that the document does not have. Throws ProtocolError on malformed bytes. */
export function isBehind(doc: Y.Doc, update: Uint8Array): boolean {
  return knownAfter(doc, scanUpdate(update)) === 'gap';
}

type Clocks = Map<number, number>;

/** The clocks that document and update have together; a gap when the update builds on something neither has. */
function knownAfter(doc: Y.Doc, { structs, needs, deletes }: UpdateScan): Clocks | 'gap' {
  const known: Clocks = new Map();
  const knownUntil = (client: number) => known.get(client) ?? Y.getState(doc.store, client);
  for (const { client, clock, length, skip } of structs) {
    const until = knownUntil(client);
    if (skip ? clock + length > until : clock > until) return 'gap';
    known.set(client, Math.max(until, clock + length));
  }
  for (let index = 0; index < needs.length; index += 4) {
    if (needs[index + 3]! >= knownUntil(needs[index + 2]!)) return 'gap';
  }
  return deletes.some(({ client, clock, length }) => clock + length > knownUntil(client)) ? 'gap' : known;
}

/**
 * Structs of several clients that wait for each other can never be integrated; no honest client writes them.
 * Follows each client up to what it needs next, in the way Yjs integrates, in time linear in the needs.
 */
function assertNoRing(doc: Y.Doc, { needs }: UpdateScan, known: Clocks): void {
  const needsByClient = new Map<number, number[]>();
  for (let index = 0; index < needs.length; index += 4) {
    const list = needsByClient.get(needs[index]!);
    if (list) list.push(index);
    else needsByClient.set(needs[index]!, [index]);
  }
  const metByClient = new Map<number, number>();
  const nextNeedOf = (client: number) => needsByClient.get(client)?.[metByClient.get(client) ?? 0];
  /** A client's structs are integrated up to the first that needs something not integrated yet. */
  const integratedUntil = (client: number) => {
    const need = nextNeedOf(client);
    const has = Y.getState(doc.store, client);
    return need === undefined ? (known.get(client) ?? has) : Math.max(needs[need + 1]!, has);
  };
  const isMet = (need: number) => needs[need + 3]! < integratedUntil(needs[need + 2]!);

  for (const first of needsByClient.keys()) {
    const path = [first];
    const onPath = new Set(path);
    while (path.length > 0) {
      const client = path[path.length - 1]!;
      const need = nextNeedOf(client);
      const waiting = path.length < 2 ? undefined : nextNeedOf(path[path.length - 2]!);
      if (need === undefined || (waiting !== undefined && isMet(waiting))) {
        onPath.delete(client);
        path.pop();
      } else if (isMet(need)) {
        metByClient.set(client, (metByClient.get(client) ?? 0) + 1);
      } else {
        const other = needs[need + 2]!;
        if (onPath.has(other)) throw new ProtocolError('update holds structs that wait for each other');
        onPath.add(other);
        path.push(other);
      }
    }
  }
}
