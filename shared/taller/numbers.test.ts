import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatNumber, numbersLeft, type SeriesColumns, seriesFor } from './numbers.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const DEVICE = { id: 'Tablet02', seriesCode: 'T2' };
const ROW: SeriesColumns = {
  id: 's1',
  doc_type: 'invoice',
  prefix: 'F',
  year: 2026,
  device_id: 'Tablet02',
  pad: 6,
  next_hint: 1,
  range_from: null,
  range_to: null,
  valid_from: null,
  valid_to: null,
  mode: 'device',
  active: 1,
};

test('[TALLER-10] a number is prefix, year, series of the device and counter', () => {
  const series = seriesFor([ROW], 'invoice', DEVICE, NOW_MS);

  assert.is(formatNumber(series, 123), 'F26-T2-000123');
});

test('[TALLER-10] only the active series of this device, kind, year and validity counts', () => {
  const others: SeriesColumns[] = [
    { ...ROW, id: 'other-device', device_id: 'Tablet01' },
    { ...ROW, id: 'other-kind', doc_type: 'estimate' },
    { ...ROW, id: 'other-year', year: 2025 },
    { ...ROW, id: 'inactive', active: 0 },
    { ...ROW, id: 'later', valid_from: NOW_MS + 1 },
    { ...ROW, id: 'over', valid_to: NOW_MS },
    { ...ROW, id: 'server', mode: 'server' },
  ];

  assert.is(seriesFor([...others, ROW], 'invoice', DEVICE, NOW_MS).id, 's1');
  assert.is(seriesFor(others, 'invoice', DEVICE, NOW_MS).id, 'auto:invoice:2026:Tablet02');
});

test('[TALLER-11] a series of the server counts for devices that have none of their own, and only where a number may come later', () => {
  const shared: SeriesColumns = { ...ROW, id: 'all', doc_type: 'work_order', device_id: '', mode: 'server' };
  const own: SeriesColumns = { ...ROW, id: 'own', doc_type: 'work_order' };

  const series = seriesFor([shared], 'work_order', DEVICE, NOW_MS);
  assert.is(series.countedBy, 'server');
  assert.is(formatNumber(series, 7), 'F26-000007');
  assert.is(seriesFor([shared, own], 'work_order', DEVICE, NOW_MS).id, 'own');
  const sealed = seriesFor([{ ...shared, doc_type: 'reception' }], 'reception', DEVICE, NOW_MS);
  assert.is(sealed.id, 'auto:reception:2026:Tablet02');
});

test('[TALLER-10] a device without a series counts in one made of its whole id, so two never meet', () => {
  const series = seriesFor([], 'work_order', { id: 'aB3dE5gH', seriesCode: '' }, NOW_MS);

  assert.is(formatNumber(series, 1), 'OR26-aB3dE5gH-00001');
});

test('[TALLER-10] the end of a range is seen coming', () => {
  const series = seriesFor([{ ...ROW, range_from: 5001, range_to: 5003 }], 'invoice', DEVICE, NOW_MS);

  assert.is(numbersLeft(series, 0), 3);
  assert.is(numbersLeft(series, 5002), 1);
  assert.is(numbersLeft(seriesFor([ROW], 'invoice', DEVICE, NOW_MS), 7), undefined);
});

test.run();
