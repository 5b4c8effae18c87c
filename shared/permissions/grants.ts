/**
 * Who may read and write which family. Pure: the relay decides with it, the replica asks it first, so that the
 * page never offers what the relay would refuse [PERM-1].
 */

export type Access = 'none' | 'read' | 'write';

export interface Grants {
  /** Name of the role these grants come from. */
  readonly role: string;
  /** Access by family; a family that is not named has `other`. */
  readonly families: Readonly<Record<string, Access>>;
  /** Access to documents that belong to no family of the schema, and to families not named. */
  readonly other: Access;
}

const DOCUMENT_NAME = /^[a-z0-9-]+(\/[a-z0-9-]+)*$/;
/** Longest document name a peer may use. */
const MAX_DOCUMENT_NAME_LENGTH = 200;

export function isDocumentName(name: string): boolean {
  return name.length <= MAX_DOCUMENT_NAME_LENGTH && DOCUMENT_NAME.test(name);
}

/** The first part of the name: `work/2026-11` -> `work`. */
export function familyOfDocument(document: string): string {
  const slash = document.indexOf('/');
  return slash < 0 ? document : document.slice(0, slash);
}

export function accessTo(grants: Grants, document: string): Access {
  return grants.families[familyOfDocument(document)] ?? grants.other;
}

export function mayRead(grants: Grants, document: string): boolean {
  return accessTo(grants, document) !== 'none';
}

export function mayWrite(grants: Grants, document: string): boolean {
  return accessTo(grants, document) === 'write';
}
