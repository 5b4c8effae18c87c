/**
 * Every endpoint that the OpenAPI document lists, with a request of each that works in a workspace that
 * `fillWorkspace` filled: so that tests of what holds for all endpoints cannot forget one. Whoever adds an endpoint
 * adds its example here; the tests say which is missing.
 */
import { createHash } from 'node:crypto';
import { hlcOfMs } from '../../shared/base/hlc.ts';
import { type DeviceId, newId } from '../../shared/base/ids.ts';
import { PROTOCOL_VERSION } from '../../shared/protocol/wire.ts';
import { PostgresLog } from '../log/postgres-log.ts';
import { applyReportSchema } from '../materializer/report-schema.ts';
import { encodeSnapshot } from '../materializer/snapshot-file.ts';
import { TEST_PASSWORD, type TestServer, testApplication } from './test-server.ts';

export interface Endpoint {
  /** `POST /api/users/{name}/password` */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Answers without a token. */
  readonly isOpen: boolean;
}

export interface Example {
  readonly query?: string;
  readonly body?: object | Uint8Array;
}

/** In rows and contents of a filled workspace, and small in the name of a document, to be found again where it must not be. */
export const MARK = 'MARKED-AS-OF-ONE';
const CONTENT = new TextEncoder().encode(MARK);
const DEVICE = 'ONEONE11';
/** What stands for the parameters in an address: things that exist in a filled workspace. */
const PARAMS: Readonly<Record<string, string>> = {
  document: 'work%2F2026-11',
  family: 'work',
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
  part: '0',
  name: 'writer',
  device: DEVICE,
  table: 'notes',
};
const OF_REPORTS = 'notes';

export async function endpointsOf(server: TestServer): Promise<readonly Endpoint[]> {
  const document = (await (await fetch(`${server.url}/api/docs/json`)).json()) as {
    paths: Record<string, Record<string, { security?: unknown }>>;
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      isOpen: security === undefined,
    })),
  );
}

/** What belongs to the caller of an example. */
export interface Own {
  readonly workspace: string;
  readonly refreshToken?: string;
  readonly joinCode?: string;
}

/** Made anew each time: some may be sent only once. */
export function exampleOf(endpoint: Endpoint, own: Own): Example | undefined {
  return EXAMPLES[endpoint.name]?.(own);
}

const EXAMPLES: Readonly<Record<string, (own: Own) => Example>> = {
  'POST /api/session': ({ workspace }) => ({
    body: { workspace, user: 'reader', password: TEST_PASSWORD, device: 'EXAMPLE1', deviceLabel: 'x' },
  }),
  'POST /api/join-codes': () => ({ body: { user: 'reader' } }),
  'POST /api/join': ({ joinCode = 'AAAAAAAA' }) => ({ body: { code: joinCode } }),
  'POST /api/session/refresh': ({ refreshToken }) => ({ body: { refreshToken, device: DEVICE } }),
  'POST /api/session/device': () => ({ body: { device: 'EXAMPLE2', deviceLabel: 'x' } }),
  'POST /api/session/password': () => ({ body: { password: TEST_PASSWORD, next: 'a rather long sentence' } }),
  'POST /api/sync/batch': () => ({
    body: {
      commits: [
        {
          id: newId(),
          device: 'EXAMPLE3',
          hlc: hlcOfMs(Date.now()),
          schema: 1,
          label: 'example',
          parts: [{ document: 'work/2026-11', update: Buffer.from([0, 0]).toString('base64') }],
        },
      ],
    },
  }),
  'POST /api/sync/poll': () => ({
    body: {
      hello: { type: 'hello', protocol: PROTOCOL_VERSION, device: 'EXAMPLE4', schema: 1, positions: [] },
      waitMs: 0,
    },
  }),
  'POST /api/objects': () => ({
    body: { family: 'work', sha256: 'b'.repeat(64), bytes: 10, contentType: 'image/png' },
  }),
  'PUT /api/objects/{family}/{sha256}/parts/{part}': () => ({ body: CONTENT }),
  'POST /api/objects/{family}/{sha256}/complete': () => ({ body: {} }),
  'POST /api/users': () => ({
    body: { name: `user-${newId()}`, role: 'reader', password: 'a rather long sentence' },
  }),
  'PATCH /api/users/{name}': () => ({ body: { displayName: 'taken over', role: 'reader', disabled: true } }),
  'POST /api/users/{name}/password': () => ({ body: { password: 'taken over by two' } }),
  'PATCH /api/devices/{device}': () => ({ body: { label: 'taken over' } }),
  'POST /api/devices/{device}/revoke': () => ({ body: {} }),
  'GET /api/documents/{document}/report/{table}': () => ({ query: '?ranges=0,1' }),
  'DELETE /api/session': () => ({ query: '?everywhere=true' }),
};

