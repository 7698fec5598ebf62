-- The register of assets. Texts that are looked up by are in the case that is compared; what was taken out has no tag to
-- be found by, so that it is free again. `changed` rises with every commit that changes anything of a tenant's register:
-- whoever keeps a picture of it reads what lies behind the last one that they have seen.
create table assets (
    id blob not null primary key,
    tenant text not null,
    tag text,
    host text not null,
    serial text not null,
    owner blob,
    type text not null,
    state text not null,
    changed integer not null,
    version integer not null,
    body blob not null
) strict;
create unique index assets_tag on assets (tenant, tag);
create index assets_in_order on assets (tenant, id);
create index assets_changed on assets (tenant, changed, id);
create index assets_host on assets (tenant, host, id) where host <> '';
create index assets_serial on assets (tenant, serial, id) where serial <> '';
create index assets_owner on assets (tenant, owner, id) where owner is not null;
-- Open tickets that assets are linked to.
create table linked_tickets (
    ticket blob not null primary key,
    tenant text not null
) strict;
create index linked_tickets_of on linked_tickets (tenant, ticket);
