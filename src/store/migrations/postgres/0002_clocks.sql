-- When the desk must look at a ticket by itself.
alter table tickets add column look bigint;
create index tickets_look on tickets (look, id) where look is not null;
