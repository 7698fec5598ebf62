-- Events of which something follows for other tickets, until it has been done.
create table consequences (
    partition integer not null,
    position integer not null,
    primary key (partition, position)
) strict, without rowid;
