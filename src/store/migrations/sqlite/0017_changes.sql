-- Changes, to be found by when they are carried out: the window that is planned, and when they were begun and ended.
-- `firm` is 1 while one has its place in the calendar.
create table changes (
    ticket blob not null primary key,
    tenant text not null,
    state text not null,
    service text not null,
    starts integer,
    ends integer,
    begun integer,
    ended integer,
    firm integer not null
) strict;
create index changes_in_order on changes (tenant, starts, ticket) where starts is not null;
create index changes_firm on changes (tenant, ticket) where firm = 1;
create index changes_begun on changes (tenant, begun, ticket) where begun is not null;
-- Incidents by when they were opened: what came after a change.
create index tickets_opened on tickets (tenant, opened, id) where kind = 'INC';
