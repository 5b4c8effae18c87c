/** Joining a device without a password: an administrator makes a code, the new device gives it once. */
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { isAdmin } from '../../shared/permissions/admin.ts';
import { JoinCodes } from '../identity/join-codes.ts';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { addRoute } from './route.ts';
import { answerSession, NAME, SESSION } from './session.ts';
import { allowAdmin } from './users.ts';

const CODE = v.pipe(v.string(), v.minLength(8), v.maxLength(20));

export function joinCodeRoutes(app: FastifyInstance, context: ApiContext): void {
  const { accounts, config } = context;
  const codes = new JoinCodes(context.pool, context.nowMs);

  addRoute(app, context, {
    method: 'POST',
    url: '/api/join-codes',
    access: 'seat',
    allow: allowAdmin,
    tag: 'session',
    summary: 'A code that signs one new device in with this account; a quarter of an hour, one use.',
    status: 201,
    secret: true,
    body: v.object({ user: NAME }),
    answer: v.object({ code: v.string(), expiresAtMs: v.number() }),
    async run({ seat, body }) {
      const account = await accounts.find(seat.workspace, body.user);
      if (!account || account.disabledAtMs !== undefined)
        throw new ApiError(404, 'unknown', `there is no active user ${body.user}`);
      const grants = context.application.roles[account.role];
      // Whoever manages the workshop, or has a second factor, gives both themselves.
      if (!grants || isAdmin(grants) || account.secondFactor || account.issuer !== undefined)
        throw new ApiError(403, 'needs-password', `user ${body.user} signs in with a password`);
      return codes.make(seat.workspace, account.name, seat.user);
    },
  });

  addRoute(app, context, {
    method: 'POST',
    url: '/api/join',
    access: 'open',
    tag: 'session',
    summary: 'Sign in with a code of /api/join-codes. Bind the session to its device as after any sign-in.',
    maxPerMinute: config.limits.maxLoginsPerMinute,
    secret: true,
    body: v.object({ code: CODE }),
    answer: SESSION,
    async run({ body, request }) {
      const retryAfterMs = await context.logins.countAttempt(request.ip);
      if (retryAfterMs > 0)
        throw new ApiError(429, 'locked', 'too many wrong codes from here; wait a while', { retryAfterMs });
      const whose = await codes.use(body.code);
      const account = whose && (await accounts.find(whose.workspace, whose.user));
      context.metrics.logins.inc({ outcome: account ? 'open' : 'wrong' });
      if (!account || account.disabledAtMs !== undefined)
        throw new ApiError(401, 'wrong-code', 'the code is wrong, was used already or has expired');
      await context.logins.takeBackAttempt(request.ip);
      return answerSession(context, account, undefined, undefined);
    },
  });
}
