/**
 * What `report` holds of one document, as fingerprints that a replica compares with its own [MAT-10]. Read in small
 * bites through a cursor, because the process that reads also serves sockets.
 */
import type { PoolClient } from 'pg';
import { idRangeOfBucket } from '../../shared/documents/bucket.ts';
import { tablesOfDocument } from '../../shared/documents/route.ts';
import { Fingerprint, hashOfRow, rangeOfId, type TableFingerprint } from '../../shared/mirror/verify.ts';
import { reportTable } from '../../shared/schema/ddl-postgres.ts';
import { quoted } from '../../shared/schema/ddl-sqlite.ts';
import type { CellValue, Schema, Table } from '../../shared/schema/table.ts';
import { cellExpression } from './report.ts';

/** Read and hashed in a few milliseconds. */
const BITE_ROWS = 500;

export interface ReportedDocument {
  readonly workspace: string;
  readonly name: string;
}

/** More rows than the caller is willing to have read. */
export class TooManyRowsError extends Error {
  override name = 'TooManyRowsError';
}

/** One fingerprint per table of the document's family. `client` sees one moment. Throws TooManyRowsError. */
export async function fingerprintReport(
  client: PoolClient,
  schema: Schema,
  document: ReportedDocument,
  maxRows: number,
): Promise<TableFingerprint[]> {
  const fingerprints: TableFingerprint[] = [];
  let left = maxRows;
  for (const table of tablesOfDocument(schema, document.name)) {
    const fingerprint = new Fingerprint(table.name);
    for await (const [id, cells] of rowsOf(client, table, document)) {
      if (left-- <= 0) throw new TooManyRowsError(`${document.name} has more than ${maxRows} rows`);
      fingerprint.add(id, cells);
    }
    fingerprints.push(fingerprint.read());
  }
  return fingerprints;
}

/** The rows of some ranges of one table, each by its hash. Throws TooManyRowsError. */
export async function hashesOfRanges(
  client: PoolClient,
  table: Table,
  document: ReportedDocument,
  { ranges, maxRows }: { readonly ranges: ReadonlySet<number>; readonly maxRows: number },
): Promise<(readonly [id: string, hash: string])[]> {
  const hashes: (readonly [string, string])[] = [];
  let left = maxRows;
  for await (const [id, cells] of rowsOf(client, table, document)) {
    if (left-- <= 0) throw new TooManyRowsError(`${document.name} has more than ${maxRows} rows`);
    if (ranges.has(rangeOfId(id))) hashes.push([id, hashOfRow(id, cells)]);
  }
  return hashes;
}

/** Rows that belong to the document, in no order. */
async function* rowsOf(
  client: PoolClient,
  table: Table,
  { workspace, name }: ReportedDocument,
): AsyncGenerator<readonly [id: string, cells: readonly CellValue[]]> {
  const range = table.bucket === undefined ? undefined : idRangeOfBucket(name.slice(name.indexOf('/') + 1));
  if (table.bucket !== undefined && range === undefined) return;
  const cells = Object.entries(table.columns).map(([column, of]) =>
    cellExpression(of, `r.${quoted(column)}`),
  );
  const column = `r.${quoted(table.bucket ?? 'id')} collate "C"`;
  const where = range === undefined ? '' : `and ${column} >= $2 and ${column} < $3`;
  await client.query(
    `declare proof no scroll cursor for
       select ${['r.id', ...cells].join(', ')} from ${reportTable(table.name)} r where r.workspace = $1 ${where}`,
    range === undefined ? [workspace] : [workspace, range.from, range.to],
  );
  try {
    for (;;) {
      const { rows } = await client.query<[string, ...CellValue[]]>({
        text: `fetch ${BITE_ROWS} from proof`,
        rowMode: 'array',
      });
      for (const [id, ...values] of rows) yield [id, values];
      if (rows.length < BITE_ROWS) return;
    }
  } finally {
    await client.query('close proof');
  }
}
