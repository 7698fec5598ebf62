-- Whose consent a ticket waits for.
create table approvals (
    tenant text not null,
    person text not null,
    ticket blob not null,
    primary key (tenant, person, ticket)
) strict, without rowid;
create index approvals_ticket on approvals (ticket);
