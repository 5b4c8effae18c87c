/**
 * HTTP: the API, the application's files, and the door to the sockets. Puts the plugins in order and turns
 * errors into answers; what an endpoint does is in api/.
 *
 *   request ─► security headers ─► rate limit ─► api/* ─► app files ─► index.html
 *   upgrade ─► /sync/… ─► Live
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import compress from '@fastify/compress';
import rateLimit from '@fastify/rate-limit';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  LogController,
} from 'fastify';
import type { CloseReason } from '../shared/protocol/close-codes.ts';
import type { ApiContext, CommitSink } from './api/context.ts';
import { deviceRoutes } from './api/devices.ts';
import { documentRoutes } from './api/documents.ts';
import { ApiError, apiErrorOf } from './api/errors.ts';
import { exportRoutes } from './api/export.ts';
import { healthRoutes } from './api/health.ts';
import { joinCodeRoutes } from './api/join-codes.ts';
import { objectRoutes } from './api/objects.ts';
import { addApiDocumentation } from './api/openapi.ts';
import { reportProofRoutes } from './api/report-proof.ts';
import { reportRoutes } from './api/reports.ts';
import { roleRoutes } from './api/roles.ts';
import { sessionRoutes } from './api/session.ts';
import { syncBatchRoutes } from './api/sync-batch.ts';
import { syncPollRoutes } from './api/sync-poll.ts';
import { userRoutes } from './api/users.ts';
import { serveAppFiles } from './app-files.ts';
import type { Seat } from './identity/seat.ts';
import { traceRequests } from './observability/tracing.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { ofListening } from './wrong-settings.ts';

/** The live part of the relay, as the server sees it. */
export interface LivePort extends CommitSink {
  /** Takes over a request to `/sync/…`; refuses it itself when the token is no good. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes the sockets whose seat matches; gives how many. */
  cut(predicate: (seat: Seat) => boolean, reason: CloseReason): number;
  /** Closes every socket with 1012. */
  close(): Promise<void>;
}

/** Development: answers everything that is not ours, e.g. Vite. */
export type FrontMiddleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export interface ServerOptions {
  readonly context: Omit<ApiContext, 'commits'>;
  /** Absent in a process that only writes reports: it answers health, readiness and metrics, nothing else. */
  readonly live?: LivePort;
  /** Folder of the built application. */
  readonly appDir?: string;
  readonly front?: (server: Server) => Promise<FrontMiddleware>;
}

export interface RelayServer {
  readonly port: number;
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** No new work, sockets told to come back, requests in flight finished. */
  close(): Promise<void>;
}

const OURS = /^\/(api|sync|health|ready|metrics)(\/|\?|$)/;
/** A document name may be 200 characters, each slash of it written as %2F. */
const MAX_PARAM_LENGTH = 600;
const HEADERS_TIMEOUT_MS = 15_000;
/** Longer than load balancers keep theirs (60 s), or a request meets a connection that is just being closed. */
const KEEP_ALIVE_MS = 65_000;
/** How often requests that take too long are looked for; Node's own 30 s would let them pile up. */
const SLOW_CHECK_MS = 5_000;
const MAX_HEADERS = 100;

