/**
 * What a caller is told when a request fails: a status and `{code, message}`. The one place that turns our
 * refusals into HTTP.
 */
import { unreachable } from '../../shared/base/assert.ts';
import type { CloseReason } from '../../shared/protocol/close-codes.ts';
import { ProtocolError } from '../../shared/protocol/commit.ts';
import { AccountError } from '../identity/accounts.ts';
import { RefusedError } from '../identity/seat.ts';

export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  /** Whatever else the code has, e.g. `retryAfterMs`. */
  readonly [detail: string]: unknown;
}

/** A refusal of the API itself. The message is fit to be shown and holds neither secrets nor row values. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly body: ErrorBody;

  constructor(
    status: number,
    code: string,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.status = status;
    this.body = { code, message, ...details };
  }
}

/** Undefined for what is nobody's refusal: a bug or an outage. */
export function apiErrorOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof RefusedError) return apiErrorOfRefusal(error);
  if (error instanceof AccountError)
    return new ApiError(accountStatus(error.code), error.code, error.message);
  if (error instanceof ProtocolError) return new ApiError(400, 'malformed', error.message);
  if (isUnstorableText(error))
    return new ApiError(400, 'malformed', 'a text holds a character that cannot be stored');
  if (isOutage(error))
    return new ApiError(503, 'storage-away', 'the database does not answer; come back in a moment');
  return undefined;
}

function apiErrorOfRefusal({ reason, message }: RefusedError): ApiError {
  const [status, code] = httpOfCloseReason(reason);
  return new ApiError(status, code, message);
}

function httpOfCloseReason(reason: CloseReason): readonly [status: number, code: string] {
  switch (reason) {
    case 'badMessage':
      return [400, 'malformed'];
    case 'badToken':
      return [401, 'bad-token'];
    case 'notAllowed':
      return [403, 'not-allowed'];
    case 'unknownDocument':
      return [404, 'unknown-document'];
    case 'tooSlowToIdentify':
      return [408, 'too-slow'];
    case 'tooLarge':
      return [413, 'too-large'];
    case 'protocolTooOld':
      return [426, 'protocol-too-old'];
    case 'tooManyMessages':
    case 'tooMuchUnsent':
      return [429, 'too-many'];
    case 'relayRestarting':
      return [503, 'restarting'];
    case 'relayFailed':
      return [500, 'failed'];
    case 'storageAway':
      return [503, 'storage-away'];
    default:
      return unreachable(reason);
  }
}

function accountStatus(code: AccountError['code']): number {
  switch (code) {
    case 'exists':
    case 'last-admin':
      return 409;
    case 'unknown':
      return 404;
    case 'weak-password':
    case 'bad-name':
    case 'unknown-role':
      return 422;
    default:
      return unreachable(code);
  }
}

/** U+0000 is text to JSON and not to Postgres (SQLSTATE 22021). */
function isUnstorableText(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === '22021';
}

/** Connection errors, and the SQLSTATE classes 08 (connection), 53 (resources) and 57P (shutting down). */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && /^(ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|EAI_AGAIN|08|53|57P)/.test(code))
    return true;
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    error.message,
  );
}
