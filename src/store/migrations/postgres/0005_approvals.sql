-- Whose consent a ticket waits for.
create table approvals (
    tenant text not null,
    person text not null,
    ticket bytea not null,
    primary key (tenant, person, ticket)
);
create index approvals_ticket on approvals (ticket);