export async function startServer(options: ServerOptions): Promise<RelayServer> {
  const { live } = options;
  const { config } = options.context;
  let closing = false;
  const server = createServer({
    requestTimeout: config.limits.requestTimeoutMs,
    headersTimeout: Math.min(config.limits.requestTimeoutMs, HEADERS_TIMEOUT_MS),
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(config.limits.requestTimeoutMs, SLOW_CHECK_MS),
  });
  server.maxHeadersCount = MAX_HEADERS;
  const app = createApp(options.context, server);
  const front = await options.front?.(server);
  server.on('request', (request, response) => {
    const answer = () => app.routing(request, response);
    if (front && !OURS.test(request.url ?? '')) front(request, response, answer);
    else answer();
  });

  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close'); // or it would stay open, idle, and be waited for
  });
  if (!front) await addSecurityHeaders(app, config);
  await app.register(compress, { threshold: 1024, encodings: ['br', 'gzip'] });
  await app.register(rateLimit, {
    max: config.limits.maxRequestsPerMinute,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, { max, after }) =>
      new ApiError(429, 'too-many', `more than ${max} requests in a minute; come back in ${after}`),
    // Files cost nothing and come by the dozen; monitors must always get through.
    allowList: (request) => !request.url.startsWith('/api/') || request.url === '/api/health',
  });
  await addRoutes(app, options, { isClosing: () => closing, ownUrl: () => urlOf(server) });
  await serveAppFiles(app, front ? undefined : options.appDir);
  await app.ready();

  server.on('upgrade', (request, socket, head) => {
    if (live && (request.url ?? '').startsWith('/sync/')) live.handleUpgrade(request, socket, head);
    else if (!front) refuseUpgrade(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(ofListening(error, config)));
    server.listen({ port: config.port, host: config.host }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    url: urlOf(server),
    async close() {
      if (closing) return;
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await live?.close();
      server.closeIdleConnections();
      await closed;
      await app.close();
    },
  };
}

/** `http://127.0.0.1:8080`: how this machine reaches a server that listens. */
function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function addRoutes(
  app: FastifyInstance,
  { context, live }: ServerOptions,
  self: { readonly isClosing: () => boolean; readonly ownUrl: () => string },
): Promise<void> {
  await addApiDocumentation(app, context);
  await app.register(async (api) => {
    healthRoutes(api, context, self.isClosing);
    if (!live) return;
    const full: ApiContext = { ...context, commits: live };
    sessionRoutes(api, full);
    syncBatchRoutes(api, full);
    syncPollRoutes(api, full, self.ownUrl);
    documentRoutes(api, full);
    objectRoutes(api, full);
    reportRoutes(api, full);
    reportProofRoutes(api, full);
    exportRoutes(api, full);
    userRoutes(api, full);
    deviceRoutes(api, full);
    joinCodeRoutes(api, full);
    roleRoutes(api, full);
  });
}

function createApp(context: ServerOptions['context'], server: Server): FastifyInstance {
  const { config } = context;
  const app = Fastify({
    // The server is ours, so that Vite and the sockets can share it: Fastify only routes.
    serverFactory: () => server,
    loggerInstance: context.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: (_address, hop) => hop < config.trustedProxies,
    bodyLimit: config.limits.maxBodyBytes,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    forceCloseConnections: 'idle',
  });
  // Bodies and queries are checked in api/route.ts; the schemas of routes are documentation.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  app.decorateRequest('seat', undefined);
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = apiErrorOf(error) ?? fastifyRefusal(error);
    if (!refusal) context.logger.error({ err: error, route: request.routeOptions.url }, 'a request failed');
    const answer = refusal ?? new ApiError(500, 'failed', 'the relay made a mistake; it is in its log');
    if (answer.status === 401) reply.header('www-authenticate', 'Bearer');
    return reply.code(answer.status).type('application/json; charset=utf-8').send(answer.body);
  });
  traceRequests(app);
  app.addHook('onResponse', async (request, reply) => {
    // The pattern, not the address: `/api/users/:name` says nothing about anybody.
    const route = request.routeOptions.url ?? 'none';
    context.metrics.requests.inc({ route, status: String(reply.statusCode) });
    context.metrics.requestSeconds.observe({ route }, reply.elapsedTime / 1000);
    if (route === '/health' || route === '/ready' || route === '/metrics') return;
    context.logger.info(
      {
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        workspace: request.seat?.workspace,
        user: request.seat?.user,
      },
      'request',
    );
  });
  return app;
}

/** Fastify's own refusals: body too large, not JSON, and the like. Their messages quote nothing of the body. */
function fastifyRefusal(error: FastifyError): ApiError | undefined {
  const status = error.statusCode;
  if (status === undefined || status < 400 || status > 499) return undefined;
  if (status === 413) return new ApiError(413, 'too-large', 'the body is larger than this endpoint takes');
  return new ApiError(status, 'malformed', 'the request is not valid HTTP or JSON');
}

function refuseUpgrade(socket: Duplex): void {
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}
