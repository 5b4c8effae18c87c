/** `report.conflict`: what the registers of the touched rows say, replacing what was there about them [REG-4]. */
import type { PoolClient } from 'pg';
import { msOfHlc } from '../../shared/base/hlc.ts';
import { storableText } from '../../shared/schema/storable-text.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import type { WarmDocument } from './warm-document.ts';

/** `touched`: ids by table, by document. */
export async function writeConflicts(
  client: PoolClient,
  touched: ReadonlyMap<WarmDocument, ReadonlyMap<string, ReadonlySet<string>>>,
): Promise<void> {
  const rows: { workspace: string; table_name: string; row_id: string }[] = [];
  const current: Record<string, unknown>[] = [];
  for (const [warm, tables] of touched) {
    for (const [table, ids] of tables) {
      for (const id of ids) {
        const key = { workspace: warm.workspace, table_name: table, row_id: storableText(id) };
        rows.push(key);
        for (const { column, winner, loser } of warm.rows.conflicts(table, id)) {
          current.push({
            ...key,
            column_name: column,
            loser_device: loser.device,
            loser_ms: msOfHlc(loser.hlc),
            loser_value: jsonValue(loser.value),
            winner_device: winner.device,
            winner_ms: msOfHlc(winner.hlc),
            winner_value: jsonValue(winner.value),
            policy: warm.rows.shape(table)?.table.columns[column]?.onConflict ?? 'lww',
            document: warm.name,
          });
        }
      }
    }
  }
  if (rows.length === 0) return;
  await client.query({
    name: 'conflicts gone',
    text: `
      delete from report.conflict c
       using json_to_recordset($1::json) as t (workspace text, table_name text, row_id text)
       where c.workspace = t.workspace and c.table_name = t.table_name and c.row_id = t.row_id
         and not exists (
           select from json_to_recordset($2::json)
                    as n (workspace text, table_name text, row_id text, column_name text, loser_device text)
            where n.workspace = c.workspace and n.table_name = c.table_name and n.row_id = c.row_id
              and n.column_name = c.column_name and n.loser_device = c.loser_device)`,
    values: [JSON.stringify(rows), JSON.stringify(current)],
  });
  if (current.length === 0) return;
  await client.query({
    name: 'conflicts now',
    text: `
      insert into report.conflict (workspace, table_name, row_id, column_name, loser_device, loser_at, loser_value,
                                   winner_device, winner_at, winner_value, policy, document)
      select workspace, table_name, row_id, column_name, loser_device, to_timestamp(loser_ms / 1000), loser_value,
             winner_device, to_timestamp(winner_ms / 1000), winner_value, policy, document
        from json_to_recordset($1::json) as n (
               workspace text, table_name text, row_id text, column_name text, loser_device text, loser_ms float8,
               loser_value jsonb, winner_device text, winner_ms float8, winner_value jsonb, policy text, document text)
      on conflict (workspace, table_name, row_id, column_name, loser_device) do update
         set loser_at = excluded.loser_at, loser_value = excluded.loser_value,
             winner_device = excluded.winner_device, winner_at = excluded.winner_at,
             winner_value = excluded.winner_value, policy = excluded.policy`,
    values: [JSON.stringify(current)],
  });
}

function jsonValue(value: CellValue): unknown {
  if (typeof value === 'string') return storableText(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}
