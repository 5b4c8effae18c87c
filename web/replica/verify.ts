/**
 * Proves that SQL holds what the registers say, document by document and table by table, and mends what differs.
 * Both sides are fingerprinted in ranges of rows [MIR-11]; only rows of differing ranges are compared and only
 * those that differ are written. Registers are never written, so unsent work stays as it is [VERIFY-1].
 */
import {
  differingRanges,
  differingRows,
  fingerprintRegisters,
  fingerprintSql,
  type RowDifference,
} from '../../shared/mirror/verify.ts';
import type { TableProof } from '../client/engine-messages.ts';
import type { Core } from './core.ts';
import type { OpenDocument } from './hydration.ts';
import { digestOf } from './proof-text.ts';
import { inTransaction } from './transaction.ts';

/** Loads one document after the other; writes that come meanwhile wait for one document at most. */
export async function verify(core: Core, names: readonly string[]): Promise<TableProof[]> {
  const { documents, queue } = core;
  const tables: TableProof[] = [];
  for (const name of names) {
    await documents.hydrate([name]);
    const document = documents.get(name);
    if (document) tables.push(...verifyDocument(core, document));
    while (!queue.isIdle) await queue.idle();
    documents.dropUnderBudget();
  }
  return tables;
}

function verifyDocument(core: Core, { name, rows }: OpenDocument): TableProof[] {
  const { schema, mirror } = core;
  const expected = fingerprintRegisters(schema, name, rows, mirror);
  const found = fingerprintSql(schema, name, mirror);
  const ranges = differingRanges(expected, found);
  const differences = ranges.size === 0 ? [] : differingRows(schema, name, { rows, mirror, ranges });
  if (differences.length > 0) mend(core, { name, rows }, differences);
  return expected.map((fingerprint, index) => ({
    document: name,
    table: fingerprint.table,
    rows: fingerprint.rowCount,
    registerHash: digestOf(fingerprint),
    sqlHash: digestOf(found[index]!),
    differingRanges: ranges.get(fingerprint.table) ?? [],
    mendedIds: differences.filter(({ table }) => table === fingerprint.table).map(({ id }) => id),
  }));
}

function mend(
  { sql, capture, mirror, live }: Core,
  { name, rows }: Pick<OpenDocument, 'name' | 'rows'>,
  differences: readonly RowDifference[],
): void {
  const touched = new Map<string, Set<string>>();
  for (const { table, id } of differences) {
    const ids = touched.get(table);
    if (ids) ids.add(id);
    else touched.set(table, new Set([id]));
  }
  const changes = inTransaction(sql, () => capture.pause(() => mirror.project(name, rows, touched)));
  live.changed(changes, ['_conflict', '_violation']);
}
