//! The real servers that tests run against: each test starts its own, on a free port, in a folder of its own.
//!
//! A part is dropped with its whole process group and its folder; a guardian does the same if the test is killed.
//! A machine that lacks a part skips the tests that need it, except under CI, where nothing may be skipped:
//!
//! ```ignore
//! if Part::Redis.is_missing() {
//!     return;
//! }
//! let redis = Redis::start();
//! ```

pub(crate) mod installed;
pub(crate) mod made_once;
pub(crate) mod mlflow;
pub(crate) mod port;
pub(crate) mod postgres;
pub(crate) mod proxy;
pub(crate) mod redis;
pub(crate) mod request_tracker;
pub(crate) mod rest;
pub(crate) mod server;
