import { consume } from '@lit/context';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { sessionContext, statusContext } from '../app/contexts.ts';
import { TallerElement } from '../app/element.ts';
import type { IconName } from '../app/icons.ts';
import { shared } from '../app/styles/shared.ts';
import type { Session, Status } from '../client/engine-messages.ts';
import './ui-icon.ts';

interface Place {
  readonly path: string;
  /** Where one comes to from there, with a path of its own. */
  readonly also?: readonly string[];
  readonly icon: IconName;
  readonly label: string;
  /** What waits there for somebody. */
  readonly count: number;
  /** Only where there is room: the menu of the user leads there too. */
  readonly isOnRail?: boolean;
}

/** The places of the application: a rail at the left of a landscape screen, a bar at the foot of a portrait one. */
@customElement('app-navigation')
export class AppNavigation extends TallerElement {
  /** Pattern of the page that is open. */
  @property() accessor path = '';

  @consume({ context: statusContext, subscribe: true })
  @property({ attribute: false })
  accessor status: Status | undefined;

  @consume({ context: sessionContext, subscribe: true })
  @property({ attribute: false })
  accessor session: Session | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        background: var(--surface-rail);
        color: var(--on-rail);
      }
      nav {
        display: flex;
        flex-direction: column;
        gap: var(--space-2);
        block-size: 100%;
        padding: var(--space-3) var(--space-2);
        overflow-y: auto;
        scrollbar-width: none;
      }
      .brand {
        display: grid;
        place-items: center;
        margin-block-end: var(--space-4);
        padding-block: var(--space-2);
        font-family: var(--font-display);
        font-stretch: var(--width-plate);
        font-weight: 750;
        font-size: 1.05rem;
        letter-spacing: 0.08em;
      }
      .brand span {
        inline-size: 100%;
        padding: 0.15em 0;
        border: 2px solid currentColor;
        border-radius: 0.25em;
        text-align: center;
      }
      a {
        position: relative;
        display: grid;
        justify-items: center;
        align-content: center;
        gap: 2px;
        min-block-size: 60px;
        padding: var(--space-1);
        border-radius: var(--radius-m);
        color: var(--on-rail-quiet);
        font-size: 0.8125rem;
        font-weight: 600;
        text-decoration: none;
      }
      a:hover {
        color: var(--on-rail);
      }
      a[aria-current='page'] {
        background: var(--rail-current);
        color: var(--on-rail);
      }
      a[aria-current='page']::before {
        content: '';
        position: absolute;
        inset-block: 14px;
        inset-inline-start: calc(-1 * var(--space-2));
        inline-size: 4px;
        border-radius: 0 4px 4px 0;
        background: var(--on-rail);
      }
      a:focus-visible {
        outline-color: var(--on-rail);
        outline-offset: -3px;
      }
      ui-icon {
        font-size: 1.3rem;
      }
      /* So that the last place is in sight on a low screen. */
      @media (max-height: 600px) {
        nav {
          gap: 0;
          padding-block: var(--space-2);
        }
        .brand {
          display: none;
        }
        a {
          min-block-size: 52px;
        }
      }
      .count {
        position: absolute;
        inset-block-start: 4px;
        inset-inline-end: 10px;
        min-inline-size: 20px;
        padding: 1px 5px;
        border-radius: 10px;
        background: var(--signal);
        color: var(--on-signal);
        font-size: 0.75rem;
        font-weight: 700;
        text-align: center;
      }
      @media (orientation: portrait), (max-width: 699px) {
        nav {
          flex-direction: row;
          justify-content: space-around;
          gap: 0;
          padding: var(--space-1) var(--space-1) calc(var(--space-1) + env(safe-area-inset-bottom));
        }
        .brand,
        .on-rail {
          display: none;
        }
        a {
          flex: 1;
          max-inline-size: 120px;
          min-block-size: 56px;
        }
        a[aria-current='page']::before {
          inset: 0 25% auto;
          inline-size: auto;
          block-size: 3px;
          border-radius: 0 0 4px 4px;
        }
      }
    `,
  ];

  override render() {
    return html`<nav aria-label=${msg('Principal')}>
      <div class="brand" aria-hidden="true"><span>TALLER</span></div>
      ${this.#places().map((place) => this.#renderPlace(place))}
    </nav>`;
  }

  #renderPlace(place: Place) {
    const here = [place.path, ...(place.also ?? [])].some(
      (path) => this.path === path || this.path.startsWith(`${path}/`),
    );
    return html`<a class=${place.isOnRail ? 'on-rail' : nothing} href=${place.path} aria-current=${here ? 'page' : nothing}>
      <ui-icon name=${place.icon}></ui-icon>${place.label}
      ${place.count > 0 ? html`<span class="count">${place.count}</span>` : nothing}
    </a>`;
  }

  #places(): readonly Place[] {
    return [
      { path: '/inicio', icon: 'home', label: msg('Inicio'), count: 0 },
      // A technician starts from the jobs, everyone else from who arrives.
      this.session?.role === 'mecanico'
        ? { path: '/mis-trabajos', icon: 'wrench', label: msg('Trabajos'), count: 0 }
        : { path: '/recepcion', icon: 'reception', label: msg('Recepción'), count: 0 },
      { path: '/ordenes', icon: 'orders', label: msg('Órdenes'), count: 0 },
      {
        path: '/clientes',
        also: ['/vehiculos', '/repetidos'],
        icon: 'customers',
        label: msg('Clientes'),
        count: 0,
      },
      {
        path: '/conflictos',
        icon: 'alert',
        label: msg('Revisar'),
        count: (this.status?.conflicts ?? 0) + (this.status?.violations ?? 0),
      },
      { path: '/pendientes', icon: 'outbox', label: msg('Pendientes'), count: this.status?.rejected ?? 0 },
      ...(this.session?.role === 'admin'
        ? [{ path: '/admin', icon: 'settings', label: msg('Admin'), count: 0, isOnRail: true } as const]
        : []),
    ];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'app-navigation': AppNavigation;
  }
}
