create table partitions (
    id bigint not null primary key,
    epoch bigint not null,
    head bigint not null,
    hash bytea not null
);

create table events (
    partition bigint not null,
    position bigint not null,
    tenant text not null,
    subject bytea not null,
    at bigint not null,
    payload bytea not null,
    hash bytea not null,
    digest bytea,
    primary key (partition, position)
);
create index events_subject on events (subject, position);

create table requests (
    tenant text not null,
    request text not null,
    content bytea not null,
    reply bytea not null,
    at bigint not null,
    primary key (tenant, request)
);

create table tickets (
    id bytea not null primary key,
    tenant text not null,
    number text not null,
    kind text not null,
    state text not null,
    template text not null,
    group_id text not null,
    agent_id text not null,
    requester text not null,
    opened bigint not null,
    updated bigint not null,
    version bigint not null,
    body bytea not null,
    unique (tenant, number)
);
create index tickets_newest on tickets (tenant, id);
create index tickets_requester on tickets (tenant, requester, id);
create index tickets_state on tickets (tenant, state, id);
create index tickets_group on tickets (tenant, group_id, id);
create index tickets_agent on tickets (tenant, agent_id, id);

create table conversations (
    id bytea not null primary key,
    tenant text not null,
    body bytea not null
);

create table loads (
    tenant text not null,
    agent text not null,
    open bigint not null,
    last bigint not null,
    primary key (tenant, agent)
);

create table numbers (
    tenant text not null,
    prefix text not null,
    next bigint not null,
    primary key (tenant, prefix)
);

create table catalogs (
    tenant text not null,
    version bigint not null,
    at bigint not null,
    primary key (tenant, version)
);

create table catalog_files (
    tenant text not null,
    version bigint not null,
    place bigint not null,
    name text not null,
    content text not null,
    primary key (tenant, version, place)
);

create table receipts (
    sink text not null,
    partition bigint not null,
    position bigint not null,
    ticket text not null,
    outcome bigint not null,
    detail text not null,
    at bigint not null,
    primary key (sink, partition, position)
);
create index receipts_parked on receipts (sink, ticket) where outcome = 3;

create table watermarks (
    sink text not null,
    partition bigint not null,
    position bigint not null,
    primary key (sink, partition)
);

create table links (
    sink text not null,
    ticket text not null,
    external text not null,
    primary key (sink, ticket)
);

create table tokens (
    id text not null primary key,
    tenant text not null,
    subject text not null,
    roles text not null,
    hash bytea not null unique,
    created bigint not null,
    revoked bigint
);
