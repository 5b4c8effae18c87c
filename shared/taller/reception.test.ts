import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { convertReading, decideReading } from './odometer.ts';
import { missingForSignature, RECEPTION_DEMANDS } from './reception.ts';

const COMPLETE = {
  customer_id: 'c',
  odometer: 81_250,
  odometer_note: '',
  purpose: 'repair' as const,
  promised_at: 1,
};
const VEHICLE = { plate_norm: '1234BCD', vin: '' };
const PHOTOS = (['front', 'rear', 'left', 'right'] as const).map((slot) => ({
  kind: 'photo' as const,
  slot,
}));

test('[TALLER-18] a complete reception can be signed', () => {
  assert.equal(missingForSignature(COMPLETE, VEHICLE, PHOTOS), []);
  assert.equal(missingForSignature(COMPLETE, { plate_norm: '', vin: 'VSSZZZ5FZGR000001' }, PHOTOS), []);
});

test('[TALLER-18] everything that is missing is named, in the order of the wizard', () => {
  const empty = { customer_id: null, odometer: null, odometer_note: '', purpose: null, promised_at: null };

  assert.equal(
    missingForSignature(empty, undefined, []),
    RECEPTION_DEMANDS.filter((demand) => demand !== 'odometer-reason'),
  );
  assert.equal(missingForSignature(COMPLETE, { plate_norm: '', vin: '' }, PHOTOS), ['vehicle']);
});

test('[TALLER-18] a reason stands for the odometer; other files are no photos', () => {
  assert.equal(
    missingForSignature({ ...COMPLETE, odometer: null, odometer_note: 'sin contacto' }, VEHICLE, PHOTOS),
    [],
  );
  assert.equal(missingForSignature({ ...COMPLETE, odometer: null, odometer_note: ' ' }, VEHICLE, PHOTOS), [
    'odometer',
  ]);
  assert.equal(missingForSignature(COMPLETE, VEHICLE, [...PHOTOS.slice(1), { kind: 'pdf', slot: null }]), [
    'photos',
  ]);
});

test('[TALLER-21] what is lower than the last reading is not signed without a reason', () => {
  const known = { ...VEHICLE, odometer_last: 81_251 };

  assert.equal(missingForSignature(COMPLETE, known, PHOTOS), ['odometer-reason']);
  assert.equal(missingForSignature({ ...COMPLETE, odometer_note: 'cuadro cambiado' }, known, PHOTOS), []);
  assert.equal(missingForSignature(COMPLETE, { ...known, odometer_last: 81_250 }, PHOTOS), []);
});

test('[TALLER-18] the settings may ask for less', () => {
  const policy = { waived: ['promised' as const], photosRequired: 0 };

  assert.equal(missingForSignature({ ...COMPLETE, promised_at: null }, VEHICLE, [], policy), []);
});

test('[TALLER-21] a lower reading needs a reason, in kilometres or miles', () => {
  const last = { value: 100_000, unit: 'km' as const };

  assert.equal(decideReading({ value: 100_001, unit: 'km' }, last, ''), { allowed: true });
  assert.equal(decideReading({ value: 99_999, unit: 'km' }, last, ''), {
    allowed: false,
    because: 'lower-needs-reason',
  });
  assert.equal(decideReading({ value: 99_999, unit: 'km' }, last, 'cuadro cambiado'), { allowed: true });
  assert.equal(decideReading({ value: 62_138, unit: 'mi' }, last, ''), { allowed: true });
  assert.equal(decideReading({ value: 62_137, unit: 'mi' }, last, ''), {
    allowed: false,
    because: 'lower-needs-reason',
  });
  assert.equal(decideReading({ value: 5, unit: 'km' }, undefined, ''), { allowed: true });
});

test('[TALLER-21] a reading is a whole number that an odometer can show', () => {
  for (const value of [-1, 1.5, Number.NaN, 10_000_000])
    assert.equal(decideReading({ value, unit: 'km' }, undefined, 'x'), {
      allowed: false,
      because: 'not-a-reading',
    });
  assert.is(convertReading({ value: 100, unit: 'mi' }, 'km'), 161);
  assert.is(convertReading({ value: 161, unit: 'km' }, 'mi'), 100);
});

test.run();
