/**
 * Brings schema `report` to the application's tables and views. Runs at start, under a lock, and does nothing when
 * the definition is the one that was applied last.
 */
import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { Application } from '../../shared/schema/application.ts';
import { postgresDdl } from '../../shared/schema/ddl-postgres.ts';
import { quoted, sqlLiteral } from '../../shared/schema/ddl-sqlite.ts';
import { inTransaction } from '../transaction.ts';

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
  const statements = [...tables, ...viewStatements(application.reportViews)];
  const structure = hashOf(tables.filter((statement) => !statement.startsWith('comment')));
  const hash = `${structure}.${hashOf(statements)}`;
  return inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    const { rows } = await client.query<{ hash: string }>(
      'select hash from espejo.report_schema where application = $1',
      [application.name],
    );
    if (rows[0]?.hash === hash) return 'same';
    await dropViews(client, application.reportViews);
    await client.query(statements.join(';\n'));
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

function viewStatements(views: Application['reportViews']): string[] {
  return views.flatMap(({ name, sql, comment }) => [
    `create view report.${quoted(name)} as ${sql}`,
    `comment on view report.${quoted(name)} is ${sqlLiteral(comment)}`,
  ]);
}

/** Later views may use earlier ones, so they go in reverse; one that others built upon themselves stays theirs. */
async function dropViews(client: PoolClient, views: Application['reportViews']): Promise<void> {
  for (const { name } of [...views].reverse()) {
    await client.query(`drop view if exists report.${quoted(name)} cascade`);
  }
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
