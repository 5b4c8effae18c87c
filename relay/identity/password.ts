/**
 * Passwords: which are good enough, and what is stored of them. Scrypt with N=2^15, r=8, p=1 takes 32 MB and
 * about 60 ms (OWASP's first choice for scrypt with p=1 is N=2^17; a 2-core relay has to survive a morning's
 * logins, and attempts are limited per account and per address besides).
 */
import { type BinaryLike, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

const MIN_PASSWORD_LENGTH = 10;
/** Longer ones only cost us hashing time. */
const MAX_PASSWORD_LENGTH = 200;

const N = 2 ** 15;
const R = 8;
const P = 1;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Scrypt holds 128 · N · r bytes; Node's default allowance is exactly that, which is one too few. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;

/** The first guesses of every attack, at least as long as our minimum. */
const WELL_KNOWN = new Set([
  '1234567890',
  '0123456789',
  '12345678910',
  '0987654321',
  '1q2w3e4r5t',
  'qwertyuiop',
  'password123',
  'password1234',
  'contraseña',
  'contrasena',
  'contraseña1',
  'contrasena1',
  'administrador',
  'administrator',
  'letmein123',
  'iloveyou123',
  'taller1234',
  'mecanico123',
]);

/** Why a password is refused, as a sentence; undefined when it is fine. */
export function passwordFault(password: string, name: string): string | undefined {
  if (password.length < MIN_PASSWORD_LENGTH)
    return `the password has ${password.length} characters; give at least ${MIN_PASSWORD_LENGTH}`;
  if (password.length > MAX_PASSWORD_LENGTH)
    return `the password has ${password.length} characters; give at most ${MAX_PASSWORD_LENGTH}`;
  const plain = password.toLowerCase();
  if (name.length > 2 && plain.includes(name.toLowerCase())) return 'the password contains the user name';
  if (new Set(plain).size < 5) return 'the password repeats the same few characters';
  if (WELL_KNOWN.has(plain)) return 'the password is among the first that are guessed';
  return undefined;
}

/** `scrypt$32768$8$1$<salt>$<hash>`, so that the cost can rise without a second column. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, KEY_BYTES, { N, r: R, p: P, maxmem: MAX_MEMORY_BYTES });
  return ['scrypt', N, R, P, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** False for a wrong password; takes as long as a right one. Throws only on a stored value that is not ours. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [kind, n, r, p, salt, hash] = stored.split('$');
  if (kind !== 'scrypt' || salt === undefined || hash === undefined)
    throw new Error('stored password is not of the form scrypt$N$r$p$salt$hash');
  const expected = Buffer.from(hash, 'base64url');
  const actual = await derive(password, Buffer.from(salt, 'base64url'), expected.length, {
    N: Number(n),
    r: Number(r),
    p: Number(p),
    maxmem: MAX_MEMORY_BYTES,
  });
  return timingSafeEqual(actual, expected);
}

/** Spends the time of a verification: an unknown name must not answer sooner than a known one. */
export async function wasteVerification(password: string): Promise<void> {
  await derive(password, Buffer.alloc(SALT_BYTES), KEY_BYTES, { N, r: R, p: P, maxmem: MAX_MEMORY_BYTES });
}

/** NFKC: the same password typed on two keyboards may arrive composed or decomposed. */
function derive(password: string, salt: BinaryLike, bytes: number, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, bytes, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
