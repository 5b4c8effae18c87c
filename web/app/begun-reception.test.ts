/** The first form of a reception outlives its tab. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type BegunReception,
  begunReception,
  forgetBegunReception,
  keepBegunReception,
} from './begun-reception.ts';
import { FakeStorage } from './testing/fake-storage.ts';

const NOON_MS = Date.UTC(2026, 10, 20, 12);
const BEGUN: BegunReception = {
  workspace: 'taller',
  atMs: NOON_MS,
  plate: '4455 KZZ',
  chosen: 'new',
  vehicle: null,
  customer: null,
  fields: { make: 'Skoda', customer: 'Rosa Vela' },
  concerns: 'Cambio de aceite',
  odometer: 84_210,
  promisedAt: null,
};

test('[NAV-4] what was typed is there again, in the same workshop and on the same day', () => {
  const storage = new FakeStorage();
  keepBegunReception(BEGUN, storage);

  assert.equal(begunReception('taller', NOON_MS + 3_600_000, storage), BEGUN);
  assert.is(begunReception('other', NOON_MS, storage), undefined);
  assert.is(begunReception('taller', NOON_MS + 24 * 3_600_000, storage), undefined);
});

test('[NAV-4] nothing is kept of an empty form, of one that was saved, nor of what another build wrote', () => {
  const storage = new FakeStorage();
  keepBegunReception(BEGUN, storage);
  keepBegunReception({ ...BEGUN, chosen: 'searching', plate: ' ' }, storage);
  assert.is(begunReception('taller', NOON_MS, storage), undefined);

  keepBegunReception(BEGUN, storage);
  forgetBegunReception(storage);
  assert.is(begunReception('taller', NOON_MS, storage), undefined);

  for (const text of ['{', '{"plate":1}']) {
    storage.setItem('taller.begun-reception', text);
    assert.is(begunReception('taller', NOON_MS, storage), undefined);
  }
});

test.run();
