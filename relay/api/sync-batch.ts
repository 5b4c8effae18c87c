/**
 * `POST /api/sync/batch`: commits where there is no socket (Background Sync, networks that block WebSockets).
 * The same checks and the same store as on a socket; a commit that is already stored is acked again.
 */
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { isAdmin } from '../../shared/permissions/admin.ts';
import { type BatchAnswer, type BatchEntry, batchOfJson, decodeBatch } from '../../shared/protocol/batch.ts';
import type { Commit } from '../../shared/protocol/commit.ts';
import type { Seat } from '../identity/seat.ts';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { addRoute } from './route.ts';

const PART = v.object({
  document: v.string(),
  epoch: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  update: v.pipe(v.string(), v.description('Yjs update, v1 encoding, as base64')),
});
const COMMIT = v.object({
  id: v.pipe(v.string(), v.description('UUIDv7; a commit that is already stored is acked again')),
  device: v.string(),
  hlc: v.number(),
  schema: v.number(),
  label: v.string(),
  parts: v.array(PART),
});
const BODY = v.object({ commits: v.array(COMMIT) });
const ANSWER = v.object({
  accepted: v.array(v.object({ id: v.string(), seqs: v.array(v.unknown()) })),
  rejected: v.array(v.object({ id: v.string(), code: v.string(), message: v.string(), retry: v.boolean() })),
});

export function syncBatchRoutes(app: FastifyInstance, context: ApiContext): void {
  const { limits } = context.config;

  /** The token's own device was asked for when the token was; an administrator may hand in what a lost one wrote. */
  async function revokedAmong(seat: Seat, entries: readonly BatchEntry[]): Promise<ReadonlySet<string>> {
    if (isAdmin(seat.grants)) return new Set();
    const devices = new Set(entries.flatMap((entry) => ('commit' in entry ? [entry.commit.device] : [])));
    return context.devices.revokedAmong(
      seat.workspace,
      [...devices].filter((device) => device !== seat.device),
    );
  }

  addRoute(app, context, {
    method: 'POST',
    url: '/api/sync/batch',
    access: 'seat',
    tag: 'sync',
    summary:
      'Store commits. As JSON, or as application/octet-stream: version=1, count, then length and commit each.',
    status: 202,
    maxBodyBytes: limits.maxBatchBytes,
    bytes: true,
    jsonBody: BODY,
    answer: ANSWER,
    async run({ seat, request }): Promise<BatchAnswer> {
      const entries = entriesOf(request.body, limits.maxBatchCommits);
      const revoked = await revokedAmong(seat, entries);
      const commits: Commit[] = [];
      const unread: BatchAnswer['rejected'][number][] = [];
      for (const entry of entries) {
        if ('fault' in entry)
          unread.push({ id: entry.id, code: 'malformed', message: entry.fault, retry: false });
        else if (entry.bytes > limits.maxCommitBytes)
          unread.push({
            id: entry.commit.id,
            code: 'too-large',
            message: `commit has ${entry.bytes} bytes; at most ${limits.maxCommitBytes} are allowed`,
            retry: false,
          });
        else if (revoked.has(entry.commit.device))
          unread.push({
            id: entry.commit.id,
            code: 'revoked',
            message: `device ${entry.commit.device} was revoked; an administrator can import its rescue file`,
            retry: false,
          });
        else commits.push(entry.commit);
      }
      const answer = await context.commits.appendBatch(seat, commits);
      return { accepted: answer.accepted, rejected: [...unread, ...answer.rejected] };
    },
  });
}

function entriesOf(body: unknown, maxCommits: number): BatchEntry[] {
  if (Buffer.isBuffer(body)) return decodeBatch(new Uint8Array(body), maxCommits);
  const result = v.safeParse(BODY, body);
  if (!result.success)
    throw new ApiError(
      400,
      'malformed',
      'the body is not {"commits": [{id, device, hlc, schema, label, parts}]}',
    );
  return batchOfJson(result.output.commits, maxCommits);
}
