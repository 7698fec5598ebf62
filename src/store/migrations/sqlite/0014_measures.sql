-- What is measured, reckoned from the history. There may be several generations: one that is read and kept up, and one that
-- is being made anew. Whoever reckons holds this row.
create table reckoning (
    id integer not null primary key,
    generation integer not null,
    newest integer not null
) strict;
insert into reckoning (id, generation, newest) values (0, 1, 1);
-- Up to where each partition is reckoned.
create table reckoned (
    generation integer not null,
    partition integer not null,
    position integer not null,
    primary key (generation, partition)
) strict, without rowid;
-- What is measured of one ticket, or of one reader of an article.
create table lives (
    generation integer not null,
    id blob not null,
    tenant text not null,
    open integer not null,
    body blob not null,
    primary key (generation, id)
) strict, without rowid;
create index lives_open on lives (generation, tenant) where open = 1;
-- The values of a measure on a day (grain 0) or in a month (grain 1), by what the tickets were about.
create table measure_cells (
    generation integer not null,
    tenant text not null,
    measure text not null,
    grain integer not null,
    day integer not null,
    service text not null,
    group_id text not null,
    template text not null,
    kind text not null,
    body blob not null,
    primary key (generation, tenant, measure, grain, day, service, group_id, template, kind)
) strict;
