/** What the relay assumes of an application beyond its types: one family name. */
import { type Grants, mayWrite } from '../shared/permissions/grants.ts';

/** Whoever may write this family manages accounts, devices and second factors. */
const ADMIN_FAMILY = 'admin';

export function isAdmin(grants: Grants): boolean {
  return mayWrite(grants, ADMIN_FAMILY);
}
