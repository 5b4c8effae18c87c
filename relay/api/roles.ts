/** The application's roles and what each may read and write, so that a user form can explain them. */
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { ApiContext } from './context.ts';
import { addRoute } from './route.ts';
import { allowAdmin } from './users.ts';

const ACCESS = v.picklist(['none', 'read', 'write']);

export function roleRoutes(app: FastifyInstance, context: ApiContext): void {
  addRoute(app, context, {
    method: 'GET',
    url: '/api/roles',
    access: 'seat',
    allow: allowAdmin,
    tag: 'roles',
    summary: 'Roles with their grants by family; a family not named has `other`.',
    answer: v.object({
      roles: v.array(v.object({ role: v.string(), families: v.record(v.string(), ACCESS), other: ACCESS })),
    }),
    async run() {
      return { roles: Object.values(context.application.roles) };
    },
  });
}
