/**
 * Child rows of one id in documents of two months. The report shows the earlier month's; the others wait as shadows,
 * each as its document last had it, and the earliest is shown as soon as the one before it goes [MAT-8]. The only
 * file that reads or writes `espejo.report_shadow`.
 */
import type { PoolClient } from 'pg';
import { type RowKey, rowKeyText } from './report.ts';
import type { ReportRow } from './report-row.ts';

export class TwinRows {
  /** Row by document, by `rowKeyText`. */
  readonly #rows = new Map<string, Map<string, ReportRow>>();
  readonly #changed = new Map<string, { readonly key: RowKey; readonly document: string }>();

  /** The shadows of these rows, as they are now. */
  async read(client: PoolClient, keys: readonly RowKey[]): Promise<void> {
    const { rows } = await client.query<{
      workspace: string;
      table_name: string;
      row_id: string;
      document: string;
      cells: string;
    }>({
      name: 'shadows',
      text: `select s.workspace, s.table_name, s.row_id, s.document, s.cells
               from unnest($1::text[], $2::text[], $3::text[]) as k (workspace, table_name, row_id)
               join espejo.report_shadow s using (workspace, table_name, row_id)`,
      values: columnsOf(keys),
    });
    for (const { workspace, table_name: table, row_id: id, document, cells } of rows)
      this.#of(rowKeyText({ workspace, table, id })).set(document, JSON.parse(cells));
  }

  /** What a document has of the row and the report does not show; undefined: nothing. */
  hide(key: RowKey, document: string, row: ReportRow | undefined): void {
    const text = rowKeyText(key);
    const shadows = this.#of(text);
    if (row === undefined && !shadows.has(document)) return;
    if (row === undefined) shadows.delete(document);
    else shadows.set(document, row);
    this.#changed.set(`${text}\0${document}`, { key, document });
  }

  /** The earliest month's shadow, which is shown from now on; undefined when there is none. */
  takeFirst(key: RowKey): ReportRow | undefined {
    const shadows = this.#of(rowKeyText(key));
    const first = [...shadows.keys()].sort()[0];
    if (first === undefined) return undefined;
    const row = shadows.get(first)!;
    this.hide(key, first, undefined);
    return row;
  }

  async write(client: PoolClient): Promise<void> {
    if (this.#changed.size === 0) return;
    const changes = [...this.#changed.values()];
    const keys = columnsOf(changes.map(({ key }) => key));
    await client.query({
      name: 'forget shadows',
      text: `delete from espejo.report_shadow s
              using unnest($1::text[], $2::text[], $3::text[], $4::text[]) as k (workspace, table_name, row_id, document)
              where (s.workspace, s.table_name, s.row_id, s.document) = (k.workspace, k.table_name, k.row_id, k.document)`,
      values: [...keys, changes.map(({ document }) => document)],
    });
    const present = changes.flatMap(({ key, document }) => {
      const row = this.#of(rowKeyText(key)).get(document);
      return row === undefined ? [] : [{ key, document, cells: JSON.stringify(row) }];
    });
    await client.query({
      name: 'write shadows',
      text: `insert into espejo.report_shadow (workspace, table_name, row_id, document, cells)
             select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])`,
      values: [
        ...columnsOf(present.map(({ key }) => key)),
        present.map(({ document }) => document),
        present.map(({ cells }) => cells),
      ],
    });
  }

  #of(text: string): Map<string, ReportRow> {
    let shadows = this.#rows.get(text);
    if (!shadows) {
      shadows = new Map();
      this.#rows.set(text, shadows);
    }
    return shadows;
  }
}

/** Writes all shadows of a document afresh; `hidden` are its rows that another month's hide. */
export async function replaceShadows(
  client: PoolClient,
  { workspace, name }: { readonly workspace: string; readonly name: string },
  hidden: readonly { readonly key: RowKey; readonly row: ReportRow }[],
): Promise<void> {
  await client.query('delete from espejo.report_shadow where workspace = $1 and document = $2', [
    workspace,
    name,
  ]);
  const twins = new TwinRows();
  for (const { key, row } of hidden) twins.hide(key, name, row);
  await twins.write(client);
}

function columnsOf(keys: readonly RowKey[]): [string[], string[], string[]] {
  return [keys.map(({ workspace }) => workspace), keys.map(({ table }) => table), keys.map(({ id }) => id)];
}
