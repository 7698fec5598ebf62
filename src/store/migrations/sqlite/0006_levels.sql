-- How goals of tickets ended: 0 open again, 1 met, 2 missed. A goal counts when it was due.
create table outcomes (
    tenant text not null,
    ticket blob not null,
    goal text not null,
    started integer not null,
    due integer not null,
    result integer not null,
    policy text not null,
    group_id text not null,
    service text not null,
    priority integer not null,
    primary key (tenant, ticket, goal, started)
) strict, without rowid;
-- A report reads this alone.
create index outcomes_due on outcomes (tenant, due, goal, result, policy, group_id, service, priority);
