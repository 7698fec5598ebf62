//! The pure ITIL core. It knows no clock, no database and no network: time, identities and the
//! catalogue come in as arguments, facts go out as events. `decide` may refuse; `apply` cannot fail.

pub mod approval;
pub mod article;
pub mod asset;
pub mod assignment;
pub mod attachment;
pub mod calendar;
pub mod catalog;
pub mod change;
pub mod condition;
pub mod duty;
pub mod field;
pub mod id;
pub mod improvement;
pub mod lifecycle;
pub mod lookup;
pub mod measure;
pub mod members;
pub mod money;
pub mod number;
pub mod people;
pub mod priority;
pub mod profile;
pub mod service;
pub mod sla;
pub mod task;
pub mod template;
pub mod ticket;
pub mod time;
pub mod wave;