/** Behind one proxy that is trusted, each request comes from another address: limits by address are not the question. */
export const ASKED_ENV = { TRUSTED_PROXIES: '1' } as const;
let asked = 0;

/** `server` was opened with ASKED_ENV. */
export async function ask(
  server: TestServer,
  endpoint: Endpoint,
  options: {
    readonly token?: string;
    readonly example?: Example | undefined;
    readonly headers?: object;
  } = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const { query = '', body } = options.example ?? {};
  const address = endpoint.path
    .replace('/reports/{name}', `/reports/${OF_REPORTS}`)
    .replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = PARAMS[name];
      if (value === undefined)
        throw new Error(`${endpoint.name}: give a value for ${name} in api-endpoints.ts`);
      return value;
    });
  const isBytes = body instanceof Uint8Array;
  const hasBody = ['POST', 'PUT', 'PATCH'].includes(endpoint.method);
  asked++;
  const answer = await fetch(server.url + address + query, {
    method: endpoint.method,
    headers: {
      'x-forwarded-for': `10.${asked >> 16}.${(asked >> 8) & 255}.${asked & 255}`,
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(hasBody ? { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' } : {}),
      ...options.headers,
    },
    ...(hasBody ? { body: isBytes ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body ?? {}) } : {}),
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

/** Something of everything, marked; gives the refresh token of its device. */
export async function fillWorkspace(
  server: TestServer,
  workspace: string,
): Promise<{ refreshToken: string }> {
  const { accounts, devices, refreshTokens } = server.services;
  const { pool } = server.database;
  await accounts.update(workspace, 'writer', { displayName: MARK });
  await devices.enter(workspace, DEVICE, 'writer', MARK);
  const refreshToken = await refreshTokens.issue(workspace, 'writer', DEVICE);
  const log = new PostgresLog({ pool, instance: 'test' });
  const commit = { id: newId(), device: DEVICE as DeviceId, hlc: 4096, schema: 1, label: 'test' };
  const parts = [{ document: 'work/2026-11', update: CONTENT }];
  await log.append([{ workspace, user: 'writer', device: DEVICE, commit, parts }]);
  await log.close();
  const file = encodeSnapshot({ workspace, document: 'work/2026-11', epoch: 1, seq: 1 }, CONTENT);
  await server.objects.putIfAbsent(file.key, file.bytes);
  await pool.query(
    `update espejo.document set snapshot_seq = 1, snapshot_key = $1, snapshot_sha256 = $2 where workspace = $3`,
    [file.key, file.sha256, workspace],
  );
  await pool.query(
    `insert into espejo.report_cursor (document, seq) select id, 1 from espejo.document where workspace = $1`,
    [workspace],
  );
  await pool.query('insert into espejo.document (workspace, name) values ($1, $2)', [
    workspace,
    MARK.toLowerCase(),
  ]);
  await server.objects.putIfAbsent(`objects/${workspace}/work/${PARAMS.sha256}`, CONTENT);
  await pool.query(
    `insert into espejo.object (workspace, family, sha256, bytes, content_type, uploaded_by, stored_at)
     values ($1, 'work', $2, $3, 'image/png', 'writer', now())`,
    [workspace, PARAMS.sha256, CONTENT.length],
  );
  await applyReportSchema(pool, testApplication);
  await pool.query(`insert into report.notes (workspace, id, body) values ($1, $2, $3)`, [
    workspace,
    newId(Date.UTC(2026, 10, 22)),
    MARK,
  ]);
  return { refreshToken };
}
