/** Where a relay's processor time goes: a sampling profile of the process, told by the part of the relay that was at work. */
import { Session } from 'node:inspector/promises';

export type CpuPart = 'parse' | 'append' | 'fan-out' | 'collection' | 'rest';

/** Which part a source file belongs to; of a stack, the innermost frame that belongs to one decides. */
const PARTS: readonly (readonly [part: CpuPart, file: RegExp])[] = [
  ['append', /\/relay\/(log|fanout)\/|\/node_modules\/pg/],
  ['fan-out', /\/relay\/room\/|\/relay\/socket\/(burst|frame)/],
  ['parse', /\/relay\/socket\/|\/shared\/(protocol|registers|base)\/|\/node_modules\/(ws|yjs|lib0)\//],
];
const SAMPLE_US = 1_000;

/** Starts to look; what it answers ends it and tells each part's share of the time that was not idle. */
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
    const shares: Record<CpuPart, number> = { parse: 0, append: 0, 'fan-out': 0, collection: 0, rest: 0 };
    let busyUs = 0;
    for (const [index, sample] of (profile.samples ?? []).entries()) {
      const { functionName } = frames.get(sample)!;
      if (functionName === '(idle)' || functionName === '(program)') continue;
      const tookUs = profile.timeDeltas?.[index] ?? 0;
      busyUs += tookUs;
      shares[functionName === '(garbage collector)' ? 'collection' : partAt(sample)] += tookUs;
    }
    for (const part of Object.keys(shares) as CpuPart[]) shares[part] /= busyUs;
    return shares;

    function partAt(leaf: number): CpuPart {
      for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) {
        const { url } = frames.get(id)!;
        const found = PARTS.find(([, file]) => file.test(url));
        if (found) return found[0];
      }
      return 'rest';
    }
  };
}
