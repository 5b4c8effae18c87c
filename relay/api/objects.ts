/**
 * Photos and PDFs, named by the SHA-256 of their content within a family.
 *
 *   POST /api/objects            what is known of it: stored, or which parts are there
 *   PUT  …/parts/<n>             a part of PART_BYTES (the last one shorter), any order, any number of times
 *   POST …/complete              put together, checked against its name, stored
 *   GET  …                       a short-lived address of the content
 *
 * An upload that was cut off goes on where it stopped: the first call says which parts the relay has. Where
 * objects are in S3 the first call also gives an address to send the whole content to directly.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { mayRead, mayWrite } from '../../shared/permissions/grants.ts';
import type { Seat } from '../identity/seat.ts';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { addRoute } from './route.ts';

/** Small enough to get through on a bad line, large enough that a photo is one or two. */
export const PART_BYTES = 512 * 1024;
const ADDRESS_MS = 5 * 60_000;
/** Long enough for a photo over the line of a workshop's yard. */
const UPLOAD_ADDRESS_MS = 60 * 60_000;
/** Types that no browser runs as a page of ours. */
const CONTENT_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/heic',
  'application/pdf',
] as const;

const SHA256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const FAMILY = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,62}$/));
const PARAMS = v.object({ family: FAMILY, sha256: SHA256 });
const STATE = v.object({
  stored: v.boolean(),
  partBytes: v.number(),
  parts: v.pipe(v.array(v.number()), v.description('numbers of the parts that are there, from 0')),
  direct: v.optional(
    v.object({ url: v.string(), headers: v.record(v.string(), v.string()), expiresAtMs: v.number() }),
  ),
});

