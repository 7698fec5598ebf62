-- The register of improvements.
create table improvements (
    id blob not null primary key,
    tenant text not null,
    number text not null,
    state text not null,
    version integer not null,
    body blob not null
) strict;
create unique index improvements_number on improvements (tenant, number);
create index improvements_newest on improvements (tenant, id);
