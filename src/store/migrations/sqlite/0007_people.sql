-- The directory of people. Texts that are looked up by are in lower case; who was taken out has no user name to be
-- found by, so that it is free again.
create table people (
    id blob not null primary key,
    tenant text not null,
    user_name text,
    email text not null,
    external_id text not null,
    department text not null,
    manager blob,
    active integer not null,
    removed integer not null,
    version integer not null,
    body blob not null
) strict;
create unique index people_user_name on people (tenant, user_name);
create index people_in_order on people (tenant, id);
create index people_email on people (tenant, email, id) where email <> '';
create index people_external_id on people (tenant, external_id, id) where external_id <> '';
create index people_department on people (tenant, department, id) where department <> '';
create index people_manager on people (tenant, manager, id) where manager is not null;
-- Whether an agent has left (1: and may still hold tickets; 2: and what they held was handed back).
alter table loads add column left_desk integer not null default 0;
create index loads_left on loads (left_desk) where left_desk > 0;
