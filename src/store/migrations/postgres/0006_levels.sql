-- How goals of tickets ended: 0 open again, 1 met, 2 missed. A goal counts when it was due.
create table outcomes (
    tenant text not null,
    ticket bytea not null,
    goal text not null,
    started bigint not null,
    due bigint not null,
    result bigint not null,
    policy text not null,
    group_id text not null,
    service text not null,
    priority bigint not null,
    primary key (tenant, ticket, goal, started)
);
-- A report reads this alone.
create index outcomes_due on outcomes (tenant, due, goal, result, policy, group_id, service, priority);
