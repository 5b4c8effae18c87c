/** The worker's first script in the bench, as the app has it. */
import wasmUrl from 'sql.js/dist/sql-wasm.wasm?url';
import { startWorker } from '../../replica/worker-start.ts';

const memories: WebAssembly.Memory[] = [];
const instantiate = WebAssembly.instantiate as (
  module: WebAssembly.Module,
  imports: object,
) => Promise<WebAssembly.Instance>;
Object.assign(WebAssembly, {
  instantiate: async (module: WebAssembly.Module, imports: object) => {
    const instance = await instantiate(module, imports);
    for (const each of Object.values(instance.exports))
      if (each instanceof WebAssembly.Memory) memories.push(each);
    return instance;
  },
});
/** For memory.ts: nothing outside of the worker can see it. */
Object.assign(globalThis, {
  wasmBytes: () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
});

const start = startWorker({ name: 'bench', wasmUrl });
const { serveBench } = await import('./bench-engine.ts');
serveBench(start);
