//! What the end of a problem means for others: the tickets that waited for it, and the article that told of it.

use futures_util::future::join_all;

use super::{ACTOR, Cause, resolve};
use crate::{
    desk::{Desk, fault::Fault, people::Asked},
    domain::{
        article::ArticleRef,
        id::TicketId,
        lifecycle::{HoldReason, State, Who},
        lookup::TicketRef,
        people::Caller,
        ticket::{MoveTo, Moved, Relation, Ticket, TicketKind},
    },
};

impl Desk {
    /// Takes the article of a problem out of sight that is no known error any more.
    pub(super) async fn withdraw_article(&self, cause: &Cause<'_>, problem: &Ticket) -> Result<(), Fault> {
        let article = problem.diagnosis.as_ref().and_then(|it| it.article);
        let Some(article) = article.filter(|_| !problem.is_known_error()) else { return Ok(()) };
        let request = format!("{} article", cause.request(problem.id));
        let asked = Asked { request: &request, content: request.as_bytes() };
        let caller = Caller::system(cause.tenant.clone(), ACTOR);
        match self.knowledge(&caller).retire(asked, &ArticleRef::Id(article), None).await {
            // Somebody was faster.
            Ok(_) | Err(Fault::Article(_) | Fault::NotFound(_)) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// Resolves what waited for a problem that was resolved, unless another open problem is behind it as well.
    pub(super) async fn resolve_caused(
        &self,
        cause: &Cause<'_>,
        problem: &Ticket,
        moved: &Moved,
    ) -> Result<(), Fault> {
        // What a change has caused is not right again because the change is done.
        if problem.kind != TicketKind::Problem {
            return Ok(());
        }
        let caused = problem.ties.related(Relation::Causes).map(|it| it.ticket);
        let works = caused.map(|it| self.resolve_one_caused(cause, problem.id, it, moved));
        join_all(works).await.into_iter().collect()
    }

    async fn resolve_one_caused(
        &self,
        cause: &Cause<'_>,
        problem: TicketId,
        caused: TicketId,
        moved: &Moved,
    ) -> Result<(), Fault> {
        let Some(ticket) = self.store.ticket(cause.tenant, &TicketRef::Id(caused)).await? else {
            return Ok(());
        };
        for other in ticket.ties.related(Relation::CausedBy).filter(|it| it.ticket != problem) {
            let other = self.store.ticket(cause.tenant, &TicketRef::Id(other.ticket)).await?;
            if other.is_some_and(|it| it.kind == TicketKind::Problem && it.state.is_open()) {
                return Ok(());
            }
        }
        let actor = cause.consequence.event.actor.clone();
        let (resolution, code) = (moved.resolution.clone(), moved.code);
        let resolved = MoveTo { resolution, code, ..MoveTo::new(State::Resolved, Who::System) };
        self.command(cause, vec![caused], move |unit, in_use, at| {
            let waits = |it: &Ticket| {
                it.ties.has(Relation::CausedBy, problem)
                    && it.state == State::OnHold
                    && it.hold == Some(HoldReason::Problem)
            };
            if unit.ticket(caused).is_some_and(waits) {
                resolve(unit, in_use, (caused, &resolved, &actor), at);
            }
        })
        .await
    }
}
