/** From a socket's messages to its connection: counted, held to a pace, and answered with a close code when refused. */
import type WebSocket from 'ws';
import { ProtocolError } from '../../shared/protocol/commit.ts';
import { type Connection, type ConnectionDeps, SocketRefusal } from './connection.ts';
import { RateLimit } from './rate-limit.ts';
import type { ReplicaConnection } from './replica-connection.ts';

/** Gives each message to the connection; what that throws is the code the socket closes with. */
export function listen(socket: WebSocket, connection: Connection, deps: ConnectionDeps): void {
  const { outlet } = connection;
  const { limits, nowMs, metrics, logger } = deps;
  const rate = new RateLimit(limits.maxMessagesPerSecond, nowMs);
  socket.on('pong', () => {
    outlet.heard = true;
  });
  socket.on('message', (message: Buffer, isBinary: boolean) => {
    outlet.heard = true;
    if (!outlet.isOpen) return;
    metrics?.bytesIn.inc(message.length);
    try {
      if (!isBinary) throw new ProtocolError('text frames are not spoken here');
      if (!connection.isPaced(message) && !rate.take())
        throw new SocketRefusal(
          'tooManyMessages',
          `more than ${limits.maxMessagesPerSecond} messages a second`,
        );
      connection.receive(message);
    } catch (error) {
      if (error instanceof ProtocolError) outlet.close('badMessage', error.message);
      else if (error instanceof SocketRefusal) outlet.close(error.reason, error.message);
      else {
        logger?.error({ err: error }, 'a message could not be taken in');
        outlet.close('relayFailed', 'the relay failed on this message');
      }
    }
  });
}

/** A replica that does not say hello in time goes. */
export function expectHello(
  socket: WebSocket,
  connection: ReplicaConnection,
  identifyTimeoutMs: number,
): void {
  const timer = setTimeout(() => {
    if (connection.hasSaidHello) return;
    connection.outlet.close('tooSlowToIdentify', `no hello within ${identifyTimeoutMs} ms`);
  }, identifyTimeoutMs);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}
