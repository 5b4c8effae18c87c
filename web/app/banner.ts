/** What the shell says above every page while the device cannot save, cannot send or is not ready yet. */
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import type { Status } from '../client/engine-messages.ts';

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
  @media print {
    .banner {
      display: none;
    }
  }
`;

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
    return text(
      'act',
      msg('Hay una versión nueva de Taller. Vuelve a abrir la página para poder enviar los cambios.'),
    );
  }
  if (status.rebuilding !== undefined) {
    const percent = Math.round(status.rebuilding * 100);
    return text('', msg(str`Preparando los datos de este dispositivo: ${percent} %.`));
  }
  if (status.firstSync) {
    return text('', msg('Descargando los datos del taller. Ya puedes empezar a trabajar.'));
  }
  return nothing;
}

function text(tone: 'act' | '', said: string): TemplateResult {
  return html`<div class="banner ${tone}" role="status"><span>${said}</span></div>`;
}
