/**
 * Text as it is searched: accents, case and spaces do not matter. SQLite's `lower` and `like` know ASCII only; its
 * `glob` has classes of letters, which do.
 */

import type { Statement } from './flows/statement.ts';
import { normalizePhone, normalizePlate } from './normalize.ts';

/** `fold('  Núñez  Gómez ')` -> `nunez gomez`. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** Letters that count as one when searched; a letter that is not here stands for itself in both cases. */
const SAME: Readonly<Record<string, string>> = {
  a: 'aáàâäãAÁÀÂÄÃ',
  c: 'cçCÇ',
  e: 'eéèêëEÉÈÊË',
  i: 'iíìîïIÍÌÎÏ',
  n: 'nñNÑ',
  o: 'oóòôöõOÓÒÔÖÕ',
  u: 'uúùûüUÚÙÛÜ',
};

/**
 * Pattern for SQLite's `glob` that finds a text whatever its accents and case, its words in order with anything
 * between: `glob('nun gom')` -> `*[nñNÑ][uú…][nñNÑ]*[gG][oó…][mM]*`. One pass over the column, where folding the
 * column itself by nested `replace` took fifty.
 */
export function foldedGlob(text: string): string {
  const words = fold(text).split(' ');
  return `*${words.map((word) => [...word].map(letterClass).join('')).join('*')}*`;
}

function letterClass(letter: string): string {
  if (letter === ']') return letter;
  return `[${SAME[letter] ?? letter + (letter.toUpperCase() === letter ? '' : letter.toUpperCase())}]`;
}

/** What a line of the global search shows. `kind` decides where it leads. */
export interface SearchHit {
  readonly kind: 'vehicle' | 'customer' | 'order' | 'item';
  readonly id: string;
  readonly title: string;
  readonly detail: string;
}

/** The search, or undefined when there is nothing to look for. Hits come vehicles first, orders newest first. */
export function searchStatement(text: string, country = 'ES', limit = 20): Statement | undefined {
  const words = fold(text);
  if (words.length < 2) return undefined;
  const plate = normalizePlate(text);
  const digits = text.replace(/\D/g, '');
  const phone = digits.length >= 3 ? normalizePhone(text, country).replace(/^\+/, '') : '';
  const name = `%${escapeLike(words)}%`;
  const plateLike = plate === '' ? null : `%${plate}%`;
  const phoneLike = phone === '' ? null : `%${digits.length < 9 ? digits : phone}%`;
  return {
    sql: `select * from (
      select 'vehicle' as kind, v.id as id, v.plate as title, trim(v.make || ' ' || v.model) as detail, 1 as place, v.plate_norm as sort
      from vehicles v where v.merged_into_id is null and (v.plate_norm like ?1 or v.vin like ?1
        or (v.make || ' ' || v.model) glob ?5) limit ?4)
    union all select * from (
      select 'customer', c.id, c.name, c.phone, 2, c.name
      from customers c where c.merged_into_id is null and c.anonymized_at is null
        and (c.name glob ?5 or c.legal_name glob ?5 or c.phone_norm like ?3 or c.tax_id_norm like ?1) limit ?4)
    union all select * from (
      select 'order', o.id, o.number, coalesce(v.plate, ''), 3, -o.opened_at
      from (select id, number, vehicle_id, opened_at from work_orders
        where number like ?2 escape '\\' or vehicle_id in (select id from vehicles where plate_norm like ?1)
        order by opened_at desc limit ?4) o
      left join vehicles v on v.id = o.vehicle_id)
    union all select * from (
      select 'item', i.id, i.sku, i.name_es, 4, i.sku
      from items i where i.active = 1 and (i.sku like ?2 escape '\\' or i.name_es glob ?5 or i.name_en glob ?5) limit ?4)
    order by place, sort`,
    params: [plateLike, name, phoneLike, limit, foldedGlob(text)],
  };
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
