//! The text model: what an employee's message means, how sure that is, and why.
//!
//! A message is read twice. Its words and letters are counted ([`features`]), and linear heads score
//! the counts: the intent (a template of the catalogue or one of the intents that are no ticket), the
//! urgency and the impact. And its pieces are looked up in the [`table`] of what words mean, where a small
//! [`net`] scores their sum for the intent. For one message the network is a linear map too, so the
//! reasons given are exact: what the words contribute sums to the score.
//!
//! Reading order: [`verdict`] is what the rest of the product sees, [`classifier`] gives it,
//! [`train`] makes a classifier, [`artifact`] keeps it in a file, [`starter`] has one ready on the
//! first start, [`registry`] holds the versions that a tenant has tried and used, [`gate`] says on which of
//! its answers the desk may act alone. The classifier is pure and can be shared between threads without a
//! lock.
//!
//! Three parts are citizens of linfa and can be used without the rest: the vectoriser
//! ([`features::params`]), the linear classifier ([`svc`]) and the network ([`train::net`]). Each has
//! parameters with a check and `Fit` on a dataset; then the first is a `Transformer` of texts into the
//! records of the other two, and these `Predict`, the dataset's weights having weighed the examples.

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
pub mod fit;
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
