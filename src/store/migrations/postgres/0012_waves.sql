-- Incident waves. Until `until`, what is found of the same conversations is taken for the same wave: for ever while it is
-- current.
create table waves (
    id bytea not null primary key,
    tenant text not null,
    number text not null,
    state text not null,
    until bigint not null,
    version bigint not null,
    body bytea not null
);
create unique index waves_number on waves (tenant, number);
create index waves_newest on waves (tenant, id);
create index waves_until on waves (tenant, until);
-- How many people usually write about what; learned by the hour, and no event.
create table wave_rates (
    tenant text not null primary key,
    until bigint not null,
    body bytea not null
);
