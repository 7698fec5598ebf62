-- The knowledge: the latest revision of each article, and every revision. `languages` and `templates` are lists, each
-- entry between line feeds. `published` is the revision that readers see, 0 if none is.
create table articles (
    id bytea not null primary key,
    tenant text not null,
    number text not null,
    state text not null,
    owner text not null,
    languages text not null,
    templates text not null,
    review bigint,
    revision bigint not null,
    published bigint not null,
    body bytea not null,
    unique (tenant, number)
);
create index articles_in_order on articles (tenant, id);
-- From this alone it is told whether anything of a tenant's knowledge has changed.
create index articles_changes on articles (tenant, revision);

create table article_revisions (
    article bytea not null,
    revision bigint not null,
    tenant text not null,
    body bytea not null,
    primary key (article, revision)
);

-- The texts that readers see, as the words that they are found by. Rows come and go and never change. The words are
-- ready: no parser of texts may cut them in another way than the other database does.
create table article_texts (
    tenant text not null,
    article bytea not null,
    language text not null,
    everyone bigint not null,
    words text not null,
    lexemes tsvector not null generated always as (array_to_tsvector(string_to_array(words, ' '))) stored,
    primary key (article, language)
);
create index article_texts_lexemes on article_texts using gin (lexemes);

-- What came of an article for a reader (1: shown, 2: helped, 3: did not help), and how many of each there are.
create table article_uses (
    tenant text not null,
    article bytea not null,
    reader text not null,
    use bigint not null,
    primary key (article, reader)
);
create table article_counts (
    tenant text not null,
    article bytea not null primary key,
    shown bigint not null,
    helped bigint not null,
    not_helped bigint not null
);
