import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ProtocolError } from './commit.ts';
import {
  decodeFrameFromRelay,
  decodeFrameFromReplica,
  encodeFrame,
  type FrameFromRelay,
  type FrameFromReplica,
} from './wire.ts';

const UPDATE: FrameFromRelay = {
  kind: 'update',
  number: 3,
  epoch: 2,
  fromSeq: 10,
  toSeq: 12,
  more: true,
  own: false,
  payload: new Uint8Array([0, 2, 2, 0, 0]),
};

test('[WIRE-5] every frame reads back as it was written', () => {
  const fromReplica: FrameFromReplica[] = [
    { kind: 'control', message: { type: 'ping', sentAtMs: 5 } },
    { kind: 'channel', number: 300, payload: new Uint8Array([1, 2, 3]) },
    { kind: 'commit', bytes: new Uint8Array([1, 0, 255]) },
  ];
  const fromRelay: FrameFromRelay[] = [
    { kind: 'control', message: { type: 'level' } },
    { kind: 'channel', number: 0, payload: new Uint8Array() },
    UPDATE,
    { ...UPDATE, more: false, own: true, payload: new Uint8Array() },
  ];

  for (const frame of fromReplica) assert.equal(decodeFrameFromReplica(encodeFrame(frame)), frame);
  for (const frame of fromRelay) assert.equal(decodeFrameFromRelay(encodeFrame(frame)), frame);
});

test('[WIRE-5] any update frame reads back, whatever its numbers and bytes', () => {
  const frames = fc.record(
    {
      kind: fc.constant('update' as const),
      number: fc.nat(),
      epoch: fc.nat(),
      fromSeq: fc.nat(),
      toSeq: fc.nat(),
      more: fc.boolean(),
      own: fc.boolean(),
      payload: fc.uint8Array({ maxLength: 40 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(frames, (frame) => {
      assert.equal(decodeFrameFromRelay(encodeFrame(frame)), frame);
    }),
  );
});

test('[WIRE-6] whatever the bytes, decoding gives a frame or a ProtocolError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      for (const decode of [decodeFrameFromRelay, decodeFrameFromReplica]) {
        try {
          decode(bytes);
        } catch (error) {
          assert.instance(error, ProtocolError);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

test('[WIRE-6] a side refuses the frames that only it may send', () => {
  assert.throws(() => decodeFrameFromReplica(encodeFrame(UPDATE)), /sends commits/);
  assert.throws(
    () => decodeFrameFromRelay(encodeFrame({ kind: 'commit', bytes: new Uint8Array([1]) })),
    /sends updates/,
  );
});

test.run();
