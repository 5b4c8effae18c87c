/** A proof as lines of text, for the console, for headless replicas and for incident files. Pages have their own. */
import { RANGE_COUNT, type TableFingerprint } from '../../shared/mirror/verify.ts';
import type { DocumentProof, Proof, RelayProof, TableProof } from '../client/engine-messages.ts';

const MAX_IDS = 5;

/** 16 hex digits for a whole table: the sum of its ranges. */
export function digestOf({ ranges }: TableFingerprint): string {
  let sum = 0n;
  for (const range of ranges) sum = BigInt.asUintN(64, sum + BigInt(`0x${range}`));
  return sum.toString(16).padStart(16, '0');
}

/** One line for each table that holds or held anything; then what it comes to. */
export function textOfProof(proof: Omit<Proof, 'text'>): string {
  const documents = new Set(proof.tables.map(({ document }) => document)).size;
  const verdict =
    proof.mendedRows === 0
      ? `SQL equals the registers in all ${documents} documents.`
      : `Rows that differed and were written anew from the registers: ${proof.mendedRows}. No unsent work was touched.`;
  return [
    `${new Date(proof.atMs).toISOString()}  device ${proof.device}  user ${proof.user}  schema ${proof.schemaVersion}  unsent commits ${proof.unsentCommits}`,
    ...proof.tables
      .filter(({ rows, registerHash, sqlHash }) => rows > 0 || registerHash !== sqlHash)
      .map(lineOfTable),
    verdict,
    ...linesOfRelay(proof.relay),
    `${proof.tookMs} ms`,
    '',
  ].join('\n');
}

function lineOfTable(table: TableProof): string {
  const { document, rows, registerHash, sqlHash, differingRanges, mendedIds } = table;
  const sides = `${document.padEnd(20)} ${table.table.padEnd(24)} ${String(rows).padStart(8)} rows  registers ${registerHash}  SQL ${sqlHash}`;
  if (differingRanges.length === 0) return `${sides}  equal`;
  return `${sides}  DIFFERED in ${differingRanges.length} of ${RANGE_COUNT} ranges, rows mended: ${mendedIds.length} (${listOf(mendedIds)})`;
}

function linesOfRelay({ state, reason, documents }: RelayProof): string[] {
  if (state !== 'compared') return [`The relay was not asked: ${reason ?? state}.`];
  const equal = documents.filter(({ outcome }) => outcome === 'equal').length;
  return [
    ...documents.filter(({ outcome }) => outcome !== 'equal').flatMap(linesOfDocument),
    `The relay's report equals the registers in ${equal} of ${documents.length} documents.`,
  ];
}

const OUTCOMES: Readonly<Record<DocumentProof['outcome'], string>> = {
  equal: 'equal',
  'unknown-here': 'the relay has what this device did not know: asked for it',
  mended: 'this device lacked something of the log: taken',
  rebuilt: 'this device had something else than the log: taken anew',
  'set-aside': "this device agrees with the relay's log; the report leaves out updates that break a rule",
  'report-differs': 'THE REPORT of the relay differs from its own log; this device agrees with the log',
  'not-compared': 'not compared',
};

function linesOfDocument({
  document,
  epoch,
  seq,
  outcome,
  because,
  setAside = [],
  tables,
}: DocumentProof): string[] {
  const reason = because === undefined ? '' : ` (${because})`;
  return [
    `${document.padEnd(20)} at ${epoch}.${seq}: ${OUTCOMES[outcome]}${reason}`,
    ...setAside
      .slice(0, MAX_IDS)
      .map(({ seq: at, reason: why }) => `${''.padEnd(20)} left out: update ${at}, ${why}`),
    ...tables
      .filter(({ ids }) => ids.length > 0)
      .map(
        ({ table, rows, reportRows, registerHash, reportHash, ids }) =>
          `${''.padEnd(20)} ${table.padEnd(24)} ${String(rows).padStart(8)} rows here, ${reportRows} there  registers ${registerHash}  report ${reportHash}  rows: ${listOf(ids)}`,
      ),
  ];
}

function listOf(ids: readonly string[]): string {
  return ids.slice(0, MAX_IDS).join(', ') + (ids.length > MAX_IDS ? ', …' : '');
}
