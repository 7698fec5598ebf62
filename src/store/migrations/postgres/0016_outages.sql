-- Incidents that more than one person feels, as what they tell of their service. `ended` is as late as can be while they
-- are not resolved; the impact is 2 for a team and 3 for a site.
create table outages (
    tenant text not null,
    ticket bytea not null,
    service text not null,
    impact bigint not null,
    started bigint not null,
    ended bigint not null,
    primary key (tenant, ticket)
);
create index outages_of on outages (tenant, service, ended);
