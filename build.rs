//! Compiles the contract under `proto/` to Rust, without protoc: protox reads it, tonic and pbjson
//! write the code, and the descriptor set goes beside it for gRPC reflection. And tells the code of the
//! text model by a hash, so that a model is known that other code has trained.

use std::{
    env,
    error::Error,
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
};

use prost::Message;

const FILES: [&str; 22] = [
    "dispatch/v1/types.proto",
    "dispatch/v1/profile.proto",
    "dispatch/v1/article.proto",
    "dispatch/v1/wave.proto",
    "dispatch/v1/asset_record.proto",
    "dispatch/v1/asset.proto",
    "dispatch/v1/approval.proto",
    "dispatch/v1/event.proto",
    "dispatch/v1/conversation.proto",
    "dispatch/v1/routing.proto",
    "dispatch/v1/ticket.proto",
    "dispatch/v1/catalog.proto",
    "dispatch/v1/service.proto",
    "dispatch/v1/dispatch.proto",
    "dispatch/v1/task.proto",
    "dispatch/v1/model.proto",
    "dispatch/v1/people.proto",
    "dispatch/v1/knowledge.proto",
    "dispatch/v1/sla.proto",
    "dispatch/v1/problem.proto",
    "dispatch/v1/change.proto",
    "dispatch/v1/report.proto",
];

/// What decides, beside the corpora and the settings, what a training gives.
const TRAINING: [&str; 3] = ["src/model", "src/text", "models/table"];

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
        .exclude([".dispatch.v1.UpdateTicketRequest", ".dispatch.v1.UpdatePersonRequest"])
        .build(&[".dispatch.v1"])?;

    let mut training = DefaultHasher::new();
    for folder in TRAINING {
        println!("cargo:rerun-if-changed={folder}");
        add(Path::new(folder), &mut training)?;
    }
    println!("cargo:rustc-env=TRAINED_BY={:016x}", training.finish());
    Ok(())
}

/// Adds the files of a folder and of those in it, in the order of their names.
fn add(folder: &Path, hash: &mut DefaultHasher) -> Result<(), Box<dyn Error>> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            add(&path, hash)?;
        } else {
            hash.write(path.to_string_lossy().as_bytes());
            hash.write(&fs::read(&path)?);
        }
    }
    Ok(())
}
