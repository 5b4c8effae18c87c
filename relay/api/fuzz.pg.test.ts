/**
 * Bodies that no client of ours would send, at every endpoint that takes one: the answer is a 4xx with a sentence
 * (or a 2xx, when chance made it valid), never a 5xx, and the relay goes on serving. Structured ones start from a
 * valid body; seeds are printed. `FUZZ_ROUNDS=100000` runs for some minutes.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DeviceId, newId } from '../../shared/base/ids.ts';
import { encodeBatch } from '../../shared/protocol/batch.ts';
import { encodeCommit } from '../../shared/protocol/commit.ts';
import { forSeeds, type Prng } from '../../shared/testing/prng.ts';
import { openTestServer, type TestServer } from '../testing/test-server.ts';

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 1500);
/** Passwords are hashed slowly: endpoints that hash are tried with bodies that must not get that far. */
const JSON_ENDPOINTS: readonly (readonly [method: string, path: string, valid: object])[] = [
  ['POST', '/api/session/refresh', { refreshToken: 'x', device: 'AAAAAAA1' }],
  [
    'POST',
    '/api/sync/batch',
    { commits: [{ id: newId(), device: 'AAAAAAA1', hlc: 1, schema: 1, label: '', parts: [] }] },
  ],
  ['POST', '/api/objects', { family: 'work', sha256: 'a'.repeat(64), bytes: 10, contentType: 'image/png' }],
  ['PATCH', '/api/users/reader', { displayName: 'Reader' }],
  ['PATCH', '/api/devices/AAAAAAA1', { label: 'x' }],
  ['POST', '/api/session/device', { device: 'AAAAAAA9', deviceLabel: 'x' }],
];

let server: TestServer;
let token: string;
test.before(async () => {
  server = await openTestServer({ env: { LIMIT_MAX_REQUESTS_PER_MINUTE: '100000000' } });
  token = await server.token('admin');
});
test.after(() => server.close());

test(`${ROUNDS} JSON bodies bent out of shape get a 4xx with a sentence`, async () => {
  await forSeeds(Math.ceil(ROUNDS / 50), [], async (random) => {
    for (let round = 0; round < 50; round++) {
      const [method, path, valid] = random.pick(JSON_ENDPOINTS);
      const body = bend(random, valid, 0);
      const answer = await server.call(method, path, { token, body: body === undefined ? null : body });
      assertRefusedOrDone(answer.status, answer.body, `${method} ${path} ${JSON.stringify(body)}`);
    }
  });
});

test(`${ROUNDS} batches of bytes, cut, flipped and made up, get a 4xx or are rejected one by one`, async () => {
  const commit = encodeCommit({
    id: newId(),
    device: 'AAAAAAA1' as DeviceId,
    hlc: 4096,
    schema: 1,
    label: 'note.add',
    parts: [{ document: 'work/2026-11', update: new Uint8Array([0, 0]) }],
  });
  const valid = encodeBatch([commit, commit]);
  await forSeeds(Math.ceil(ROUNDS / 50), [], async (random) => {
    for (let round = 0; round < 50; round++) {
      const body = random.chance(2) ? mangle(random, valid) : random.bytes(random.int(200));
      const answer = await server.call('POST', '/api/sync/batch', { token, body: Uint8Array.from(body) });
      assertRefusedOrDone(answer.status, answer.body, Buffer.from(body).toString('hex'));
    }
  });
});

test('after all of it the relay serves, and has logged no failure', async () => {
  assert.is((await server.call('GET', '/ready')).status, 200);
  assert.is((await server.call('GET', '/api/session', { token })).status, 200);
  assert.equal(
    server.lines.filter((line) => JSON.parse(line).level === 'error'),
    [],
  );
});

function assertRefusedOrDone(
  status: number,
  body: { code?: unknown; message?: unknown },
  sent: string,
): void {
  assert.ok(status < 500, `${status} for ${sent}`);
  if (status < 400) return;
  assert.type(body.code, 'string', sent);
  assert.type(body.message, 'string', sent);
}

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  0.5,
  '',
  'x',
  "'; drop table espejo.account; --",
  '\u0000',
  '../../etc/passwd',
  '\ud800',
  'x'.repeat(5_000),
  [],
  {},
  [[[[[]]]]],
  { toString: 'x', constructor: 1 },
];

/** A value like `value`, with some of it replaced, removed, repeated or nested. */
function bend(random: Prng, value: unknown, depth: number): unknown {
  if (depth > 3 || random.chance(4)) return random.pick(ODD_VALUES);
  if (Array.isArray(value))
    return Array.from({ length: random.int(4) }, () =>
      bend(random, random.pick([...value, null]), depth + 1),
    );
  if (typeof value !== 'object' || value === null) return random.chance(3) ? random.pick(ODD_VALUES) : value;
  const bent: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (random.chance(5)) continue;
    bent[random.chance(8) ? `${key}x` : key] = random.chance(2) ? bend(random, inner, depth + 1) : inner;
  }
  return bent;
}

function mangle(random: Prng, bytes: Uint8Array): Uint8Array {
  const mangled = bytes.slice(0, random.chance(2) ? bytes.length : random.int(bytes.length));
  for (let count = random.int(4); count > 0 && mangled.length > 0; count--)
    mangled[random.int(mangled.length)] = random.int(256);
  return mangled;
}

test.run();
