//! F: what one sync of the disk takes in a folder.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use crate::{Outcome, histogram::Histogram};

/// Syncs of one measurement.
const SYNCS: usize = 200;
/// A page of the database.
const PAGE: [u8; 4096] = [7; 4096];

/// The median time in seconds of one `fdatasync` after a page was written.
pub(crate) fn sync(folder: &Path) -> Outcome<f64> {
    let path = folder.join("sync");
    let mut file = File::create(&path)?;
    let mut histogram = Histogram::default();
    for _ in 0..SYNCS {
        file.write_all(&PAGE)?;
        let start = Instant::now();
        file.sync_data()?;
        histogram.record(start.elapsed());
        // What a lone bot does between two messages; without it the disk is warmer than in life.
        std::thread::sleep(Duration::from_micros(200));
    }
    std::fs::remove_file(path)?;
    Ok(histogram.quantile(0.5))
}
