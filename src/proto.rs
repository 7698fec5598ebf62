//! The public contract in Rust: the types generated from `proto/`, and the mapping between them and
//! the domain. The domain never sees these types; the store keeps events in this form, the stream
//! publishes it, and the entries translate at the wall.

pub mod approval;
mod approvals;
pub mod article;
pub mod asset;
pub mod change;
pub mod clocks;
pub mod diagnosis;
pub mod draft;
pub mod event;
pub mod improvement;
pub mod life;
pub mod measure;
mod offers;
pub mod profile;
pub mod service;
mod survey;
pub mod tasks;
pub mod template;
pub mod ticket;
mod ticket_assets;
pub mod time;
pub mod understanding;
pub mod wave;
pub mod words;

/// Generated from `proto/dispatch/v1`.
#[allow(
    clippy::all,
    clippy::wildcard_enum_match_arm,
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    unused_qualifications,
    elided_lifetimes_in_paths,
    reason = "generated"
)]
pub mod v1 {
    tonic::include_proto!("dispatch.v1");
    include!(concat!(env!("OUT_DIR"), "/dispatch.v1.serde.rs"));
}

/// The contract as a descriptor set, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/dispatch.binpb"));
