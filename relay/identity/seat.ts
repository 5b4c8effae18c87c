/**
 * Who is speaking: what a token stands for once it was checked. Everything behind the edge (sockets, batch,
 * objects, reports) decides with a Seat and never looks at the token again.
 */
import type { Grants } from '../../shared/permissions/grants.ts';
import type { CloseReason } from '../../shared/protocol/close-codes.ts';

export interface Seat {
  /** The one workspace this token opens. Nothing crosses workspaces. */
  readonly workspace: string;
  /** Name of the account, unique within the workspace. */
  readonly user: string;
  readonly role: string;
  readonly grants: Grants;
  /** The replica the token is bound to; absent for tokens without a device (scripts, stock clients). */
  readonly device?: string;
  /** Epoch milliseconds after which the seat is worth nothing: sockets are cut with `badToken` then. */
  readonly expiresAtMs: number;
  /** `jti` of the token; changes with every refresh. */
  readonly tokenId: string;
}

export interface Identity {
  /**
   * Checks signature, expiry, audience, and that neither account nor device was revoked since.
   * Throws RefusedError('badToken') for a token that will never do, RefusedError('storageAway') while the
   * accounts cannot be read. `device`: where a token that is bound to none is used; bound ones name their own.
   */
  authenticate(token: string, device?: string): Promise<Seat>;
}

/**
 * A refusal that crosses an async boundary. The edge turns `reason` into a close code or an HTTP status
 * (api/errors.ts); `message` is fit to be shown and holds no secret.
 */
export class RefusedError extends Error {
  override name = 'RefusedError';
  readonly reason: CloseReason;

  constructor(reason: CloseReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
