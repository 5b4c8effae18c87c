/**
 * An hour of a busy reception, one act a second, played as fast as the application answers: every main screen is opened
 * from another, read, searched, scrolled and written in. The acts run inside the page, so that an hour takes minutes; each
 * waits until its screen shows what it is about.
 */
import type { Page } from 'playwright-core';

export const ACTS_OF_AN_HOUR = 3_600;

/** Whom and what the acts are about; each round takes the next. */
export interface Cast {
  readonly orders: readonly string[];
  readonly customers: readonly string[];
  readonly vehicles: readonly string[];
  readonly plates: readonly string[];
}

/** Plays the acts from number `from` to before `to`; the page stands at the dashboard afterwards. */
export async function playActs(page: Page, from: number, to: number, cast: Cast): Promise<void> {
  await page.evaluate('globalThis.__name ??= (named) => named'); // tsx gives functions their names with it
  await page.evaluate(play, { from, to, cast });
}

/** Runs in the page, and so knows nothing but what is in it. */
async function play({ from, to, cast }: { from: number; to: number; cast: Cast }): Promise<void> {
  const PATIENCE_MS = 30_000;
  /** The last of a path of selectors, each in the shadow root of the one before. */
  const find = (...path: string[]): HTMLElement | null => {
    let found: Element | null = document.querySelector('app-shell');
    for (const selector of path) found = (found?.shadowRoot ?? found)?.querySelector(selector) ?? null;
    return found as HTMLElement | null;
  };
  const until = async <T>(what: string, read: () => T | null | false | undefined): Promise<T> => {
    const lastMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = read();
      if (found) return found;
      if (performance.now() > lastMs) throw new Error(`${what} did not appear at ${location.href}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const see = (...path: string[]) => until(path.join(' '), () => find(...path));
  const open = async (path: string, ...sign: string[]) => {
    const event = Object.assign(new Event('app-navigate'), { path, replace: false });
    document.querySelector('app-shell')?.dispatchEvent(event);
    await until(path, () => location.pathname + location.search === path);
    return see(...sign);
  };
  const write = (field: HTMLElement, text: string) => {
    field.focus();
    (field as HTMLInputElement).value = text;
    field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  };
  const press = (on: HTMLElement, key: string) =>
    on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true }));
  const turn = <T>(list: readonly T[], round: number): T => list[round % list.length] as T;

  const acts: readonly ((round: number) => Promise<unknown>)[] = [
    () => open('/inicio', 'home-page', '.tile'),
    () => open('/ordenes', 'orders-page', 'order-board', 'li[data-order] a'),
    async () => press(await see('orders-page', 'order-board', 'li[data-order] a'), 'ArrowRight'),
    async () => {
      (await see('orders-page', 'order-board', 'li[data-order] .move')).click();
      await see('orders-page', 'order-mover', 'wa-dialog', 'dialog[open]');
      Object.assign(await see('orders-page', 'order-mover', 'wa-dialog'), { open: false });
      await until('the end of the dialog', () => !find('orders-page', 'order-mover', 'wa-dialog'));
    },
    () => open('/ordenes?vista=carriles', 'orders-page', 'order-board', '.lanes li[data-order]'),
    () => open('/ordenes?tarde=1', 'orders-page', 'button.late[aria-pressed="true"]'),
    (round) =>
      open(
        `/ordenes/${turn(cast.orders, round)}`,
        'order-page',
        'order-summary',
        'shared-textarea',
        'textarea',
      ),
    async (round) => {
      write(
        await see('order-page', 'order-summary', 'shared-textarea', 'textarea'),
        `Pastillas gastadas, visto ${round}`,
      );
    },
    async (round) => {
      const field = await see('order-page', 'order-summary', 'cell-field', 'textarea, input');
      write(field, `Llamar a las ${round}`);
      field.blur();
    },
    (round) => open(`/ordenes/${turn(cast.orders, round)}?pestana=trabajos`, 'order-page', 'order-jobs'),
    (round) => open(`/ordenes/${turn(cast.orders, round)}?pestana=piezas`, 'order-page', 'order-lines'),
    (round) => open(`/ordenes/${turn(cast.orders, round)}?pestana=fotos`, 'order-page', 'order-photos'),
    (round) => open(`/ordenes/${turn(cast.orders, round)}?pestana=historial`, 'order-page', 'order-history'),
    () => open('/ordenes?vista=lista&mostrar=todas', 'orders-page', 'order-list', 'li[data-order]'),
    async (round) => {
      window.scrollTo(0, document.documentElement.scrollHeight * (((round * 37) % 100) / 100));
      await new Promise((resolve) => requestAnimationFrame(resolve));
      await see('orders-page', 'order-list', 'li');
    },
    () => open('/ordenes?vista=lista&estado=in_progress', 'orders-page', 'order-list', 'li[data-order]'),
    async (round) => {
      write(await see('global-search', 'input'), turn(cast.plates, round));
      await see('global-search', '#hits li');
    },
    async () => {
      const field = await see('global-search', 'input');
      write(field, '');
      field.blur();
      await until('the end of the search', () => !find('global-search', '#hits'));
    },
    () => open('/clientes', 'customers-page', 'a[data-customer]'),
    (round) => open(`/clientes/${turn(cast.customers, round)}`, 'customer-page', 'h1'),
    (round) => open(`/vehiculos/${turn(cast.vehicles, round)}`, 'vehicle-page', 'h1'),
    () => open('/recepcion', 'receptions-page', 'a[data-reception], state-note:not([kind="loading"])'),
    () => open('/recepcion/nueva', 'new-reception-page', 'vehicle-search', '#plate'),
    async (round) => {
      write(await see('new-reception-page', 'vehicle-search', '#plate'), turn(cast.plates, round));
      await see('new-reception-page', 'vehicle-search', '.hits button');
    },
    () => open('/porteria', 'gate-page', '#gate-who'),
    async (round) => {
      write(await see('gate-page', '#gate-who'), turn(cast.plates, round));
      const button = await see('gate-page', '.pass button:not([disabled])');
      button.click();
      await see('gate-page', 'gate-log', 'li, tr, article');
    },
    () => open('/mis-trabajos', 'my-jobs-page', 'h1'),
    () => open('/pendientes', 'outbox-page', 'h1'),
    () => open('/conflictos', 'issues-page', 'h1'),
    () => open('/ayuda', 'help-page', 'kbd'),
  ];

  for (let act = from; act < to; act++) await acts[act % acts.length]?.(Math.floor(act / acts.length));
  await open('/inicio', 'home-page', '.tile');
}
