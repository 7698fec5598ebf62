//! The command line.
pub mod evaluate;
pub mod predict;
pub mod train;
