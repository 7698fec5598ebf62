//! A yes or a no that an approver writes to the bot. The request is somebody else's and lies elsewhere, so two commits
//! take it: first the word on the request, under an identity that follows from the message's, then the turn that tells
//! what came of it. Whoever sends the message again, also after the process ended between the two, finds the word said
//! and has the turn told.

use std::sync::Arc;

use super::{What, carry_out};
use crate::{
    conversation::{
        approving::{Decided, Wish, may_be_meant, wish},
        heard::Reader,
        offering::Shelf,
        state::Phase,
        waves::Waves,
    },
    desk::{
        Desk, answer,
        fault::{Fault, undone},
        intake::Intake,
    },
    domain::{
        approval::{Refusal as NoConsent, as_asked},
        id::TicketId,
        lookup::TicketRef,
        people::{Caller, Person},
        ticket::{Refusal, Ticket},
    },
    store::{Unit, Wants, Work},
};

/// How many requests that wait for one person are looked at.
const PENDING: u32 = 50;

/// What a message may say about requests of others.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct Voice {
    /// Those that wait for the employee.
    pub(in crate::desk) awaiting: Vec<TicketId>,
    /// Those that the message names and that they were asked about once, or that are their own.
    pub(in crate::desk) known: Vec<TicketId>,
    /// What the message decided, and whether it counts.
    pub(in crate::desk) decided: Option<(TicketId, Decided)>,
}

impl Desk {
    /// Takes the word on somebody else's request that a message says, if it says one, before the message itself.
    pub(in crate::desk) async fn hear_consent(
        &self,
        caller: &Caller,
        work: &mut Work,
        intake: &mut Intake,
    ) -> Result<(), Fault> {
        // Who never asks anybody for consent does not pay for it.
        if !intake.catalog.asks_approval() && !may_be_meant(&self.phrases, &intake.visible) {
            return Ok(());
        }
        // No caller can send such an id, so none can claim that it was said.
        let request = format!("\u{1}consent {}", work.request);
        if let Some((content, reply)) = self.store.answered(&work.tenant, &request).await? {
            if content != work.content {
                return Err(Fault::RequestReused(work.request.clone()));
            }
            intake.voice.decided = said(&reply);
            work.wants.tickets.extend(intake.voice.decided.map(|(id, _)| id));
            return Ok(());
        }
        // Nor does a message that has its answer already, or one of somebody who has left.
        let is_answered = self.store.is_done(&work.tenant, &work.request).await?;
        if is_answered || intake.profile.as_ref().is_some_and(|it| !it.is_here()) {
            return Ok(());
        }
        let person = as_asked(&intake.catalog, &intake.message.requester);
        let awaiting = self.store.pending_approvals(&work.tenant, &person, None, PENDING).await?;
        let known = self.known(work, intake, &person).await?;
        let conversation = self.store.conversation(&work.tenant, intake.id).await?;
        let phase = conversation.map_or(Phase::Idle, |it| it.phase);
        intake.voice.awaiting = awaiting.iter().map(|it| it.id).collect();
        intake.voice.known = known.iter().map(|it| it.id).collect();
        work.wants.tickets.extend(intake.voice.awaiting.iter().chain(&intake.voice.known));
        let wish = {
            let (awaiting, known): (Vec<&Ticket>, Vec<&Ticket>) =
                (awaiting.iter().collect(), known.iter().collect());
            let understand = |text: &str| answer::understanding(&intake.model.understand(text, true));
            let waves = Waves { known: &[], joined: &[], fits: &|_, _| false };
            let around = (Reader(&understand), Shelf(&|_| None), waves);
            wish(&phase, &intake.heard(&[], (&awaiting, &known), around))
        };
        if let Some(Wish::Decide { ticket, approves, comment, round }) = wish {
            let word = (approves, comment, round);
            let decided = self.consent(caller, (request, work), ticket, person, word).await?;
            intake.voice.decided = Some((ticket, decided));
            work.wants.tickets.push(ticket);
        }
        Ok(())
    }

    /// The requests that a message names and that its author was asked about, or that are their own and wait for others.
    async fn known(&self, work: &Work, intake: &Intake, person: &Person) -> Result<Vec<Ticket>, Fault> {
        let mut known = vec![];
        for number in intake.numbers.iter().filter_map(|it| TicketRef::parse(it)) {
            let ticket = self.store.ticket(&work.tenant, &number).await?;
            let asked = |it: &Ticket| it.approval.as_ref().is_some_and(|it| it.knows(person));
            let own = |it: &Ticket| it.requester == intake.message.requester && it.is_waiting_for_approval();
            let concerns = |it: &Ticket| asked(it) || own(it);
            known.extend(ticket.filter(concerns));
        }
        Ok(known)
    }

    async fn consent(
        &self,
        caller: &Caller,
        (request, turn): (String, &Work),
        ticket: TicketId,
        person: Person,
        (approves, comment, round): (bool, String, Option<u32>),
    ) -> Result<Decided, Fault> {
        let in_use = self.in_use(caller);
        let wants = Wants { tickets: vec![ticket], agents: in_use.holders, ..Wants::default() };
        let work = Work { request, slot: ticket.slot(), wants, ..turn.clone() };
        let (catalog, phrases, at) = (in_use.catalog, Arc::clone(&self.phrases), work.at);
        let what = What::Decide { approves, comment, round };
        let decide = move |unit: &mut Unit<'_>| {
            carry_out(unit, (&catalog, &phrases, at), ticket, &person, &what)?;
            Ok(format!("{}{ticket}", if approves { '+' } else { '-' }).into_bytes())
        };
        let request = work.request.clone();
        match self.store.execute(work, decide).await.map_err(|it| undone(it, &request)) {
            Ok(_) => Ok(Decided::Counted { approves }),
            Err(Fault::Refused(Refusal::Approval(NoConsent::Changed { .. }))) => Ok(Decided::Changed),
            Err(Fault::Refused(Refusal::Approval(refusal))) => Ok(Decided::Refused(told(&refusal))),
            Err(fault) => Err(fault),
        }
    }
}

/// What was kept with a word that was said.
fn said(reply: &[u8]) -> Option<(TicketId, Decided)> {
    let reply = std::str::from_utf8(reply).ok()?;
    let (approves, id) = match reply.strip_prefix('+') {
        Some(id) => (true, id),
        None => (false, reply.strip_prefix('-')?),
    };
    Some((id.parse().ok()?, Decided::Counted { approves }))
}

/// The phrase that says why a word does not count.
fn told(refusal: &NoConsent) -> &'static str {
    match refusal {
        NoConsent::Over(_) | NoConsent::NotAsked | NoConsent::Agreed { .. } | NoConsent::Unasked(_) => {
            "approval_over"
        }
        NoConsent::OwnRequest(_) | NoConsent::OwnPlan(_) => "approval_own",
        NoConsent::NoReason => "approval_why",
        NoConsent::NotApprover(_)
        | NoConsent::StepOver { .. }
        | NoConsent::Escalated(_)
        | NoConsent::Changed { .. }
        | NoConsent::SeatTaken(_)
        | NoConsent::HandedOn(_)
        | NoConsent::BadDelegate { .. } => "approval_not_yours",
    }
}
