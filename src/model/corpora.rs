//! The corpora that ship with the product: what a fresh install learns from.

use crate::model::{
    examples::Example,
    readers::{ReadError, read_text},
};

/// Each label with its messages, one JSON object a line.
pub const TRAIN: [(&str, &str); 24] = [
    ("access_request", include_str!("../../models/corpora/train/access_request.jsonl")),
    ("account_locked", include_str!("../../models/corpora/train/account_locked.jsonl")),
    ("close", include_str!("../../models/corpora/train/close.jsonl")),
    ("comment", include_str!("../../models/corpora/train/comment.jsonl")),
    ("email_fault", include_str!("../../models/corpora/train/email_fault.jsonl")),
    ("equipment_request", include_str!("../../models/corpora/train/equipment_request.jsonl")),
    ("expense_claim", include_str!("../../models/corpora/train/expense_claim.jsonl")),
    ("facility_fault", include_str!("../../models/corpora/train/facility_fault.jsonl")),
    ("greeting", include_str!("../../models/corpora/train/greeting.jsonl")),
    ("hardware_fault", include_str!("../../models/corpora/train/hardware_fault.jsonl")),
    ("leave_question", include_str!("../../models/corpora/train/leave_question.jsonl")),
    ("lost_device", include_str!("../../models/corpora/train/lost_device.jsonl")),
    ("network_fault", include_str!("../../models/corpora/train/network_fault.jsonl")),
    ("out_of_scope", include_str!("../../models/corpora/train/out_of_scope.jsonl")),
    ("payroll_question", include_str!("../../models/corpora/train/payroll_question.jsonl")),
    ("person", include_str!("../../models/corpora/train/person.jsonl")),
    ("phishing_report", include_str!("../../models/corpora/train/phishing_report.jsonl")),
    ("printer_fault", include_str!("../../models/corpora/train/printer_fault.jsonl")),
    ("reopen", include_str!("../../models/corpora/train/reopen.jsonl")),
    ("software_fault", include_str!("../../models/corpora/train/software_fault.jsonl")),
    ("software_request", include_str!("../../models/corpora/train/software_request.jsonl")),
    ("status", include_str!("../../models/corpora/train/status.jsonl")),
    ("thanks", include_str!("../../models/corpora/train/thanks.jsonl")),
    ("vpn_fault", include_str!("../../models/corpora/train/vpn_fault.jsonl")),
];

/// All examples of the corpora.
pub fn examples() -> Result<Vec<Example>, ReadError> {
    let mut all = Vec::new();
    for (label, text) in TRAIN {
        all.extend(read_text(&format!("models/corpora/train/{label}.jsonl"), text)?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use crate::model::examples::inspect;

    use super::*;

    #[test]
    fn every_corpus_holds_examples_of_its_own_label_only() {
        for (label, text) in TRAIN {
            let read = read_text(label, text).unwrap();
            assert!(50 <= read.len(), "{label} has {} examples", read.len());
            assert!(read.iter().all(|example| example.label == label), "{label}");
        }
    }

    #[test]
    fn nothing_stands_there_twice_or_contradicts() {
        let (_, warnings) = inspect(&examples().unwrap());
        let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(said, [""; 0]);
    }
}
