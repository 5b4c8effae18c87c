/**
 * The label of a commit made on a device that somebody took over with a PIN: `wo.edit @marta`. The relay knows the account
 * of the session only; the label says whose hand it was.
 */
import { MAX_LABEL_LENGTH } from './commit.ts';

/** As the relay's account names are written: no spaces. */
const SIGNED = / @([a-z0-9][a-z0-9._@+-]*)$/;

/** `person` undefined: the account of the session itself. What is too long is cut before the name. */
export function signLabel(label: string, person: string | undefined): string {
  const by = person === undefined ? '' : ` @${person}`;
  return label.slice(0, MAX_LABEL_LENGTH - by.length) + by;
}

/** `wo.edit @marta` -> wo.edit, marta; a label that nobody signed names nobody. */
export function readSignedLabel(label: string): { readonly what: string; readonly person?: string } {
  const signed = SIGNED.exec(label);
  return signed?.[1] === undefined
    ? { what: label }
    : { what: label.slice(0, signed.index), person: signed[1] };
}
