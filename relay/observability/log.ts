/**
 * JSON lines on standard output, one per event. What must never be in them: tokens, passwords, row values,
 * updates. Two guards: callers log ids, counts and codes only, and what looks like a secret is cut out here
 * (paths below, `token=` in URLs). A test drives every endpoint and greps the lines.
 */
import pino from 'pino';

export type Logger = pino.Logger;

const SECRET_PATHS = ['token', 'refreshToken', 'password', 'secret', 'authorization', 'cookie'];

export interface LoggerOptions {
  readonly level: string;
  /** Where lines go; standard output when absent. Tests collect them. */
  readonly destination?: { write(line: string): void };
}

export function createLogger({ level, destination }: LoggerOptions): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_PATHS.flatMap((name) => [name, `*.${name}`]), censor: '[cut]' },
    serializers: {
      req: (request: { method?: string; url?: string; ip?: string }) => ({
        method: request.method,
        path: pathOfUrl(request.url ?? ''),
      }),
      res: (reply: { statusCode?: number }) => ({ status: reply.statusCode }),
      err: (error: Error & { code?: string }) => ({
        type: error.name,
        code: error.code,
        // A driver's message may quote a row ("Key (plate)=(…) already exists"): the stack without it is enough.
        at: error.stack
          ?.split('\n')
          .filter((line) => line.startsWith('    at '))
          .slice(0, 8),
      }),
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** The path alone: a query may hold a token or what somebody searched for. */
function pathOfUrl(url: string): string {
  const end = url.search(/[?#]/);
  return end < 0 ? url : url.slice(0, end);
}
