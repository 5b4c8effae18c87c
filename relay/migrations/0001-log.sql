-- The log: every update of every document, numbered 1, 2, 3 per document with no gap, and the commits they came in.
-- Counters that stay within 4 bytes are int; bigints (hlc, position, log_bytes) stay within 2^53 and are parsed as numbers.

create schema if not exists espejo;

-- Order of appends. Taken while the rows of all touched documents are locked, so for two commits that share a
-- document the later one has the higher position: `order by position` is an order that fits every document's seqs.
-- It is no cursor: positions become visible out of order.
create sequence espejo.position;

create table espejo.document (
  id              int generated always as identity primary key,
  workspace       text not null,
  name            text not null,
  epoch           int not null default 1,
  head            int not null default 0,
  trimmed_seq     int not null default 0,
  log_bytes       bigint not null default 0,
  snapshot_seq    int not null default 0,
  snapshot_key    text,
  snapshot_sha256 text,
  snapshot_bytes  int,
  snapshot_at     timestamptz,
  reported_seq    int not null default 0,
  unique (workspace, name)
) with (fillfactor = 40); -- room for heads to move in place, without touching the indexes

comment on table espejo.document is 'One Y.Doc of one workspace, and how far its log, snapshot and report have come.';
comment on column espejo.document.id is 'Number of the document on the wire and in the log; never used again.';
comment on column espejo.document.name is '[a-z0-9-]+(/[a-z0-9-]+)*, e.g. work/2026-11.';
comment on column espejo.document.epoch is 'Life of the document between two re-creations, from 1.';
comment on column espejo.document.head is 'Seq of the last update of this epoch; 0: none.';
comment on column espejo.document.trimmed_seq is 'Log rows of this epoch up to this seq are gone; never above snapshot_seq.';
comment on column espejo.document.log_bytes is 'Bytes of the updates of this epoch appended since the snapshot.';
comment on column espejo.document.snapshot_seq is 'The snapshot holds the document up to this seq; 0: no snapshot.';
comment on column espejo.document.snapshot_key is 'Object key of the snapshot, immutable.';
comment on column espejo.document.snapshot_bytes is 'Size of the snapshot in bytes.';
comment on column espejo.document.reported_seq is 'Written to schema report up to this seq of this epoch.';

create table espejo.commit (
  workspace  text not null,
  id         uuid not null,
  device     text not null,
  user_name  text not null,
  hlc        bigint not null,
  schema     int not null,
  label      text not null,
  stored_at  timestamptz not null default clock_timestamp(),
  position   bigint not null,
  documents  int[] not null,
  epochs     int[] not null,
  seqs       int[] not null,
  primary key (workspace, id)
);

comment on table espejo.commit is 'One atomic write over one or several documents; its id makes a resend harmless.';
comment on column espejo.commit.hlc is 'Hybrid logical clock of the device: ms x 4096 + counter.';
comment on column espejo.commit.schema is 'Version of the schema it was written with.';
comment on column espejo.commit.label is 'What the user did, e.g. wo.create.';
comment on column espejo.commit.documents is 'Document ids of its parts; epochs and seqs stand beside them.';

create table espejo.log (
  document   int not null references espejo.document (id),
  epoch      int not null,
  seq        int not null,
  position   bigint not null,
  commit     uuid,
  user_name  text not null,
  device     text,
  stored_at  timestamptz not null default clock_timestamp(),
  update     bytea not null,
  primary key (document, epoch, seq)
);

comment on table espejo.log is 'Yjs updates (v1 encoding), contiguous per document and epoch, trimmed behind snapshots.';
comment on column espejo.log.position is 'Shared by all parts of one append; see sequence espejo.position.';
comment on column espejo.log.commit is 'Null for an update of a stock y-websocket client.';
comment on column espejo.log.device is 'Replica that wrote it; null for stock clients.';

