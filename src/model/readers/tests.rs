//! Every way for a file to be wrong, and what is said of it.

use proptest::prelude::*;

use super::*;

fn read(format: Format, bytes: &[u8]) -> Result<Corpus, ReadError> {
    let mut corpus = Corpus::default();
    corpus.add_bytes("data", bytes, format).map(|()| corpus)
}

/// Every way to be wrong, and how the answer begins; what must be in it stands behind.
fn refused(format: Format, cases: &[(&[u8], &str, &str)]) {
    for (bytes, begins, holds) in cases {
        let said = read(format, bytes).unwrap_err().to_string();
        assert!(said.starts_with(begins) && said.contains(holds), "{begins} .. {holds}: {said}");
    }
}

#[test]
fn both_formats_give_the_same_examples() {
    let lines = "\u{feff}{\"text\":\"vpn, down\",\"label\":\"vpn_fault\",\"lang\":\"en\",\"urgency\":\"high\",\"weight\":2.5}\n\n\
                 {\"text\":\"打印机\\\"卡纸\",\"label\":\" printer_fault \",\"impact\":null}";
    let rows = "\u{feff}label,text,weight,urgency,lang,impact\r\nvpn_fault,\"vpn, down\",2.5,high,en,\r\n\
                 printer_fault,\"打印机\"\"卡纸\",,,,\r\n";
    let expected = [
        Example { urgency: Some("high".into()), weight: 2.5, ..Example::new("vpn, down", "vpn_fault") },
        Example::new("打印机\"卡纸", "printer_fault"),
    ];
    let (json, csv) =
        (read(Format::JsonLines, lines.as_bytes()).unwrap(), read(Format::Csv, rows.as_bytes()).unwrap());
    assert_eq!(json.examples, expected);
    assert_eq!(csv.examples, expected);
    assert!(json.oddities.is_empty() && csv.oddities.is_empty());
    assert_eq!((json.places.of(1), csv.places.of(1)), ("data:3".into(), "data:3".into()));
}

#[test]
fn what_spreadsheets_write_is_read() {
    let rows = "sep=;\r\nText;Label;Urgency;\r\n\"a \"\"b\"\"\";x;High;\r\nc \"d\";y;;\r\n;;;\r\n;;;\r\n";
    let corpus = read(Format::Csv, rows.as_bytes()).unwrap();
    let urgent = Example { urgency: Some("high".into()), ..Example::new("a \"b\"", "x") };
    assert_eq!(corpus.examples, [urgent, Example::new("c \"d\"", "y")]);
    assert_eq!(corpus.places.of(1), "data:4");
    assert!(corpus.oddities.is_empty());
}

#[test]
fn what_separates_is_looked_for_in_the_header_and_outside_quotes() {
    for rows in
        ["\n;;\ntext;label\na,b;x\n", "\n\nsep=;\ntext;label\na,b;x\n", "text;label;\"a, b, c, d\"\na,b;x;\n"]
    {
        assert_eq!(
            read(Format::Csv, rows.as_bytes()).unwrap().examples,
            [Example::new("a,b", "x")],
            "{rows}"
        );
    }
}

#[test]
fn semicolons_and_tabs_separate_as_well() {
    for separator in [";", "\t"] {
        let rows = format!("text{separator}label\nvpn, down{separator}x\n\nanother{separator}y\n");
        let corpus = read(Format::Csv, rows.as_bytes()).unwrap();
        assert_eq!(corpus.examples[0], Example::new("vpn, down", "x"));
        assert_eq!(corpus.places.of(1), "data:4");
    }
}

#[test]
fn a_fault_in_json_lines_names_file_line_and_field_and_what_would_be_right() {
    let good = "{\"text\":\"a\",\"label\":\"b\"}\n";
    let bad = |line: &str| format!("{good}{line}").into_bytes();
    let latin = [good.as_bytes(), b"{\"text\":\"caf\xe9\",\"label\":\"b\"}"].concat();
    let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let endless = format!("{good}{{\"text\":\"{}", "a".repeat(2 << 20));
    refused(
        Format::JsonLines,
        &[
            (b"", "data: has no examples", "\"label\""),
            (b" \n\n", "data: has no examples", ""),
            (&bad("{\"text\":\"a\"}"), "data:2: 'label' is missing", "vpn_fault"),
            (&bad("{\"text\":\"a\",\"label\":null}"), "data:2: 'label' is missing", ""),
            (&bad("{\"text\":\" \",\"label\":\"b\"}"), "data:2: 'text' is empty", "leave the line out"),
            (&bad("{\"text\":\"a\",\"label\":7}"), "data:2: 'label' is 7", "in quotes"),
            (&bad("nonsense"), "data:2: column 2: expected", "a line must be like"),
            (&bad("{\"text\":\"a\","), "data:2: column ", "a line must be like"),
            (b"[{\"text\":\"a\",\"label\":\"b\"}]", "data:1: is a JSON array", "jq -c"),
            (
                &bad("{\"text\":\"a\",\"label\":\"b\",\"impact\":\"all\"}"),
                "data:2: 'impact' is 'all'; it must be one of person, team, site",
                "",
            ),
            (&bad("{\"text\":\"a\",\"label\":\"b\",\"weight\":0}"), "data:2: 'weight' is 0;", "above 0"),
            (
                &bad("{\"text\":\"a\",\"label\":\"b\",\"weight\":1e300}"),
                "data:2: 'weight' is 1e",
                "at most 1000",
            ),
            (&bad("{\"text\":\"a\",\"label\":\"b\",\"weight\":\"NaN\"}"), "data:2: 'weight' is NaN", ""),
            (&bad("{\"text\":\"a\",\"label\":\"b\",\"weight\":NaN}"), "data:2: column 34: expected", ""),
            (&latin, "data:2: byte 13 of the line (0xE9) is no UTF-8", "iconv -f"),
            (&wide, "data: is in UTF-16", "iconv -f UTF-16"),
            (endless.as_bytes(), "data:2: is longer than 1 MiB", ""),
        ],
    );
}

