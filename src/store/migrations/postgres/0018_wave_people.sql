-- Who was asked whether theirs is the same as an incident wave, and what they said: one row for each person and wave. The
-- conversation's transaction writes it.
create table wave_people (
    tenant text not null,
    wave bytea not null,
    person text not null,
    ticket bytea not null,
    state text not null,
    at bigint not null,
    body bytea not null,
    primary key (tenant, wave, person)
);
create index wave_people_person on wave_people (tenant, person);
