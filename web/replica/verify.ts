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
  RANGE_COUNT,
  type RowDifference,
  type TableFingerprint,
} from '../../shared/mirror/verify.ts';
import type { Proof, TableProof } from '../client/engine-messages.ts';
import type { Core } from './core.ts';
import type { OpenDocument } from './hydration.ts';
import { inTransaction } from './transaction.ts';

/** Loads one document after the other; writes that come meanwhile wait for one document at most. */
export async function verify(core: Core): Promise<Proof> {
  const { documents, queue, deps } = core;
  const startedAtMs = deps.nowMs();
  const tables: TableProof[] = [];
  for (const name of documents.names()) {
    await documents.hydrate([name]);
    const document = documents.get(name);
    if (document) tables.push(...verifyDocument(core, document));
    await queue.idle();
    documents.dropUnderBudget();
  }
  const proof = {
    atMs: startedAtMs,
    tookMs: deps.nowMs() - startedAtMs,
    device: core.device,
    user: core.user,
    schemaVersion: core.schema.version,
    unsentCommits: core.outbox.pendingCount,
    tables,
    mendedRows: tables.reduce((sum, { mendedIds }) => sum + mendedIds.length, 0),
  };
  return { ...proof, text: textOf(proof) };
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

/** 16 hex digits for a whole table: the sum of its ranges. */
function digestOf({ ranges }: TableFingerprint): string {
  let sum = 0n;
  for (const range of ranges) sum = BigInt.asUintN(64, sum + BigInt(`0x${range}`));
  return sum.toString(16).padStart(16, '0');
}

/** One line for each table that holds or held anything; then what it comes to. */
function textOf(proof: Omit<Proof, 'text'>): string {
  const lines = proof.tables
    .filter(({ rows, registerHash, sqlHash }) => rows > 0 || registerHash !== sqlHash)
    .map(({ document, table, rows, registerHash, sqlHash, differingRanges, mendedIds }) => {
      const sides = `${document.padEnd(20)} ${table.padEnd(24)} ${String(rows).padStart(8)} rows  registers ${registerHash}  SQL ${sqlHash}`;
      if (differingRanges.length === 0) return `${sides}  equal`;
      const ids = mendedIds.slice(0, 5).join(', ') + (mendedIds.length > 5 ? ', …' : '');
      return `${sides}  DIFFERED in ${differingRanges.length} of ${RANGE_COUNT} ranges, rows mended: ${mendedIds.length} (${ids})`;
    });
  const documents = new Set(proof.tables.map(({ document }) => document)).size;
  const verdict =
    proof.mendedRows === 0
      ? `SQL equals the registers in all ${documents} documents.`
      : `Rows that differed and were written anew from the registers: ${proof.mendedRows}. No unsent work was touched.`;
  return [
    `${new Date(proof.atMs).toISOString()}  device ${proof.device}  user ${proof.user}  schema ${proof.schemaVersion}  unsent commits ${proof.unsentCommits}`,
    ...lines,
    `${verdict} ${proof.tookMs} ms.`,
    '',
  ].join('\n');
}
