/** Plates, VINs, phones and tax ids as they are compared and searched, and whether they can be right [TALLER-22]. */

/** `normalizePlate('1234 bcd')` -> `1234BCD`: accents off, upper case, letters and digits only. */
export function normalizePlate(plate: string): string {
  return alphanumeric(plate);
}

/** VIN in upper case without spaces and dashes. What a VIN never holds (I, O, Q) is kept, so that it can be told. */
export function normalizeVin(vin: string): string {
  return alphanumeric(vin);
}

/** Tax id in upper case, letters and digits only: `b-12345674` -> `B12345674`. A leading country code stays. */
export function normalizeTaxId(taxId: string): string {
  return alphanumeric(taxId);
}

/** Country calling codes of the countries the workshop may be in. */
const CALLING_CODES: Readonly<Record<string, string>> = {
  ES: '34',
  PT: '351',
  FR: '33',
  MX: '52',
  CO: '57',
  CL: '56',
  AR: '54',
  PE: '51',
  US: '1',
};

/** Digits of a national number, by country, where they are fixed. */
const NATIONAL_LENGTHS: Readonly<Record<string, number>> = {
  ES: 9,
  PT: 9,
  FR: 10,
  MX: 10,
  CO: 10,
  CL: 9,
  US: 10,
};

/**
 * E.164 where it can be known: `normalizePhone('612 34 56 78', 'ES')` -> `+34612345678`; digits only otherwise.
 * Empty when there are no digits.
 */
export function normalizePhone(phone: string, country = 'ES'): string {
  const international = /^\s*(\+|00)/.test(phone);
  const digits = phone.replace(/\D/g, '');
  if (digits === '') return '';
  if (international) return `+${phone.trim().startsWith('00') ? digits.slice(2) : digits}`;
  const code = CALLING_CODES[country];
  if (code === undefined) return digits;
  const national = country === 'FR' && digits.startsWith('0') ? digits.slice(1) : digits;
  if (digits.length === NATIONAL_LENGTHS[country]) return `+${code}${national}`;
  if (digits.startsWith(code) && digits.length === code.length + (NATIONAL_LENGTHS[country] ?? 0))
    return `+${digits}`;
  return digits;
}

export type VinProblem = 'length' | 'letters' | 'check-digit';

/**
 * What is wrong with a VIN; undefined when nothing is. `check-digit` is a hint: only North America uses the digit,
 * so elsewhere a VIN that fails it is still right.
 */
export function vinProblem(vin: string): VinProblem | undefined {
  const text = normalizeVin(vin);
  if (text.length !== 17) return 'length';
  if (/[IOQ]/.test(text)) return 'letters';
  return vinCheckDigit(text) === text[8] ? undefined : 'check-digit';
}

/** True when a VIN cannot be used at all; a wrong check digit is not such a case. */
export function isVinRefused(vin: string): boolean {
  const problem = vinProblem(vin);
  return problem === 'length' || problem === 'letters';
}

const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
/** ISO 3779: A=1 … H=8, J=1 … N=5, P=7, R=9, S=2 … Z=9. */
const VIN_LETTERS = 'ABCDEFGH..JKLMN.P.R..STUVWXYZ';

function vinCheckDigit(vin: string): string {
  let sum = 0;
  for (const [index, character] of [...vin].entries()) {
    sum += vinValue(character) * (VIN_WEIGHTS[index] ?? 0);
  }
  return sum % 11 === 10 ? 'X' : String(sum % 11);
}

function vinValue(character: string): number {
  if (character >= '0' && character <= '9') return Number(character);
  return (VIN_LETTERS.indexOf(character) % 10) + 1;
}

export type TaxIdKind = 'nif' | 'nie' | 'cif' | 'rfc' | 'other';

export type TaxIdCheck =
  | { readonly ok: true; readonly kind: TaxIdKind }
  | { readonly ok: false; readonly because: 'shape' | 'check-letter' };

/** Checks a tax id by the rules of its country; countries that are not known accept anything. */
export function checkTaxId(taxId: string, country = 'ES'): TaxIdCheck {
  const text = normalizeTaxId(taxId).replace(/^ES(?=[A-Z0-9]{9}$)/, '');
  if (country === 'ES') return checkSpanishTaxId(text);
  if (country === 'MX')
    return /^[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}$/.test(text)
      ? { ok: true, kind: 'rfc' }
      : { ok: false, because: 'shape' };
  return { ok: true, kind: 'other' };
}

const NIF_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

function checkSpanishTaxId(text: string): TaxIdCheck {
  if (/^\d{8}[A-Z]$/.test(text)) return letterCheck('nif', text.slice(0, 8), text[8]);
  if (/^[XYZ]\d{7}[A-Z]$/.test(text))
    return letterCheck('nie', `${'XYZ'.indexOf(text[0] ?? '')}${text.slice(1, 8)}`, text[8]);
  if (/^[KLM]\d{7}[A-Z]$/.test(text)) return cifCheck('nif', text);
  if (/^[ABCDEFGHJNPQRSUVW]\d{7}[0-9A-J]$/.test(text)) return cifCheck('cif', text);
  return { ok: false, because: 'shape' };
}

function letterCheck(kind: 'nif' | 'nie', digits: string, letter: string | undefined): TaxIdCheck {
  return NIF_LETTERS[Number(digits) % 23] === letter
    ? { ok: true, kind }
    : { ok: false, because: 'check-letter' };
}

/** Order EHA/451/2008: digits in odd places are doubled and their own digits added. */
function cifCheck(kind: 'nif' | 'cif', text: string): TaxIdCheck {
  let sum = 0;
  for (let index = 1; index <= 7; index++) {
    const digit = Number(text[index]);
    const doubled = digit * 2;
    sum += index % 2 === 1 ? Math.floor(doubled / 10) + (doubled % 10) : digit;
  }
  const control = (10 - (sum % 10)) % 10;
  const last = text[8] ?? '';
  const asLetter = 'JABCDEFGHI'[control];
  const wantsLetter = /^[KLMNPQRSW]/.test(text);
  const wantsDigit = /^[ABEH]/.test(text);
  const ok = wantsLetter
    ? last === asLetter
    : wantsDigit
      ? last === String(control)
      : last === asLetter || last === String(control);
  return ok ? { ok: true, kind } : { ok: false, because: 'check-letter' };
}

/** Spanish plates since 2000 (`1234BCD`) and the provincial ones before (`M1234AB`). A hint, never a refusal. */
export function looksLikeSpanishPlate(plate: string): boolean {
  const text = normalizePlate(plate);
  return /^\d{4}[BCDFGHJKLMNPRSTVWXYZ]{3}$/.test(text) || /^[A-Z]{1,2}\d{4}[A-Z]{0,2}$/.test(text);
}

function alphanumeric(text: string): string {
  return text
    .normalize('NFD')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');
}
