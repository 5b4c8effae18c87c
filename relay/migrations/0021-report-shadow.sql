-- Child rows that two devices wrote into two months: the earlier month's is in the report, the other waits here.

create table espejo.report_shadow (
  workspace text not null,
  table_name text not null,
  row_id text not null,
  document text not null,
  cells text not null,
  primary key (workspace, table_name, row_id, document)
);
comment on table espejo.report_shadow is 'rows that a document holds and the report does not show, because an earlier month has a row of the same id; shown once that one goes';
comment on column espejo.report_shadow.document is 'the later month''s document, e.g. work/2026-11';
comment on column espejo.report_shadow.cells is 'the row as a JSON object, by column; text, because jsonb would round numbers and refuse some texts';
