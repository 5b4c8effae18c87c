import { provide } from '@lit/context';
import { msg } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { EngineClient } from '../client/engine-client.ts';
import type { Session, Status, Stop } from '../client/engine-messages.ts';
import '../components/app-navigation.ts';
import '../components/connection-chip.ts';
import '../components/global-search.ts';
import '../components/state-note.ts';
import '../components/toast-stack.ts';
import '../components/ui-icon.ts';
import '../components/user-menu.ts';
import { bannerOf, bannerStyle } from './banner.ts';
import { engineContext, photosContext, sessionContext, statusContext } from './contexts.ts';
import { guardedPath, watchHandingOver } from './customer-mode.ts';
import { TallerElement } from './element.ts';
import { NavigateEvent, ToastEvent } from './events.ts';
import { focusedElement } from './focus.ts';
import { isLocked, lock, unlock } from './lock.ts';
import type { LockController } from './lock-controller.ts';
import type { Photos } from './photos/photos.ts';
import { ReconnectNotice } from './reconnect-notice.ts';
import { StatusForPages } from './reviewed.ts';
import { type Location, Router } from './router.ts';
import { HOME, routes } from './routes.ts';
import type { LockEvent, SignedInEvent } from './session-events.ts';
import { sessionInHand } from './session-in-hand.ts';
import { shellStyle } from './shell-style.ts';
import { shortcutOf } from './shortcuts.ts';
import { shared } from './styles/shared.ts';

/** What the shell is doing: main.ts moves it from `starting` on. */
export type ShellState =
  | { readonly name: 'starting' }
  /** Another tab leads, where the browser has no SharedWorker. */
  | { readonly name: 'waiting'; readonly takeOver: () => void }
  | { readonly name: 'failed'; readonly message: string }
  | { readonly name: 'signed-out' }
  | { readonly name: 'open'; readonly session: Session };

/** A page gets its path's parameters and query as properties. */
interface Page extends HTMLElement {
  params: Readonly<Record<string, string>>;
  search: URLSearchParams;
}

/** The frame around every page: rail or bottom bar, top bar, the page itself, and what is said in passing. */
@customElement('app-shell')
export class AppShell extends TallerElement {
  @provide({ context: engineContext })
  @property({ attribute: false })
  accessor engine: EngineClient | undefined;

  @property({ attribute: false }) accessor state: ShellState = { name: 'starting' };

  /** Opens the photos of a session; given by main.ts. */
  @property({ attribute: false }) accessor openPhotos: ((session: Session) => Photos) | undefined;

  @provide({ context: photosContext })
  @state()
  private accessor photos: Photos | undefined;

  @provide({ context: sessionContext })
  @state()
  private accessor session: Session | undefined;

  /** As the engine tells it. */
  @state() private accessor told: Status | undefined;

  @provide({ context: statusContext })
  @state()
  private accessor status: Status | undefined;

  @state() private accessor location: Location | undefined;
  @state() private accessor page: Page | undefined;

