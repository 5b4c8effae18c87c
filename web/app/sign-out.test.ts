import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { signOutWarning } from './sign-out.ts';

const test = suite('signing out');
const WAITING = 'Aquí quedan cambios sin enviar: 3. Se enviarán cuando vuelvas a entrar en esta tableta.';
const LOCKED = 'Sin conexión no podrás volver a entrar hasta que haya internet.';

for (const [connection, pending, warning] of [
  ['connected', 0, undefined],
  ['connected', 3, WAITING],
  ['offline', 0, LOCKED],
  ['connecting', 3, `${LOCKED} ${WAITING}`],
] as const) {
  test(`${connection} with ${pending} unsent changes`, () => {
    assert.is(signOutWarning({ connection, pending }), warning);
  });
}

test.run();
