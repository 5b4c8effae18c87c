-- Numbers that the relay gave to rows whose series asks for it, before they are in the rows themselves.

create table espejo.number_given (
  workspace text not null,
  series text not null,
  number bigint not null,
  row_id text not null,
  given_at timestamptz not null default clock_timestamp(),
  primary key (workspace, series, number),
  unique (workspace, series, row_id)
);
comment on table espejo.number_given is 'which row got which number of a series; given once, whatever fails afterwards, so that no number is given twice and none is left out';
comment on column espejo.number_given.workspace is 'the workshop the series belongs to';
comment on column espejo.number_given.series is 'what the application calls the series';
comment on column espejo.number_given.number is 'counts on from the one before, within the series';
comment on column espejo.number_given.row_id is 'the row that has it';
comment on column espejo.number_given.given_at is 'when it was given';
