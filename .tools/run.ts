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
  /** Ends the whole process group when neither output nor a message came for this long. */
  readonly silenceMs?: number;
  /** Called with each piece of output as it comes, standard output and standard error in one stream. */
  readonly onOutput?: (text: string) => void;
  /** Called with each IPC message; when given, the child gets a channel to send them on. */
  readonly onMessage?: (message: unknown) => void;
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
      stdio: ['ignore', 'pipe', 'pipe', ...(options.onMessage ? ['ipc' as const] : [])],
      detached: true,
    });
    let output = '';
    let timedOut = false;
    let silence: NodeJS.Timeout | undefined;

    const endGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // ESRCH: the group has already ended.
      }
    };
    const giveUp = (): void => {
      timedOut = true;
      endGroup();
    };
    const heard = (): void => {
      clearTimeout(silence);
      if (options.silenceMs !== undefined) silence = setTimeout(giveUp, options.silenceMs);
    };
    const hear = (text: string): void => {
      heard();
      output += text;
      options.onOutput?.(text);
    };

    heard();
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(giveUp, options.timeoutMs);
    child.stdout?.setEncoding('utf8').on('data', hear);
    child.stderr?.setEncoding('utf8').on('data', hear);
    child.on('message', (message) => {
      heard();
      options.onMessage?.(message);
    });
    process.once('exit', endGroup);
    child.on('error', reject);
    child.on('exit', endGroup); // what the child left running would keep its pipes, and us, waiting
    child.on('close', (code) => {
      clearTimeout(timer);
      clearTimeout(silence);
      process.removeListener('exit', endGroup);
      resolve({ code, output, timedOut });
    });
  });
}

/** Ctrl-C and a timeout from outside end this process through `exit`, and so everything that `run` started. */
export function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}
