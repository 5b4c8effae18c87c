import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { joinWithCode, signIn } from './sign-in.ts';

const credentials = { workspace: 'demo', user: 'marta', password: 'secret' };
const answering = (status: number, body: unknown): typeof fetch =>
  (async () => new Response(JSON.stringify(body), { status })) as typeof fetch;
const relayUrl = 'https://taller.example';

test('a session carries what the relay said and where it said it', async () => {
  const fetch = answering(200, {
    token: 't',
    expiresAtMs: 5,
    user: { name: 'marta', displayName: 'Marta Ruiz', role: 'adviser' },
    grants: { role: 'adviser', families: { work: 'write' }, other: 'none' },
  });

  const result = await signIn(credentials, { fetch, relayUrl });

  assert.ok(result.allowed);
  assert.is(result.session.displayName, 'Marta Ruiz');
  assert.is(result.session.relayUrl, relayUrl);
  assert.is(result.session.workspace, 'demo');
});

test('a code joins the workshop that the relay names', async () => {
  const answer = {
    token: 't',
    expiresAtMs: 5,
    workspace: 'ruiz',
    user: { name: 'recepcion', displayName: 'Recepción', role: 'recepcion' },
    grants: { role: 'recepcion', families: {}, other: 'none' },
  };
  const asked: string[] = [];
  const fetch = (async (url: string, init: RequestInit) => {
    asked.push(`${url} ${init.body}`);
    return new Response(JSON.stringify(answer));
  }) as typeof globalThis.fetch;

  const result = await joinWithCode('K7QX2MPA', { fetch, relayUrl });

  assert.is(result.allowed && result.session.workspace, 'ruiz');
  assert.equal(asked, [`${relayUrl}/api/join {"code":"K7QX2MPA"}`]);

  const { workspace: _, ...nameless } = answer;
  const lost = await joinWithCode('K7QX2MPA', { fetch: answering(200, nameless), relayUrl });
  assert.equal(lost, { allowed: false, because: 'relay-failed' });
});

for (const [status, because] of [
  [401, 'wrong-password'],
  [429, 'too-many'],
  [503, 'relay-failed'],
] as const) {
  test(`${status} is "${because}"`, async () => {
    assert.equal(await signIn(credentials, { fetch: answering(status, {}), relayUrl }), {
      allowed: false,
      because,
    });
  });
}

test('no answer is "offline", so the page can say that the last session still opens', async () => {
  const fetch = (async () => {
    throw new TypeError('Failed to fetch');
  }) as unknown as typeof globalThis.fetch;

  assert.equal(await signIn(credentials, { fetch, relayUrl }), { allowed: false, because: 'offline' });
});

test('an answer of another shape is refused', async () => {
  assert.equal(await signIn(credentials, { fetch: answering(200, { token: 1 }), relayUrl }), {
    allowed: false,
    because: 'relay-failed',
  });
});

test.run();
