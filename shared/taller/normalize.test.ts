import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  checkTaxId,
  isVinRefused,
  looksLikeSpanishPlate,
  normalizePhone,
  normalizePlate,
  normalizeTaxId,
  normalizeVin,
  vinProblem,
} from './normalize.ts';

test('[TALLER-22] a plate is compared without spaces, dashes, case and accents', () => {
  assert.is(normalizePlate(' 1234-bcd '), '1234BCD');
  assert.is(normalizePlate('m·1234·ab'), 'M1234AB');
  assert.is(normalizePlate('ñá 12'), 'NA12');
  assert.is(normalizePlate('—'), '');
});

test('[TALLER-22] a plate that looks Spanish is told from one that does not', () => {
  for (const plate of ['1234 BCD', 'M-1234-AB', 'Z 4321 A', 'B 1234'])
    assert.ok(looksLikeSpanishPlate(plate), plate);
  for (const plate of ['1234 ABC', '123 BCD', 'AB-123-CD', ''])
    assert.not.ok(looksLikeSpanishPlate(plate), plate);
});

test('[TALLER-22] a VIN has 17 characters without I, O and Q; its check digit is only a hint', () => {
  assert.is(vinProblem('1M8GDM9AXKP042788'), undefined);
  assert.is(vinProblem('1m8-gdm9a xkp042788'), undefined);
  assert.is(vinProblem('1M8GDM9A0KP042788'), 'check-digit');
  assert.is(vinProblem('1M8GDM9AXKP04278'), 'length');
  assert.is(vinProblem('IM8GDM9AXKP042788'), 'letters');
  assert.not.ok(isVinRefused('VSSZZZ5FZGR000001'), 'a European VIN whose check digit is none');
  assert.ok(isVinRefused('VSSZZZ5FZGR00000O'));
  assert.is(normalizeVin(' vss zzz '), 'VSSZZZ');
});

test('[TALLER-22] a phone becomes E.164 where its country is known', () => {
  assert.is(normalizePhone('612 34 56 78'), '+34612345678');
  assert.is(normalizePhone('+34 612-345-678'), '+34612345678');
  assert.is(normalizePhone('0034 612345678'), '+34612345678');
  assert.is(normalizePhone('34612345678'), '+34612345678');
  assert.is(normalizePhone('55 1234 5678', 'MX'), '+525512345678');
  assert.is(normalizePhone('06 12 34 56 78', 'FR'), '+33612345678');
  assert.is(normalizePhone('112'), '112');
  assert.is(normalizePhone('12345', 'XX'), '12345');
  assert.is(normalizePhone('sin teléfono'), '');
});

test('[TALLER-22] Spanish tax ids are checked by their letter or digit', () => {
  assert.equal(checkTaxId('12345678-Z'), { ok: true, kind: 'nif' });
  assert.equal(checkTaxId('X1234567L'), { ok: true, kind: 'nie' });
  assert.equal(checkTaxId('A58818501'), { ok: true, kind: 'cif' });
  assert.equal(checkTaxId('ESA58818501'), { ok: true, kind: 'cif' });
  assert.equal(checkTaxId('P0801900B'), { ok: true, kind: 'cif' });
  assert.equal(checkTaxId('12345678A'), { ok: false, because: 'check-letter' });
  assert.equal(checkTaxId('A58818502'), { ok: false, because: 'check-letter' });
  assert.equal(checkTaxId('1234'), { ok: false, because: 'shape' });
  assert.is(normalizeTaxId('b-50.123.458'), 'B50123458');
});

test('[TALLER-22] a Mexican RFC has its shape; other countries accept anything', () => {
  assert.equal(checkTaxId('GODE561231GR8', 'MX'), { ok: true, kind: 'rfc' });
  assert.equal(checkTaxId('123', 'MX'), { ok: false, because: 'shape' });
  assert.equal(checkTaxId('whatever', 'AR'), { ok: true, kind: 'other' });
});

test.run();
