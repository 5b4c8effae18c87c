/**
 * Brings a database to the schema of this build: runs the numbered .sql files of this folder that it has not seen,
 * each in its own transaction. Files are never edited once they have left this machine: add the next number.
 */
import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';

/** Any number that nobody else locks: instances that start together migrate one after the other. */
const MIGRATION_LOCK = 7_335_213;

/** Resolves to the names of the files that were run, in order. Throws what Postgres threw, naming the file. */
export async function migrate(pool: pg.Pool): Promise<readonly string[]> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      return await runMissing(client);
    } finally {
      await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  } finally {
    client.release();
  }
}

async function runMissing(client: pg.PoolClient): Promise<readonly string[]> {
  await client.query(`
    create schema if not exists espejo;
    create table if not exists espejo.migration (
      name text primary key,
      run_at timestamptz not null default now()
    )`);
  const { rows } = await client.query<{ name: string }>('select name from espejo.migration');
  const seen = new Set(rows.map(({ name }) => name));
  const ran: string[] = [];
  const files = (await readdir(import.meta.dirname)).filter((name) => /^\d{4}-.*\.sql$/.test(name)).sort();
  for (const name of files) {
    if (seen.has(name)) continue;
    const text = await readFile(`${import.meta.dirname}/${name}`, 'utf8');
    try {
      await client.query('begin');
      await client.query(text);
      await client.query('insert into espejo.migration (name) values ($1)', [name]);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw new Error(`migration ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    ran.push(name);
  }
  return ran;
}
