/**
 * What each role may read and write, by family [TALLER-24]. The relay decides with it on every commit; what a
 * role may do beyond that (price override, void, …) is in permissions.ts.
 */
import type { Grants } from '../permissions/grants.ts';

/** Ids of the roles that come with the application: administrator, service adviser, technician, cashier. */
export const ROLE_IDS = ['admin', 'recepcion', 'mecanico', 'caja'] as const;
export type RoleId = (typeof ROLE_IDS)[number];

export const tallerRoles: Readonly<Record<RoleId, Grants>> = {
  admin: {
    role: 'admin',
    families: {
      admin: 'write',
      catalog: 'write',
      people: 'write',
      work: 'write',
      stock: 'write',
      billing: 'write',
      cash: 'write',
    },
    other: 'write',
  },
  recepcion: {
    role: 'recepcion',
    families: {
      admin: 'read',
      catalog: 'write',
      people: 'write',
      work: 'write',
      stock: 'write',
      billing: 'write',
      cash: 'read',
    },
    other: 'none',
  },
  // Findings and odometer readings of `people` come from the technician, issued parts go to `stock`.
  mecanico: {
    role: 'mecanico',
    families: {
      admin: 'read',
      catalog: 'read',
      people: 'write',
      work: 'write',
      stock: 'write',
      billing: 'none',
      cash: 'none',
    },
    other: 'none',
  },
  caja: {
    role: 'caja',
    families: {
      admin: 'read',
      catalog: 'read',
      people: 'write',
      work: 'write',
      stock: 'write',
      billing: 'write',
      cash: 'write',
    },
    other: 'none',
  },
};
