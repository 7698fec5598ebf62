-- 1 for a problem that is a known error.
alter table tickets add column known_error integer not null default 0;
create index tickets_known on tickets (tenant, id) where known_error = 1;
