import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hashPassword, passwordFault, verifyPassword } from './password.ts';

test('a password is verified against its hash, however its accents were typed', async () => {
  const stored = await hashPassword('contraseña larga de José');

  assert.match(stored, /^scrypt\$32768\$8\$1\$/);
  assert.is(await verifyPassword('contraseña larga de José'.normalize('NFD'), stored), true);
  assert.is(await verifyPassword('contrasena larga de Jose', stored), false);
  assert.is(await verifyPassword('', stored), false);
});

test('two hashes of one password differ', async () => {
  assert.is.not(await hashPassword('the same password'), await hashPassword('the same password'));
});

test('rules name what is wrong', () => {
  const cases = [
    ['short', 'ana', /10/],
    ['x'.repeat(201), 'ana', /200/],
    ['my name is Ana!', 'ana', /user name/],
    ['abababababab', 'ana', /repeats/],
    ['qwertyuiop', 'ana', /first that are guessed/],
    ['caballo correcto', 'ana', undefined],
  ] as const;
  for (const [password, name, expected] of cases) {
    const fault = passwordFault(password, name);
    if (expected === undefined) assert.is(fault, undefined);
    else assert.match(fault ?? 'no fault', expected);
  }
});

test.run();
