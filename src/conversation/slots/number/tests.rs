//! What is read as a number, what is asked about, and that nothing is read as another.

use proptest::prelude::*;

use super::*;

#[test]
fn a_number_is_read_however_it_is_written() {
    for (text, value) in [
        ("about 1,250.50 euros.", 1250.5),
        ("共 86 元", 86.0),
        ("1k", 1000.0),
        ("1.2k", 1200.0),
        ("€1.200,50", 1200.5),
        ("1.200,50 €", 1200.5),
        ("It is 1,200.50 in total", 1200.5),
        ("1,200", 1200.0),
        ("10 000", 10_000.0),
        ("10 000 €", 10_000.0),
        ("1\u{a0}200,50 EUR", 1200.5),
        ("CHF 1'200.-", 1200.0),
        ("1200,-", 1200.0),
        ("1万", 10_000.0),
        ("1.5萬", 15_000.0),
        ("大概３万块", 30_000.0),
        ("1千万", 10_000_000.0),
        ("10万5千", 105_000.0),
        ("1万2000", 12_000.0),
        ("1.2亿", 120_000_000.0),
        ("1.5 million", 1_500_000.0),
        ("2 Mio. €", 2_000_000.0),
        ("US$5k", 5000.0),
        ("RMB300", 300.0),
        ("300RMB", 300.0),
        ("-5", -5.0),
        ("-€5", -5.0),
        ("minus 5", -5.0),
        (".5", 0.5),
        ("0.57 k", 570.0),
        ("20%", 20.0),
        ("#3", 3.0),
        ("5 sheets of A4", 5.0),
        ("5 with 16GB each", 5.0),
        ("3楼要5台", 5.0),
        ("5, I mean 5", 5.0),
        ("two", 2.0),
        ("just one please", 1.0),
        ("One", 1.0),
        ("twenty-five people", 25.0),
        ("twenty five", 25.0),
        ("two thousand", 2000.0),
        ("a dozen", 12.0),
        ("2 dozen", 24.0),
        ("two 24-inch monitors", 2.0),
        ("十二个", 12.0),
        ("十", 10.0),
        ("要两台", 2.0),
        ("兩百五", 250.0),
        ("三万五", 35_000.0),
        ("三万零五", 30_005.0),
        ("一百二十人", 120.0),
        ("一千零五十", 1050.0),
        ("三", 3.0),
        ("3万五千", 35_000.0),
    ] {
        assert_eq!(said(text), Ok(value), "{text}");
    }
}

#[test]
fn what_may_be_another_number_is_told() {
    let ambiguous = |written: &str, grouped, decimal| Unclear::Ambiguous {
        written: written.to_owned(),
        grouped,
        decimal,
    };
    assert_eq!(said("about 1.200 euros"), Err(ambiguous("1.200", 1200.0, 1.2)));
    assert_eq!(said("100-200"), Err(Unclear::Several(vec!["100".into(), "200".into()])));
    assert_eq!(said("two 4k monitors"), Err(Unclear::Several(vec!["two".into(), "4k".into()])));
    assert_eq!(said("ten to twenty"), Err(Unclear::Several(vec!["ten".into(), "twenty".into()])));
    for text in
        ["100 or 200", "要5，12月到10", "one laptop, 2 screens", "1，200", "2024-05-12", "给一个同事买2台"]
    {
        assert!(matches!(said(text), Err(Unclear::Several(_))), "{text}: {:?}", said(text));
    }
    for (text, written) in [
        ("room 5 200 people", "5 200"),
        ("1m", "1m"),
        ("5 m", "5 m"),
        ("16GB", "16gb"),
        ("1.2.3", "1.2.3"),
        ("1k5", "1k5"),
        ("1/2", "1/2"),
        ("12:30", "12:30"),
        ("2x3", "2x3"),
        ("1e6", "1e6"),
        ("½", "½"),
        ("2½", "2½"),
        ("the 4th", "4th"),
        ("1万2", "1万2"),
        ("1.5万5千", "1.5万5千"),
        ("1.200万", "1.200万"),
        ("1.200k", "1.200k"),
        ("两三个", "两三"),
        ("3楼", "3楼"),
        ("one and a half", "one and a half"),
        ("两个半", "两个半"),
        ("hundreds of them", "hundreds"),
        ("金额-500", "-500"),
        ("12345678901234567", "12345678901234567"),
        ("half a million", "half a million"),
        ("2.5 and a half", "2.5 and a half"),
    ] {
        assert_eq!(said(text), Err(Unclear::Strange(written.into())), "{text}");
    }
    for text in [
        "none",
        "",
        "the big one",
        "一起",
        "万一",
        "百度",
        "统一。",
        "LT-20417",
        "A4",
        "第三",
        "two-factor",
        "no one",
    ] {
        assert_eq!(said(text), Err(Unclear::Absent), "{text}");
    }
}

