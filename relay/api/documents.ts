/** Documents as programs read them: where they stand, their state, and what came after a seq. */
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { isDocumentName, mayRead } from '../../shared/permissions/grants.ts';
import type { Seat } from '../identity/seat.ts';
import { readSnapshot } from '../materializer/snapshot-file.ts';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { addRoute } from './route.ts';

const NAME = v.object({
  document: v.pipe(v.string(), v.description('`work%2F2026-11`: the slash is written as %2F')),
});
const INTEGER = v.pipe(v.string(), v.regex(/^\d{1,9}$/), v.transform(Number));
const MAX_UPDATES = 1000;
/** Updates of one answer; the rest is asked for with the last seq. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

const HEAD = v.object({
  document: v.string(),
  epoch: v.number(),
  head: v.number(),
  snapshotSeq: v.number(),
  trimmedSeq: v.number(),
});

export function documentRoutes(app: FastifyInstance, context: ApiContext): void {
  const { pool } = context;

  /** Unknown and forbidden are told apart only for those who may read it. */
  async function documentFor(seat: Seat, name: string): Promise<DocumentRow> {
    if (!isDocumentName(name))
      throw new ApiError(400, 'malformed', 'a document name is [a-z0-9-]+(/[a-z0-9-]+)*');
    if (!mayRead(seat.grants, name))
      throw new ApiError(403, 'not-allowed', `role ${seat.role} may not read ${name}`);
    const { rows } = await pool.query<DocumentRow>(
      `select id, name, epoch, head, trimmed_seq, snapshot_seq, snapshot_key, snapshot_sha256
       from espejo.document where workspace = $1 and name = $2`,
      [seat.workspace, name],
    );
    if (!rows[0]) throw new ApiError(404, 'unknown-document', `there is no document ${name}`);
    return rows[0];
  }

  addRoute(app, context, {
    method: 'GET',
    url: '/api/documents',
    access: 'seat',
    tag: 'documents',
    summary: 'Every document this user may read, with its head.',
    answer: v.object({ documents: v.array(HEAD) }),
    async run({ seat }) {
      const { rows } = await pool.query<DocumentRow>(
        `select name, epoch, head, trimmed_seq, snapshot_seq from espejo.document where workspace = $1 order by name`,
        [seat.workspace],
      );
      return { documents: rows.filter(({ name }) => mayRead(seat.grants, name)).map(headOfRow) };
    },
  });

  addRoute(app, context, {
    method: 'GET',
    url: '/api/documents/:document',
    access: 'seat',
    tag: 'documents',
    summary: 'Where one document stands.',
    params: NAME,
    answer: HEAD,
    async run({ seat, params }) {
      return headOfRow(await documentFor(seat, params.document));
    },
  });

  addRoute(app, context, {
    method: 'GET',
    url: '/api/documents/:document/updates',
    access: 'seat',
    tag: 'documents',
    summary:
      'Updates after a seq, oldest first, as base64, with the replica that wrote each (null: a stock Yjs client). 409 when they were trimmed: read the snapshot first.',
    params: NAME,
    query: v.object({ after: v.optional(INTEGER), epoch: v.optional(INTEGER), limit: v.optional(INTEGER) }),
    answer: v.object({
      epoch: v.number(),
      head: v.number(),
      updates: v.array(v.object({ seq: v.number(), device: v.nullable(v.string()), update: v.string() })),
    }),
    async run({ seat, params, query }) {
      const document = await documentFor(seat, params.document);
      const after = query.after ?? 0;
      if ((query.epoch ?? document.epoch) !== document.epoch || after < document.trimmed_seq)
        throw new ApiError(
          409,
          'trimmed',
          'these updates are no longer kept one by one; read the snapshot first',
          {
            epoch: document.epoch,
            snapshotSeq: document.snapshot_seq,
          },
        );
      const { rows } = await pool.query<{ seq: number; device: string | null; update: Buffer }>(
        `select seq, device, update from (
           select seq, device, update, sum(length(update)) over (order by seq) - length(update) as bytes_before
           from espejo.log where document = $1 and epoch = $2 and seq > $3 order by seq limit $4
         ) page where bytes_before < $5 order by seq`,
        [
          document.id,
          document.epoch,
          after,
          Math.min(query.limit ?? MAX_UPDATES, MAX_UPDATES),
          MAX_ANSWER_BYTES,
        ],
      );
      return {
        epoch: document.epoch,
        head: document.head,
        updates: rows.map(({ seq, device, update }) => ({ seq, device, update: update.toString('base64') })),
      };
    },
  });

  addRoute(app, context, {
    method: 'GET',
    url: '/api/documents/:document/snapshot',
    access: 'seat',
    tag: 'documents',
    summary:
      'The last snapshot, as one Yjs update (v1); headers espejo-epoch and espejo-seq say up to where. 404 before the first.',
    params: NAME,
    async run({ seat, params, reply }) {
      const document = await documentFor(seat, params.document);
      const { snapshot_key: key, snapshot_sha256: sha256 } = document;
      if (key === null || sha256 === null)
        throw new ApiError(404, 'no-snapshot', 'there is no snapshot yet; read the updates from 0');
      const state = await readSnapshot(context.objects, { key, sha256 });
      reply
        .type('application/octet-stream')
        .header('espejo-epoch', document.epoch)
        .header('espejo-seq', document.snapshot_seq)
        .header('cache-control', 'private, no-cache')
        .send(Buffer.from(state.buffer, state.byteOffset, state.byteLength));
      return undefined;
    },
  });
}

interface DocumentRow {
  id: number;
  name: string;
  epoch: number;
  head: number;
  trimmed_seq: number;
  snapshot_seq: number;
  snapshot_key: string | null;
  snapshot_sha256: string | null;
}

function headOfRow(row: DocumentRow): v.InferOutput<typeof HEAD> {
  return {
    document: row.name,
    epoch: row.epoch,
    head: row.head,
    snapshotSeq: row.snapshot_seq,
    trimmedSeq: row.trimmed_seq,
  };
}
