/** The page of the browser tests: nothing but the engine client, as `window.shop`. */
import { connectEngine, type EngineClient } from '../../client/engine-client.ts';
import type { Session } from '../../client/engine-messages.ts';

export interface ShopPage {
  engine: EngineClient | undefined;
  /** What happened to the lead, where there is no SharedWorker. */
  readonly events: string[];
  takeOver: () => void;
  /**
   * Opens the engine and signs in; `dedicated` does as a browser without SharedWorker. A tab with another lock leads
   * whoever else does.
   */
  open(options: { readonly dedicated: boolean; readonly lockName?: string }): Promise<void>;
}

const session: Session = {
  relayUrl: 'ws://localhost:9',
  workspace: 'test',
  user: 'ana',
  displayName: 'Ana',
  role: 'all',
  token: 'none',
  expiresAtMs: Number.MAX_SAFE_INTEGER,
  grants: { role: 'all', families: {}, other: 'write' },
};

const shop: ShopPage = {
  engine: undefined,
  events: [],
  takeOver: () => {},
  open: async ({ dedicated, lockName = 'shop' }) => {
    shop.engine = await connectEngine({
      ...(dedicated ? {} : { shared: () => new SharedWorker('/worker.js') }),
      dedicated: () => new Worker('/worker.js'),
      lockName,
      onWaiting: (takeOver) => {
        shop.events.push('waiting');
        shop.takeOver = takeOver;
      },
      onLost: () => shop.events.push('lost'),
    });
    await shop.engine.openSession(session);
    shop.events.push('open');
  },
};

(globalThis as unknown as { shop: ShopPage }).shop = shop;
