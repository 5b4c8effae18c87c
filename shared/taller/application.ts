/** Taller as the relay takes it. */
import type { Application } from '../schema/application.ts';
import { followAccount, followDevice } from './followed.ts';
import { tallerReportViews } from './reports.ts';
import { tallerRoles } from './roles.ts';
import { tallerSchema } from './schema.ts';
import { orderNumbering } from './server-numbers.ts';

export const tallerApplication: Application = {
  name: 'taller',
  schema: tallerSchema,
  roles: tallerRoles,
  reportViews: tallerReportViews,
  numberings: [orderNumbering],
  followAccount,
  followDevice,
};
