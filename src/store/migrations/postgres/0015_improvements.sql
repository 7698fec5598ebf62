-- The register of improvements.
create table improvements (
    id bytea not null primary key,
    tenant text not null,
    number text not null,
    state text not null,
    version bigint not null,
    body bytea not null
);
create unique index improvements_number on improvements (tenant, number);
create index improvements_newest on improvements (tenant, id);
