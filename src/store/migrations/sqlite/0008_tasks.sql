-- The tasks of tickets, to be found by who does them.
create table tasks (
    tenant text not null,
    ticket blob not null,
    task text not null,
    group_id text not null,
    agent_id text not null,
    state text not null,
    primary key (ticket, task)
) strict;
create index tasks_of_group on tasks (tenant, group_id, state, ticket, task);
create index tasks_of_agent on tasks (tenant, agent_id, state, ticket, task);