  #router = new Router({
    routes,
    fallback: HOME,
    window,
    onChange: (location) => {
      void this.#open(location);
    },
    // Fields save what was typed when they are left, and one that is taken out of the page is not.
    onLeave: () => focusedElement()?.blur(),
    guard: (path) => guardedPath(path),
  });
  #stopStatus: Stop | undefined;
  #reconnected = new ReconnectNotice({
    tell: (text, toReview) => {
      const review = {
        label: msg('Revisar'),
        run: () => this.dispatchEvent(new NavigateEvent('/conflictos')),
      };
      this.dispatchEvent(new ToastEvent(text, toReview > 0 ? { tone: 'signal', action: review } : {}));
    },
  });
  #statusForPages = new StatusForPages(this, () => this.engine);
  #stopHandingOver: Stop | undefined;
  /** Loaded once somebody is signed in. */
  #lock: LockController | undefined;

  static override styles = [shared, bannerStyle, shellStyle];

  constructor() {
    super();
    this.addEventListener('app-navigate', (event: NavigateEvent) => {
      void this.#router.go(event.path, { replace: event.replace });
    });
    this.addEventListener('app-signed-in', (event: SignedInEvent) => {
      void this.#signIn(event.session);
    });
    this.addEventListener('app-signed-out', () => {
      void this.#signOut();
    });
    this.addEventListener('app-lock', (event: LockEvent) => {
      void this.#setLock(event.isLocked);
    });
  }

  /** Says that a new version has arrived; `use` switches to it. */
  offerNewVersion(use: () => void): void {
    void this.updateComplete.then(() => {
      const action = { label: msg('Actualizar'), run: use };
      this.dispatchEvent(new ToastEvent(msg('Hay una versión nueva de Taller.'), { action }));
    });
  }

  /** Shows the application to who is signed in. */
  open(session: Session): void {
    this.photos = this.openPhotos?.(session);
    this.state = { name: 'open', session };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('keydown', this.#key);
    this.#router.start();
    this.#stopHandingOver = watchHandingOver(this.#router.follow);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('keydown', this.#key);
    this.#router.stop();
    this.#stopHandingOver?.();
    this.#stopStatus?.();
    this.#stopStatus = undefined;
  }

  override willUpdate(): void {
    this.status = this.#statusForPages.of(this.told);
    this.session = this.state.name === 'open' ? sessionInHand(this.state.session) : undefined;
    if (this.state.name === 'signed-out') void import('../pages/login-page.ts');
    if (this.state.name === 'open' && this.engine && !this.#stopStatus) {
      void this.#watchLock();
      this.#stopStatus = this.engine.watchStatus((status) => {
        this.told = status;
        this.photos?.follow(status);
        this.#reconnected.follow(status);
        if (!this.#isInHandOf(status)) void this.#followSession();
      });
    }
  }

  override render() {
    switch (this.state.name) {
      case 'starting':
        return html`<main><state-note kind="loading" heading=${msg('Abriendo el taller…')}></state-note></main>`;
      case 'waiting':
        return this.#renderWaiting(this.state.takeOver);
      case 'failed':
        return html`<main>
          <state-note kind="failed" heading=${msg('Taller no pudo abrirse')} text=${this.state.message}>
            <button class="button main" @click=${() => window.location.reload()}>
              <ui-icon name="retry"></ui-icon>${msg('Volver a abrir')}
            </button>
          </state-note>
        </main>`;
      case 'signed-out':
        return html`<login-page></login-page>`;
      case 'open':
        if (isLocked() && this.location?.route.tag !== 'customer-view-page')
          return html`<lock-page></lock-page><toast-stack></toast-stack>`;
        return this.location?.route.tag === 'customer-view-page'
          ? this.#renderForCustomer()
          : this.#renderFrame();
    }
  }

  /** In a customer's hands: the page, and no way to another. */
  #renderForCustomer() {
    return html`<main id="main" tabindex="-1">${this.page}</main>
      <toast-stack></toast-stack>`;
  }

  #renderWaiting(takeOver: () => void) {
    return html`<main>
      <state-note
        kind="empty"
        icon="lock"
        heading=${msg('Taller está abierto en otra pestaña')}
        text=${msg('Este navegador admite una sola pestaña a la vez. Nada se pierde al continuar aquí.')}
      >
        <button class="button main" @click=${takeOver}>${msg('Continuar aquí')}</button>
      </state-note>
    </main>`;
  }

  #renderFrame() {
    return html`
      <div class="frame">
        <header>
          <a class="button skip" href="#main" @click=${this.#skip}>${msg('Ir al contenido')}</a>
          <global-search></global-search>
          <connection-chip></connection-chip>
          <user-menu></user-menu>
        </header>
        <app-navigation .path=${this.location?.route.pattern ?? ''}></app-navigation>
        <main id="main" tabindex="-1">
          ${this.status ? bannerOf(this.status, this.#signOut) : nothing} ${this.page ?? html`<state-note kind="loading" heading=${msg('Cargando…')}></state-note>`}
        </main>
      </div>
      <toast-stack></toast-stack>
      <key-sheet .path=${this.location?.route.pattern ?? ''}></key-sheet>
    `;
  }

  async #open(location: Location): Promise<void> {
    const samePage = this.location?.route === location.route && this.page !== undefined;
    this.location = location;
    if (!samePage) this.page = document.createElement(location.route.tag) as Page;
    const page = this.page;
    if (!page) return;
    page.params = location.params;
    page.search = location.search;
    if (!samePage) {
      await this.updateComplete;
      window.scrollTo({ top: 0 });
      this.renderRoot.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
    }
  }

  #isInHandOf({ user, acting }: Pick<Status, 'user' | 'acting'>): boolean {
    if (this.state.name !== 'open') return false;
    const { session } = this.state;
    return session.user === user && session.acting?.user === acting;
  }

  /** Opens only once the pages know who took the tablet over. */
  async #setLock(isToLock: boolean): Promise<void> {
    if (isToLock) lock();
    else {
      await this.#followSession();
      unlock();
    }
    this.#lock?.look();
  }

  /** Somebody took the tablet over or signed in, in this tab or another. */
  async #followSession(): Promise<void> {
    const session = await this.engine?.session();
    if (!session || this.state.name !== 'open') return;
    if (session.user !== this.state.session.user || session.workspace !== this.state.session.workspace) {
      this.photos?.close();
      this.open(session);
    } else if (!this.#isInHandOf({ user: session.user, acting: session.acting?.user }))
      this.state = { name: 'open', session };
  }

  async #watchLock(): Promise<void> {
    if (isLocked()) void import('../pages/lock-page.ts');
    const { LockController } = await import('./lock-controller.ts');
    this.#lock ??= new LockController(this, {
      engine: () => (this.state.name === 'open' ? this.engine : undefined),
      session: () => this.session,
      device: () => this.status?.device,
      onLocked: () => void import('../pages/lock-page.ts'),
    });
  }

  async #signIn(session: Session): Promise<void> {
    unlock();
    try {
      await this.engine?.openSession(session);
      // In another tab somebody may have been quicker to come after.
      const present = await this.engine?.session();
      if (present) this.open(present);
      else this.state = { name: 'signed-out' };
    } catch (error) {
      this.state = { name: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }

  #signOut = async (): Promise<void> => {
    await this.engine?.closeSession();
    unlock();
    this.#stopStatus?.();
    this.#stopStatus = undefined;
    this.told = undefined;
    this.photos?.close();
    this.photos = undefined;
    this.state = { name: 'signed-out' };
  };

  /** Only where the frame stands: neither a locked tablet nor one in a customer's hands has these keys. */
  #key = async (event: KeyboardEvent): Promise<void> => {
    const action = shortcutOf(event);
    const sheet = this.renderRoot.querySelector('key-sheet');
    if (action === undefined || !sheet) return;
    event.preventDefault();
    if (action === 'new-reception') return this.#router.go('/recepcion/nueva');
    await import('../components/key-sheet.ts');
    sheet.open();
  };

  #skip = (event: Event): void => {
    event.preventDefault();
    this.renderRoot.querySelector<HTMLElement>('main')?.focus();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'app-shell': AppShell;
  }
}
