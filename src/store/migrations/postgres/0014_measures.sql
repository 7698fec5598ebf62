-- What is measured, reckoned from the history. There may be several generations: one that is read and kept up, and one that
-- is being made anew. Whoever reckons holds this row.
create table reckoning (
    id bigint not null primary key,
    generation bigint not null,
    newest bigint not null
);
insert into reckoning (id, generation, newest) values (0, 1, 1);
-- Up to where each partition is reckoned.
create table reckoned (
    generation bigint not null,
    partition bigint not null,
    position bigint not null,
    primary key (generation, partition)
);
-- What is measured of one ticket, or of one reader of an article.
create table lives (
    generation bigint not null,
    id bytea not null,
    tenant text not null,
    open bigint not null,
    body bytea not null,
    primary key (generation, id)
);
create index lives_open on lives (generation, tenant) where open = 1;
-- The values of a measure on a day (grain 0) or in a month (grain 1), by what the tickets were about.
create table measure_cells (
    generation bigint not null,
    tenant text not null,
    measure text not null,
    grain bigint not null,
    day bigint not null,
    service text not null,
    group_id text not null,
    template text not null,
    kind text not null,
    body bytea not null,
    primary key (generation, tenant, measure, grain, day, service, group_id, template, kind)
);
