//! A token table with faults: refused, or one that gives every message a finite meaning.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use ticket_dispatch::{
    model::table::TokenTable,
    text::{grams::Tokenised, normalise::Normalised},
};
use ticket_dispatch_fuzz::{Damage, File, MESSAGE, Tensor};

#[derive(Debug, Arbitrary)]
struct Input {
    width: u8,
    damage: Damage,
}

const PIECES: &str = "vpn\ndown\ndo\n##wn\n打\n印机\n打印机";

fn table(width: u64) -> File {
    let count = PIECES.lines().count() as u64;
    let tensor = |name: &str, dtype: &str, shape: &[u64], data: Vec<u8>| {
        let (name, dtype, shape) = (name.to_owned(), dtype.to_owned(), shape.to_vec());
        Tensor { name, dtype, shape, data }
    };
    let cells = (0..count * width).map(|cell| (cell * 37 % 251) as u8).collect();
    let scales = (0..count).flat_map(|row| (0.01 * (1.0 + row as f32)).to_le_bytes()).collect();
    let tensors = vec![
        tensor("pieces", "U8", &[PIECES.len() as u64], PIECES.into()),
        tensor("scales", "F32", &[count], scales),
        tensor("vectors", "I8", &[count, width], cells),
    ];
    File { metadata: Vec::new(), tensors }
}

fuzz_target!(|input: Input| {
    let bytes = input.damage.apply(table(u64::from(input.width % 80)));
    let Ok(table) = TokenTable::from_bytes(&bytes) else { return };
    let normalised = Normalised::of(MESSAGE);
    let pieces = table.pieces(normalised.text(), &Tokenised::of(normalised.text()));
    let (meaning, scale) = table.meaning(&pieces);
    assert!(scale.is_finite());
    assert_eq!(meaning.len(), table.width());
    // Of vectors so short that their squares nearly vanish, the length is only about one.
    let length = meaning.iter().map(|number| number * number).sum::<f32>().sqrt();
    assert!(length < 2.0, "length {length}");
    assert!(table.along(&pieces, &meaning).iter().all(|along| along.is_finite()));
});
