-- What tickets tell of their services, stretch by stretch: an incident is felt by as many for a time, and then by fewer or
-- more. What is planned is
-- the window of a change that takes its service down, and 0 for an incident.
create table stretches (
    tenant text not null,
    ticket blob not null,
    service text not null,
    impact integer not null,
    started integer not null,
    ended integer not null,
    planned_from integer not null,
    planned_to integer not null,
    primary key (tenant, ticket, started)
) strict, without rowid;
insert into stretches (tenant, ticket, service, impact, started, ended, planned_from, planned_to)
    select tenant, ticket, service, impact, started, ended, 0, 0 from outages where started < ended;
drop table outages;
alter table stretches rename to outages;
create index outages_of on outages (tenant, service, ended);
