/**
 * Customers and vehicles that are probably one [TALLER-22]. A merge only points the duplicate at the row that
 * stays (`merged_into_id`); whoever reads follows the pointer, and no order, line or ledger is rewritten.
 */

type DuplicateReason = 'plate' | 'vin' | 'tax-id' | 'phone';

/**
 * Pairs of rows that share a key, each with the oldest of those that share it. Columns: first_id, second_id
 * (first < second), because: the strongest reason of the two. Sorted once, not compared each with each;
 * `having` picks the row that the other columns come from (SQLite takes them from the row of the min).
 */
function pairsSql(keys: readonly (readonly [because: DuplicateReason, select: string])[]): string {
  const all = keys.map(
    ([because, select], strength) =>
      `select id, '${because}' as because, ${strength} as strength, key from (${select})`,
  );
  return `select first_id, id as second_id, because from (
  select id, because, strength, min(id) over (partition by strength, key) as first_id from (${all.join(' union all ')}))
where id <> first_id group by first_id, id having strength = min(strength)`;
}

const PRESENT_VEHICLE = 'from vehicles where merged_into_id is null';
/** Vehicles that share a plate or a VIN. Merged ones are left out. */
export const DUPLICATE_VEHICLES_SQL = pairsSql([
  ['plate', `select id, plate_norm as key ${PRESENT_VEHICLE} and plate_norm <> ''`],
  ['vin', `select id, vin as key ${PRESENT_VEHICLE} and vin <> ''`],
]);

const PRESENT_CUSTOMER = 'from customers where merged_into_id is null and anonymized_at is null';
/** Customers that share a tax id or a phone. Merged and anonymised ones are left out. */
export const DUPLICATE_CUSTOMERS_SQL = pairsSql([
  ['tax-id', `select id, tax_id_norm as key ${PRESENT_CUSTOMER} and tax_id_norm <> ''`],
  ['phone', `select id, phone_norm as key ${PRESENT_CUSTOMER} and phone_norm <> ''`],
]);

/** Longest chain of merges that is followed. Two devices may have made a circle, which has no end. */
const MAX_MERGE_STEPS = 8;
/** Steps from here on lie within the circle, when there is one. */
const CIRCLE_FROM_STEP = MAX_MERGE_STEPS / 2;

/**
 * A select `(id, kept_id)`: which row stands for each one now. Use it in a `with` and join on it:
 * `with kept as (${keptSql('customers')}) select … join kept on kept.id = work_orders.customer_id`.
 * A circle of merges is represented by its smallest id.
 */
export function keptSql(table: 'customers' | 'vehicles'): string {
  return `with recursive chain(id, at, step) as (
  select id, id, 0 from ${table}
  union all
  select chain.id, next.merged_into_id, step + 1 from chain join ${table} next on next.id = chain.at
  where next.merged_into_id is not null and step < ${MAX_MERGE_STEPS}),
ends(id, last_step) as (select id, max(step) from chain group by id)
select chain.id as id, min(chain.at) as kept_id from chain join ends on ends.id = chain.id
where case when last_step < ${MAX_MERGE_STEPS} then step = last_step else step >= ${CIRCLE_FROM_STEP} end
group by chain.id`;
}

/**
 * A select of every id that stands for one row: its own and those merged into it, over any number of steps. Takes
 * the id as its one parameter: `where customer_id in (${sameIdsSql('customers')})`. All rows of a circle of merges
 * are the same one.
 */
export function sameIdsSql(table: 'customers' | 'vehicles'): string {
  return `with recursive same(id) as (
  select ? union select twin.id from same join ${table} twin on twin.merged_into_id = same.id)
select id from same`;
}

/**
 * A left join of the row that stands now for what `reference` names: `select c.name from work_orders o
 * ${joinKeptSql('customers', 'c', 'o.customer_id')}`. Follows what `keptSql` follows, row by row: for lists that show a
 * few of many. A pointer to a row that is not there is not followed.
 */
export function joinKeptSql(table: 'customers' | 'vehicles', alias: string, reference: string): string {
  const named = `${alias}_named`;
  return `left join ${table} ${named} on ${named}.id = ${reference}
  left join ${table} ${alias} on ${alias}.id = iif(${named}.merged_into_id is null, ${named}.id, (
    with recursive chain(at, step) as (
      select ${named}.id, 0
      union all
      select next.id, step + 1 from chain join ${table} here on here.id = chain.at
        join ${table} next on next.id = here.merged_into_id where step < ${MAX_MERGE_STEPS})
    select iif(max(step) < ${MAX_MERGE_STEPS},
      (select at from chain order by step desc limit 1),
      (select min(at) from chain where step >= ${CIRCLE_FROM_STEP})) from chain))`;
}

/** Which of two stays: the one with more filled in; of equals, the older id. */
export function suggestKept<R extends { readonly id: string }>(a: R, b: R): R {
  const filled = (row: R): number =>
    (Object.values(row) as unknown[]).filter((value) => value !== null && value !== '' && value !== 0).length;
  const difference = filled(a) - filled(b);
  if (difference !== 0) return difference > 0 ? a : b;
  return a.id < b.id ? a : b;
}
