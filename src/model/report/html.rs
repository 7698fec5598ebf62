//! Pieces of HTML. Whatever comes from data goes through [`escaped`].

use std::fmt::Write as _;

/// Text that means nothing but itself, in an element or an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A message as somebody typed it; the beginning of a long one. Its direction of writing ends with it.
pub(super) fn message(text: &str) -> String {
    const LONGEST: usize = 240;
    let mut beginning: String = text.chars().take(LONGEST).collect();
    if beginning.len() < text.len() {
        beginning.push('…');
    }
    format!("<bdi class=\"said\">{}</bdi>", escaped(&beginning))
}

/// A label.
pub(super) fn label(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// A share in percent.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// A whole number with its thousands apart.
pub(super) fn number(value: usize) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if 0 < place && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A part of the page: what it is, what it means in a sentence or two, and the thing itself.
pub(super) fn section(title: &str, lead: &str, body: &str) -> String {
    format!("<section>\n<h2>{title}</h2>\n<p class=\"lead\">{lead}</p>\n{body}\n</section>\n")
}

/// A table; cells are HTML. Columns whose heading begins with `#` hold figures.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    rows_in("<table>", headings, rows)
}

/// A table with messages, of which a narrow screen shows each row as a card.
pub(super) fn cards(headings: &[&str], rows: &[Vec<String>]) -> String {
    rows_in("<table class=\"cards\">", headings, rows)
}

fn rows_in(opening: &str, headings: &[&str], rows: &[Vec<String>]) -> String {
    let class = |heading: &str| if heading.starts_with('#') { " class=\"n\"" } else { "" };
    let mut out = format!("<div class=\"wide\">{opening}\n<thead><tr>");
    for heading in headings {
        // Writing to a string cannot fail.
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(heading), heading.trim_start_matches('#'));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (cell, heading) in row.iter().zip(headings) {
            let name = heading.trim_start_matches('#');
            let _ = write!(out, "<td{} data-name=\"{name}\">{cell}</td>", class(heading));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>");
    out
}
