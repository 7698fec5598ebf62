//! The labels that the product itself gives a meaning to; all others are templates' ids.

/// The intent of a message that is nothing the desk does.
pub const OUT_OF_SCOPE: &str = "out_of_scope";

/// The labels of the urgency head, mildest first.
pub const URGENCIES: [&str; 3] = ["low", "medium", "high"];

/// The labels of the impact head, narrowest first.
pub const IMPACTS: [&str; 3] = ["person", "team", "site"];

/// What stands in a verdict where no training row had an urgency.
pub const USUAL_URGENCY: &str = "medium";

/// What stands in a verdict where no training row had an impact.
pub const USUAL_IMPACT: &str = "person";
