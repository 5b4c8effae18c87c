/** Runs a command as a child process. Shared by check, test and bench; nothing else here starts processes. */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';

export const ROOT = dirname(import.meta.dirname);
/** How every TypeScript file here is run: tsx strips the types and lowers decorators. */
export const NODE_TSX: readonly string[] = [process.execPath, '--import', 'tsx'];

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the whole process group after this long. */
  readonly timeoutMs?: number;
  /** Called with each piece of output as it comes, standard output and standard error in one stream. */
  readonly onOutput?: (text: string) => void;
}

export interface RunResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly output: string;
  readonly timedOut: boolean;
}

/** Never rejects, except when the program itself cannot be started. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...rest] = command;
  if (program === undefined) throw new Error('nothing to run');
  return new Promise((resolve, reject) => {
    // A group of its own, so that a timeout also ends the browsers and relays that a test started.
    const child = spawn(program, rest, {
      cwd: ROOT,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    let timedOut = false;
    const hear = (text: string): void => {
      output += text;
      options.onOutput?.(text);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    const endGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // ESRCH: the group has already ended.
      }
    };
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            endGroup();
          }, options.timeoutMs);
    process.once('exit', endGroup);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      process.removeListener('exit', endGroup);
      endGroup();
      resolve({ code, output, timedOut });
    });
  });
}
