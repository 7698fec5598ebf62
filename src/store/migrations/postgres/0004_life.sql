-- Events of which something follows for other tickets, until it has been done.
create table consequences (
    partition bigint not null,
    position bigint not null,
    primary key (partition, position)
);
