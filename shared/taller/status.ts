/**
 * The status machine of an order [TALLER-19]. Statuses are configurable, phases are not: the rules are about
 * phases. Between reception and ready an order may go anywhere, because a workshop does; the ends are guarded.
 *
 *   draft → open ⇄ waiting ⇄ work ⇄ quality ⇄ ready → invoiced → delivered
 *     └───────┴───────┴────────┴──────┴────────┴──→ cancelled → open
 */
import type { WoStatus } from './tables/admin.ts';

export type Phase = WoStatus['phase'];

/** Keys that the application comes with, in the order of the board, with their phases. */
export const DEFAULT_STATUSES = [
  { key: 'draft', phase: 'draft', name_es: 'Borrador', name_en: 'Draft', color: '#8a8f98' },
  { key: 'received', phase: 'open', name_es: 'Recibido', name_en: 'Received', color: '#3d6fb6' },
  { key: 'diagnosis', phase: 'open', name_es: 'Diagnóstico', name_en: 'Diagnosis', color: '#5b5fc7' },
  {
    key: 'waiting_approval',
    phase: 'waiting',
    name_es: 'Espera aprobación',
    name_en: 'Waiting for approval',
    color: '#c77700',
  },
  {
    key: 'waiting_parts',
    phase: 'waiting',
    name_es: 'Espera piezas',
    name_en: 'Waiting for parts',
    color: '#a8590f',
  },
  { key: 'in_progress', phase: 'work', name_es: 'En reparación', name_en: 'In progress', color: '#0f7b6c' },
  {
    key: 'quality',
    phase: 'quality',
    name_es: 'Control de calidad',
    name_en: 'Quality check',
    color: '#1f7a9c',
  },
  { key: 'ready', phase: 'ready', name_es: 'Listo', name_en: 'Ready', color: '#2e7d32' },
  { key: 'invoiced', phase: 'invoiced', name_es: 'Facturado', name_en: 'Invoiced', color: '#455a64' },
  { key: 'delivered', phase: 'delivered', name_es: 'Entregado', name_en: 'Delivered', color: '#607d8b' },
  { key: 'cancelled', phase: 'cancelled', name_es: 'Anulado', name_en: 'Cancelled', color: '#9e3b3b' },
] as const satisfies readonly {
  key: string;
  phase: Phase;
  name_es: string;
  name_en: string;
  color: string;
}[];

const IN_THE_SHOP: readonly Phase[] = ['open', 'waiting', 'work', 'quality', 'ready'];

const NEXT: Readonly<Record<Phase, readonly Phase[]>> = {
  draft: ['open', 'cancelled'],
  open: [...IN_THE_SHOP, 'cancelled'],
  waiting: [...IN_THE_SHOP, 'cancelled'],
  work: [...IN_THE_SHOP, 'cancelled'],
  quality: [...IN_THE_SHOP, 'cancelled'],
  // Straight to delivered: nothing was charged (warranty, courtesy). With an invoice it goes through invoiced.
  ready: [...IN_THE_SHOP, 'invoiced', 'delivered', 'cancelled'],
  invoiced: ['delivered'],
  // Delivered by mistake, or back the same day.
  delivered: ['ready'],
  cancelled: ['open'],
};

export interface TransitionQuestion {
  readonly from: Phase;
  readonly to: Phase;
  readonly reason?: string;
  /** Permissions the user has; compared with `needsPermission` of the status. */
  readonly permissions?: ReadonlySet<string>;
  /** wo_statuses.needs_permission of the target; empty: none. */
  readonly needsPermission?: string;
  /** True while an invoice locks the order [TALLER-20]. */
  readonly locked: boolean;
}

export type TransitionDecision =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly because: 'not-a-step' | 'locked' | 'needs-reason' | 'needs-permission';
    };

export function decideTransition(question: TransitionQuestion): TransitionDecision {
  const { from, to } = question;
  if (question.locked && to !== 'delivered') return { allowed: false, because: 'locked' };
  if (from === to ? !IN_THE_SHOP.includes(from) : !NEXT[from].includes(to))
    return { allowed: false, because: 'not-a-step' };
  if (needsReason(from, to) && (question.reason ?? '').trim() === '')
    return { allowed: false, because: 'needs-reason' };
  const permission = question.needsPermission ?? '';
  if (permission !== '' && !question.permissions?.has(permission))
    return { allowed: false, because: 'needs-permission' };
  return { allowed: true };
}

/** Cancelling and taking a step back over an end are explained. */
export function needsReason(from: Phase, to: Phase): boolean {
  return to === 'cancelled' || from === 'cancelled' || from === 'delivered';
}

/**
 * The status that counts, after two devices moved one order without seeing each other. The later move wins in the
 * row; `invoiced` stays whatever came later from a device that did not know, until someone unlocks the order.
 */
export function effectivePhase(
  order: { readonly locked_at: number | null; readonly unlocked_at: number | null },
  phase: Phase,
): Phase {
  if (!isLocked(order)) return phase;
  return phase === 'delivered' ? 'delivered' : 'invoiced';
}

/** True from the invoice until an unlock that is later [TALLER-20]. */
export function isLocked(order: {
  readonly locked_at: number | null;
  readonly unlocked_at: number | null;
}): boolean {
  return order.locked_at !== null && (order.unlocked_at === null || order.unlocked_at < order.locked_at);
}
