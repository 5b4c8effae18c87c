/**
 * What the orders page shows, as its address says it: so a filter can be linked to, kept under a name, and is still there
 * after going back. `/ordenes?vista=lista&mostrar=todas` <-> { as: 'list', scope: 'all', … }
 */
export interface OrderPageView {
  readonly as: 'board' | 'lanes' | 'list';
  readonly scope: 'open' | 'all';
  /** users.id; empty: everyone's. */
  readonly technician: string;
  /** wo_statuses.key; empty: every state. */
  readonly status: string;
  readonly onlyLate: boolean;
}

export const PLAIN_VIEW: OrderPageView = {
  as: 'board',
  scope: 'open',
  technician: '',
  status: '',
  onlyLate: false,
};

const AS = { lista: 'list', carriles: 'lanes' } as const;

/** Never throws: what the address does not say, or says wrong, is as in the plain view. */
export function readOrderPageView(search: URLSearchParams): OrderPageView {
  const view = search.get('vista') ?? '';
  return {
    as: Object.hasOwn(AS, view) ? AS[view as keyof typeof AS] : 'board',
    scope: search.get('mostrar') === 'todas' ? 'all' : 'open',
    technician: search.get('tecnico') ?? '',
    status: search.get('estado') ?? '',
    onlyLate: search.get('tarde') === '1',
  };
}

export function orderPagePath(view: Partial<OrderPageView>): string {
  const { as, scope, technician, status, onlyLate } = { ...PLAIN_VIEW, ...view };
  const search = new URLSearchParams();
  if (as !== 'board') search.set('vista', as === 'list' ? 'lista' : 'carriles');
  if (scope === 'all') search.set('mostrar', 'todas');
  if (technician !== '') search.set('tecnico', technician);
  if (status !== '') search.set('estado', status);
  if (onlyLate) search.set('tarde', '1');
  const text = search.toString();
  return text === '' ? '/ordenes' : `/ordenes?${text}`;
}

/** Something is left out that the plain view shows. */
export function isFiltered({ technician, status, onlyLate }: OrderPageView): boolean {
  return technician !== '' || status !== '' || onlyLate;
}
