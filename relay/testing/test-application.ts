/** A small application with every kind of column and both kinds of document, for tests of the relay. */
import type { Application } from '../../shared/schema/application.ts';
import {
  boolean,
  defineSchema,
  defineTable,
  integer,
  json,
  money,
  optional,
  quantity,
  real,
  reference,
  sharedText,
  text,
  timestamp,
} from '../../shared/schema/table.ts';

const people = defineTable(
  'people',
  { family: 'people', comment: 'who brings things' },
  {
    name: text({ comment: 'as it is spoken' }),
    code: optional(text({ unique: true })),
    is_active: boolean({ default: 1 }),
    born_at: optional(timestamp()),
    credit: money({ check: 'credit >= 0' }),
    weight: optional(real()),
    visits: integer(),
    extra: json(),
  },
);

const jobs = defineTable(
  'jobs',
  { family: 'work', bucket: 'id', comment: 'what is to be done' },
  {
    title: text(),
    person_id: optional(reference('people')),
    notes: sharedText(),
    status: text({ default: 'open', onConflict: 'manual' }),
  },
);

const lines = defineTable(
  'lines',
  { family: 'work', bucket: 'job_id', comment: 'what a job costs' },
  { job_id: reference('jobs'), qty: quantity(), price: money() },
);

const moves = defineTable(
  'moves',
  { family: 'stock', bucket: 'id', class: 'append-only', comment: 'what came in and went out' },
  { item: text(), qty: quantity() },
);

export const testApplication: Application = {
  name: 'test',
  schema: defineSchema({
    version: 1,
    minVersion: 1,
    families: [
      { name: 'people', bucketed: false },
      { name: 'work', bucketed: true },
      { name: 'stock', bucketed: true },
    ],
    tables: [people, jobs, lines, moves],
  }),
  roles: {
    all: { role: 'all', families: { people: 'write', work: 'write', stock: 'write' }, other: 'write' },
  },
  reportViews: [
    {
      name: 'open_jobs',
      sql: `select workspace, id, title from report.jobs where status = 'open'`,
      comment: 'jobs that nobody has finished',
    },
  ],
};
