-- Changes by the time for which they have their place in the calendar, and those that are under way: whoever schedules one
-- looks at what meets its window, and at nothing else.
drop index changes_firm;
create index changes_places on changes (tenant, starts, ticket) where firm = 1;
create index changes_under_way on changes (tenant, begun, ticket) where firm = 1 and begun is not null;
-- Changes by when they were done: what may be behind an incident.
create index changes_ended on changes (tenant, ended, ticket) where ended is not null;
