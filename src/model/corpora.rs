//! The corpora that ship with the product: what a fresh install learns from.

use crate::model::{
    examples::Example,
    readers::{ReadError, read_text},
};

/// Each label with its messages, one JSON object a line.
pub const TRAIN: [(&str, &str); 59] = [
    ("access_badge", include_str!("../../models/corpora/train/access_badge.jsonl")),
    ("access_request", include_str!("../../models/corpora/train/access_request.jsonl")),
    ("account_locked", include_str!("../../models/corpora/train/account_locked.jsonl")),
    ("benefits_question", include_str!("../../models/corpora/train/benefits_question.jsonl")),
    ("catering_request", include_str!("../../models/corpora/train/catering_request.jsonl")),
    ("cleaning_request", include_str!("../../models/corpora/train/cleaning_request.jsonl")),
    ("close", include_str!("../../models/corpora/train/close.jsonl")),
    ("comment", include_str!("../../models/corpora/train/comment.jsonl")),
    ("company_car", include_str!("../../models/corpora/train/company_car.jsonl")),
    ("contract_review", include_str!("../../models/corpora/train/contract_review.jsonl")),
    ("data_privacy_request", include_str!("../../models/corpora/train/data_privacy_request.jsonl")),
    ("desk_move", include_str!("../../models/corpora/train/desk_move.jsonl")),
    ("email_fault", include_str!("../../models/corpora/train/email_fault.jsonl")),
    ("employment_certificate", include_str!("../../models/corpora/train/employment_certificate.jsonl")),
    ("equipment_request", include_str!("../../models/corpora/train/equipment_request.jsonl")),
    ("expense_claim", include_str!("../../models/corpora/train/expense_claim.jsonl")),
    ("facility_fault", include_str!("../../models/corpora/train/facility_fault.jsonl")),
    ("file_recovery", include_str!("../../models/corpora/train/file_recovery.jsonl")),
    ("firewall_request", include_str!("../../models/corpora/train/firewall_request.jsonl")),
    ("greeting", include_str!("../../models/corpora/train/greeting.jsonl")),
    ("hardware_fault", include_str!("../../models/corpora/train/hardware_fault.jsonl")),
    ("leave_question", include_str!("../../models/corpora/train/leave_question.jsonl")),
    ("lost_device", include_str!("../../models/corpora/train/lost_device.jsonl")),
    ("mail_courier", include_str!("../../models/corpora/train/mail_courier.jsonl")),
    ("mailbox_request", include_str!("../../models/corpora/train/mailbox_request.jsonl")),
    ("malware_alert", include_str!("../../models/corpora/train/malware_alert.jsonl")),
    ("marketing_material", include_str!("../../models/corpora/train/marketing_material.jsonl")),
    ("master_data_change", include_str!("../../models/corpora/train/master_data_change.jsonl")),
    ("meeting_room_fault", include_str!("../../models/corpora/train/meeting_room_fault.jsonl")),
    ("mobile_plan_request", include_str!("../../models/corpora/train/mobile_plan_request.jsonl")),
    ("network_fault", include_str!("../../models/corpora/train/network_fault.jsonl")),
    ("offboarding", include_str!("../../models/corpora/train/offboarding.jsonl")),
    ("office_supplies", include_str!("../../models/corpora/train/office_supplies.jsonl")),
    ("onboarding", include_str!("../../models/corpora/train/onboarding.jsonl")),
    ("out_of_scope", include_str!("../../models/corpora/train/out_of_scope.jsonl")),
    ("parking_request", include_str!("../../models/corpora/train/parking_request.jsonl")),
    ("payroll_question", include_str!("../../models/corpora/train/payroll_question.jsonl")),
    ("person", include_str!("../../models/corpora/train/person.jsonl")),
    ("personal_data_change", include_str!("../../models/corpora/train/personal_data_change.jsonl")),
    ("phishing_report", include_str!("../../models/corpora/train/phishing_report.jsonl")),
    ("physical_security", include_str!("../../models/corpora/train/physical_security.jsonl")),
    ("printer_fault", include_str!("../../models/corpora/train/printer_fault.jsonl")),
    ("purchase_request", include_str!("../../models/corpora/train/purchase_request.jsonl")),
    ("recruiting_request", include_str!("../../models/corpora/train/recruiting_request.jsonl")),
    ("reopen", include_str!("../../models/corpora/train/reopen.jsonl")),
    ("report_request", include_str!("../../models/corpora/train/report_request.jsonl")),
    ("server_request", include_str!("../../models/corpora/train/server_request.jsonl")),
    ("software_fault", include_str!("../../models/corpora/train/software_fault.jsonl")),
    ("software_request", include_str!("../../models/corpora/train/software_request.jsonl")),
    ("status", include_str!("../../models/corpora/train/status.jsonl")),
    ("supplier_invoice", include_str!("../../models/corpora/train/supplier_invoice.jsonl")),
    ("telephony_fault", include_str!("../../models/corpora/train/telephony_fault.jsonl")),
    ("thanks", include_str!("../../models/corpora/train/thanks.jsonl")),
    ("training_request", include_str!("../../models/corpora/train/training_request.jsonl")),
    ("travel_booking", include_str!("../../models/corpora/train/travel_booking.jsonl")),
    ("visitor_registration", include_str!("../../models/corpora/train/visitor_registration.jsonl")),
    ("vpn_fault", include_str!("../../models/corpora/train/vpn_fault.jsonl")),
    ("website_fault", include_str!("../../models/corpora/train/website_fault.jsonl")),
    ("workplace_concern", include_str!("../../models/corpora/train/workplace_concern.jsonl")),
];

/// The corpora as JSON lines: the label that all examples of one have, the name of its file, and its text.
pub fn texts() -> impl Iterator<Item = (&'static str, String, &'static str)> {
    TRAIN.into_iter().map(|(label, text)| (label, format!("models/corpora/train/{label}.jsonl"), text))
}

/// All examples of the corpora.
pub fn examples() -> Result<Vec<Example>, ReadError> {
    let mut all = Vec::new();
    for (_, name, text) in texts() {
        all.extend(read_text(&name, text)?);
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
