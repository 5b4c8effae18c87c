/** The states of a live query, all of them drawn. */
import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { ResultRow } from '../client/engine-messages.ts';
import type { LiveQuery } from '../client/live-query.ts';
import '../components/state-note.ts';

/** `rows` draws the rows; `empty` what stands there when there are none. */
export function renderLive<R extends ResultRow>(
  query: LiveQuery<R>,
  views: { readonly rows: (rows: readonly R[]) => unknown; readonly empty: () => unknown },
): unknown {
  const { state } = query;
  switch (state.name) {
    case 'pending':
      return html`<state-note kind="loading" heading=${msg('Cargando…')}></state-note>`;
    case 'failed':
      return html`<state-note
        kind="failed"
        heading=${msg('No se pudo leer')}
        text=${state.failure.message}
      ></state-note>`;
    case 'rows':
      return state.rows.length === 0 ? views.empty() : views.rows(state.rows);
  }
}

/** For a page that has nothing else to show yet. */
export function renderLoading(): TemplateResult {
  return html`<state-note page kind="loading" heading=${msg('Cargando…')}></state-note>`;
}

export function renderFailed(message: string): TemplateResult {
  return html`<state-note
    page
    kind="failed"
    heading=${msg('No se pudo leer')}
    text=${message}
  ></state-note>`;
}
