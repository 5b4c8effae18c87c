/**
 * The schema of Taller, the workshop application: seven families and their tables. Nothing in the engine
 * imports it; it is passed in.
 *
 *   admin     users, roles, devices, settings, series, statuses      written by the administrator only
 *   catalog   items, prices, taxes, templates, ready-made jobs
 *   people    customers, vehicles, what stays with a vehicle
 *   work      receptions, orders, inspections, estimates, gate       one document per month
 *   stock     movements                                              one document per month
 *   billing, cash                                                    one document per month; no tables yet
 */
import { defineSchema } from '../schema/table.ts';
import { adminTables } from './tables/admin.ts';
import { catalogTables } from './tables/catalog.ts';
import { described } from './tables/described.ts';
import { gateTables } from './tables/gate.ts';
import { orderTables } from './tables/orders.ts';
import { peopleTables } from './tables/people.ts';
import { receptionTables } from './tables/reception.ts';
import { stockTables } from './tables/stock.ts';

/** Counts up with every change of a table; travels in every commit. */
const TALLER_SCHEMA_VERSION = 4;

export const tallerSchema = defineSchema({
  version: TALLER_SCHEMA_VERSION,
  minVersion: 1,
  families: [
    { name: 'admin', bucketed: false },
    { name: 'catalog', bucketed: false },
    { name: 'people', bucketed: false },
    { name: 'work', bucketed: true },
    { name: 'stock', bucketed: true },
    { name: 'billing', bucketed: true },
    { name: 'cash', bucketed: true },
  ],
  tables: [
    ...adminTables,
    ...catalogTables,
    ...peopleTables,
    ...receptionTables,
    ...gateTables,
    ...orderTables,
    ...stockTables,
  ].map(described),
});
