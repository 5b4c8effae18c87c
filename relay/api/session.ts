/** Signing in, staying in, signing out. */
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { unreachable } from '../../shared/base/assert.ts';
import { isDeviceId } from '../../shared/base/ids.ts';
import type { Account } from '../identity/accounts.ts';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { addRoute } from './route.ts';

export const NAME = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
export const PASSWORD = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
export const DEVICE = v.pipe(
  v.string(),
  v.check((text) => isDeviceId(text), 'not 8 characters of base62'),
);
const CODE = v.pipe(v.string(), v.regex(/^\d{6}$/));
const LABEL = v.pipe(v.string(), v.maxLength(100));

export const SESSION = v.object({
  token: v.string(),
  expiresAtMs: v.number(),
  refreshToken: v.optional(v.string()),
  workspace: v.string(),
  user: v.object({ name: v.string(), displayName: v.string(), role: v.string() }),
  grants: v.record(v.string(), v.unknown()),
});

/** A session of this account, once it has proved who it is. */
export async function answerSession(
  { application, accessTokens, config }: ApiContext,
  account: Account,
  device: string | undefined,
  refreshToken: string | undefined,
) {
  const grants = application.roles[account.role];
  if (!grants) throw new ApiError(403, 'not-allowed', `role ${account.role} is not one of this application`);
  return {
    ...(await accessTokens.issue(account, device, config.accessTokenMs)),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    workspace: account.workspace,
    user: { name: account.name, displayName: account.displayName, role: account.role },
    grants,
  };
}

export function sessionRoutes(app: FastifyInstance, context: ApiContext): void {
  const { accounts, devices, refreshTokens, config } = context;
  const open = (account: Account, device: string | undefined, refreshToken: string | undefined) =>
    answerSession(context, account, device, refreshToken);

  async function enterDevice(account: Account, device: string, label: string | undefined): Promise<void> {
    if (!(await devices.enter(account.workspace, device, account.name, label)))
      throw new ApiError(403, 'revoked', 'this device was revoked; ask an administrator');
  }

  addRoute(app, context, {
    method: 'POST',
    url: '/api/session',
    access: 'open',
    tag: 'session',
    summary: 'Sign in with a password (and a code), or with the token of the identity provider.',
    maxPerMinute: config.limits.maxLoginsPerMinute,
    secret: true,
    body: v.union([
      v.object({
        workspace: NAME,
        user: NAME,
        password: PASSWORD,
        code: v.optional(CODE),
        device: v.optional(DEVICE),
        deviceLabel: v.optional(LABEL),
      }),
      v.object({ providerToken: v.string(), device: v.optional(DEVICE), deviceLabel: v.optional(LABEL) }),
    ]),
    answer: SESSION,
    async run({ body, request, reply }) {
      const account =
        'providerToken' in body
          ? await visitorOf(context, body.providerToken)
          : await memberOf(context, { ...body, address: request.ip }, (retryAfterMs) =>
              reply.header('retry-after', Math.ceil(retryAfterMs / 1000)),
            );
      const { device } = body;
      if (device === undefined) return open(account, undefined, undefined);
      await enterDevice(account, device, body.deviceLabel);
      return open(account, device, await refreshTokens.issue(account.workspace, account.name, device));
    },
  });

  addRoute(app, context, {
    method: 'POST',
    url: '/api/session/refresh',
    access: 'open',
    tag: 'session',
    summary: 'A fresh token for the device that the refresh token was made for; also gives its successor.',
    maxPerMinute: config.limits.maxRequestsPerMinute,
    secret: true,
    body: v.object({ refreshToken: v.pipe(v.string(), v.maxLength(200)), device: DEVICE }),
    answer: SESSION,
    async run({ body }) {
      const rotated = await refreshTokens.rotate(body.refreshToken, body.device);
      if (rotated.outcome === 'refused')
        throw new ApiError(
          401,
          'bad-token',
          'the refresh token is not valid here or no longer; sign in again',
        );
      const account = await accounts.find(rotated.workspace, rotated.user);
      if (!account || account.disabledAtMs !== undefined)
        throw new ApiError(401, 'bad-token', 'the account is closed; ask an administrator');
      await enterDevice(account, body.device, undefined);
      return open(account, body.device, rotated.refreshToken);
    },
  });

  addRoute(app, context, {
    method: 'POST',
    url: '/api/session/device',
    access: 'seat',
    tag: 'session',
    summary:
      'Bind this session to a device, once its replica is open: gives a token for it and its refresh token.',
    secret: true,
    body: v.object({ device: DEVICE, deviceLabel: v.optional(LABEL) }),
    answer: SESSION,
    async run({ seat, body }) {
      if (seat.device !== undefined && seat.device !== body.device)
        throw new ApiError(
          409,
          'other-device',
          'this session belongs to another device; sign in on this one',
        );
      const account = await accounts.find(seat.workspace, seat.user);
      if (!account) throw new ApiError(401, 'bad-token', 'the account is closed; ask an administrator');
      await enterDevice(account, body.device, body.deviceLabel);
      const refreshToken = await refreshTokens.issue(seat.workspace, seat.user, body.device);
      return open(account, body.device, refreshToken);
    },
  });

  addRoute(app, context, {
    method: 'GET',
    url: '/api/session',
    access: 'seat',
    tag: 'session',
    summary: 'Who this token stands for.',
    async run({ seat }) {
      const account = await accounts.find(seat.workspace, seat.user);
      return {
        workspace: seat.workspace,
        user: { name: seat.user, displayName: account?.displayName ?? seat.user, role: seat.role },
        device: seat.device,
        grants: seat.grants,
        expiresAtMs: seat.expiresAtMs,
      };
    },
  });

  addRoute(app, context, {
    method: 'DELETE',
    url: '/api/session',
    access: 'seat',
    tag: 'session',
    summary: 'Sign out: the device must ask for a password again. `everywhere`: all devices of this user.',
    query: v.object({ everywhere: v.optional(v.picklist(['true', 'false'])) }),
    async run({ seat, query }) {
      if (query.everywhere === 'true') {
        await accounts.endAllSessions(seat.workspace, seat.user);
        await refreshTokens.endAll({ workspace: seat.workspace, user: seat.user });
      } else if (seat.device !== undefined) {
        await refreshTokens.endAll({ workspace: seat.workspace, user: seat.user, device: seat.device });
      }
      return { signedOut: true };
    },
  });

  addRoute(app, context, {
    method: 'POST',
    url: '/api/session/password',
    access: 'seat',
    tag: 'session',
    summary: 'Change the own password. Ends all sessions, this one included.',
    maxPerMinute: config.limits.maxLoginsPerMinute,
    secret: true,
    body: v.object({ password: PASSWORD, next: PASSWORD }),
    async run({ seat, body, request }) {
      const { workspace, user: name } = seat;
      const attempt = { workspace, name, password: body.password, address: request.ip };
      const outcome = await context.logins.confirmPassword(attempt);
      if (outcome === 'locked') throw new ApiError(429, 'locked', 'too many wrong passwords; wait a while');
      if (outcome !== 'open')
        throw new ApiError(403, 'wrong-password', 'the present password is not that one');
      await accounts.reset(seat.workspace, seat.user, body.next);
      await refreshTokens.endAll({ workspace: seat.workspace, user: seat.user });
      return { changed: true };
    },
  });
}

