/** What somebody should know before leaving a tablet. */
import { msg, str } from '@lit/localize';
import type { Status } from '../client/engine-messages.ts';

/** Undefined when nothing is at stake: there is a line to come back by, and everything has been sent. */
export function signOutWarning({
  connection,
  pending,
}: Pick<Status, 'connection' | 'pending'>): string | undefined {
  const waiting = msg(
    str`Aquí quedan cambios sin enviar: ${pending}. Se enviarán cuando vuelvas a entrar en esta tableta.`,
  );
  if (connection === 'connected') return pending > 0 ? waiting : undefined;
  const locked = msg('Sin conexión no podrás volver a entrar hasta que haya internet.');
  return pending > 0 ? `${locked} ${waiting}` : locked;
}
