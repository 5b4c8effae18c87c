/**
 * What a role may do beyond reading and writing families [TALLER-24]. Rows of role_permissions override the
 * defaults of the role; limits travel with the permission. The page asks before it offers; the relay guards the
 * families themselves (roles.ts).
 */
import type { RoleId } from './roles.ts';
import type { RolePermission } from './tables/admin.ts';

export const PERMISSIONS = [
  'cost.view',
  'price.view',
  'price.override',
  'discount.give',
  'order.cancel',
  'order.reopen',
  'order.unlock',
  'order.approve_by_phone',
  'time.correct',
  'stock.adjust',
  'customer.merge',
  'customer.anonymize',
  'invoice.issue',
  'invoice.void',
  'cash.see_expected',
  'data.import',
  'data.export',
  'settings.edit',
  'users.edit',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export interface PermissionLimits {
  /** Hundredths of a percent of discount that may be given. */
  readonly max_discount_bp?: number;
  /** Amount in minor units up to which it is allowed. */
  readonly max_minor?: number;
}

type Defaults = Readonly<Partial<Record<Permission, PermissionLimits>>>;

const DEFAULTS: Readonly<Record<RoleId, Defaults>> = {
  admin: Object.fromEntries(PERMISSIONS.map((permission) => [permission, {}])),
  recepcion: {
    'price.view': {},
    'price.override': { max_discount_bp: 1000 },
    'discount.give': { max_discount_bp: 1000 },
    'order.cancel': {},
    'order.reopen': {},
    'order.approve_by_phone': {},
    'customer.merge': {},
    'invoice.issue': {},
    'data.export': {},
  },
  mecanico: {},
  caja: {
    'price.view': {},
    'discount.give': { max_discount_bp: 500 },
    'invoice.issue': {},
    'data.export': {},
  },
};

export type PermissionDecision =
  | { readonly allowed: true; readonly limits: PermissionLimits }
  | { readonly allowed: false; readonly because: 'not-permitted' | 'over-limit' };

/**
 * Decides one action. `rows` are those of role_permissions, of any role; `asked` is compared with the limits.
 * A limit that cannot be read counts as zero.
 */
export function decide(
  role: string,
  permission: Permission,
  rows: readonly Pick<RolePermission, 'role_id' | 'permission' | 'allowed' | 'limit_json'>[],
  asked: { readonly discountBp?: number; readonly amountMinor?: number } = {},
): PermissionDecision {
  const row = rows.find((candidate) => candidate.role_id === role && candidate.permission === permission);
  const limits = row
    ? row.allowed === 1
      ? readLimits(row.limit_json)
      : undefined
    : (DEFAULTS as Readonly<Record<string, Defaults>>)[role]?.[permission];
  if (limits === undefined) return { allowed: false, because: 'not-permitted' };
  const overDiscount =
    limits.max_discount_bp !== undefined && (asked.discountBp ?? 0) > limits.max_discount_bp;
  const overAmount = limits.max_minor !== undefined && (asked.amountMinor ?? 0) > limits.max_minor;
  return overDiscount || overAmount ? { allowed: false, because: 'over-limit' } : { allowed: true, limits };
}

function readLimits(text: string): PermissionLimits {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).map(([name, limit]) => [name, typeof limit === 'number' ? limit : 0]),
    );
  } catch {
    // SyntaxError: somebody's limit was meant, so nothing beyond zero is allowed.
    return { max_discount_bp: 0, max_minor: 0 };
  }
}
