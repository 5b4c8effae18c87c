-- Failed logins by address: names are locked one by one (0010), whoever tries many names is stopped here.

create table espejo.address_failure (
  address text primary key,
  failures int not null,
  since timestamptz not null
);
create index address_failure_age on espejo.address_failure (since);
comment on table espejo.address_failure is 'failed logins by address, over all instances; a row is worth nothing a quarter of an hour after its since, and is removed by the hour';
comment on column espejo.address_failure.address is 'IPv4 address, or the first 64 bits of an IPv6 address: what one customer of a provider has';
comment on column espejo.address_failure.failures is 'failed attempts since `since`; attempts that were right are taken back';
comment on column espejo.address_failure.since is 'time of the first of them';
