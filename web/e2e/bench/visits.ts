/** What the replica benches work on: ten-column rows in month documents, 200 customers of very unequal weight. */
import { newId } from '../../../shared/base/ids.ts';
import {
  boolean,
  defineSchema,
  defineTable,
  integer,
  money,
  optional,
  text,
  timestamp,
} from '../../../shared/schema/table.ts';
import type { Prng } from '../../../shared/testing/prng.ts';
import type { Statement } from '../../client/engine-messages.ts';

export const visitSchema = defineSchema({
  version: 1,
  minVersion: 1,
  families: [{ name: 'visits', bucketed: true }],
  tables: [
    // Seven columns of its own and three that every table has.
    defineTable(
      'visits',
      { family: 'visits', bucket: 'id', indexes: [['customer', 'opened_at']] },
      {
        customer: integer(),
        opened_at: timestamp(),
        plate: text(),
        model: text(),
        odometer: optional(integer()),
        total_minor: money(),
        is_paid: boolean(),
      },
    ),
  ],
});

const CUSTOMERS = 200;
/** All rows of a bench lie in months that end here. */
const LAST_MONTH = { year: 2026, month: 10 };

const INSERT = `insert into visits (id, customer, opened_at, plate, model, odometer, total_minor, is_paid)
  values (?, ?, ?, ?, ?, ?, ?, ?)`;
/** An indexed query of 20 rows. */
export const NEWEST_OF_CUSTOMER = 'select * from visits where customer = ? order by opened_at desc limit 20';
/** A customer with many rows at any size. */
export const BUSY_CUSTOMER = 3;

/** `count` rows of one month, `monthsAgo` before the last. */
export function insertVisits(random: Prng, count: number, monthsAgo: number): Statement[] {
  const monthMs = Date.UTC(LAST_MONTH.year, LAST_MONTH.month - monthsAgo, 1);
  return Array.from({ length: count }, () => {
    const openedAtMs = monthMs + random.int(27 * 86_400_000);
    const params = [
      newId(openedAtMs),
      Math.floor(CUSTOMERS * random.next() ** 2),
      openedAtMs,
      `${1000 + random.int(9000)} ${random.pick(['BCD', 'FGH', 'JKL', 'MNP'])}`,
      random.pick(['Seat Ibiza', 'Renault Clio', 'Ford Focus', 'Citroën Berlingo', 'Toyota Corolla']),
      random.int(300_000),
      random.int(200_000),
      random.int(2),
    ];
    return { sql: INSERT, params };
  });
}
