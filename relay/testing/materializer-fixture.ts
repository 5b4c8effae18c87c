/** What tests of materializer and compactor stand on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Application } from '../../shared/schema/application.ts';
import type { Schema } from '../../shared/schema/table.ts';
import { PostgresLog } from '../log/postgres-log.ts';
import { Materializer, type MaterializerLimits } from '../materializer/materializer.ts';
import { FolderStore } from '../objects/folder-store.ts';
import { openTestDatabase, type TestDatabase } from './postgres.ts';
import { testApplication } from './test-application.ts';
import { TestWriter } from './test-writer.ts';

export interface Fixture {
  readonly database: TestDatabase;
  readonly objects: FolderStore;
  readonly log: PostgresLog;
  readonly application: Application;
  readonly schema: Schema;
  readonly materializer: Materializer;
  readonly ana: TestWriter;
  readonly luis: TestWriter;
  rows<Rows = readonly unknown[]>(sql: string): Promise<Rows>;
  /** Another consumer of the same database. */
  open(): Promise<Materializer>;
}

/**
 * A database with the report's tables, a writer or two, and a consumer; all of it gone afterwards. Consumers gather
 * nothing: the less they wait, the more they get in each other's way.
 */
export async function withMaterializer(
  run: (fixture: Fixture) => Promise<void>,
  limits: Partial<MaterializerLimits> = {},
  application: Application = testApplication,
): Promise<void> {
  const database = await openTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'espejo-materializer-'));
  const objects = await FolderStore.open(folder);
  const log = new PostgresLog({ pool: database.pool, instance: 'test' });
  const opened: Materializer[] = [];
  const open = async () => {
    const one = new Materializer({
      pool: database.pool,
      objects,
      application,
      limits: { gatherMs: 0, ...limits },
    });
    opened.push(one);
    await one.prepare();
    return one;
  };
  try {
    const materializer = await open();
    await run({
      database,
      objects,
      log,
      application,
      schema: application.schema,
      materializer,
      open,
      ana: new TestWriter(log, { device: 'AAAAAAAA' }),
      luis: new TestWriter(log, { device: 'BBBBBBBB', user: 'luis' }),
      rows: async <Rows>(sql: string) => (await database.pool.query(sql)).rows as Rows,
    });
  } finally {
    for (const one of opened) await one.close();
    await log.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}
