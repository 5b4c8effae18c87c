/** Who asks for a socket, and whether this one is theirs to have. */
import { mayRead } from '../../shared/permissions/grants.ts';
import { SUBPROTOCOL } from '../../shared/protocol/wire.ts';
import { type Identity, RefusedError, type Seat } from '../identity/seat.ts';
import { type ConnectionDeps, SocketRefusal } from './connection.ts';
import type { SyncRequest } from './request.ts';

export interface IdentifyOptions {
  readonly identity: Identity;
  readonly deps: Pick<ConnectionDeps, 'limits' | 'logger'>;
}

/** Who it is, or why not, within the time that a socket may take to identify itself. */
export async function identify(
  sync: SyncRequest,
  { identity, deps }: IdentifyOptions,
  device?: string,
): Promise<Seat | SocketRefusal> {
  const { identifyTimeoutMs } = deps.limits;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new SocketRefusal('storageAway', `the token was not checked within ${identifyTimeoutMs} ms`));
    }, identifyTimeoutMs);
  });
  try {
    const seat = await Promise.race([identity.authenticate(sync.token, device), late]);
    return whyNot(seat, sync) ?? seat;
  } catch (error) {
    if (error instanceof SocketRefusal) return error;
    if (error instanceof RefusedError) return new SocketRefusal(error.reason, error.message);
    deps.logger?.error({ err: error }, 'authenticate failed');
    return new SocketRefusal('relayFailed', 'the token could not be checked');
  } finally {
    clearTimeout(timer);
  }
}

/** Why a seat may not have this socket; undefined when it may. */
function whyNot(seat: Seat, sync: SyncRequest): SocketRefusal | undefined {
  if (seat.workspace !== sync.workspace)
    return new SocketRefusal('notAllowed', `the token is not for workspace ${sync.workspace}`);
  if (sync.document === undefined && !sync.protocols.includes(SUBPROTOCOL))
    return new SocketRefusal('protocolTooOld', `without a document this socket speaks ${SUBPROTOCOL}`);
  if (sync.document !== undefined && !mayRead(seat.grants, sync.document))
    return new SocketRefusal('notAllowed', `role ${seat.role} may not read document ${sync.document}`);
  return undefined;
}
