import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DeviceId, newId } from '../base/ids.ts';
import { type Commit, decodeCommit, encodeCommit, MAX_COMMIT_PARTS, ProtocolError } from './commit.ts';

const COMMIT: Commit = {
  id: newId(1_790_000_000_000, () => new Uint8Array(16)),
  device: 'abcdEF12' as DeviceId,
  hlc: 7_331_840_000_000_000,
  schema: 3,
  label: 'wo.create',
  parts: [{ document: 'work/2026-11', update: new Uint8Array([0, 0]) }],
};

/** uvu tells an object without a prototype from a plain one. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const commits = record({
  id: fc.integer({ min: 0, max: 2 ** 47 }).map((ms) => newId(ms)),
  device: fc.stringMatching(/^[0-9A-Za-z]{8}$/).map((text) => text as DeviceId),
  hlc: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  schema: fc.nat(),
  label: fc.string({ unit: 'grapheme', maxLength: 40 }),
  parts: fc.uniqueArray(
    record({
      document: fc.stringMatching(/^[a-z0-9-]{1,20}(\/[a-z0-9-]{1,20})?$/),
      update: fc.uint8Array({ maxLength: 50 }),
    }),
    { minLength: 1, maxLength: 5, selector: ({ document }) => document },
  ),
});

test('[COMMIT-1] a commit reads back as it was written', () => {
  fc.assert(
    fc.property(commits, (commit) => {
      assert.equal(decodeCommit(encodeCommit(commit)), commit);
    }),
  );
});

test('[COMMIT-1] the first byte is the version, and an unknown one is refused by name', () => {
  const bytes = encodeCommit(COMMIT);
  assert.is(bytes[0], 1);

  bytes[0] = 9;
  assert.throws(() => decodeCommit(bytes), /version 9 is unknown/);
});

test('[COMMIT-2] whatever the bytes, decoding gives a commit or a ProtocolError', () => {
  const bytes = encodeCommit(COMMIT);
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.nat(bytes.length - 1).map((length) => bytes.subarray(0, length)),
    fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)).map(([at, byte]) => {
      const copy = bytes.slice();
      copy[at] = byte;
      return copy;
    }),
  );
  fc.assert(
    fc.property(damaged, (given) => {
      try {
        decodeCommit(given);
      } catch (error) {
        assert.instance(error, ProtocolError);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('[COMMIT-2] a commit cut short, or followed by anything, is refused', () => {
  const bytes = encodeCommit(COMMIT);
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(
      () => decodeCommit(bytes.subarray(0, length)),
      (error: Error) => error instanceof ProtocolError,
    );
  }
  assert.throws(() => decodeCommit(new Uint8Array([...bytes, 0])), /do not belong/);
});

test('[COMMIT-3] a commit names each document once, and at least one', () => {
  const part = COMMIT.parts[0]!;
  assert.throws(() => decodeCommit(encodeCommit({ ...COMMIT, parts: [] })), /no parts/);
  assert.throws(() => decodeCommit(encodeCommit({ ...COMMIT, parts: [part, part] })), /twice/);
});

test('[COMMIT-3] documents, devices, labels and part counts outside their range are refused', () => {
  const part = COMMIT.parts[0]!;
  const refused: [Partial<Commit>, RegExp][] = [
    [{ parts: [{ ...part, document: '../etc' }] }, /names a document outside/],
    [{ parts: [{ ...part, document: 'Work' }] }, /names a document outside/],
    [{ device: 'short' as DeviceId }, /base62/],
    [{ hlc: 0 }, /positive safe integer/],
    [{ label: 'x'.repeat(201) }, /longer than 200/],
    [
      {
        parts: Array.from({ length: MAX_COMMIT_PARTS + 1 }, (_, index) => ({
          ...part,
          document: `d-${index}`,
        })),
      },
      /at most 64/,
    ],
  ];
  for (const [change, message] of refused) {
    assert.throws(() => decodeCommit(encodeCommit({ ...COMMIT, ...change })), message);
  }
});

test.run();
