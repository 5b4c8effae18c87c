/** Remote updates on their way into a Y.Doc. */
import type * as Y from 'yjs';

export function applyRemoteUpdate(_doc: Y.Doc, _update: Uint8Array, _origin: unknown): 'applied' | 'gap' {
  throw new Error('not written yet');
}