export function objectRoutes(app: FastifyInstance, context: ApiContext): void {
  const { pool, objects, accessTokens, nowMs } = context;
  const { maxObjectBytes } = context.config.limits;

  async function findObject(seat: Seat, family: string, sha256: string): Promise<ObjectRow | undefined> {
    const { rows } = await pool.query<ObjectRow>(
      `select bytes, content_type, stored_at from espejo.object where workspace = $1 and family = $2 and sha256 = $3`,
      [seat.workspace, family, sha256],
    );
    return rows[0];
  }

  async function announcedObject(seat: Seat, family: string, sha256: string): Promise<ObjectRow> {
    assertMayWrite(seat, family);
    const row = await findObject(seat, family, sha256);
    if (!row) throw new ApiError(404, 'unknown', 'announce the object first, with POST /api/objects');
    return row;
  }

  addRoute(app, context, {
    method: 'POST',
    url: '/api/objects',
    access: 'seat',
    tag: 'objects',
    summary: 'Announce an object, or ask how far its upload has come.',
    body: v.object({
      family: FAMILY,
      sha256: SHA256,
      bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
      contentType: v.picklist(CONTENT_TYPES),
    }),
    answer: STATE,
    async run({ seat, body }): Promise<v.InferOutput<typeof STATE>> {
      assertMayWrite(seat, body.family);
      if (body.bytes > maxObjectBytes)
        throw new ApiError(
          413,
          'too-large',
          `object has ${body.bytes} bytes; at most ${maxObjectBytes} are allowed`,
        );
      await pool.query(
        `insert into espejo.object (workspace, family, sha256, bytes, content_type, uploaded_by)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
        [seat.workspace, body.family, body.sha256, body.bytes, body.contentType, seat.user],
      );
      const row = (await findObject(seat, body.family, body.sha256))!;
      if (row.bytes !== body.bytes)
        throw new ApiError(409, 'other-size', `this object was announced with ${row.bytes} bytes`);
      if (row.stored_at !== null) return { stored: true, partBytes: PART_BYTES, parts: [] };
      const key = keyOf(seat, body.family, body.sha256);
      const direct = await objects.uploadUrl(key, UPLOAD_ADDRESS_MS, row.content_type);
      return {
        stored: false,
        partBytes: PART_BYTES,
        parts: await partsOf(context, seat, body.family, body.sha256),
        ...(direct && { direct: { ...direct, expiresAtMs: nowMs() + UPLOAD_ADDRESS_MS } }),
      };
    },
  });

  addRoute(app, context, {
    method: 'PUT',
    url: '/api/objects/:family/:sha256/parts/:part',
    access: 'seat',
    tag: 'objects',
    summary: 'Send one part, as application/octet-stream.',
    params: v.object({
      ...PARAMS.entries,
      part: v.pipe(v.string(), v.regex(/^\d{1,4}$/), v.transform(Number)),
    }),
    bytes: true,
    maxBodyBytes: PART_BYTES,
    async run({ seat, params, request }) {
      const row = await announcedObject(seat, params.family, params.sha256);
      const expected = Math.min(PART_BYTES, row.bytes - params.part * PART_BYTES);
      if (expected <= 0) throw new ApiError(400, 'malformed', `the object has no part ${params.part}`);
      if (!Buffer.isBuffer(request.body) || request.body.length !== expected)
        throw new ApiError(
          400,
          'malformed',
          `part ${params.part} must be ${expected} bytes of application/octet-stream`,
        );
      if (row.stored_at === null)
        await objects.putIfAbsent(partKey(seat, params.family, params.sha256, params.part), request.body);
      return { received: true };
    },
  });

  addRoute(app, context, {
    method: 'POST',
    url: '/api/objects/:family/:sha256/complete',
    access: 'seat',
    tag: 'objects',
    summary:
      'Put the parts together. 409 when some are missing; 422, and all parts forgotten, for another content.',
    params: PARAMS,
    async run({ seat, params }) {
      const { family, sha256 } = params;
      const row = await announcedObject(seat, family, sha256);
      if (row.stored_at !== null) return { stored: true };
      const key = keyOf(seat, family, sha256);
      const parts = await partsOf(context, seat, family, sha256);
      // What a device sent to S3 itself is there under its final key, and nobody has looked at it yet.
      const direct = await objects.get(key);
      const content = direct ?? (await joinParts(context, seat, family, sha256, row.bytes));
      const isRight =
        content.length === row.bytes && createHash('sha256').update(content).digest('hex') === sha256;
      if (isRight && direct === undefined)
        await objects.putIfAbsent(key, content, { contentType: row.content_type });
      else if (!isRight && direct !== undefined) await objects.delete(key);
      for (const part of parts) await objects.delete(partKey(seat, family, sha256, part));
      if (!isRight)
        throw new ApiError(422, 'other-content', 'the content does not have this SHA-256; send it again');
      await pool.query(
        'update espejo.object set stored_at = clock_timestamp() where workspace = $1 and family = $2 and sha256 = $3',
        [seat.workspace, family, sha256],
      );
      return { stored: true };
    },
  });

  addRoute(app, context, {
    method: 'GET',
    url: '/api/objects/:family/:sha256',
    access: 'seat',
    tag: 'objects',
    summary: 'A short-lived address of the content, that works without a token.',
    params: PARAMS,
    answer: v.object({
      url: v.string(),
      expiresAtMs: v.number(),
      bytes: v.number(),
      contentType: v.string(),
    }),
    async run({ seat, params }) {
      const { family, sha256 } = params;
      if (!mayRead(seat.grants, family))
        throw new ApiError(403, 'not-allowed', `role ${seat.role} may not read ${family}`);
      const row = await findObject(seat, family, sha256);
      if (!row || row.stored_at === null) throw new ApiError(404, 'unknown', 'there is no such object yet');
      const expiresAtMs = nowMs() + ADDRESS_MS;
      const signature = accessTokens.sign(signedText(seat.workspace, family, sha256, expiresAtMs));
      const own = `/api/objects/${family}/${sha256}/content?workspace=${seat.workspace}&expires=${expiresAtMs}&signature=${signature}`;
      const url = (await objects.downloadUrl(keyOf(seat, family, sha256), ADDRESS_MS)) ?? own;
      return { url, expiresAtMs, bytes: row.bytes, contentType: row.content_type };
    },
  });

  addRoute(app, context, {
    method: 'GET',
    url: '/api/objects/:family/:sha256/content',
    access: 'open',
    tag: 'objects',
    summary: 'The content, by an address that the relay signed.',
    params: PARAMS,
    query: v.object({
      workspace: v.string(),
      expires: v.pipe(v.string(), v.regex(/^\d{1,15}$/)),
      signature: v.string(),
    }),
    async run({ params, query, reply }) {
      const { family, sha256 } = params;
      const expiresAtMs = Number(query.expires);
      if (!accessTokens.isSigned(signedText(query.workspace, family, sha256, expiresAtMs), query.signature))
        throw new ApiError(403, 'not-allowed', 'this address was not made by the relay');
      if (expiresAtMs < nowMs())
        throw new ApiError(403, 'expired', 'this address has expired; ask for a fresh one');
      const seat = { workspace: query.workspace };
      const { rows } = await pool.query<ObjectRow>(
        'select content_type from espejo.object where workspace = $1 and family = $2 and sha256 = $3',
        [query.workspace, family, sha256],
      );
      const content = rows[0] && (await objects.get(keyOf(seat, family, sha256)));
      if (!content) throw new ApiError(404, 'unknown', 'there is no such object');
      reply
        .type(rows[0]!.content_type)
        .header('cache-control', 'private, max-age=31536000, immutable')
        .header('content-security-policy', "default-src 'none'; sandbox")
        .send(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
      return undefined;
    },
  });
}

interface ObjectRow {
  bytes: number;
  content_type: string;
  stored_at: Date | null;
}

function assertMayWrite(seat: Seat, family: string): void {
  if (!mayWrite(seat.grants, family))
    throw new ApiError(403, 'not-allowed', `role ${seat.role} may not write ${family}`);
}

function keyOf({ workspace }: Pick<Seat, 'workspace'>, family: string, sha256: string): string {
  return objectKey(workspace, family, sha256);
}

/** Where a finished object lies in the store. */
export function objectKey(workspace: string, family: string, sha256: string): string {
  return `objects/${workspace}/${family}/${sha256}`;
}

function partKey({ workspace }: Seat, family: string, sha256: string, part: number): string {
  return `uploads/${workspace}/${family}/${sha256}/${String(part).padStart(4, '0')}`;
}

async function partsOf(
  { objects }: ApiContext,
  seat: Seat,
  family: string,
  sha256: string,
): Promise<number[]> {
  const parts: number[] = [];
  for await (const { key } of objects.list(`uploads/${seat.workspace}/${family}/${sha256}/`))
    parts.push(Number(key.slice(key.lastIndexOf('/') + 1)));
  return parts;
}

async function joinParts(
  { objects }: ApiContext,
  seat: Seat,
  family: string,
  sha256: string,
  bytes: number,
): Promise<Uint8Array> {
  const content = new Uint8Array(bytes);
  for (let part = 0; part * PART_BYTES < bytes; part++) {
    const piece = await objects.get(partKey(seat, family, sha256, part));
    if (!piece)
      throw new ApiError(409, 'part-missing', `part ${part} is missing; send it and complete again`);
    content.set(piece, part * PART_BYTES);
  }
  return content;
}

function signedText(workspace: string, family: string, sha256: string, expiresAtMs: number): string {
  return `${workspace}\n${family}\n${sha256}\n${expiresAtMs}`;
}
