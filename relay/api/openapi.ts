/** The API's own description: `/api/docs` for people, `/api/docs/json` for programs. Its assets are ours to serve. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';

export async function addApiDocumentation(
  app: FastifyInstance,
  { application }: Pick<ApiContext, 'application'>,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: `Espejo relay · ${application.name}`,
        version: '1',
        description:
          'Errors are `{code, message}`. Every POST but /api/sync/poll takes an `Idempotency-Key` and honours it for 24 hours. ' +
          'Changes of rows go through commits (`/api/sync/batch` or the socket `/sync/<workspace>`).',
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
  });
  await app.register(swaggerUi, { routePrefix: '/api/docs', uiConfig: { validatorUrl: null } });
}
