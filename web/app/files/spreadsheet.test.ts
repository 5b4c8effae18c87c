/** What is written can be read again, in both formats, and files as Excel saves them are understood. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CsvColumn, SPANISH_CSV } from '../../../shared/taller/csv.ts';
import { readRows, writeRows } from './spreadsheet.ts';

const COLUMNS: readonly CsvColumn[] = [
  { name: 'name', label: 'Nombre', kind: 'text' },
  { name: 'total', label: 'Total', kind: 'money' },
  { name: 'at', label: 'Fecha', kind: 'timestamp' },
  { name: 'day', label: 'Día', kind: 'date' },
];
const ROWS = [
  { name: 'Íñigo; "Núñez"', total: 123_450, at: Date.parse('2026-11-22T09:30:00+01:00'), day: null },
  { name: '=1+1', total: null, at: null, day: Date.parse('2026-11-21T23:30:00Z') },
];

test('[FILE-2] a file of Excel holds numbers and times, in the time of the workshop', async () => {
  const rows = await readRows(await (await writeRows('xlsx', COLUMNS, ROWS, SPANISH_CSV)).arrayBuffer());

  assert.equal(rows, [
    ['Nombre', 'Total', 'Fecha', 'Día'],
    ['Íñigo; "Núñez"', 1234.5, new Date('2026-11-22T09:30:00Z'), null],
    ['=1+1', null, null, new Date('2026-11-22T00:00:00Z')],
  ]);
});

test('[FILE-2] a CSV file is read back as it was written, but no formula runs', async () => {
  const rows = await readRows(await (await writeRows('csv', COLUMNS, ROWS, SPANISH_CSV)).arrayBuffer());

  assert.equal(rows, [
    ['Nombre', 'Total', 'Fecha', 'Día'],
    ['Íñigo; "Núñez"', '1234,50', '2026-11-22 09:30:00', ''],
    ["'=1+1", '', '', '2026-11-22'],
  ]);
});

test('a CSV file in the code page of Windows is read as such', async () => {
  const bytes = Uint8Array.from('Nombre;Población\nPeñalver;León\n', (letter) => letter.charCodeAt(0));

  assert.equal(await readRows(bytes.buffer), [
    ['Nombre', 'Población'],
    ['Peñalver', 'León'],
  ]);
});

test('what only looks like Excel is refused', async () => {
  const broken = new TextEncoder().encode('PK\u0003\u0004 no es un libro').buffer as ArrayBuffer;

  const error = await readRows(broken).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, Error);
});

test.run();
