/** Every page and where it is. A page is imported when it is first opened. */
import type { Route } from './router.ts';

export const HOME = '/inicio';

export const routes: readonly Route[] = [
  { pattern: '/inicio', tag: 'home-page', load: () => import('../pages/home-page.ts') },
  { pattern: '/mis-trabajos', tag: 'my-jobs-page', load: () => import('../pages/my-jobs-page.ts') },
  { pattern: '/clientes', tag: 'customers-page', load: () => import('../pages/customers-page.ts') },
  { pattern: '/clientes/:id', tag: 'customer-page', load: () => import('../pages/customer-page.ts') },
  { pattern: '/repetidos', tag: 'duplicates-page', load: () => import('../pages/duplicates-page.ts') },
  {
    pattern: '/repetidos/:kind/:first/:second',
    tag: 'merge-page',
    load: () => import('../pages/merge-page.ts'),
  },
  { pattern: '/admin', tag: 'admin-page', load: () => import('../pages/admin-page.ts') },
  { pattern: '/admin/usuarios', tag: 'users-page', load: () => import('../pages/users-page.ts') },
  { pattern: '/admin/roles', tag: 'roles-page', load: () => import('../pages/roles-page.ts') },
  { pattern: '/admin/dispositivos', tag: 'devices-page', load: () => import('../pages/devices-page.ts') },
  { pattern: '/bienvenida', tag: 'welcome-page', load: () => import('../pages/welcome-page.ts') },
  { pattern: '/admin/datos', tag: 'data-page', load: () => import('../pages/data-page.ts') },
  { pattern: '/admin/datos/importar', tag: 'import-page', load: () => import('../pages/import-page.ts') },
  { pattern: '/vehiculos/:id', tag: 'vehicle-page', load: () => import('../pages/vehicle-page.ts') },
  { pattern: '/ordenes', tag: 'orders-page', load: () => import('../pages/orders-page.ts') },
  { pattern: '/ordenes/:id', tag: 'order-page', load: () => import('../pages/order-page.ts') },
  {
    pattern: '/ordenes/:id/inspeccion',
    tag: 'inspection-page',
    load: () => import('../pages/inspection-page.ts'),
  },
  {
    pattern: '/ordenes/:id/presupuesto',
    tag: 'estimate-page',
    load: () => import('../pages/estimate-page.ts'),
  },
  {
    pattern: '/cliente-vista/:token',
    tag: 'customer-view-page',
    load: () => import('../pages/customer-view-page.ts'),
  },
  { pattern: '/recepcion', tag: 'receptions-page', load: () => import('../pages/receptions-page.ts') },
  {
    pattern: '/recepcion/nueva',
    tag: 'new-reception-page',
    load: () => import('../pages/new-reception-page.ts'),
  },
  { pattern: '/porteria', tag: 'gate-page', load: () => import('../pages/gate-page.ts') },
  { pattern: '/ayuda', tag: 'help-page', load: () => import('../pages/help-page.ts') },
  { pattern: '/pendientes', tag: 'outbox-page', load: () => import('../pages/outbox-page.ts') },
  { pattern: '/conflictos', tag: 'issues-page', load: () => import('../pages/issues-page.ts') },
  { pattern: '/diagnostico', tag: 'diagnostics-page', load: () => import('../pages/diagnostics-page.ts') },
  { pattern: '/recepcion/:id', tag: 'reception-page', load: () => import('../pages/reception-page.ts') },
  ...(import.meta.env.DEV
    ? [{ pattern: '/galeria', tag: 'gallery-page', load: () => import('../pages/gallery-page.ts') }]
    : []),
];
