/** Who is signed in on a device, when several pages say so at once: one replica is open, and it is theirs. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Session } from '../client/engine-messages.ts';
import { Engine } from './engine.ts';
import { awaySession } from './testing/away-session.ts';
import { openTestReplica } from './testing/open-replica.ts';

const test = suite('engine');

test('two who sign in at once: the later one is in, and no replica but theirs stays open', async () => {
  const { api, open, stored } = setup();
  await api.openSession(sessionOf('ana'));

  await Promise.all([api.openSession(sessionOf('eva')), api.openSession(sessionOf('luis'))]);

  assert.equal(open(), ['luis']);
  assert.is((await api.session())?.user, 'luis');
  assert.is(stored()?.user, 'luis');
  assert.is((await api.status()).user, 'luis');
});

test('two who sign in at once where nobody was', async () => {
  const { api, open } = setup();

  await Promise.all([api.openSession(sessionOf('ana')), api.openSession(sessionOf('eva'))]);

  assert.equal(open(), ['eva']);
  assert.is((await api.status()).user, 'eva');
});

test('who signs out while another signs in leaves nobody in, and nothing open', async () => {
  const { api, open, stored } = setup();
  await api.openSession(sessionOf('ana'));

  const signedIn = api.openSession(sessionOf('eva')).catch((error: Error) => error.message);
  await api.closeSession();
  await signedIn;

  assert.equal(open(), []);
  assert.is(await api.session(), undefined);
  assert.is(stored(), undefined);
});

test('an image found damaged as it is closed for another does not bring its user back', async () => {
  const { api, open } = setup({ isFoundDamaged: 'ana' });
  await api.openSession(sessionOf('ana'));

  await api.openSession(sessionOf('eva'));

  assert.equal(open(), ['eva']);
  assert.is((await api.session())?.user, 'eva');
});

test('a worker that ends while somebody signs in leaves nothing open', async () => {
  const { api, engine, open } = setup();
  await api.openSession(sessionOf('ana'));

  const signedIn = api.openSession(sessionOf('eva')).catch((error: Error) => error.message);
  await engine.close();
  await signedIn;

  assert.equal(open(), []);
});

test.run();

/** `isFoundDamaged`: the image of this user turns out to be torn as its replica is closed. */
function setup({ isFoundDamaged }: { isFoundDamaged?: string } = {}) {
  const open: string[] = [];
  let openings = 0;
  let stored: Session | undefined;
  const engine = new Engine({
    open: async ({ user }, onImageDamaged) => {
      const replica = await openTestReplica({ user });
      open.push(user);
      openings++;
      const close = replica.close.bind(replica);
      let closing: Promise<void> | undefined;
      replica.close = () => {
        if (user === isFoundDamaged && openings === 1) onImageDamaged();
        closing ??= close().then(() => void open.splice(open.indexOf(user), 1));
        return closing;
      };
      return replica;
    },
    sessions: {
      read: async () => undefined,
      write: async (session) => {
        stored = session;
      },
    },
    renewal: { fetch: () => Promise.reject(new Error('offline')), setTimer: () => () => {} },
    nowMs: Date.now,
  });
  const { api } = engine.forPage();
  return {
    engine,
    api,
    open: () => [...open],
    stored: () => stored,
  };
}

function sessionOf(user: string): Session {
  return { ...awaySession, user };
}
