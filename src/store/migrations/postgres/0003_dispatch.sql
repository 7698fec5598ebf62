-- Until when an agent is away.
alter table loads add column away bigint not null default 0;
-- Only tickets that somebody can work on count; a group's row, `group/` and its id, counts those that nobody has.
delete from loads where open <= 0 and last = 0;
update loads set open = (
    select count(*) from tickets t
    where t.tenant = loads.tenant and t.agent_id = loads.agent and t.state in ('new', 'assigned', 'in_progress')
);
insert into loads (tenant, agent, open, last, away)
select tenant, 'group/' || group_id, count(*), 0, 0 from tickets
where agent_id = '' and state in ('new', 'assigned', 'in_progress') group by tenant, group_id;
create index tickets_waiting on tickets (tenant, group_id, id)
where agent_id = '' and state in ('new', 'assigned', 'in_progress');
