import type { Logger } from './observability/log.ts';

/** Orchestrators kill after 10 to 30 s; what is not done by then would only be cut off harder. */
const LONGEST_END_MS = 9_000;

/** SIGTERM and SIGINT close what runs and end the process; a second signal, or too long a wait, ends it at once. */
export function endOnSignal(logger: Logger, close: () => Promise<void>): void {
  let ending = false;
  const end = (signal: string) => {
    if (ending) process.exit(1);
    ending = true;
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
}
