//! A ticket that waits for consent before anybody works on it.

use super::Ticket;
use crate::domain::{approval::Approval, lifecycle::State};

impl Ticket {
    /// The ticket as it opens while somebody must agree first: nobody has it, and its clocks stand still.
    #[must_use]
    pub fn awaiting(mut self, approval: Approval) -> Self {
        self.state = State::WaitingApproval;
        self.clocks.arrive(self.state, None, self.opened);
        self.approval = Some(Box::new(approval));
        self
    }

    /// Whether somebody must still agree.
    pub fn is_waiting_for_approval(&self) -> bool {
        self.state == State::WaitingApproval && self.approval.as_ref().is_some_and(|it| it.ending.is_none())
    }
}
