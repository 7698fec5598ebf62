//! The text model: what an employee's message means, how sure that is, and why.
pub mod verdict;
