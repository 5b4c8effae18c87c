import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Session } from '../client/engine-messages.ts';
import { SessionRenewal } from './session-renewal.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

test('a session that was just opened is bound to its device, and keeps what the relay answers', async () => {
  const { world, renewal } = setup({});
  world.answer(200, { token: 't2', expiresAtMs: HOUR_MS, refreshToken: 'r1' });

  renewal.start();
  await world.settled();

  assert.equal(world.requests, [['device', 'Bearer t1', { device: 'AAAAAAA1' }]]);
  assert.is(world.renewed[0]!.token, 't2');
  assert.is(world.renewed[0]!.refreshToken, 'r1');
  assert.is(world.renewed[0]!.displayName, 'Ana');
});

test('a token is renewed a quarter of an hour before its end, and not sooner', async () => {
  const { world, renewal } = setup({ refreshToken: 'r1' });
  world.answer(200, { token: 't2', expiresAtMs: 2 * HOUR_MS, refreshToken: 'r2' });

  renewal.start();
  await world.pass(44 * MINUTE_MS);
  assert.equal(world.requests, []);
  await world.pass(2 * MINUTE_MS);

  assert.equal(world.requests, [['refresh', undefined, { refreshToken: 'r1', device: 'AAAAAAA1' }]]);
  assert.is(world.renewed[0]!.refreshToken, 'r2');
});

test('without network it is tried again until there is one, also long after the token has ended', async () => {
  const { world, renewal } = setup({ refreshToken: 'r1' });
  world.isOffline = true;
  renewal.start();
  await world.pass(5 * HOUR_MS);
  assert.is(world.renewed.length, 0);
  assert.is(world.ended, 0);

  world.isOffline = false;
  world.answer(200, { token: 't2', expiresAtMs: world.nowMs + HOUR_MS, refreshToken: 'r2' });
  await world.pass(MINUTE_MS);

  assert.is(world.renewed.length, 1);
});

test('a relay that fails is asked again; one that refuses ends the session, once', async () => {
  const { world, renewal } = setup({ refreshToken: 'r1', expiresAtMs: 0 });
  world.answer(503, { code: 'storage-away' });
  renewal.start();
  await world.settled();
  assert.is(world.ended, 0);

  world.answer(401, { code: 'bad-token' });
  await world.pass(10 * MINUTE_MS);

  assert.is(world.ended, 1);
  assert.is(world.requests.length, 2);
});

test('the renewed session is stored before its refresh token is used', async () => {
  const { world, renewal } = setup({ refreshToken: 'r1', expiresAtMs: 0 });
  world.answer(200, { token: 't2', expiresAtMs: 0, refreshToken: 'r2' });
  let stored = () => {};
  world.storing = new Promise((resolve) => {
    stored = resolve;
  });
  renewal.start();
  await world.pass(10 * MINUTE_MS);
  assert.is(world.requests.length, 1);

  renewal.stop();
  stored();
  await world.settled();
});

test('a relay whose tokens seem to have ended at once is not asked more than once a minute', async () => {
  const { world, renewal } = setup({ refreshToken: 'r1' });
  world.nowMs = 3 * HOUR_MS;
  world.answer(200, { token: 't2', expiresAtMs: HOUR_MS, refreshToken: 'r2' });

  renewal.start();
  await world.pass(10 * MINUTE_MS);

  assert.ok(world.requests.length <= 11, `${world.requests.length} requests`);
  assert.is(world.ended, 0);
});

test('two reasons to renew at once ask once; after stop nothing is asked', async () => {
  const { world, renewal } = setup({ refreshToken: 'r1' });
  world.answer(200, { token: 't2', expiresAtMs: HOUR_MS, refreshToken: 'r2' });
  await Promise.all([renewal.renewNow(), renewal.renewNow()]);

  assert.is(world.requests.length, 1);
  assert.is(world.renewed.length, 1);
  renewal.stop();
  await renewal.renewNow();
  await world.pass(5 * HOUR_MS);
  assert.is(world.requests.length, 1);
});

function setup(change: Partial<Session>) {
  const world = new World();
  const session: Session = {
    relayUrl: 'https://relay.example',
    workspace: 'one',
    user: 'ana',
    displayName: 'Ana',
    role: 'writer',
    token: 't1',
    expiresAtMs: HOUR_MS,
    grants: { role: 'writer', families: {}, other: 'none' },
    ...change,
  };
  const renewal = new SessionRenewal(session, 'AAAAAAA1', world.deps, {
    onRenewed: async (renewed) => {
      world.renewed.push(renewed);
      await world.storing;
    },
    onEnded: () => {
      world.ended++;
    },
  });
  return { world, renewal };
}

/** A clock, a network and a relay that answers what it is told. */
class World {
  nowMs = 0;
  isOffline = false;
  ended = 0;
  storing: Promise<void> = Promise.resolve();
  readonly renewed: Session[] = [];
  readonly requests: [path: string, authorization: string | undefined, body: object][] = [];
  #answer: { status: number; body: object } = { status: 500, body: {} };
  #timers: { atMs: number; run: () => void }[] = [];

  readonly deps = {
    nowMs: () => this.nowMs,
    setTimer: (ms: number, run: () => void) => {
      const timer = { atMs: this.nowMs + ms, run };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      };
    },
    fetch: (async (url: string, init: { headers: Record<string, string>; body: string }) => {
      if (this.isOffline) throw new TypeError('Failed to fetch');
      this.requests.push([url.split('/').at(-1)!, init.headers.authorization, JSON.parse(init.body)]);
      return new Response(JSON.stringify(this.#answer.body), { status: this.#answer.status });
    }) as unknown as typeof fetch,
  };

  answer(status: number, body: object): void {
    this.#answer = { status, body: { grants: { role: 'writer', families: {}, other: 'none' }, ...body } };
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      await this.settled();
      const next = this.#timers.sort((a, b) => a.atMs - b.atMs)[0];
      if (!next || next.atMs > untilMs) break;
      this.#timers.shift();
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
    await this.settled();
  }

  /** Everything that only waits for promises has happened. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

test.run();
