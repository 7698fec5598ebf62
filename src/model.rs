//! The text model: what an employee's message means, how sure that is, and why.
//!
//! One pass over a message's n-grams feeds several heads: the intent (a template of the catalogue
//! or one of the intents that are no ticket), the urgency and the impact. All heads are linear, so
//! the reasons given are exact: what the words contribute sums to the score.
//!
//! Reading order: [`verdict`] is what the rest of the product sees, [`classifier`] gives it,
//! [`train`] makes a classifier, [`artifact`] keeps it in a file, [`starter`] has one ready on the
//! first start, [`registry`] holds the versions that a tenant has tried and used. The classifier is pure and can be shared between threads without a lock.

pub mod verdict;

pub mod artifact;
pub mod calibration;
pub mod card;
pub mod classifier;
pub mod comparison;
pub mod corpora;
pub mod cross_validation;
pub mod drift;
pub mod evaluation;
pub mod examples;
pub mod features;
pub mod gate;
pub mod golden;
pub mod intent;
pub mod net;
pub mod noise;
pub mod out_of_scope;
pub mod ranks;
pub mod readers;
pub mod reasons;
pub mod records;
pub mod registry;
pub mod report;
pub mod rows;
pub mod shadow;
pub mod starter;
pub mod svc;
pub mod table;
pub mod train;
pub mod variety;
