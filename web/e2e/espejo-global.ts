/** `window.espejo`, as the page offers it to tests, to the console and to scripts. */
import type { EngineClient } from '../client/engine-client.ts';

export interface EspejoGlobal {
  readonly espejo: Pick<EngineClient, 'query' | 'execute' | 'transaction' | 'status'>;
}
