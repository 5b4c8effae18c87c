/** Every page and where it is. A page is imported when it is first opened. */
import type { Route } from './router.ts';

export const HOME = '/ordenes';

export const routes: readonly Route[] = [
  { pattern: '/ordenes', tag: 'orders-page', load: () => import('../pages/orders-page.ts') },
  { pattern: '/ordenes/:id', tag: 'order-page', load: () => import('../pages/order-page.ts') },
  { pattern: '/recepcion', tag: 'receptions-page', load: () => import('../pages/receptions-page.ts') },
  {
    pattern: '/recepcion/nueva',
    tag: 'new-reception-page',
    load: () => import('../pages/new-reception-page.ts'),
  },
  { pattern: '/recepcion/:id', tag: 'reception-page', load: () => import('../pages/reception-page.ts') },
];
