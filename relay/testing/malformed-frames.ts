/** Frames as clients of both kinds send them, and what becomes of them in the hands of the fuzz tests. */
import * as Y from 'yjs';
import { encodeCommit } from '../../shared/protocol/commit.ts';
import { encodeFrame } from '../../shared/protocol/wire.ts';
import type { Prng } from '../../shared/testing/prng.ts';
import { ReplicaClient } from './replica-client.ts';

/** One of each kind, as they should be. */
export function validFrames(): Uint8Array[] {
  const doc = new Y.Doc();
  doc
    .getMap('rows')
    .set('r~AbCdEf01', [4_096_000, 0, { name: 'Ana', bytes: new Uint8Array(3), list: [1, 2.5, null] }]);
  doc.getText('text').insert(0, 'hello 😀');
  doc.getText('text').format(0, 3, { bold: true });
  doc.getArray('list').push([1, new Y.Map([['a', 'b']])]);
  doc.getText('text').delete(1, 2);
  const update = Y.encodeStateAsUpdate(doc);
  const message = (type: number, step: number) => {
    const length = [128 | (update.length & 127), update.length >> 7];
    return Uint8Array.of(type, step, ...length, ...update);
  };
  const client = { device: 'AbCdEf01' } as ReplicaClient;
  const commit = ReplicaClient.prototype.commitOf.call(client, [{ document: 'people', update }]);
  const presence = new TextEncoder().encode('{"name":"ana"}');
  return [
    message(0, 2),
    message(0, 1),
    Uint8Array.of(0, 0, 1, 0),
    Uint8Array.of(3),
    Uint8Array.of(1, presence.length + 4, 1, 7, 1, presence.length, ...presence),
    encodeFrame({ kind: 'commit', bytes: encodeCommit(commit) }),
    encodeFrame({ kind: 'commit', bytes: encodeCommit(commit) }),
    encodeFrame({ kind: 'channel', number: 1, payload: Uint8Array.of(0, 0, 1, 0) }),
    encodeFrame({ kind: 'control', message: { type: 'ping', sentAtMs: 5 } }),
  ];
}

/** Cuts, flips, doubles or replaces some of it. */
export function malform(frame: Uint8Array, random: Prng): Uint8Array {
  switch (random.int(6)) {
    case 0:
      return frame.slice(0, random.int(frame.length + 1));
    case 1:
      return Uint8Array.from({ length: random.int(60) }, () => random.int(256));
    case 2:
      return Uint8Array.of(
        ...frame,
        ...Uint8Array.from({ length: 1 + random.int(8) }, () => random.int(256)),
      );
    default: {
      const changed = frame.slice();
      for (let times = 1 + random.int(4); times > 0; times--)
        changed[random.int(changed.length)] = random.int(4) === 0 ? 255 : random.int(256);
      return changed;
    }
  }
}
