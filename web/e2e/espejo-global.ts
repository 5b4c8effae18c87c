/** `window.espejo`, as the page offers it to tests, to the console and to scripts. */
import type { EngineApi } from '../client/engine-messages.ts';

export interface EspejoGlobal {
  readonly espejo: Pick<EngineApi, 'query' | 'execute' | 'transaction' | 'status'>;
}
