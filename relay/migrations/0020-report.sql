-- What the materializer keeps: its cursors, what it set aside, the snapshots it made, and the part of schema
-- `report` that every application has. The application's own tables there follow its schema (report-schema.ts).

create schema if not exists report;
comment on schema report is 'the data as plain tables, for reports and BI tools; written by the materializer only';

create table espejo.report_cursor (
  document int primary key,
  epoch int not null default 1,
  seq int not null default 0,
  updated_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);
comment on table espejo.report_cursor is 'how far each document is in report; apart from espejo.document, so that a consumer holds its lock while devices go on appending';
comment on column espejo.report_cursor.document is 'espejo.document.id';
comment on column espejo.report_cursor.epoch is 'epoch of the document that seq counts in';
comment on column espejo.report_cursor.seq is 'last update that is in report';

create table espejo.quarantine (
  id bigint generated always as identity primary key,
  workspace text not null,
  document int not null,
  epoch int not null,
  seq int not null,
  reason text not null,
  detail text not null,
  commit uuid,
  user_name text not null,
  device text,
  update bytea not null,
  state text not null default 'open' check (state in ('waiting', 'open', 'resolved', 'retried')),
  quarantined_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  unique (document, epoch, seq)
);
create index quarantine_open on espejo.quarantine (document, epoch, seq) where state in ('waiting', 'open');
comment on table espejo.quarantine is 'updates that are not in report, with the reason; their documents go on without them';
comment on column espejo.quarantine.reason is 'gap, malformed, foreign-register, foreign-table, unstorable';
comment on column espejo.quarantine.detail is 'one sentence for whoever looks into it; never holds row values';
comment on column espejo.quarantine.update is 'the update as it was appended, so that trimming the log does not lose it';
comment on column espejo.quarantine.state is 'waiting: taken in by itself once what it depends on arrives; open: needs a person; resolved: is in report; retried: appended again as another seq';

create table espejo.snapshot (
  document int not null,
  epoch int not null,
  seq int not null,
  key text not null unique,
  sha256 text not null,
  bytes int not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (document, epoch, seq)
);
comment on table espejo.snapshot is 'every snapshot that was read back and is still kept; espejo.document points to the youngest';
comment on column espejo.snapshot.seq is 'the state holds the log up to and including it';

create table espejo.report_schema (
  application text primary key,
  hash text not null,
  applied_at timestamptz not null default clock_timestamp()
);
comment on table espejo.report_schema is 'which definition the tables of report were last made from';

create table report.history (
  id bigint generated always as identity primary key,
  workspace text not null,
  table_name text not null,
  row_id text not null,
  action text not null check (action in ('insert', 'update', 'delete')),
  column_name text not null,
  old_value jsonb,
  new_value jsonb,
  device text,
  user_name text not null,
  label text,
  commit_id uuid,
  changed_at timestamptz not null,
  stored_at timestamptz not null,
  document text not null,
  epoch int not null,
  seq int not null
);
create unique index history_once on report.history (workspace, document, epoch, seq, table_name, row_id, column_name);
create index history_row on report.history (workspace, table_name, row_id, changed_at);
create index history_time on report.history (workspace, changed_at);
comment on table report.history is 'who changed what and when: one line per changed cell, one per inserted or deleted row';
comment on column report.history.action is 'insert, update or delete, as seen by everyone after merging';
comment on column report.history.column_name is 'the changed column; empty for insert and delete';
comment on column report.history.old_value is 'before: the cell, or for delete the whole row as an object';
comment on column report.history.new_value is 'after: the cell, or for insert the whole row as an object';
comment on column report.history.device is 'replica that made the change; null for a stock Yjs client';
comment on column report.history.label is 'what the user did: wo.create';
comment on column report.history.changed_at is 'when the user did it, by the device''s corrected clock';
comment on column report.history.stored_at is 'when it reached the relay';
comment on column report.history.seq is 'number of the update in its document';

create table report.conflict (
  workspace text not null,
  table_name text not null,
  row_id text not null,
  column_name text not null,
  loser_device text not null,
  loser_at timestamptz not null,
  loser_value jsonb,
  winner_device text not null,
  winner_at timestamptz not null,
  winner_value jsonb,
  policy text not null,
  document text not null,
  found_at timestamptz not null default clock_timestamp(),
  primary key (workspace, table_name, row_id, column_name, loser_device)
);
comment on table report.conflict is 'cells that two devices wrote without seeing each other; gone once somebody who saw both has written';
comment on column report.conflict.column_name is 'empty when one deleted the row and the other edited it';
comment on column report.conflict.winner_value is 'what the row shows';
comment on column report.conflict.loser_value is 'what was written and is not shown';
comment on column report.conflict.policy is 'manual: waits for a person; lww: only listed';

create table report.violation (
  workspace text not null,
  kind text not null check (kind in ('unique', 'reference', 'check', 'not-null', 'append-only', 'sealed')),
  table_name text not null,
  row_id text not null,
  rule text not null,
  device text not null default '',
  written_at timestamptz,
  key text,
  keeper_id text,
  found_at timestamptz not null default clock_timestamp(),
  primary key (workspace, kind, table_name, row_id, rule, device)
);
create index violation_row on report.violation (workspace, table_name, row_id);
comment on table report.violation is 'merged rows that break a declared rule; gone once the data is mended';
comment on column report.violation.rule is 'the column, several joined by a comma, or the checked expression';
comment on column report.violation.device is 'who wrote the register that is not shown; else empty';
comment on column report.violation.key is 'unique: the shared key as a JSON array; reference: the id that is missing';
comment on column report.violation.keeper_id is 'unique: the row that keeps the key, the same on every replica';

-- A group for people and BI tools: `grant espejo_report to somebody`. Making roles needs a privilege that a managed
-- database may keep to itself; then whoever has it makes the role, and the relay grants the rest at its next start.
do $$
begin
  create role espejo_report nologin;
exception
  when duplicate_object or unique_violation or insufficient_privilege then null;
end
$$;
