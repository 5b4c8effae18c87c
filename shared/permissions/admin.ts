/** What relay and replica assume of an application beyond its types: one family name. */
import { type Grants, mayWrite } from './grants.ts';

/** Whoever may write this family manages accounts, devices and second factors, and hands in what other devices wrote. */
const ADMIN_FAMILY = 'admin';

export function isAdmin(grants: Grants): boolean {
  return mayWrite(grants, ADMIN_FAMILY);
}
