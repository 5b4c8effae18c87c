/** The series this device counts a kind of document in, read when a document is about to be made. */
import { type DocType, type Series, type SeriesColumns, seriesFor } from '../../shared/taller/numbers.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { sql } from '../client/sql-tag.ts';

export async function seriesOf(
  engine: EngineClient,
  docType: DocType,
  device: string,
  nowMs: number,
): Promise<Series> {
  const [rows, devices] = await Promise.all([
    engine.query<SeriesColumns & ResultRow>(
      sql`select * from document_series where doc_type = ${docType} and (device_id = ${device} or mode = 'server')`,
    ),
    engine.query<ResultRow>(sql`select series_code from devices where id = ${device}`),
  ]);
  const seriesCode = String(devices[0]?.series_code ?? '');
  return seriesFor(rows, docType, { id: device, seriesCode }, nowMs);
}
