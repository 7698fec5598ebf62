//! Nothing in the data is more than text on the page, and all findings are there.

use super::*;
use crate::model::{
    cross_validation::cross_validate,
    evaluation::judge,
    train::{
        Settings,
        tests::{small_classifier, small_examples},
    },
};

const HOSTILE: &str = "</style><script>alert('x')</script>\u{202e}\u{7}<img src=x onerror=\"y\"> & co";

fn findings(data: &[Example]) -> Findings {
    let model = small_classifier(&Settings::default());
    let verdicts = judge(&model, data, &mut |_| {});
    Findings::of(&model, (data, &verdicts), &verdicts[..2], "2026-01-01T00:00:00Z".into()).unwrap()
}

#[test]
fn whatever_stands_in_the_data_is_only_text_on_the_page() {
    let mut data = small_examples();
    data.push(Example::new(HOSTILE, HOSTILE));
    data.push(Example::new(format!("vpn {HOSTILE}"), "printer_fault"));
    let mut findings = findings(&data);
    let suspect = Suspect {
        row: 0,
        text: HOSTILE.into(),
        label: HOSTILE.into(),
        said: HOSTILE.into(),
        confidence: 1.0,
    };
    findings.training = Some(Training::of(&small_examples(), &data, vec![suspect], vec![HOSTILE.into()]));
    let page = page(&findings);
    for forbidden in ["<script", "<img", "onerror=\"", "\u{7}", "http://", "https://", "url("] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)"), "it is shown nevertheless");
    assert_eq!(page.matches("<style>").count(), page.matches("</style>").count());
    for element in ["section", "table", "svg", "div", "tr", "td", "bdi", "g"] {
        let opened =
            page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
        assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
    }
}

#[test]
fn the_findings_are_all_there() {
    let data = small_examples();
    let found = cross_validate(&data, 2, &Settings::default(), &mut |_, _| {}).unwrap();
    let mut findings = findings(&data);
    findings.training = Some(Training::of(&data, &data, found.label_noise, Vec::new()));
    assert_eq!(findings.training.as_ref().map(|it| it.twin_count), Some(data.len()), "all were learned");
    assert_eq!(findings.matrix.counts.iter().flatten().sum::<usize>(), data.len());
    let page = page(&findings);
    for part in [
        "accuracy",
        "macro F1",
        "calibration error",
        "AUROC",
        "Reliability curve",
        "Coverage against risk",
        "The model has no gate",
        "Confusion matrix",
        "Label by label",
        "Labels that may be wrong",
        "stability index",
        "near-duplicates",
        "prefers-color-scheme: dark",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn of_many_labels_only_the_confused_ones_are_in_the_matrix() {
    let data: Vec<Example> = (0..60)
        .map(|it| Example::new("vpn down", if it == 0 { "vpn_fault".into() } else { format!("label{it}") }))
        .collect();
    let matrix = findings(&data).matrix;
    assert_eq!(matrix.labels.len(), Matrix::MOST);
    assert_eq!(matrix.left_out, 60 - Matrix::MOST);
    assert!(matrix.labels.contains(&"vpn_fault".to_owned()), "it is what the others are taken for");
}
