/** Accounts of the own workspace, for whoever administers it. */
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { isAdmin } from '../../shared/permissions/admin.ts';
import type { Account } from '../identity/accounts.ts';
import type { Seat } from '../identity/seat.ts';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { addRoute } from './route.ts';
import { NAME, PASSWORD } from './session.ts';

const DISPLAY_NAME = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200));
const USER = v.object({
  name: v.string(),
  displayName: v.string(),
  role: v.string(),
  disabled: v.boolean(),
  secondFactor: v.boolean(),
  provider: v.pipe(
    v.nullable(v.string()),
    v.description('issuer of the identity provider; null for a password here'),
  ),
  createdAtMs: v.number(),
  lastLoginAtMs: v.nullable(v.number()),
});
const PARAMS = v.object({ name: NAME });

/** Throws unless the seat may manage accounts. */
export function allowAdmin(seat: Seat): void {
  if (!isAdmin(seat.grants))
    throw new ApiError(403, 'not-allowed', `role ${seat.role} may not manage users and devices`);
}

export function userRoutes(app: FastifyInstance, context: ApiContext): void {
  const { accounts, refreshTokens } = context;

  addRoute(app, context, {
    access: 'seat',
    allow: allowAdmin,
    tag: 'users',
    method: 'GET',
    url: '/api/users',
    summary: 'All accounts, the disabled ones too.',
    answer: v.object({ users: v.array(USER) }),
    async run({ seat }) {
      return { users: (await accounts.list(seat.workspace)).map(userOfAccount) };
    },
  });

  addRoute(app, context, {
    access: 'seat',
    allow: allowAdmin,
    tag: 'users',
    method: 'POST',
    url: '/api/users',
    summary: 'Create an account with a password.',
    status: 201,
    secret: true,
    body: v.object({ name: NAME, displayName: v.optional(DISPLAY_NAME), role: NAME, password: PASSWORD }),
    answer: USER,
    async run({ seat, body }) {
      const { displayName, ...account } = body;
      const created = await accounts.create(
        { ...account, workspace: seat.workspace, ...(displayName === undefined ? {} : { displayName }) },
        { by: seat.user },
      );
      return userOfAccount(created);
    },
  });

  addRoute(app, context, {
    access: 'seat',
    allow: allowAdmin,
    tag: 'users',
    method: 'PATCH',
    url: '/api/users/:name',
    summary:
      'Change name or role, disable or enable. Disabling cuts open sockets within a second; nothing is deleted.',
    params: PARAMS,
    body: v.object({
      displayName: v.optional(DISPLAY_NAME),
      role: v.optional(NAME),
      disabled: v.optional(v.boolean()),
    }),
    answer: USER,
    async run({ seat, params, body }) {
      const account = await accounts.update(seat.workspace, params.name, {
        ...(body.displayName === undefined ? {} : { displayName: body.displayName }),
        ...(body.role === undefined ? {} : { role: body.role }),
        ...(body.disabled === undefined ? {} : { disabled: body.disabled }),
        by: seat.user,
      });
      if (body.disabled) await refreshTokens.endAll({ workspace: seat.workspace, user: params.name });
      return userOfAccount(account);
    },
  });

  addRoute(app, context, {
    access: 'seat',
    allow: allowAdmin,
    tag: 'users',
    method: 'POST',
    url: '/api/users/:name/password',
    summary: 'Reset a password. Ends all sessions of the user.',
    secret: true,
    params: PARAMS,
    body: v.object({ password: PASSWORD }),
    async run({ seat, params, body }) {
      await accounts.reset(seat.workspace, params.name, body.password);
      await refreshTokens.endAll({ workspace: seat.workspace, user: params.name });
      return { reset: true };
    },
  });

  addRoute(app, context, {
    access: 'seat',
    allow: allowAdmin,
    tag: 'users',
    method: 'DELETE',
    url: '/api/users/:name/second-factor',
    summary:
      'Forget a lost second factor. Ends all sessions; the next sign-in sets up a new one where it is required.',
    params: PARAMS,
    async run({ seat, params }) {
      await accounts.removeSecondFactor(seat.workspace, params.name);
      return { removed: true };
    },
  });

  addRoute(app, context, {
    access: 'seat',
    allow: allowAdmin,
    tag: 'users',
    method: 'DELETE',
    url: '/api/users/:name/sessions',
    summary: 'Sign a user out of all devices.',
    params: PARAMS,
    async run({ seat, params }) {
      await accounts.endAllSessions(seat.workspace, params.name);
      await refreshTokens.endAll({ workspace: seat.workspace, user: params.name });
      return { ended: true };
    },
  });
}

function userOfAccount(account: Account): v.InferOutput<typeof USER> {
  return {
    name: account.name,
    displayName: account.displayName,
    role: account.role,
    disabled: account.disabledAtMs !== undefined,
    secondFactor: account.secondFactor,
    provider: account.issuer ?? null,
    createdAtMs: account.createdAtMs,
    lastLoginAtMs: account.lastLoginAtMs ?? null,
  };
}
