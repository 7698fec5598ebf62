//! The marks of all countries, and that none is guessed.

use proptest::prelude::*;

use super::*;

fn ambiguous(written: &str, grouped: f64, decimal: f64) -> Result<f64, Unclear> {
    Err(Unclear::Ambiguous { written: written.to_owned(), grouped, decimal })
}

#[test]
fn the_marks_of_all_countries_are_read_or_asked_about() {
    for (text, value) in [
        ("12", 12.0),
        ("-12.5", -12.5),
        ("+7", 7.0),
        ("1.200,50", 1200.5),
        ("1,200.50", 1200.5),
        ("1.200.000", 1_200_000.0),
        ("1,200,000.125", 1_200_000.125),
        ("1'200.50", 1200.5),
        ("1\u{202f}200,50", 1200.5),
        ("10 000", 10_000.0),
        ("1'200", 1200.0),
        ("0,125", 0.125),
        ("0.125", 0.125),
        (".5", 0.5),
        ("12,5", 12.5),
        ("1234.567", 1234.567),
        ("12.3450", 12.345),
        ("1e3", 1000.0),
        ("0.57", 0.57),
    ] {
        assert_eq!(read(text), Ok(value), "{text}");
    }
    assert_eq!(read("1.200"), ambiguous("1.200", 1200.0, 1.2));
    assert_eq!(read("-12,345"), ambiguous("-12,345", -12345.0, -12.345));
    let told = read("1.200").unwrap_err().to_string();
    assert_eq!(told, "`1.200` may be 1200 or 1.2; write 1200 or 1.2");
    for text in [
        "1.2.3",
        "1,20,000",
        "1,200.50.3",
        "1,2345",
        "1234,567",
        "1..2",
        "1,200'000",
        "1k",
        "1万",
        "12:30",
        "1/2",
        "0x10",
        "1.200,5,0",
        "12345678901234567",
        "5,",
        "--5",
        "1e999",
    ] {
        assert_eq!(read(text), Err(Unclear::Strange(text.to_owned())), "{text}");
    }
    for text in ["", "many", "inf", "NaN", "-"] {
        assert_eq!(read(text), Err(Unclear::Absent), "{text}");
    }
}

fn grouped(whole: u64, mark: &str) -> String {
    let digits = whole.to_string();
    let first = digits.len() % 3;
    let groups = digits.as_bytes()[first..].chunks(3).map(|it| std::str::from_utf8(it).unwrap());
    Some(&digits[..first])
        .filter(|it| !it.is_empty())
        .into_iter()
        .chain(groups)
        .collect::<Vec<_>>()
        .join(mark)
}

proptest! {
    /// Whatever a country writes is read as what it is there, or not at all.
    #[test]
    fn a_number_is_never_read_as_another(
        whole in 0_u64..10_000_000_000,
        decimals in "[0-9]{0,4}",
        (between, before) in prop::sample::select(vec![("", "."), ("", ","), (",", "."), (".", ","), ("'", "."),
            ("'", ","), (" ", ","), ("\u{a0}", ","), ("\u{202f}", ".")]),
        negative: bool,
    ) {
        let point = if decimals.is_empty() { "" } else { "." };
        let sign = if negative { "-" } else { "" };
        let value: f64 = format!("{sign}{whole}{point}{decimals}").parse().unwrap();
        let mark = if decimals.is_empty() { "" } else { before };
        let written = format!("{sign}{}{mark}{decimals}", grouped(whole, between));
        match read(&written) {
            Ok(it) => prop_assert_eq!(it, value, "{}", written),
            Err(Unclear::Ambiguous { grouped, decimal, .. }) => {
                prop_assert!(grouped == value || decimal == value, "{}", written);
                // Only one mark, with three figures behind it, is two numbers.
                prop_assert_eq!(written.chars().filter(|it| ".,".contains(*it)).count(), 1);
            }
            Err(Unclear::Strange(_)) => prop_assert!(before == "," && between.is_empty() && decimals.len() >= 3),
            Err(other) => prop_assert!(false, "{other}: {written}"),
        }
    }

    #[test]
    fn any_text_gives_a_finite_number_or_none(text in "[-+ 0-9.,'eE\u{a0}万kx]{0,12}") {
        prop_assert!(read(&text).is_ok_and(f64::is_finite) || read(&text).is_err());
    }

    #[test]
    fn what_a_program_writes_comes_back(value in prop::num::f64::NORMAL) {
        prop_assert_eq!(read(&format!("{value:e}")), Ok(value));
    }

    #[test]
    fn what_we_say_we_can_read(thousandths in -10_000_000_000_i64..10_000_000_000) {
        let value = thousandths as f64 / 1000.0;
        prop_assert_eq!(read(&plainly(value)), Ok(value));
    }
}
