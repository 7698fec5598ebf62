-- Measures mean more than before (a rating for each ending, what conversations came to, working seconds), so what was reckoned
-- is of no use: the server reckons it anew from the history. Columns from `opened` on are null unless the ticket is open: a
-- report of what is open reads them alone.
drop table lives;
create table lives (
    generation bigint not null,
    id bytea not null,
    tenant text not null,
    body bytea not null,
    opened bigint,
    service text,
    group_id text,
    template text,
    kind text,
    priority bigint,
    primary key (generation, id)
);
create index lives_open on lives (generation, tenant, service, group_id, template, kind, priority, opened)
    where opened is not null;
delete from measure_cells;
delete from reckoned;
-- When somebody looks at an improvement again, as an ISO date. One that was entered before has none until it is changed, and
-- stands with those that are overdue.
alter table improvements add column review text not null default '';
create index improvements_due on improvements (tenant, review, id) where state in ('proposed', 'under_way');
