//! What is known of a problem.

use super::v1;
use crate::domain::ticket::Diagnosis;

/// In the contract's words.
pub fn diagnosis_to(it: &Diagnosis) -> v1::Diagnosis {
    v1::Diagnosis {
        symptom: it.symptom.clone(),
        root_cause: it.root_cause.clone(),
        workaround: it.workaround.clone(),
        solution: it.solution.clone(),
        error_code: it.error_code.clone(),
        is_known_error: it.is_known,
        article: it.article.map(|it| it.to_string()).unwrap_or_default(),
    }
}

/// From the contract's words, as this program wrote them.
pub fn diagnosis_from(it: &v1::Diagnosis) -> Diagnosis {
    Diagnosis {
        symptom: it.symptom.clone(),
        root_cause: it.root_cause.clone(),
        workaround: it.workaround.clone(),
        solution: it.solution.clone(),
        error_code: it.error_code.clone(),
        is_known: it.is_known_error,
        article: it.article.parse().ok(),
    }
}
