/** A relay in a process of its own, and what it uses up (Linux). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CpuPart } from './cpu-parts.ts';

const TICKS_PER_SECOND = 100;

export interface BenchRelay {
  readonly port: number;
  /** User and system time so far. */
  cpuSeconds(): Promise<number>;
  /** Starts to look where time goes; what it answers tells each part's share. Slows the relay down a little. */
  profileCpu(): Promise<() => Promise<Record<CpuPart, number>>>;
  /** Resident memory that belongs to the process alone. */
  memoryBytes(): Promise<number>;
  kill(): Promise<void>;
}

export async function startBenchRelay(
  databaseUrl: string,
  options: {
    readonly instance?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly port?: number;
    /** Runs on this core alone (Linux). */
    readonly core?: number;
  } = {},
): Promise<BenchRelay> {
  const script = join(import.meta.dirname, 'relay-process.ts');
  const command = [
    ...(options.core === undefined ? [] : ['taskset', '-c', String(options.core)]),
    process.execPath,
    '--expose-gc',
    '--import',
    'tsx',
    script,
    databaseUrl,
    String(options.port ?? 0),
    options.instance ?? 'bench',
  ];
  const child: ChildProcess = spawn(command[0]!, command.slice(1), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, ...options.env },
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the relay ended with code ${code}`)));
    child.stdout!.once('data', (line: Buffer) => resolve(Number(String(line).split(' ')[1])));
  });
  return {
    port,
    cpuSeconds: async () => {
      const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    profileCpu: async () => {
      const ask = async () => {
        child.send('profile');
        const [answer] = await once(child, 'message');
        return answer;
      };
      await ask();
      return ask as () => Promise<Record<CpuPart, number>>;
    },
    memoryBytes: async () => {
      for (let times = 0; times < 3; times++) {
        child.kill('SIGUSR2'); // collects garbage
        await new Promise((resolve) => setTimeout(resolve, 700));
      }
      const rollup = await readFile(`/proc/${child.pid}/smaps_rollup`, 'utf8');
      const dirty = /Private_Dirty:\s+(\d+) kB/.exec(rollup);
      return Number(dirty?.[1] ?? 0) * 1024;
    },
    kill: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.removeAllListeners('exit');
      child.once('exit', () => undefined);
      child.kill('SIGKILL');
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 500))]);
    },
  };
}
