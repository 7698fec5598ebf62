create table partitions (
    id integer not null primary key,
    epoch integer not null,
    head integer not null,
    hash blob not null
) strict;

-- One partition only, so the position is the row's own key and the log is appended to.
create table events (
    partition integer not null check (partition = 0),
    position integer not null primary key,
    tenant text not null,
    subject blob not null,
    at integer not null,
    payload blob not null,
    hash blob not null,
    digest blob
) strict;
create index events_subject on events (subject, position);

create table requests (
    tenant text not null,
    request text not null,
    content blob not null,
    reply blob not null,
    at integer not null,
    primary key (tenant, request)
) strict;

create table tickets (
    id blob not null primary key,
    tenant text not null,
    number text not null,
    kind text not null,
    state text not null,
    template text not null,
    group_id text not null,
    agent_id text not null,
    requester text not null,
    opened integer not null,
    updated integer not null,
    version integer not null,
    body blob not null,
    unique (tenant, number)
) strict;
create index tickets_newest on tickets (tenant, id);
create index tickets_requester on tickets (tenant, requester, id);
create index tickets_state on tickets (tenant, state, id);
create index tickets_group on tickets (tenant, group_id, id);
create index tickets_agent on tickets (tenant, agent_id, id);

create table conversations (
    id blob not null primary key,
    tenant text not null,
    body blob not null
) strict;

create table loads (
    tenant text not null,
    agent text not null,
    open integer not null,
    last integer not null,
    primary key (tenant, agent)
) strict, without rowid;

create table numbers (
    tenant text not null,
    prefix text not null,
    next integer not null,
    primary key (tenant, prefix)
) strict, without rowid;

create table catalogs (
    tenant text not null,
    version integer not null,
    at integer not null,
    primary key (tenant, version)
) strict, without rowid;

create table catalog_files (
    tenant text not null,
    version integer not null,
    place integer not null,
    name text not null,
    content text not null,
    primary key (tenant, version, place)
) strict;

create table receipts (
    sink text not null,
    partition integer not null,
    position integer not null,
    ticket text not null,
    outcome integer not null,
    detail text not null,
    at integer not null,
    primary key (sink, partition, position)
) strict, without rowid;
create index receipts_parked on receipts (sink, ticket) where outcome = 3;

create table watermarks (
    sink text not null,
    partition integer not null,
    position integer not null,
    primary key (sink, partition)
) strict, without rowid;

create table links (
    sink text not null,
    ticket text not null,
    external text not null,
    primary key (sink, ticket)
) strict, without rowid;

create table tokens (
    id text not null primary key,
    tenant text not null,
    subject text not null,
    roles text not null,
    hash blob not null unique,
    created integer not null,
    revoked integer
) strict;
