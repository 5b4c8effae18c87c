/** Views of schema `report` for people who make reports, over the tables that Taller has. */
import type { ReportView } from '../schema/application.ts';

export const tallerReportViews: readonly ReportView[] = [];