async function memberOf(
  { logins, metrics }: ApiContext,
  body: {
    readonly workspace: string;
    readonly user: string;
    readonly password: string;
    readonly code?: string | undefined;
    readonly address: string;
  },
  onRetryAfter: (ms: number) => void,
): Promise<Account> {
  const { user: name, ...rest } = body;
  const login = await logins.logIn({ name, ...rest });
  metrics.logins.inc({ outcome: login.outcome });
  switch (login.outcome) {
    case 'open':
      return login.account;
    case 'wrong':
      throw new ApiError(401, 'wrong-password', 'workspace, user or password is wrong');
    case 'locked':
      onRetryAfter(login.retryAfterMs);
      throw new ApiError(429, 'locked', 'too many wrong passwords for this user or from here; wait a while', {
        retryAfterMs: login.retryAfterMs,
      });
    case 'code-needed':
      throw new ApiError(401, 'code-needed', 'give the six digits of the authenticator app as `code`');
    case 'code-wrong':
      throw new ApiError(401, 'code-wrong', 'the code is wrong, too old or was used already');
    case 'setup-needed':
      throw new ApiError(
        403,
        'setup-needed',
        'scan the address with an authenticator app, then sign in with its code',
        {
          secret: login.secret,
          otpauthUrl: login.otpauthUrl,
        },
      );
    default:
      return unreachable(login);
  }
}

async function visitorOf({ oidc, accounts, metrics, logger }: ApiContext, token: string): Promise<Account> {
  if (!oidc)
    throw new ApiError(400, 'no-provider', 'this relay has no identity provider; sign in with a password');
  const claims = await oidc.verify(token).catch((error: unknown) => {
    logger.warn({ err: error }, 'the identity provider did not answer');
    throw new ApiError(503, 'provider-away', 'the identity provider does not answer; come back in a moment');
  });
  const account = claims && (await accounts.visit({ ...claims, name: claims.user }));
  metrics.logins.inc({ outcome: account ? 'open' : 'wrong' });
  if (!account) throw new ApiError(401, 'bad-token', 'the token of the identity provider is not valid here');
  return account;
}