-- Appends a batch of requests in one transaction and one round trip. All parts of a request are stored, or none.
-- Requests are arrays beside each other; parts name their request by index from 1; updates are slices of p_bytes.
-- p_epoch is the epoch the update was made for, 0 when the sender does not know epochs.
-- Returns one row per part: stored, or `duplicate` (the commit was stored before; its first seqs). Fails with EP001,
-- storing nothing, when an update was made for another epoch: a later request of the batch may build on that one.
-- Tells other instances by one notification.
create function espejo.append(
  instance    text,
  r_workspace text[],
  r_commit    uuid[],
  r_device    text[],
  r_user      text[],
  r_hlc       bigint[],
  r_schema    int[],
  r_label     text[],
  p_request   int[],
  p_document  text[],
  p_epoch     int[],
  p_start     int[],
  p_length    int[],
  p_bytes     bytea
) returns table (request int, document int, name text, epoch int, seq int, "position" bigint, outcome text)
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  -- Before any row is locked, and in the order of names, so that two instances never wait for each other in a ring.
  insert into espejo.document (workspace, name)
    select distinct r_workspace[p.request], p.name
      from unnest(p_request, p_document) as p (request, name)
     where not exists (
       select from espejo.document d where d.workspace = r_workspace[p.request] and d.name = p.name
     )
     order by 1, 2
    on conflict do nothing;

  perform d.id
     from espejo.document d
    where d.id in (
      select e.id
        from unnest(p_request, p_document) as p (request, name)
        join espejo.document e on e.workspace = r_workspace[p.request] and e.name = p.name
    )
    order by d.id
      for no key update;

  if exists (
    select from unnest(p_request, p_document, p_epoch) as p (request, name, epoch)
      join espejo.document d on d.workspace = r_workspace[p.request] and d.name = p.name
     where p.epoch <> 0 and p.epoch <> d.epoch
       and not exists (
         select from espejo.commit c where c.workspace = r_workspace[p.request] and c.id = r_commit[p.request]
       )
  ) then
    raise exception 'an update was made for another epoch of its document' using errcode = 'EP001';
  end if;

  -- A statement of its own: it must see the heads as they are now that the rows are ours.
  return query
  with part as materialized (
    select p.request, p.ordinal, d.id as document, p.name, d.epoch, d.head, p.start, p.length
      from unnest(p_request, p_document, p_start, p_length) with ordinality as p (request, name, start, length, ordinal)
      join espejo.document d on d.workspace = r_workspace[p.request] and d.name = p.name
  ),
  stored as materialized (
    select r.request::int as request, c.documents, c.epochs, c.seqs, c.position
      from unnest(r_workspace, r_commit) with ordinality as r (workspace, id, request)
      join espejo.commit c on c.workspace = r.workspace and c.id = r.id
  ),
  accepted as materialized (
    select a.request, nextval('espejo.position') as position
      from (
        select r.request
          from generate_subscripts(r_workspace, 1) as r (request)
         where r.request not in (select stored.request from stored)
         order by r.request
      ) a
  ),
  numbered as materialized (
    select part.request, part.ordinal, part.document, part.name, part.epoch, accepted.position, part.start, part.length,
           (part.head + row_number() over (partition by part.document order by part.request))::int as seq
      from part
      join accepted on accepted.request = part.request
  ),
  logged as (
    insert into espejo.log (document, epoch, seq, position, commit, user_name, device, update)
    select n.document, n.epoch, n.seq, n.position, r_commit[n.request], r_user[n.request], r_device[n.request],
           substring(p_bytes from n.start + 1 for n.length)
      from numbered n
     order by n.ordinal
  ),
  committed as (
    insert into espejo.commit (workspace, id, device, user_name, hlc, schema, label, position, documents, epochs, seqs)
    select r_workspace[n.request], r_commit[n.request], r_device[n.request], r_user[n.request], r_hlc[n.request],
           r_schema[n.request], r_label[n.request], min(n.position),
           array_agg(n.document order by n.ordinal), array_agg(n.epoch order by n.ordinal),
           array_agg(n.seq order by n.ordinal)
      from numbered n
     where r_commit[n.request] is not null
     group by n.request
  ),
  tip as materialized (
    select n.document, n.epoch, max(n.seq) as head, sum(n.length) as bytes, min(n.request) as request
      from numbered n
     group by n.document, n.epoch
  ),
  moved as (
    update espejo.document d
       set head = tip.head, log_bytes = d.log_bytes + tip.bytes
      from tip
     where d.id = tip.document
  ),
  -- Pointers, never payloads; 200 of them stay far below the 8 000 bytes that a notification may have.
  told as materialized (
    select pg_notify('espejo_log', instance || '|' || t.workspace || '|' || string_agg(t.pointer, ','))
      from (
        select r_workspace[tip.request] as workspace, tip.document || '.' || tip.epoch || '.' || tip.head as pointer,
               (row_number() over (order by tip.document) / 200) as page
          from tip
      ) t
     group by t.workspace, t.page
  )
  select n.request, n.document, n.name, n.epoch, n.seq, n.position, 'stored'
    from numbered n
   where (select count(*) from told) >= 0
  union all
  select s.request, p.document, d.name, p.epoch, p.seq, s.position, 'duplicate'
    from stored s
   cross join lateral unnest(s.documents, s.epochs, s.seqs) as p (document, epoch, seq)
    join espejo.document d on d.id = p.document;
end
$$;
