/**
 * Text as it is searched: accents, case and spaces do not matter. SQLite's `lower` and `like` know ASCII only, so
 * columns are folded by plain `replace`, which every SQLite has.
 */

import type { Statement } from './flows/statement.ts';
import { normalizePhone, normalizePlate } from './normalize.ts';

/** `fold('  Núñez  Gómez ')` -> `nunez gomez`. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}

const ACCENTED: readonly (readonly [string, string])[] = [
  ...pairs('áàâäã', 'a'),
  ...pairs('éèêë', 'e'),
  ...pairs('íìîï', 'i'),
  ...pairs('óòôöõ', 'o'),
  ...pairs('úùûü', 'u'),
  ...pairs('ñ', 'n'),
  ...pairs('ç', 'c'),
];

function pairs(letters: string, plain: string): [string, string][] {
  return [...letters].flatMap((letter) => [
    [letter, plain],
    [letter.toUpperCase(), plain],
  ]);
}

/** SQL expression that folds a column like `fold` does, but for runs of spaces. */
export function foldSql(expression: string): string {
  return ACCENTED.reduce(
    (sql, [letter, plain]) => `replace(${sql}, '${letter}', '${plain}')`,
    `lower(${expression})`,
  );
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
        or ${foldSql("v.make || ' ' || v.model")} like ?2 escape '\\') limit ?4)
    union all select * from (
      select 'customer', c.id, c.name, c.phone, 2, c.name
      from customers c where c.merged_into_id is null and c.anonymized_at is null
        and (${foldSql("c.name || ' ' || c.legal_name")} like ?2 escape '\\' or c.phone_norm like ?3 or c.tax_id_norm like ?1) limit ?4)
    union all select * from (
      select 'order', o.id, o.number, coalesce(v.plate, ''), 3, -o.opened_at
      from work_orders o left join vehicles v on v.id = o.vehicle_id
      where o.number like ?2 escape '\\' or v.plate_norm like ?1 order by o.opened_at desc limit ?4)
    union all select * from (
      select 'item', i.id, i.sku, i.name_es, 4, i.sku
      from items i where i.active = 1 and (i.sku like ?2 escape '\\' or ${foldSql('i.name_es')} like ?2 escape '\\') limit ?4)
    order by place, sort`,
    params: [plateLike, name, phoneLike, limit],
  };
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
