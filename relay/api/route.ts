/**
 * One way to declare an endpoint, so that none forgets a part: token, body and query checked by one valibot
 * schema that is also the documentation, limits, Idempotency-Key on every POST, errors in one form.
 */
import { toJsonSchema } from '@valibot/to-json-schema';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import type { Seat } from '../identity/seat.ts';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { answerOnce } from './idempotency.ts';

/** What declaring a route needs; handlers have their own context. */
export type RouteContext = Pick<ApiContext, 'identity' | 'pool' | 'logger'>;

type Shape = v.GenericSchema;
type Shaped<S> = S extends Shape ? v.InferOutput<S> : undefined;

export interface Call<Body, Query, Params, Who> {
  readonly body: Body;
  readonly query: Query;
  readonly params: Params;
  readonly seat: Who;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

interface RouteDeclaration<B, Q, P> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/users/:name` */
  readonly url: string;
  readonly summary: string;
  /** Resource it is listed under in the documentation. */
  readonly tag: string;
  readonly body?: B;
  readonly query?: Q;
  readonly params?: P;
  /** Shape of the answer; documentation only. */
  readonly answer?: Shape;
  /** 200 when absent. */
  readonly status?: number;
  /** The body may be bytes, and is left unchecked: `call.request.body`. */
  readonly bytes?: boolean;
  /** For routes with `bytes`: what the body is when it is JSON; documentation only. */
  readonly jsonBody?: Shape;
  readonly maxBodyBytes?: number;
  readonly maxPerMinute?: number;
  /** The body holds a password or a token: its fingerprint for Idempotency-Key is made slowly. */
  readonly secret?: boolean;
}

export interface OpenRoute<B, Q, P> extends RouteDeclaration<B, Q, P> {
  /** No token is asked for. */
  readonly access: 'open';
  run(call: Call<Shaped<B>, Shaped<Q>, Shaped<P>, undefined>): Promise<unknown>;
}

export interface SeatRoute<B, Q, P> extends RouteDeclaration<B, Q, P> {
  readonly access: 'seat';
  /** Asked before anything else of the request is looked at; throws ApiError or RefusedError. */
  readonly allow?: (seat: Seat) => void;
  run(call: Call<Shaped<B>, Shaped<Q>, Shaped<P>, Seat>): Promise<unknown>;
}

/**
 * `run` gives the body of the answer, or undefined when it has sent the reply itself (streams, bytes).
 * What it throws becomes `{code, message}` in server.ts.
 */
export function addRoute<
  B extends Shape | undefined = undefined,
  Q extends Shape | undefined = undefined,
  P extends Shape | undefined = undefined,
>(app: FastifyInstance, context: RouteContext, route: OpenRoute<B, Q, P> | SeatRoute<B, Q, P>): void {
  app.route({
    method: route.method,
    url: route.url,
    ...(route.maxBodyBytes === undefined ? {} : { bodyLimit: route.maxBodyBytes }),
    ...(route.maxPerMinute === undefined
      ? {}
      : { config: { rateLimit: { max: route.maxPerMinute, timeWindow: 60_000 } } }),
    schema: documentation(route),
    // After the rate limit, so that guessing tokens is limited too; before the body is read: who may not, need
    // not make us parse megabytes.
    preParsing: async (request) => {
      if (route.access === 'open') return;
      const seat = await context.identity.authenticate(bearerOf(request));
      route.allow?.(seat);
      request.seat = seat;
    },
    handler: async (request, reply) => {
      const seat = request.seat;
      if (!route.bytes && Buffer.isBuffer(request.body))
        throw new ApiError(415, 'unsupported-media-type', 'send the body as application/json');
      const call = {
        body: read('body', route.body, request.body),
        query: read('query', route.query, request.query),
        params: read('path', route.params, request.params),
        seat,
        request,
        reply,
      };
      reply.code(route.status ?? 200);
      // The union of both kinds of route: `seat` is there exactly when the route asked for one.
      const run = () => (route.run as (call: unknown) => Promise<unknown>)(call);
      const result =
        route.method === 'POST' ? await answerOnce(context, route, request, reply, run) : await run();
      if (result === undefined) return reply;
      return result;
    },
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    seat: Seat | undefined;
  }
}

/** `Authorization: Bearer <token>`. Never from the query: that ends up in other people's logs. */
export function bearerOf(request: FastifyRequest): string {
  const [scheme, token, ...rest] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0)
    throw new ApiError(
      401,
      'bad-token',
      'send Authorization: Bearer <token>; open a session with POST /api/session',
    );
  return token;
}

/** Names the field and the rule, not the value: a wrong field may hold a password. */
function read(part: string, shape: Shape | undefined, value: unknown): unknown {
  if (shape === undefined) return undefined;
  const result = v.safeParse(shape, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  const faults = result.issues.slice(0, 10).map((issue) => {
    const path = v.getDotPath(issue) ?? part;
    return `${path} must be ${issue.expected ?? issue.requirement ?? 'of another form'}`;
  });
  throw new ApiError(400, 'malformed', `${part}: ${faults.join('; ')}`);
}

const ERROR_SCHEMA = {
  type: 'object',
  properties: { code: { type: 'string' }, message: { type: 'string' } },
  required: ['code', 'message'],
} as const;

function documentation(
  route: RouteDeclaration<Shape | undefined, Shape | undefined, Shape | undefined> & { access: string },
) {
  return {
    summary: route.summary,
    tags: [route.tag],
    ...(route.access === 'open' ? {} : { security: [{ bearer: [] }] }),
    ...(route.bytes
      ? { consumes: ['application/octet-stream', ...(route.jsonBody ? ['application/json'] : [])] }
      : {}),
    ...bodyOf(route.body ?? route.jsonBody),
    ...(route.query === undefined ? {} : { querystring: json(route.query) }),
    ...(route.params === undefined ? {} : { params: json(route.params) }),
    response: {
      [route.status ?? 200]: route.answer === undefined ? { description: 'done' } : json(route.answer),
      '4xx': ERROR_SCHEMA,
    },
  };
}

function bodyOf(shape: Shape | undefined): { readonly body?: object } {
  return shape === undefined ? {} : { body: json(shape) };
}

function json(shape: Shape): object {
  const { $schema: _, ...schema } = toJsonSchema(shape, { errorMode: 'ignore', typeMode: 'input' });
  return schema;
}
