-- Codes that let a new device in without a password. The code itself is never stored.
create table espejo.join_code (
  sha256 bytea primary key,
  workspace text not null,
  user_name text not null,
  made_by text not null,
  made_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);
create index join_code_expiry on espejo.join_code (expires_at);
comment on table espejo.join_code is 'one row per code that was not used yet; taken out by its use';
comment on column espejo.join_code.user_name is 'account that the device will be signed in with';
