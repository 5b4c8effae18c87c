/**
 * `Idempotency-Key`: a POST repeated with the same key within 24 h runs once and is answered the same again.
 *
 * An answer may hold a token, so it is stored sealed (AES-256-GCM) under a key made from the request itself: only
 * who can repeat the request word for word can read what it was answered. The fingerprint of bodies with a
 * password goes through scrypt first, or the table would be a fast way to try passwords.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiContext } from './context.ts';
import { ApiError, apiErrorOf } from './errors.ts';

type IdempotencyContext = Pick<ApiContext, 'pool' | 'logger'>;

const IDEMPOTENCY_HOURS = 24;
/** A first attempt that has not ended by then never will: its relay was killed. */
const RUNNING_AT_MOST_S = 120;
const KEY = /^[\x21-\x7e]{1,200}$/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const deriveSlowly = promisify<Buffer, string, number, Buffer>(scrypt);

/** Runs `run` at most once per key and caller. Gives what it gave, or undefined when the reply was sent here. */
export async function answerOnce(
  context: IdempotencyContext,
  route: { readonly secret?: boolean; readonly url: string },
  request: FastifyRequest,
  reply: FastifyReply,
  run: () => Promise<unknown>,
): Promise<unknown> {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return run();
  if (typeof key !== 'string' || !KEY.test(key))
    throw new ApiError(400, 'malformed', 'Idempotency-Key must be 1 to 200 visible ASCII characters');
  const scope = request.seat === undefined ? '' : `${request.seat.workspace}/${request.seat.user}`;
  const fingerprint = await fingerprintOf(request, key, route.secret ?? false);
  const earlier = await claim(context, scope, key, fingerprint.hash);
  if (earlier !== undefined) {
    reply.code(earlier.status).header('idempotency-replayed', 'true').type('application/json; charset=utf-8');
    reply.send(unseal(fingerprint.seal, earlier.answer));
    return undefined;
  }
  try {
    const result = await run();
    // Sent as it came, and only true at that moment: a poll.
    if (result === undefined) await release(context, scope, key);
    else await keep(context, scope, key, reply.statusCode, seal(fingerprint.seal, JSON.stringify(result)));
    return result;
  } catch (error) {
    const refusal = apiErrorOf(error);
    // A verdict is kept; an outage, a limit or a bug is not: the same request may succeed next time.
    if (refusal && refusal.status < 500 && refusal.status !== 429)
      await keep(context, scope, key, refusal.status, seal(fingerprint.seal, JSON.stringify(refusal.body)));
    else await release(context, scope, key);
    throw error;
  }
}

interface Earlier {
  readonly status: number;
  readonly answer: Buffer;
}

/** Undefined: the key is ours now. Throws when it belongs to another request, or its request still runs. */
async function claim(
  { pool }: IdempotencyContext,
  scope: string,
  key: string,
  hash: Buffer,
): Promise<Earlier | undefined> {
  const { rowCount } = await pool.query(
    `insert into espejo.idempotency as i (scope, key, request_hash) values ($1, $2, $3)
     on conflict (scope, key) do update set request_hash = excluded.request_hash, status = null, answer = null,
       created_at = excluded.created_at
     where i.created_at < clock_timestamp() - make_interval(hours => $4)
        or (i.status is null and i.created_at < clock_timestamp() - make_interval(secs => $5))`,
    [scope, key, hash, IDEMPOTENCY_HOURS, RUNNING_AT_MOST_S],
  );
  if (rowCount === 1) return undefined;
  const { rows } = await pool.query(
    'select request_hash, status, answer from espejo.idempotency where scope = $1 and key = $2',
    [scope, key],
  );
  const row = rows[0];
  if (row && !hash.equals(row.request_hash))
    throw new ApiError(
      422,
      'key-reused',
      'this Idempotency-Key was used for another request; make a new one',
    );
  if (!row || row.status === null)
    throw new ApiError(
      409,
      'still-running',
      'the first request with this Idempotency-Key has not ended; come back',
    );
  return { status: row.status, answer: row.answer };
}

async function keep(
  { pool }: IdempotencyContext,
  scope: string,
  key: string,
  status: number,
  answer: Buffer,
): Promise<void> {
  await pool.query('update espejo.idempotency set status = $3, answer = $4 where scope = $1 and key = $2', [
    scope,
    key,
    status,
    answer,
  ]);
}

async function release({ pool, logger }: IdempotencyContext, scope: string, key: string): Promise<void> {
  // While Postgres is away the row stays, and is given up after RUNNING_AT_MOST_S.
  await pool
    .query('delete from espejo.idempotency where scope = $1 and key = $2 and status is null', [scope, key])
    .catch((error: unknown) => logger.warn({ err: error }, 'an Idempotency-Key could not be released'));
}

/** Removes what is older than a day. Call now and then. */
export async function sweepIdempotency({ pool }: Pick<IdempotencyContext, 'pool'>): Promise<void> {
  await pool.query(
    'delete from espejo.idempotency where created_at < clock_timestamp() - make_interval(hours => $1)',
    [IDEMPOTENCY_HOURS],
  );
}

/** `hash` tells requests apart and is stored; `seal` opens the stored answer and is not. */
async function fingerprintOf(
  request: FastifyRequest,
  key: string,
  secret: boolean,
): Promise<{ hash: Buffer; seal: Buffer }> {
  const body = Buffer.isBuffer(request.body)
    ? request.body
    : Buffer.from(JSON.stringify(request.body ?? null));
  const content = createHash('sha256')
    .update(`${request.method} ${request.url}\n${key}\n`)
    .update(body)
    .digest();
  const material = secret ? await deriveSlowly(content, key, 32) : content;
  return {
    hash: createHash('sha256').update('hash').update(material).digest(),
    seal: createHash('sha256').update('seal').update(material).digest(),
  };
}

function seal(key: Buffer, text: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function unseal(key: Buffer, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([
    decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)),
    decipher.final(),
  ]).toString('utf8');
}
