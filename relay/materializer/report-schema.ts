/**
 * Brings schema `report` to the application's tables and views. Runs at start, under a lock, and does nothing when
 * the definition is the one that was applied last.
 */
import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { Application, ReportView } from '../../shared/schema/application.ts';
import { postgresDdl } from '../../shared/schema/ddl-postgres.ts';
import { quoted, sqlLiteral } from '../../shared/schema/ddl-sqlite.ts';
import { inTransaction } from '../transaction.ts';

/** SQLSTATE invalid_table_definition. */
const CANNOT_REPLACE = '42P16';
/** Any number that nobody else locks. */
const SCHEMA_LOCK = 7_335_214;

/**
 * Resolves to `changed` when there are tables or columns that were not there before: documents may hold cells for them
 * since a newer build wrote them, so the caller rebuilds the report [REG-6].
 */
export async function applyReportSchema(
  pool: Pool,
  application: Pick<Application, 'name' | 'schema' | 'reportViews'>,
): Promise<'first' | 'changed' | 'same'> {
  const tables = postgresDdl(application.schema);
  const views = application.reportViews.map(({ name, sql, comment }) => `${name}\n${sql}\n${comment}`);
  const structure = hashOf(tables.filter((statement) => !statement.startsWith('comment')));
  const hash = `${structure}.${hashOf([...tables, ...views])}`;
  return inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    const { rows } = await client.query<{ hash: string }>(
      'select hash from espejo.report_schema where application = $1',
      [application.name],
    );
    if (rows[0]?.hash === hash) return 'same';
    await client.query(tables.join(';\n'));
    for (const view of application.reportViews) await replaceView(client, view);
    await grantToReaders(client);
    await client.query(
      `insert into espejo.report_schema (application, hash) values ($1, $2)
       on conflict (application) do update set hash = excluded.hash, applied_at = clock_timestamp()`,
      [application.name, hash],
    );
    if (rows[0] === undefined) return 'first';
    return rows[0].hash.startsWith(structure) ? 'same' : 'changed';
  });
}

function hashOf(statements: readonly string[]): string {
  return createHash('sha256').update(statements.join('\n')).digest('hex');
}

/**
 * In place where Postgres can, so that views which people built upon ours live on. A view that lost or renamed a column
 * has to be made anew, and takes those with it.
 */
async function replaceView(client: PoolClient, { name, sql, comment }: ReportView): Promise<void> {
  const view = `report.${quoted(name)}`;
  await client.query('savepoint replace_view');
  try {
    await client.query(`create or replace view ${view} as ${sql}`);
  } catch (error) {
    if ((error as { code?: unknown }).code !== CANNOT_REPLACE) throw error;
    await client.query('rollback to savepoint replace_view');
    await client.query(`drop view ${view} cascade`);
    await client.query(`create view ${view} as ${sql}`);
  }
  await client.query(`comment on view ${view} is ${sqlLiteral(comment)}`);
}

/** The role may be missing where making roles is not ours to do (migrations/0020). */
async function grantToReaders(client: PoolClient): Promise<void> {
  await client.query(`
    do $$
    begin
      if exists (select from pg_roles where rolname = 'espejo_report') then
        grant usage on schema report to espejo_report;
        grant select on all tables in schema report to espejo_report;
        alter default privileges in schema report grant select on tables to espejo_report;
      end if;
    end
    $$`);
}
