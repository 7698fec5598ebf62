-- A file that is as in the version before is not stored again: its content stands with the version it came with.
alter table catalog_files add column since integer not null default 0;
update catalog_files set since = version;
-- The versions of a catalogue's templates, a line each: id and version. Without it they follow from all versions before.
alter table catalogs add column templates text;
-- Which files of the owner's folder a start made this version of, as a hash; without it, a call made it.
alter table catalogs add column taken text;
-- 0 for a ticket of the time before this column.
alter table tickets add column template_version integer not null default 0;
