/**
 * Why the relay closes a socket, and what the client should do about it. The range tells: 4400-4499 will fail
 * the same way again, 1012, 1013 and 4500-4599 are worth a retry. So a client that meets a code newer than
 * itself still does the right thing [WIRE-1].
 */
export const CLOSE_CODES = {
  badMessage: 4400,
  badToken: 4401,
  notAllowed: 4403,
  unknownDocument: 4404,
  tooSlowToIdentify: 4408,
  tooLarge: 4413,
  protocolTooOld: 4426,
  tooManyMessages: 4429,
  relayRestarting: 1012,
  tooMuchUnsent: 1013,
  relayFailed: 4500,
  storageAway: 4503,
} as const;

export type CloseReason = keyof typeof CLOSE_CODES;

export function shouldReconnect(code: number): boolean {
  return code < 4400 || code > 4499;
}
