/**
 * Where a relay's processor time goes: a sampling profile of the process, told by the part of the relay that was at work.
 *
 * Each sample counts the same. The time between two would not do: it goes on while another process has the core, and
 * the call that wakes Postgres (a write to its socket) then looks as if it took as long as the query. For the same
 * reason the relay needs a core that neither Postgres nor the load runs on.
 */
import { Session } from 'node:inspector/promises';

export type CpuPart = 'opening' | 'parse' | 'append' | 'fan-out' | 'collection' | 'rest';

/**
 * What in a stack tells the part, whichever frame is innermost: the first of these that any frame matches, as
 * `file:function`. Everything that is told once it is stored runs in a burst, acks and the writes to sockets included;
 * the flusher calls it, and it calls what reads messages too.
 */
const PARTS: readonly (readonly [part: CpuPart, frame: RegExp])[] = [
  ['append', /\/relay\/(fanout\/|log\/postgres-log)|\/node_modules\/pg/],
  ['fan-out', /\/relay\/socket\/burst\.ts:/],
  [
    'opening',
    /\/relay\/(room\/join|socket\/(doorway|identify|request)\.ts|socket\/.*:(#?join|#sendState|#ask|#greet)$)|\/ws\/lib\/websocket-server/,
  ],
  ['parse', /\/relay\/(room|socket)\/|\/shared\/(protocol|registers|base)\/|\/node_modules\/(ws|yjs|lib0)\//],
  ['append', /\/relay\/log\//],
];
const SAMPLE_US = 1_000;

/** Starts to look; what it answers ends it and tells each part's share of the samples that were not idle. */
export async function profileCpu(): Promise<() => Promise<Record<CpuPart, number>>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    const parents = new Map<number, number>();
    for (const { id, children } of profile.nodes) for (const child of children ?? []) parents.set(child, id);
    const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
    const shares: Record<CpuPart, number> = {
      opening: 0,
      parse: 0,
      append: 0,
      'fan-out': 0,
      collection: 0,
      rest: 0,
    };
    let busyCount = 0;
    for (const sample of profile.samples ?? []) {
      const { functionName } = frames.get(sample)!;
      if (functionName === '(idle)' || functionName === '(program)') continue;
      busyCount++;
      shares[functionName === '(garbage collector)' ? 'collection' : partAt(sample)]++;
    }
    for (const part of Object.keys(shares) as CpuPart[]) shares[part] /= busyCount;
    return shares;

    function partAt(leaf: number): CpuPart {
      const stack: string[] = [];
      for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) {
        const { url, functionName } = frames.get(id)!;
        stack.push(`${url}:${functionName}`);
      }
      return PARTS.find(([, frame]) => stack.some((one) => frame.test(one)))?.[0] ?? 'rest';
    }
  };
}
