import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hlcOfMs } from '../../shared/base/hlc.ts';
import { type DeviceId, newId } from '../../shared/base/ids.ts';
import { encodeBatch } from '../../shared/protocol/batch.ts';
import { type Commit, encodeCommit } from '../../shared/protocol/commit.ts';
import { openTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
test.before(async () => {
  server = await openTestServer({ env: { LIMIT_MAX_BATCH_COMMITS: '3', LIMIT_MAX_COMMIT_BYTES: '1000' } });
});
test.before.each(() => {
  server.live.batches.length = 0;
});
test.after(() => server.close());

test('commits arrive as bytes and as JSON, and are the same', async () => {
  const token = await server.token('writer');
  const commit = aCommit();

  const bytes = await server.call('POST', '/api/sync/batch', {
    token,
    body: encodeBatch([encodeCommit(commit)]),
  });
  const json = await server.call('POST', '/api/sync/batch', { token, body: { commits: [jsonOf(commit)] } });

  assert.is(bytes.status, 202);
  assert.equal(bytes.body, { accepted: [{ id: commit.id, seqs: [['work/2026-11', 1, 1]] }], rejected: [] });
  assert.equal(json.body, bytes.body);
  assert.equal(server.live.batches[0]!.commits, [commit]);
  assert.equal(server.live.batches[1]!.commits, [commit]);
  assert.is(server.live.batches[0]!.seat.user, 'writer');
});

test('a commit that cannot be read is rejected by its id and takes no other with it', async () => {
  const token = await server.token('writer');
  const [good, bad] = [aCommit(), encodeCommit(aCommit())];
  const cut = bad.slice(0, bad.length - 1);

  const answer = await server.call('POST', '/api/sync/batch', {
    token,
    body: encodeBatch([cut, encodeCommit(good)]),
  });

  assert.is(answer.status, 202);
  assert.equal(
    answer.body.accepted.map(({ id }: { id: string }) => id),
    [good.id],
  );
  assert.is(answer.body.rejected[0].code, 'malformed');
  assert.is(answer.body.rejected[0].retry, false);
});

test('a commit above the limit is rejected alone, with the limit in the text', async () => {
  const token = await server.token('writer');
  const large = aCommit(new Uint8Array(1500));

  const answer = await server.call('POST', '/api/sync/batch', {
    token,
    body: encodeBatch([encodeCommit(large), encodeCommit(aCommit())]),
  });

  assert.is(answer.body.accepted.length, 1);
  assert.is(answer.body.rejected[0].id, large.id);
  assert.is(answer.body.rejected[0].code, 'too-large');
  assert.match(answer.body.rejected[0].message, '1000');
});

test('too many commits, bytes that are no batch, and text are 400 with a sentence', async () => {
  const token = await server.token('writer');
  const four = encodeBatch(Array.from({ length: 4 }, () => encodeCommit(aCommit())));
  const bodies = [
    four,
    new Uint8Array([9, 1, 2]),
    new Uint8Array([1, 255, 255, 255, 255, 15]),
    { commits: 'all' },
  ];

  for (const body of bodies) {
    const answer = await server.call('POST', '/api/sync/batch', { token, body });
    assert.is(answer.status, 400);
    assert.is(answer.body.code, 'malformed');
  }
  assert.is(server.live.batches.length, 0);
});

test('without a token nothing is read', async () => {
  const answer = await server.call('POST', '/api/sync/batch', {
    body: encodeBatch([encodeCommit(aCommit())]),
  });

  assert.is(answer.status, 401);
  assert.is(server.live.batches.length, 0);
});

test('an Idempotency-Key runs a batch once and answers it twice', async () => {
  const token = await server.token('writer');
  const body = { commits: [jsonOf(aCommit())] };
  const headers = { 'idempotency-key': 'batch-1' };

  const first = await server.call('POST', '/api/sync/batch', { token, body, headers });
  const second = await server.call('POST', '/api/sync/batch', { token, body, headers });
  const other = await server.call('POST', '/api/sync/batch', {
    token,
    body: { commits: [jsonOf(aCommit())] },
    headers,
  });

  assert.is(second.status, 202);
  assert.equal(second.body, first.body);
  assert.is(second.headers.get('idempotency-replayed'), 'true');
  assert.is(other.status, 422);
  assert.is(server.live.batches.length, 1);
});

function aCommit(update = new Uint8Array([0, 0])): Commit {
  return {
    id: newId(),
    device: 'AAAAAAA1' as DeviceId,
    hlc: hlcOfMs(Date.now()),
    schema: 1,
    label: 'note.add',
    parts: [{ document: 'work/2026-11', update }],
  };
}

function jsonOf(commit: Commit): object {
  return {
    ...commit,
    parts: commit.parts.map(({ document, update }) => ({
      document,
      update: Buffer.from(update).toString('base64'),
    })),
  };
}

test.run();
