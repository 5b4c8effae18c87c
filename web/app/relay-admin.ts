/** Accounts and devices of the workshop, as the relay keeps them: only with a connection, only for administrators. */
import { msg } from '@lit/localize';
import * as v from 'valibot';
import type { EngineClient } from '../client/engine-client.ts';

const Account = v.object({
  name: v.string(),
  displayName: v.string(),
  role: v.string(),
  disabled: v.boolean(),
  secondFactor: v.boolean(),
  provider: v.nullable(v.string()),
  createdAtMs: v.number(),
  lastLoginAtMs: v.nullable(v.number()),
});
export type Account = v.InferOutput<typeof Account>;
export const Accounts = v.object({ users: v.array(Account) });

const RelayDevice = v.object({
  id: v.string(),
  label: v.string(),
  user: v.string(),
  createdAtMs: v.number(),
  lastSeenAtMs: v.number(),
  revokedAtMs: v.optional(v.number()),
  revokedBy: v.optional(v.string()),
});
export const RelayDevices = v.object({ devices: v.array(RelayDevice) });

export const Anything = v.unknown();

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly because: string; readonly text: string };

/** Never throws: what can go wrong is an answer with a sentence for people. */
export async function askRelay<T>(
  engine: EngineClient | undefined,
  shape: v.GenericSchema<unknown, T>,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const session = await engine?.session();
  if (!session) return refusal('offline');
  let response: Response;
  try {
    response = await window.fetch(`${session.relayUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${session.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    return refusal('offline'); // fetch rejects only when nothing answered
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) return refusal((answer as { code?: unknown } | undefined)?.code);
  const parsed = v.safeParse(shape, answer);
  return parsed.success ? { ok: true, value: parsed.output } : refusal('malformed');
}

function refusal(code: unknown): Answer<never> {
  const because = typeof code === 'string' ? code : 'failed';
  return { ok: false, because, text: sentenceOf(because) };
}

/** What a refusal of the relay means for a person. */
export function sentenceOf(code: string): string {
  switch (code) {
    case 'offline':
      return msg('Sin conexión. Las cuentas y los dispositivos se cambian con conexión.');
    case 'not-allowed':
      return msg('Para esto hace falta que un administrador entre con su contraseña en esta tableta.');
    case 'bad-token':
      return msg('La sesión ha caducado. Entra otra vez con tu contraseña.');
    case 'exists':
      return msg('Ya hay un usuario con ese nombre.');
    case 'last-admin':
      return msg('El taller necesita al menos un administrador activo.');
    case 'weak-password':
      return msg('La contraseña es demasiado fácil. Usa al menos diez letras, por ejemplo cuatro palabras.');
    case 'bad-name':
      return msg('El usuario lleva letras minúsculas sin acentos, números y . _ @ + -');
    case 'unknown':
      return msg('Ya no existe. Vuelve a abrir la página.');
    default:
      return msg('El servidor no pudo responder. Vuelve a probar en un momento.');
  }
}
