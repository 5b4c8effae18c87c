/**
 * The PIN that switches users on a shared tablet without a network. It guards against picking the wrong person and
 * against a curious colleague, not against somebody who has the tablet's files: a few digits can always be tried.
 * What a person may send is decided by the relay and the token, never by the PIN.
 */

/** OWASP's 600 000 rounds of PBKDF2-SHA256 take seconds on a tablet; a PIN of four digits gains nothing by them. */
const ROUNDS = 120_000;
const HASH_BITS = 256;
const SALT_BYTES = 16;

export interface PinHash {
  /** Base64, for users.pin_hash. */
  readonly hash: string;
  /** Base64, for users.pin_salt. */
  readonly salt: string;
}

/** Four to eight digits. */
export function isPin(pin: string): boolean {
  return /^\d{4,8}$/.test(pin);
}

/** Throws RangeError for what is no PIN. */
export async function hashPin(
  pin: string,
  salt: Uint8Array = crypto.getRandomValues(new Uint8Array(SALT_BYTES)),
): Promise<PinHash> {
  if (!isPin(pin)) throw new RangeError('a PIN has four to eight digits');
  return { hash: base64(await derive(pin, salt)), salt: base64(salt) };
}

/** False for a user who has no PIN. Takes as long for a wrong PIN as for the right one. */
export async function verifyPin(
  pin: string,
  user: { readonly pin_hash: string; readonly pin_salt: string },
): Promise<boolean> {
  if (user.pin_hash === '' || !isPin(pin)) return false;
  const hash = base64(await derive(pin, bytes(user.pin_salt)));
  return hash.length === user.pin_hash.length && difference(hash, user.pin_hash) === 0;
}

async function derive(pin: string, salt: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, [
    'deriveBits',
  ]);
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt: salt as BufferSource, iterations: ROUNDS },
    key,
    HASH_BITS,
  );
  return new Uint8Array(bits);
}

function difference(a: string, b: string): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return sum;
}

function base64(value: Uint8Array): string {
  return btoa(String.fromCharCode(...value));
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
