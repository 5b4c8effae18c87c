/**
 * Everything one may read, to take away: a zip with one CSV per table, all at one moment. Streamed table by table
 * and page by page, so that a large workshop costs no more memory than a small one.
 */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { strToU8, Zip, ZipDeflate } from 'fflate';
import type { PoolClient } from 'pg';
import * as v from 'valibot';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { openReadOnly } from './read-only.ts';
import { readableReports } from './report-catalog.ts';
import { quoted } from './reports.ts';
import { addRoute } from './route.ts';

const PAGE_ROWS = 2000;
const MAX_EXPORTS_PER_MINUTE = 6;
/** Each holds a connection for as long as its reader takes. */
const MAX_EXPORTS = 2;

export function exportRoutes(app: FastifyInstance, context: ApiContext): void {
  const { pool, application, logger } = context;
  let running = 0;
  addRoute(app, context, {
    method: 'GET',
    url: '/api/export',
    access: 'seat',
    tag: 'export',
    summary: 'A zip with a CSV file for each table that this user may read.',
    maxPerMinute: MAX_EXPORTS_PER_MINUTE,
    query: v.object({}),
    async run({ seat, reply }) {
      const reports = await readableReports(pool, application.schema, seat);
      const names = application.schema.tables.map(({ name }) => name).filter((name) => reports.has(name));
      if (running >= MAX_EXPORTS)
        throw new ApiError(429, 'too-many', 'other exports are running; come back in a minute');
      async function* files(): AsyncIterable<ZipFile> {
        running++;
        const { client, close } = await openReadOnly(pool);
        try {
          for (const name of names) {
            const columns = reports.get(name)!.columns.map((column) => column.name);
            yield { name: `${name}.csv`, pieces: csvOf(client, name, columns, seat.workspace) };
          }
        } finally {
          running--;
          await close();
        }
      }
      const stream = Readable.from(zipOf(files()));
      stream.on('error', (error) => logger.warn({ err: error }, 'an export was cut off'));
      reply
        .type('application/zip')
        .header('content-disposition', `attachment; filename="${seat.workspace}.zip"`)
        .header('cache-control', 'no-store')
        .send(stream);
      return undefined;
    },
  });
}

async function* csvOf(
  client: PoolClient,
  table: string,
  columns: readonly string[],
  workspace: string,
): AsyncIterable<string> {
  const shown = columns.filter((column) => column !== 'workspace');
  yield lineOf(shown);
  for (let after = ''; ; ) {
    const { rows } = await client.query<(string | null)[]>({
      text: `select ${shown.map((column) => `${quoted(column)}::text`).join(', ')} from report.${quoted(table)}
             where workspace = $1 and id > $2 order by id limit ${PAGE_ROWS}`,
      values: [workspace, after],
      rowMode: 'array',
    });
    if (rows.length > 0) yield rows.map(lineOf).join('');
    if (rows.length < PAGE_ROWS) return;
    after = rows.at(-1)![shown.indexOf('id')]!;
  }
}

/** RFC 4180; null is nothing at all, the empty text is `""`. */
function lineOf(cells: readonly (string | null)[]): string {
  const line = cells.map((cell) => {
    if (cell === null) return '';
    return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  });
  return `${line.join(',')}\r\n`;
}

interface ZipFile {
  readonly name: string;
  readonly pieces: AsyncIterable<string>;
}

/** Chunks of a zip, made only as fast as somebody takes them. */
async function* zipOf(files: AsyncIterable<ZipFile>): AsyncIterable<Uint8Array> {
  const made: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    made.push(chunk);
  });
  for await (const { name, pieces } of files) {
    const file = new ZipDeflate(name, { level: 6 });
    zip.add(file);
    for await (const piece of pieces) {
      file.push(strToU8(piece));
      yield* made.splice(0);
    }
    file.push(new Uint8Array(0), true);
    yield* made.splice(0);
  }
  zip.end();
  yield* made.splice(0);
}