#[test]
fn a_fault_in_csv_names_file_line_and_field_and_what_would_be_right() {
    let wide: Vec<u8> = "\u{feff}text,label\na,b\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let endless = format!("text,label\na,b\n\"{}", "a\n".repeat(2 << 20));
    refused(
        Format::Csv,
        &[
            (b"", "data: has no examples", ""),
            (b"text,label\n", "data: has no examples", ""),
            (b"Message,label\na,b\n", "data:1: has no column 'text' but 'Message', 'label'", "text,label"),
            (b"vpn down,vpn_fault\n", "data:1: has no column 'text'", ""),
            (b"text,text,label\na,b,c\n", "data:1: has the column 'text' twice", ""),
            (b"text,label\na,b\nvpn, down,b\n", "data:3: has 3 fields where the header has 2", "in quotes"),
            (b"text,label\na\n", "data:2: has 1 fields", ""),
            (b"text,label\na,\n", "data:2: 'label' is empty", ""),
            (b"text,label,weight\na,b,inf\n", "data:2: 'weight' is inf;", "above 0"),
            (b"text,label,weight\na,b,-1\n", "data:2: 'weight' is -1;", ""),
            (b"text,label,urgency\n\"a\nb\",b,\nc,d,soon\n", "data:4: 'urgency' is 'soon'", "medium"),
            (b"text,label\ncaf\xe9,b\n", "data:2: byte 4 of the line (0xE9)", "WINDOWS-1252"),
            (&wide, "data: is in UTF-16", ""),
            (b"text,label\n\n\"a b,x\nc d,y\n\ne f,x\n", "data:3: opens a quote that does not close", ""),
            (b"text,label\na,b\nc,\"d", "data:3: opens a quote that does not close", "twice"),
            (
                b"text\tlabel\na\tb\n\"c d\te\nf\tg\n\"h i\tj\n",
                "data:3: opens a quote that does not close",
                "",
            ),
            (b"text,label\na,b\n\"c\" d,e\n", "data:3: opens a quote that does not close", ""),
            (b"text,label\ra,b\rc,d\r", "data: has line ends of a carriage return", "tr '\\r' '\\n'"),
            (endless.as_bytes(), "data:3: is longer than 1 MiB", "quote"),
        ],
    );
}

#[test]
fn a_quoted_line_end_is_no_open_quote() {
    let corpus = read(Format::Csv, b"Text,LABEL\n\"a\n\",\"b\"\nc,\"d\n\"").unwrap();
    assert_eq!(corpus.examples, [Example::new("a\n", "b"), Example::new("c", "d")]);
}

#[test]
fn unknown_columns_are_named_once_and_long_messages_cut() {
    let long = "打".repeat(LONGEST);
    let lines = format!(
        "{{\"text\":\"a\",\"label\":\"b\",\"id\":1}}\n{{\"text\":\"{long}\",\"label\":\"b\",\"id\":2,\"who\":[]}}\n"
    );
    let corpus = read(Format::JsonLines, lines.as_bytes()).unwrap();
    let told: Vec<String> = corpus.oddities.iter().map(|oddity| oddity.told(&corpus.places)).collect();
    assert!(told[0].starts_with("data:2: 'text' has 49152 bytes; the first 16384 are used"), "{told:?}");
    assert!(told[1].starts_with("data: 'id', 'who' passed over; known are text, label"), "{told:?}");
    assert_eq!(told.len(), 2);
    assert_eq!(corpus.examples[1].text.len(), LONGEST - 1, "cut between characters");
}

#[test]
fn the_name_decides_the_format_and_else_the_first_character() {
    let of = |name: &str, mut bytes: &[u8]| Format::of(Path::new(name), &mut bytes).unwrap();
    assert_eq!(of("a.CSV", b"{"), Format::Csv);
    assert_eq!(of("a.json", b"text,label"), Format::JsonLines);
    assert_eq!(of("a.txt", b" {\"text\""), Format::JsonLines);
    assert_eq!(of("a", b"text,label"), Format::Csv);
}

proptest! {
    #[test]
    fn any_bytes_are_examples_or_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in [Format::JsonLines, Format::Csv] {
            let headed = [b"text,label\n", &bytes[..]].concat();
            for bytes in [&bytes, &headed] {
                if let Ok(corpus) = read(format, bytes) {
                    prop_assert!(corpus.examples.iter().all(|it| !it.text.is_empty() && !it.label.is_empty()));
                }
            }
        }
    }
}
