/** Replicas of the own workspace: seen, named, and shut out when a tablet is lost. */
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { addRoute } from './route.ts';
import { DEVICE } from './session.ts';
import { allowAdmin } from './users.ts';

const PARAMS = v.object({ device: DEVICE });
const ANSWER = v.object({
  devices: v.array(
    v.object({
      id: v.string(),
      label: v.string(),
      user: v.string(),
      createdAtMs: v.number(),
      lastSeenAtMs: v.number(),
      revokedAtMs: v.optional(v.number()),
      revokedBy: v.optional(v.string()),
    }),
  ),
});

export function deviceRoutes(app: FastifyInstance, context: ApiContext): void {
  const { devices } = context;

  addRoute(app, context, {
    access: 'seat',
    allow: allowAdmin,
    tag: 'devices',
    method: 'GET',
    url: '/api/devices',
    summary: 'Every device that ever signed in, latest first.',
    answer: ANSWER,
    async run({ seat }) {
      return { devices: await devices.list(seat.workspace) };
    },
  });

  addRoute(app, context, {
    access: 'seat',
    allow: allowAdmin,
    tag: 'devices',
    method: 'PATCH',
    url: '/api/devices/:device',
    summary: 'Name a device.',
    params: PARAMS,
    body: v.object({ label: v.pipe(v.string(), v.trim(), v.maxLength(100)) }),
    async run({ seat, params, body }) {
      if (!(await devices.rename(seat.workspace, params.device, body.label, seat.user)))
        throw unknownDevice();
      return { renamed: true };
    },
  });

  addRoute(app, context, {
    access: 'seat',
    allow: allowAdmin,
    tag: 'devices',
    method: 'POST',
    url: '/api/devices/:device/revoke',
    summary:
      'Shut a device out for good: its sockets are cut within a second, nobody can sign in on it again.',
    params: PARAMS,
    async run({ seat, params }) {
      if (!(await devices.revoke(seat.workspace, params.device, seat.user))) throw unknownDevice();
      return { revoked: true };
    },
  });
}

function unknownDevice(): ApiError {
  return new ApiError(404, 'unknown', 'there is no such device');
}
