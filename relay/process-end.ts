/** How a process of ours ends: when it cannot start, and when it is told to. */
import { ConfigError } from './config.ts';
import type { Logger } from './observability/log.ts';

/** Orchestrators kill after 10 to 30 s; what is not done by then would only be cut off harder. */
const LONGEST_END_MS = 9_000;

/** One Ctrl-C arrives twice when npm passes it on as well. */
const SAME_SIGNAL_MS = 1_000;

/** SIGTERM, SIGINT and SIGHUP close what runs and end the process; a second signal, or too long a wait, ends it at once. */
export function endOnSignal(logger: Logger, close: () => Promise<void>): void {
  let endingSinceMs: number | undefined;
  const end = (signal: string) => {
    if (endingSinceMs !== undefined) {
      if (performance.now() - endingSinceMs > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    endingSinceMs = performance.now();
    logger.info({ signal }, 'ending');
    setTimeout(() => process.exit(1), LONGEST_END_MS).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'could not end cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('SIGHUP', end); // the terminal was closed
}

/** Status 1, with a sentence for what whoever started it can mend, and the stack for the rest. */
export function endOnFailure(error: unknown): never {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(1);
}

function sentenceOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return (error as { stack?: string }).stack ?? String(error);
}
