/** Tables and views of schema `report` as JSON, for those who have no BI tool. Writes nothing. */
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { openReadOnly } from './read-only.ts';
import { type ReportRelation, readableReports, readableTables } from './report-catalog.ts';
import { addRoute } from './route.ts';

const MAX_ROWS = 1000;
const COLUMN = v.object({ name: v.string(), type: v.string(), comment: v.string() });
const INTEGER = v.pipe(v.string(), v.regex(/^\d{1,9}$/), v.transform(Number));
/** `where=status:open`; once or several times. */
const WHERE = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]*:/));

export function reportRoutes(app: FastifyInstance, context: ApiContext): void {
  const { pool, application } = context;

  addRoute(app, context, {
    method: 'GET',
    url: '/api/reports',
    access: 'seat',
    tag: 'reports',
    summary: 'Tables and views that this user may read, with their columns.',
    answer: v.object({
      reports: v.array(
        v.object({
          name: v.string(),
          kind: v.picklist(['table', 'view']),
          comment: v.string(),
          columns: v.array(COLUMN),
        }),
      ),
    }),
    async run({ seat }) {
      const reports = await readableReports(pool, application.schema, seat);
      return { reports: [...reports.values()].map(({ isAboutTables: _, ...report }) => report) };
    },
  });

  addRoute(app, context, {
    method: 'GET',
    url: '/api/reports/:name',
    access: 'seat',
    tag: 'reports',
    summary:
      'Rows of a report. `where=column:value` (repeatable), `order=column` or `-column`, `limit`, `offset`.',
    params: v.object({ name: v.string() }),
    query: v.object({
      where: v.optional(v.union([WHERE, v.array(WHERE)])),
      order: v.optional(v.pipe(v.string(), v.regex(/^-?[a-z][a-z0-9_]*$/))),
      limit: v.optional(INTEGER),
      offset: v.optional(INTEGER),
    }),
    answer: v.object({
      columns: v.array(v.string()),
      rows: v.array(v.array(v.unknown())),
      more: v.boolean(),
    }),
    async run({ seat, params, query }) {
      const reports = await readableReports(pool, application.schema, seat);
      const report = reports.get(params.name);
      if (!report)
        throw new ApiError(404, 'unknown-report', 'there is no such report that this user may read');
      const columns = report.columns.map(({ name }) => name).filter((name) => name !== 'workspace');
      const limit = Math.min(query.limit ?? MAX_ROWS, MAX_ROWS);
      const where = new Conditions('workspace', seat.workspace);
      if (report.isAboutTables) where.addAny('table_name', readableTables(application.schema, seat));
      for (const condition of [query.where ?? []].flat()) {
        const colon = condition.indexOf(':');
        where.add(columnOf(report, condition.slice(0, colon)), condition.slice(colon + 1));
      }
      const { client, close } = await openReadOnly(pool);
      try {
        const { rows } = await client.query<unknown[]>({
          text: `select ${columns.map(quoted).join(', ')} from report.${quoted(report.name)}
                 where ${where.sql} ${orderOf(report, query.order)} limit ${limit + 1} offset ${query.offset ?? 0}`,
          values: where.values,
          rowMode: 'array',
        });
        return { columns, rows: rows.slice(0, limit), more: rows.length > limit };
      } finally {
        await close();
      }
    },
  });
}

/** `workspace = $1 and …`; values are never part of the text. */
class Conditions {
  readonly values: unknown[] = [];
  readonly #parts: string[] = [];

  constructor(column: string, value: string) {
    this.values.push(value);
    this.#parts.push(`${quoted(column)} = $1`);
  }

  get sql(): string {
    return this.#parts.join(' and ');
  }

  add(column: string, value: string): void {
    this.values.push(value);
    this.#parts.push(`${quoted(column)}::text = $${this.values.length}`);
  }

  addAny(column: string, values: readonly string[]): void {
    this.values.push(values);
    this.#parts.push(`${quoted(column)} = any($${this.values.length})`);
  }
}

function columnOf(report: ReportRelation, name: string): string {
  const column = report.columns.find((one) => one.name === name);
  if (!column) throw new ApiError(400, 'unknown-column', `report ${report.name} has no column ${name}`);
  return column.name;
}

function orderOf(report: ReportRelation, order: string | undefined): string {
  if (order !== undefined) {
    const column = columnOf(report, order.replace(/^-/, ''));
    return `order by ${quoted(column)} ${order.startsWith('-') ? 'desc' : 'asc'}`;
  }
  // So that pages do not overlap.
  return report.columns.some(({ name }) => name === 'id') ? 'order by id' : '';
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
