//! Which of the desk's two languages a message is written in.

use crate::text::token::{Kind, tokens};

/// Whether a message is Chinese: its characters are a third of the tokens or more. Everything else
/// is answered in English.
///
/// Chinese messages of a desk are full of Latin names (VPN, Outlook, asset tags), English ones hold
/// next to no Chinese characters; hence not the half.
pub fn is_chinese(text: &str) -> bool {
    let (mut cjk, mut words) = (0_usize, 0_usize);
    for token in tokens(text) {
        match token.kind {
            Kind::Cjk => cjk += 1,
            Kind::Word => words += 1,
            Kind::Mark => {}
        }
    }
    0 < cjk && cjk + words <= 3 * cjk
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_message_with_latin_names_is_chinese() {
        assert!(is_chinese("vpn连不上了"));
        assert!(is_chinese("Outlook 打不开, error 0x80070005"));
        assert!(!is_chinese("cannot open the file 报告 from the share on fs02"));
        assert!(!is_chinese(""));
    }
}
