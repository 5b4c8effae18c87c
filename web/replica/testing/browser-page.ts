/** The page of the browser tests: nothing but the engine client, as `window.shop`. */
import { connectEngine, type EngineClient } from '../../client/engine-client.ts';
import { awaySession } from './away-session.ts';

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
    await shop.engine.openSession(awaySession);
    shop.events.push('open');
  },
};

(globalThis as unknown as { shop: ShopPage }).shop = shop;
