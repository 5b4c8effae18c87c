/** For load balancers and monitors: alive, able to serve, and the figures. */
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { addRoute } from './route.ts';

type HealthContext = Omit<ApiContext, 'commits'>;

/** A Postgres that takes longer is as good as away to whoever waits for a row. */
const READY_TIMEOUT_MS = 2_000;
const HEALTH = v.object({ status: v.literal('ok') });

export function healthRoutes(app: FastifyInstance, context: HealthContext, isClosing: () => boolean): void {
  for (const url of ['/health', '/api/health']) {
    addRoute(app, context, {
      method: 'GET',
      url,
      access: 'open',
      tag: 'health',
      summary: 'The process runs. Says nothing about Postgres.',
      answer: HEALTH,
      async run() {
        return { status: 'ok' };
      },
    });
  }

  addRoute(app, context, {
    method: 'GET',
    url: '/ready',
    access: 'open',
    tag: 'health',
    summary: 'Requests can be served: Postgres answers, and this instance is not shutting down.',
    answer: v.object({ ready: v.boolean() }),
    async run({ reply }) {
      const ready = !isClosing() && (await postgresAnswers(context));
      context.metrics.postgresUp.set(ready ? 1 : 0);
      reply.code(ready ? 200 : 503);
      return { ready };
    },
  });

  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    const { metricsToken } = context.config;
    if (metricsToken !== undefined && request.headers.authorization !== `Bearer ${metricsToken}`)
      throw new ApiError(401, 'bad-token', 'metrics want their own bearer token (METRICS_TOKEN)');
    reply.type(context.metrics.registry.contentType);
    return context.metrics.text();
  });
}

async function postgresAnswers({ pool }: HealthContext): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), READY_TIMEOUT_MS);
  });
  try {
    const answered = pool.query('select 1').then(
      () => true,
      () => false,
    );
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