/// What was read of each of these once is a part of it only.
#[test]
fn what_stands_beside_a_number_is_read_with_it_or_asked_about() {
    for (text, value) in [
        ("5 万", 50_000.0),
        ("1.5 万", 15_000.0),
        ("1.5 萬元", 15_000.0),
        ("5 万5千", 55_000.0),
        ("5 百台", 500.0),
        ("5 keur", 5000.0),
        ("5kEUR", 5000.0),
        ("five keur", 5000.0),
        ("三点五万", 35_000.0),
        ("3点5万", 35_000.0),
        ("3.5 万", 35_000.0),
        ("十二点五万", 125_000.0),
        ("零点二五亿元", 25_000_000.0),
        ("minus 5k", -5000.0),
        ("5 (five)", 5.0),
        ("5, I mean 5", 5.0),
        ("two 24-inch monitors", 2.0),
        ("5 bus tickets", 5.0),
        ("a thousand", 1000.0),
        ("the budget of one thousand", 1000.0),
        ("about a dozen", 12.0),
        ("5 on the third floor", 5.0),
        ("how many? 5", 5.0),
        ("2 one-way tickets", 2.0),
        ("laptops – 5", 5.0),
        ("-$5", -5.0),
        ("EUR -5", -5.0),
    ] {
        assert_eq!(said(text), Ok(value), "{text}");
    }
    for text in [
        // Units
        "5 grand",
        "five grand",
        "5 mil",
        "2 Milliarden",
        "5 meur",
        "five m",
        "five 万",
        "三 万",
        "5 百度账号",
        "5 万一坏了",
        "5仟",
        "五 千瓦",
        "5 hundred thousand",
        // Chinese numerals that are not read
        "廿五万",
        "壹拾五万",
        "几十个",
        "5多台",
        "5 万多",
        "三点五",
        "三点五个",
        "三点五十台",
        "3点5",
        "第3点5万",
        // Ranges
        "100k-150k",
        "100k - 150k",
        "$5k-$10k",
        "10eur-20eur",
        "10 eur-20 eur",
        "five-10",
        "EUR-5",
        "三万到五万",
        "三到五万",
        "三万-五万",
        "3到5万",
        // Signs
        "minus five thousand",
        "负20",
        "负 20",
        "负五百元",
        "-五百",
        "- 5k",
        "- 5",
        "–5",
        "- $5",
        "minus $5",
        "minus EUR 5",
        "-3点5万",
        "minus 三点五万",
        // Fractions
        "2 1/2",
        "2 ½",
        "two and a quarter",
        "two and one third",
        "three quarters",
        "half dozen",
        "half million",
        "a quarter million",
        "a quarter of a million",
        "a quarter of 2000",
        "½ million",
        "五分之一个",
        // The same number at two places
        "five point five",
        "2 + 2",
        "5 - 5",
        "3000 for Ann and 3000 for Bob",
        "2 x 2",
        // More words
        "a hundred and one",
        "one hundred thousand",
        // Vague
        "a few thousand",
        "several thousand",
        "a couple of hundred",
        "few 100",
        "twice 5",
        // What is doubtful beside a number
        "5 16GB",
        "16GB 5",
        "5 to 10GB",
        "2 * 10^3",
        "3楼5台",
        "five ½",
    ] {
        assert!(said(text).is_err_and(|it| it != Unclear::Absent), "{text}: {:?}", said(text));
    }
}

#[test]
fn an_answer_that_gives_no_value_says_why() {
    let kind = FieldKind::Number { min: 1.0, max: 500.0 };
    assert_eq!(misread(&kind, "5"), None);
    assert_eq!(misread(&kind, "1k"), Some(Misread::Outside { said: 1000.0, min: 1.0, max: 500.0 }));
    assert_eq!(misread(&kind, "many"), Some(Misread::Unclear(Unclear::Absent)));
    assert_eq!(misread(&FieldKind::Location, "5"), None);
}

fn han(value: u64) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (mut text, mut gap) = (String::new(), false);
    for (unit, name) in [(10_000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        match value / unit % 10 {
            0 => gap = !text.is_empty(),
            digit => {
                text += if gap { "零" } else { "" };
                text += DIGITS[usize::try_from(digit).unwrap()];
                text += name;
                gap = false;
            }
        }
    }
    text
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_fault(text in any::<String>()) {
        prop_assert!(said(&text).map_or(true, f64::is_finite));
    }

    #[test]
    fn any_text_like_a_number_is_read_without_a_fault(text in "[-+ 0-9.,'kKm%€万千百十两一二半个A:/½one]{0,14}") {
        prop_assert!(said(&text).map_or(true, f64::is_finite));
    }

    /// What stands around a number changes nothing, and what is read is what was written.
    #[test]
    fn a_number_among_words_is_the_number(
        whole in 0_u64..1_000_000_000,
        decimals in "[0-9]{1,2}",
        (before, behind) in prop::sample::select(vec![("", ""), ("about ", " euros."), ("共", "元"), ("€", ""),
            ("", "€"), ("(", ")"), ("it's ", ", thanks"), ("EUR ", ""), ("约 ", "块。")]),
    ) {
        let value: f64 = format!("{whole}.{decimals}").parse().unwrap();
        for point in ['.', ','] {
            let text = format!("{before}{whole}{point}{decimals}{behind}");
            prop_assert_eq!(said(&text), Ok(value), "{}", text);
        }
        let text = format!("{before}{whole}{behind}");
        prop_assert_eq!(said(&text), Ok(whole as f64), "{}", text);
    }

    #[test]
    fn thousands_and_more_are_as_many(figures in 1_u32..100_000, decimals in "[0-9]{1,2}") {
        for (unit, power) in [("k", 3), (" thousand", 3), (" million", 6), ("万", 4), ("百万", 6), ("亿", 8)] {
            let value: f64 = format!("{figures}.{decimals}e{power}").parse().unwrap();
            prop_assert_eq!(said(&format!("{figures}.{decimals}{unit}")), Ok(value));
        }
    }

    #[test]
    fn chinese_numerals_are_read(value in 1_u64..100_000) {
        prop_assert_eq!(said(&format!("{}个", han(value))), Ok(value as f64), "{}", han(value));
    }

    /// Two numbers are never one.
    #[test]
    fn of_two_numbers_none_is_taken(one in 0_u32..10_000, other in 0_u32..10_000, join in " (to|or|and|,|;|-) ") {
        let text = format!("{one}{join}{other}");
        prop_assert!(said(&text).is_err(), "{}", text);
    }
}
