//! Compiles the contract under `proto/` to Rust, without protoc: protox reads it, tonic and pbjson
//! write the code, and the descriptor set goes beside it for gRPC reflection.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message;

const FILES: [&str; 7] = [
    "dispatch/v1/types.proto",
    "dispatch/v1/event.proto",
    "dispatch/v1/conversation.proto",
    "dispatch/v1/routing.proto",
    "dispatch/v1/ticket.proto",
    "dispatch/v1/catalog.proto",
    "dispatch/v1/model.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let descriptors = protox::compile(FILES, ["proto"])?;
    let bytes = descriptors.encode_to_vec();
    fs::write(out.join("dispatch.binpb"), &bytes)?;

    tonic_prost_build::configure()
        .extern_path(".google.protobuf.Timestamp", "::pbjson_types::Timestamp")
        .compile_fds(descriptors)?;
    pbjson_build::Builder::new()
        .register_descriptors(&bytes)?
        .exclude([".dispatch.v1.UpdateTicketRequest"])
        .build(&[".dispatch.v1"])?;
    Ok(())
}
