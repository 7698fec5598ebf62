//! Counting the votes of a step. The count depends on what was said, and never on the order in which it was.

use super::{
    plan::{OwnRequest, Quorum},
    state::{Seat, Step, Vote},
};

impl Step {
    /// How many places must agree.
    pub fn needed(&self) -> usize {
        let places = self.seats.iter().filter(|it| !it.decides).count();
        let needed = match self.plan.quorum {
            Quorum::Count(count) => {
                let count = count as usize;
                // Only the requester's own place may be left out; nobody else's makes the others fewer.
                if self.plan.own == OwnRequest::Skip { count.min(places) } else { count }
            }
            Quorum::Percent(percent) => (places * percent as usize).div_ceil(100),
        };
        needed.max(1)
    }

    /// Whether it is granted or rejected by now.
    pub fn verdict(&self) -> Option<bool> {
        // Those to whom it was escalated decide alone.
        if let Some(vote) = self.seats.iter().filter(|it| it.decides).find_map(|it| it.vote.as_ref()) {
            return Some(vote.approves);
        }
        let places = self.seats.iter().filter(|it| !it.decides).count();
        let (yes, no) = (self.count(true), self.count(false));
        let needed = self.needed();
        if self.plan.veto && 0 < no {
            Some(false)
        } else if needed <= yes {
            Some(true)
        } else if 0 < no && places < needed + no {
            Some(false)
        } else {
            None
        }
    }

    /// How many places agreed, or did not.
    pub fn count(&self, approves: bool) -> usize {
        let votes = self.seats.iter().filter(|it| !it.decides).filter_map(|it| it.vote.as_ref());
        votes.filter(|it| it.approves == approves).count()
    }

    /// The word that counted last on one side.
    pub fn last_vote(&self, approves: bool) -> Option<&Vote> {
        let votes = self.seats.iter().filter_map(|it: &Seat| it.vote.as_ref());
        votes.filter(|it| it.approves == approves).max_by_key(|it| it.at)
    }
}
