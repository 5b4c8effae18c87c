import { type Remote, releaseProxy } from 'comlink';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { engineOver } from './engine-client.ts';
import type { EngineApi, ResultChange } from './engine-messages.ts';

const test = suite('the engine as a page sees it');
const CHANGE: ResultChange = { type: 'rows', rows: [{ id: 'a' }] };

test('nothing is heard after Stop, and both message channels are given back', async () => {
  const { engine, worker } = setup();
  const heard: unknown[] = [];
  const stop = engine.watch({ sql: 'select 1' }, (rows) => heard.push(rows));
  worker.tell(CHANGE);

  stop();
  stop();
  worker.tell(CHANGE);
  await new Promise((resolve) => setImmediate(resolve));

  assert.equal(heard, [[{ id: 'a' }]]);
  assert.equal(worker.events, ['stopped', 'released']);
});

test.run();

/** A worker whose one subscription stays reachable, as a message channel keeps it. */
function setup() {
  const events: string[] = [];
  let tell: (change: ResultChange) => void = () => {};
  const api = {
    watch: async (_sql: string, _params: unknown, onChange: (change: ResultChange) => void) => {
      tell = onChange;
      const stop = async (): Promise<void> => void events.push('stopped');
      return Object.assign(stop, { [releaseProxy]: () => events.push('released') });
    },
  };
  const engine = engineOver(api as unknown as Remote<EngineApi>, () => {});
  return { engine, worker: { events, tell: (change: ResultChange) => tell(change) } };
}
