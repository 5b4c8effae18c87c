-- Who may come in: own accounts, devices, refresh tokens, the signing key.

create table espejo.account (
  workspace text not null,
  name text not null,
  display_name text not null,
  role text not null,
  password_hash text,
  disabled_at timestamptz,
  generation int not null default 1,
  totp_secret text,
  totp_confirmed_at timestamptz,
  totp_last_step int not null default 0,
  issuer text,
  subject text,
  created_at timestamptz not null default clock_timestamp(),
  last_login_at timestamptz,
  primary key (workspace, name)
);
create unique index account_subject on espejo.account (workspace, issuer, subject) where issuer is not null;
comment on table espejo.account is 'people and scripts that may open a session; never deleted, so that who did what stays true';
comment on column espejo.account.name is 'what is typed at login, and what history shows';
comment on column espejo.account.role is 'a role of the application; grants follow from it at every request';
comment on column espejo.account.password_hash is 'scrypt$N$r$p$salt$hash, base64url; null for accounts of an identity provider';
comment on column espejo.account.generation is 'tokens of an earlier generation are refused; counts up at disable, change of role, reset and sign out everywhere';
comment on column espejo.account.totp_secret is 'base32; waits for a first code until totp_confirmed_at';
comment on column espejo.account.totp_last_step is 'last 30 s step whose code was used: a code works once';
comment on column espejo.account.issuer is 'OIDC issuer of an account that was made at its first visit; null for own accounts';
comment on column espejo.account.subject is 'the issuer''s stable id of the person';

create table espejo.login_failure (
  workspace text not null,
  name text not null,
  failures int not null,
  last_at timestamptz not null,
  primary key (workspace, name)
);
comment on table espejo.login_failure is 'failed logins in a row by typed name, whether or not such an account exists; removed by a success, or a day later';

create table espejo.device (
  workspace text not null,
  id text not null,
  label text not null default '',
  user_name text not null,
  created_at timestamptz not null default clock_timestamp(),
  last_seen_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz,
  revoked_by text,
  primary key (workspace, id)
);
comment on table espejo.device is 'replicas that opened a session; a revoked one is never let in again';
comment on column espejo.device.id is '8 characters of base62, made by the replica at first open';
comment on column espejo.device.user_name is 'who opened the last session on it';

create table espejo.refresh_token (
  sha256 bytea primary key,
  chain uuid not null,
  workspace text not null,
  user_name text not null,
  device text not null,
  issued_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  replaced_by bytea,
  confirmed_at timestamptz
);
create index refresh_token_chain on espejo.refresh_token (chain);
create index refresh_token_user on espejo.refresh_token (workspace, user_name);
create index refresh_token_expiry on espejo.refresh_token (expires_at);
comment on table espejo.refresh_token is 'one row per refresh token; the token itself is never stored';
comment on column espejo.refresh_token.chain is 'one sign-in: every refresh of it has the same chain';
comment on column espejo.refresh_token.replaced_by is 'its successor; using it again is allowed until the successor was used (the answer may have been lost), then ends the chain';
comment on column espejo.refresh_token.confirmed_at is 'first use';

create table espejo.revocation (
  id int generated always as identity primary key,
  workspace text not null,
  user_name text,
  device text,
  at timestamptz not null default clock_timestamp()
);
create index revocation_age on espejo.revocation (at);
comment on table espejo.revocation is 'whose open sockets every instance must cut; written in the transaction that takes the right away, kept for a day';
comment on column espejo.revocation.user_name is 'null: whoever sits at the device';
comment on column espejo.revocation.device is 'null: all devices of the user';

create table espejo.signing_key (
  id text primary key,
  secret bytea not null,
  created_at timestamptz not null default clock_timestamp()
);
comment on table espejo.signing_key is 'HS256 keys of our own tokens; the youngest signs, all verify';

create table espejo.idempotency (
  scope text not null,
  key text not null,
  request_hash bytea not null,
  status int,
  answer bytea,
  created_at timestamptz not null default clock_timestamp(),
  primary key (scope, key)
);
create index idempotency_age on espejo.idempotency (created_at);
comment on table espejo.idempotency is 'answers of POST requests with an Idempotency-Key, for 24 h';
comment on column espejo.idempotency.scope is 'workspace/user, or the empty text for requests without a token';
comment on column espejo.idempotency.status is 'null while the first request is still running';
comment on column espejo.idempotency.answer is 'sealed with a key made from the request itself: only who can repeat it can read it';

create table espejo.object (
  workspace text not null,
  family text not null,
  sha256 text not null,
  bytes int not null,
  content_type text not null,
  uploaded_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  stored_at timestamptz,
  primary key (workspace, family, sha256)
);
comment on table espejo.object is 'photos and PDFs, named by their content; the bytes are in the object store';
comment on column espejo.object.family is 'whose grants decide who may read it; part of the key, so that knowing a hash gives nobody the content';
comment on column espejo.object.sha256 is 'of the whole content, 64 hex digits';
comment on column espejo.object.stored_at is 'null while parts are missing';
