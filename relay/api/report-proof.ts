/**
 * Whether the report says what a replica's rows say: fingerprints of one document at the report's own cursor, then
 * the hashes of single rows where they differ. Asked by replicas when they verify; hashes only, no cell.
 */
import type { FastifyInstance } from 'fastify';
import type { PoolClient } from 'pg';
import * as v from 'valibot';
import { tablesOfDocument } from '../../shared/documents/route.ts';
import { RANGE_COUNT } from '../../shared/mirror/verify.ts';
import { isDocumentName, mayRead } from '../../shared/permissions/grants.ts';
import type { Seat } from '../identity/seat.ts';
import { fingerprintReport, hashesOfRanges, TooManyRowsError } from '../materializer/report-proof.ts';
import { isReported } from '../materializer/warm-documents.ts';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { openReadOnly } from './read-only.ts';
import { addRoute } from './route.ts';

/** Each reads a document's rows; the rest of the process must not wait for them. */
const MAX_AT_ONCE = 2;
const RANGES = v.pipe(
  v.string(),
  v.regex(/^\d{1,2}(,\d{1,2}){0,63}$/),
  v.transform((text) => new Set(text.split(',').map(Number))),
  v.check((ranges) => [...ranges].every((range) => range < RANGE_COUNT), `below ${RANGE_COUNT}`),
);
const CURSOR = { document: v.string(), epoch: v.number(), seq: v.number() };

interface Cursor {
  readonly document: string;
  readonly epoch: number;
  /** Last update that is in the report. */
  readonly seq: number;
}

export function reportProofRoutes(app: FastifyInstance, context: ApiContext): void {
  const { pool, application } = context;
  const { maxProofRows } = context.config.limits;
  const { schema } = application;
  let running = 0;

  /** Runs with one moment of the database, and with what of the document is in the report then. */
  async function atCursor<T>(
    seat: Seat,
    name: string,
    run: (client: PoolClient, cursor: Cursor) => Promise<T>,
  ): Promise<T> {
    if (!isDocumentName(name))
      throw new ApiError(400, 'malformed', 'a document name is [a-z0-9-]+(/[a-z0-9-]+)*');
    if (!mayRead(seat.grants, name))
      throw new ApiError(403, 'not-allowed', `role ${seat.role} may not read ${name}`);
    if (!isReported(schema, name))
      throw new ApiError(404, 'not-reported', `${name} is of no family of the report`);
    if (running >= MAX_AT_ONCE)
      throw new ApiError(503, 'busy', 'other documents are being compared; ask again in a moment');
    running++;
    try {
      const { client, close } = await openReadOnly(pool);
      try {
        const { rows } = await client.query<{ epoch: number; seq: number }>(
          `select c.epoch, c.seq from espejo.document d join espejo.report_cursor c on c.document = d.id
            where d.workspace = $1 and d.name = $2`,
          [seat.workspace, name],
        );
        if (!rows[0])
          throw new ApiError(404, 'unknown-document', `there is no document ${name} in the report`);
        return await run(client, { document: name, ...rows[0] });
      } finally {
        await close();
      }
    } catch (error) {
      if (error instanceof TooManyRowsError) throw new ApiError(413, 'too-large', error.message);
      throw error;
    } finally {
      running--;
    }
  }

  addRoute(app, context, {
    method: 'GET',
    url: '/api/documents/:document/report',
    access: 'seat',
    tag: 'documents',
    summary:
      'Fingerprints of what the report holds of a document, at the seq up to which it is there; to compare with a replica.',
    params: v.object({ document: v.string() }),
    answer: v.object({
      ...CURSOR,
      tables: v.array(v.object({ table: v.string(), rowCount: v.number(), ranges: v.array(v.string()) })),
    }),
    run: ({ seat, params }) =>
      atCursor(seat, params.document, async (client, cursor) => ({
        ...cursor,
        tables: await fingerprintReport(
          client,
          schema,
          { workspace: seat.workspace, name: cursor.document },
          maxProofRows,
        ),
      })),
  });

  addRoute(app, context, {
    method: 'GET',
    url: '/api/documents/:document/report/:table',
    access: 'seat',
    tag: 'documents',
    summary: 'Hashes of the rows in some of the 64 ranges of one table, as the report has them.',
    params: v.object({ document: v.string(), table: v.string() }),
    query: v.object({ ranges: RANGES }),
    answer: v.object({ ...CURSOR, rows: v.array(v.tuple([v.string(), v.string()])) }),
    run: ({ seat, params, query }) =>
      atCursor(seat, params.document, async (client, cursor) => {
        const table = tablesOfDocument(schema, cursor.document).find(({ name }) => name === params.table);
        if (!table) throw new ApiError(404, 'unknown-table', `${cursor.document} has no table of that name`);
        const of = { workspace: seat.workspace, name: cursor.document };
        const rows = await hashesOfRanges(client, table, of, {
          ranges: query.ranges,
          maxRows: maxProofRows,
        });
        return { ...cursor, rows };
      }),
  });
}
