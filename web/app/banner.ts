/** What the shell says above every page while the device cannot save, cannot send or is not ready yet. */
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import type { Status } from '../client/engine-messages.ts';
import { nowMs } from './actor.ts';

export const bannerStyle = css`
  .banner {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    margin-block-end: var(--space-4);
    padding: var(--space-3) var(--space-4);
    border-inline-start: 4px solid var(--ink);
    background: var(--surface-sunken);
    border-radius: var(--radius-s);
  }
  .banner.act {
    border-color: var(--signal);
    background: var(--signal-surface);
  }
  .banner span {
    flex: 1;
    max-inline-size: var(--measure);
  }
  .banner .button {
    flex: none;
  }
  .banner progress {
    inline-size: 8rem;
    max-inline-size: 30%;
    block-size: 10px;
    accent-color: var(--ink);
  }
  @media (max-width: 699px) {
    .banner:has(.button) {
      flex-direction: column;
      align-items: stretch;
    }
  }
  @media print {
    .banner {
      display: none;
    }
  }
`;

/** With work that is nowhere else, a tablet that is lost or breaks is work that is lost. */
const ALONE_HOURS = 12;
const HOUR_MS = 60 * 60 * 1000;
/** Of what the browser gives: what is left is soon a photo or two. */
const FULL_PART = 0.9;

/** Hours since the relay was last heard, while work waits that only this device has; undefined when that is not long. */
export function hoursAlone(
  { connection, pending, lastSyncAtMs }: Pick<Status, 'connection' | 'pending' | 'lastSyncAtMs'>,
  atMs: number,
): number | undefined {
  if (connection === 'connected' || pending === 0 || lastSyncAtMs === undefined) return undefined;
  const hours = Math.floor((atMs - lastSyncAtMs) / HOUR_MS);
  return hours >= ALONE_HOURS ? hours : undefined;
}

/** Megabytes that are left, once that is little; undefined while there is room, and where the browser does not tell. */
export function megabytesLeft({ usedBytes, quotaBytes }: Status['storage']): number | undefined {
  if (usedBytes === undefined || !quotaBytes || usedBytes < quotaBytes * FULL_PART) return undefined;
  return Math.max(0, Math.round((quotaBytes - usedBytes) / 1_000_000));
}

/** The most pressing of what there is to say. */
export function bannerOf(status: Status, signIn: () => void): TemplateResult | typeof nothing {
  if (status.storage.failure !== undefined) {
    return text(
      'act',
      msg('Este dispositivo no pudo guardar el último cambio. Libera espacio y vuelve a intentarlo.'),
    );
  }
  if (status.stopped === 'token-expired' || status.stopped === 'signed-out') {
    return html`<div class="banner act" role="status">
      <span>${msg('La sesión ha caducado. Puedes seguir trabajando; entra otra vez para enviar los cambios.')}</span>
      <button class="button" @click=${signIn}>${msg('Entrar')}</button>
    </div>`;
  }
  if (status.stopped === 'update-required') {
    return html`<div class="banner act" role="status">
      <span>${msg('Hay una versión nueva de Taller. Vuelve a abrir la página para poder enviar los cambios.')}</span>
      <button class="button" @click=${() => window.location.reload()}>${msg('Volver a abrir')}</button>
    </div>`;
  }
  const alone = hoursAlone(status, nowMs(status));
  if (alone !== undefined) {
    return html`<div class="banner act" role="status">
      <span>${msg(str`Hace ${alone} h que nada sale de este dispositivo, y lo apuntado no está en ningún otro sitio. Conéctalo o guarda un archivo de rescate.`)}</span>
      <a class="button" href="/pendientes">${msg('Pendientes')}</a>
    </div>`;
  }
  const left = megabytesLeft(status.storage);
  if (left !== undefined) {
    return text(
      'act',
      msg(str`Queda poco espacio en este dispositivo: ${left} MB. Libera sitio, o pronto no podrá guardar.`),
    );
  }
  if (status.rebuilding !== undefined) {
    const percent = Math.round(status.rebuilding * 100);
    return html`<div class="banner" role="status">
      <span>${msg(str`Preparando los datos de este dispositivo: ${percent} %.`)}</span>
      <progress max="100" .value=${percent} aria-hidden="true"></progress>
    </div>`;
  }
  if (status.firstSync) {
    return text('', msg('Descargando los datos del taller. Ya puedes empezar a trabajar.'));
  }
  return nothing;
}

function text(tone: 'act' | '', said: string): TemplateResult {
  return html`<div class="banner ${tone}" role="status"><span>${said}</span></div>`;
}
