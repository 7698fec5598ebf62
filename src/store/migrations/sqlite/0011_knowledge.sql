-- The knowledge: the latest revision of each article, and every revision. `languages` and `templates` are lists, each
-- entry between line feeds. `published` is the revision that readers see, 0 if none is.
create table articles (
    id blob not null primary key,
    tenant text not null,
    number text not null,
    state text not null,
    owner text not null,
    languages text not null,
    templates text not null,
    review integer,
    revision integer not null,
    published integer not null,
    body blob not null,
    unique (tenant, number)
) strict;
create index articles_in_order on articles (tenant, id);
-- From this alone it is told whether anything of a tenant's knowledge has changed.
create index articles_changes on articles (tenant, revision);

create table article_revisions (
    article blob not null,
    revision integer not null,
    tenant text not null,
    body blob not null,
    primary key (article, revision)
) strict, without rowid;

-- The texts that readers see, as the words that they are found by. Rows come and go and never change.
create table article_texts (
    place integer not null primary key,
    tenant text not null,
    article blob not null,
    language text not null,
    everyone integer not null,
    words text not null,
    unique (article, language)
) strict;
create virtual table article_words using fts5 (
    words, content = 'article_texts', content_rowid = 'place', tokenize = 'ascii'
);
create trigger article_texts_come after insert on article_texts begin
    insert into article_words (rowid, words) values (new.place, new.words);
end;
create trigger article_texts_go after delete on article_texts begin
    insert into article_words (article_words, rowid, words) values ('delete', old.place, old.words);
end;

-- What came of an article for a reader (1: shown, 2: helped, 3: did not help), and how many of each there are.
create table article_uses (
    tenant text not null,
    article blob not null,
    reader text not null,
    use integer not null,
    primary key (article, reader)
) strict, without rowid;
create table article_counts (
    tenant text not null,
    article blob not null primary key,
    shown integer not null,
    helped integer not null,
    not_helped integer not null
) strict, without rowid;
