-- Incidents that more than one person feels, as what they tell of their service. `ended` is as late as can be while they
-- are not resolved; the impact is 2 for a team and 3 for a site.
create table outages (
    tenant text not null,
    ticket blob not null,
    service text not null,
    impact integer not null,
    started integer not null,
    ended integer not null,
    primary key (tenant, ticket)
) strict, without rowid;
create index outages_of on outages (tenant, service, ended);
