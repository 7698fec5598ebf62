//! Priority from impact and urgency by the catalogue's matrix (ITIL 4, incident management practice).

/// Effect on the business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Impact {
    /// One person.
    Person,
    /// Several colleagues, a room, a department.
    Team,
    /// A building, everybody.
    Site,
}

impl Impact {
    /// From least to most.
    pub const ALL: [Self; 3] = [Self::Person, Self::Team, Self::Site];

    /// As the model and the catalogue write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Team => "team",
            Self::Site => "site",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }
}

/// How long a solution can wait before the business is hurt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Whenever convenient.
    Low,
    /// Work is hindered.
    Medium,
    /// Work has stopped, or will today.
    High,
}

impl Urgency {
    /// From least to most.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// As the model and the catalogue write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }
}

/// Order of work: P1 first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Critical.
    P1,
    /// High.
    P2,
    /// Moderate.
    P3,
    /// Low.
    P4,
}

impl Priority {
    /// From most to least pressing.
    pub const ALL: [Self; 4] = [Self::P1, Self::P2, Self::P3, Self::P4];

    /// `P1` to `P4`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }
}

/// Impact by urgency to priority: `cells[impact][urgency]`, both from least to most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    cells: [[Priority; 3]; 3],
}

/// The matrix orders work the wrong way round.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("more {what} must never lower the priority, but it does between {from} and {to}")]
pub struct NotMonotone {
    what: &'static str,
    from: &'static str,
    to: &'static str,
}

impl Matrix {
    /// Checks that more impact or more urgency never lowers the priority.
    pub fn new(cells: [[Priority; 3]; 3]) -> Result<Self, NotMonotone> {
        let check = |what, [from, to]: [&'static str; 2], pairs: [(Priority, Priority); 3]| {
            let lowers = pairs.iter().any(|(less, more)| more > less);
            if lowers { Err(NotMonotone { what, from, to }) } else { Ok(()) }
        };
        for low in [0, 1] {
            let [impacts, urgencies] = [Impact::ALL.map(Impact::as_str), Urgency::ALL.map(Urgency::as_str)];
            let rows = [0, 1, 2].map(|it| (cells[low][it], cells[low + 1][it]));
            check("impact", [impacts[low], impacts[low + 1]], rows)?;
            let columns = cells.map(|row| (row[low], row[low + 1]));
            check("urgency", [urgencies[low], urgencies[low + 1]], columns)?;
        }
        Ok(Self { cells })
    }

    /// The priority of a cell.
    pub fn priority(&self, impact: Impact, urgency: Urgency) -> Priority {
        self.cells[impact as usize][urgency as usize]
    }

    /// The priority when both inputs were only read from a text: never P1, however loud it is.
    pub fn priority_from_text(&self, impact: Impact, urgency: Urgency) -> Priority {
        self.priority(impact, urgency).max(Priority::P2)
    }
}

impl Default for Matrix {
    fn default() -> Self {
        use Priority::{P1, P2, P3, P4};
        Self { cells: [[P4, P3, P2], [P3, P3, P2], [P3, P2, P1]] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_alone_never_reaches_p1() {
        let matrix = Matrix::default();
        for impact in Impact::ALL {
            for urgency in Urgency::ALL {
                assert!(matrix.priority_from_text(impact, urgency) >= Priority::P2);
            }
        }
        assert_eq!(matrix.priority(Impact::Site, Urgency::High), Priority::P1);
    }

    #[test]
    fn a_matrix_that_lowers_with_more_impact_is_refused() {
        use Priority::{P2, P3};
        assert!(Matrix::new([[P2; 3], [P3; 3], [P3; 3]]).is_err());
        assert_eq!(Matrix::new(Matrix::default().cells), Ok(Matrix::default()));
    }
}
