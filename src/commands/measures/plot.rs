//! `measures show --svg`: how measures go over time, as a picture that needs nothing else and takes to light and dark pages.

use std::{collections::BTreeMap, fmt::Write as _};

use jiff::civil::Date;

use super::{show::Row, table::amount};
use crate::domain::measure::{Better, Measure, Nature};

/// Lines of one measure at most, those of the most values; more cannot be told apart.
const LINES: usize = 6;
/// Size of the picture and of the field of one measure in it, in its units.
const WIDTH: f64 = 760.0;
const PANEL: f64 = 210.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 40.0;
const FIELD: f64 = 130.0;

/// Colours that are told apart by those too who see fewer of them (Okabe and Ito). What is for the dark stands apart: few
/// programs that draw know it.
const STYLE: &str = "<style>text{font:12px system-ui,sans-serif;fill:#222}\
.t{font-weight:600;font-size:14px}.n{fill:#666}.g{stroke:#ddd}\
polyline{fill:none;stroke-width:2;stroke-linejoin:round}\
.c0{stroke:#0072b2;fill:#0072b2}.c1{stroke:#d55e00;fill:#d55e00}.c2{stroke:#009e73;fill:#009e73}\
.c3{stroke:#cc79a7;fill:#cc79a7}.c4{stroke:#e69f00;fill:#e69f00}.c5{stroke:#56b4e9;fill:#56b4e9}\
polyline[class]{fill:none}\
@media(prefers-color-scheme:dark){text{fill:#ddd}.n{fill:#aaa}.g{stroke:#444}}</style>";

/// The values of one line by the first days of their periods.
type Line<'a> = (String, BTreeMap<Date, &'a Row>);

/// A picture of rows that have periods.
pub(super) fn svg(rows: &[Row]) -> String {
    let days = || rows.iter().filter_map(|it| day(&it.from));
    let span = days().min().zip(days().max()).unwrap_or_default();
    let measures: Vec<Measure> =
        Measure::ALL.into_iter().filter(|it| rows.iter().any(|row| row.measure == it.as_str())).collect();
    let height = PANEL * measures.len() as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"Measures over time\">{STYLE}"
    );
    for (place, measure) in measures.into_iter().enumerate() {
        let own: Vec<&Row> = rows.iter().filter(|it| it.measure == measure.as_str()).collect();
        let _ = write!(out, "<g transform=\"translate(0 {})\">", PANEL * place as f64);
        panel(&mut out, measure, &own, span);
        out.push_str("</g>");
    }
    out + "</svg>\n"
}

fn panel(out: &mut String, measure: Measure, rows: &[&Row], span: (Date, Date)) {
    let (lines, left_out) = lines(rows);
    let values = lines.iter().flat_map(|it| it.1.values()).map(|it| value(measure, it));
    let highest = values.fold(0.0, f64::max);
    let most = if measure.nature() == Nature::Share { 1.0 } else { nice(highest) };
    let better = match measure.better() {
        Better::Lower => "lower is better",
        Better::Higher => "higher is better",
    };
    let left_out =
        if left_out == 0 { String::new() } else { format!("; {left_out} more lines are not drawn") };
    let _ = write!(
        out,
        "<text class=\"t\" x=\"8\" y=\"20\">{}</text><text class=\"n\" x=\"{LEFT}\" y=\"34\">{}, {better}{left_out}</text>",
        measure.as_str(),
        what(measure)
    );
    for step in 0..=2 {
        let share = f64::from(step) / 2.0;
        let y = TOP + FIELD * (1.0 - share);
        let _ = write!(
            out,
            "<line class=\"g\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y}\" y2=\"{y}\"/>\
             <text class=\"n\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            said(measure, most * share)
        );
    }
    let field = Field { measure, most, span };
    let ends = [(span.0, "start"), (span.1, "end")];
    for (day, anchor) in ends.into_iter().take(if span.0 < span.1 { 2 } else { 1 }) {
        let _ = write!(
            out,
            "<text class=\"n\" x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{day}</text>",
            field.x(day),
            TOP + FIELD + 16.0,
        );
    }
    for (colour, line) in lines.iter().enumerate() {
        draw(out, colour, line, &field);
    }
}

/// Where values are in the field of a measure.
struct Field {
    measure: Measure,
    most: f64,
    span: (Date, Date),
}

impl Field {
    fn x(&self, day: Date) -> f64 {
        let days = |to: Date| self.span.0.until(to).map_or(0.0, |it| f64::from(it.get_days()));
        let all = days(self.span.1);
        if all <= 0.0 { f64::midpoint(LEFT, RIGHT) } else { LEFT + (RIGHT - LEFT) * days(day) / all }
    }

    fn y(&self, row: &Row) -> f64 {
        TOP + FIELD * (1.0 - value(self.measure, row) / self.most)
    }
}

/// One line, broken where it has no value, with a dot for each value and its name behind it.
fn draw(out: &mut String, colour: usize, (name, values): &Line<'_>, field: &Field) {
    let (mut points, mut next) = (String::new(), None);
    for (first, row) in values {
        if next.is_some_and(|it| it != *first) {
            let _ = write!(out, "<polyline class=\"c{colour}\" points=\"{points}\"/>");
            points.clear();
        }
        next = day(&row.to).and_then(|it| it.tomorrow().ok());
        let _ = write!(points, "{:.1},{:.1} ", field.x(*first), field.y(row));
        let _ = write!(
            out,
            "<circle class=\"c{colour}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"><title>{} {}: {} of {}</title></circle>",
            field.x(*first),
            field.y(row),
            escaped(name),
            row.from,
            said(field.measure, value(field.measure, row)),
            row.count
        );
    }
    let _ = write!(out, "<polyline class=\"c{colour}\" points=\"{points}\"/>");
    if !name.is_empty() {
        let row = TOP + 8.0 + 18.0 * colour as f64;
        let _ = write!(
            out,
            "<circle class=\"c{colour}\" cx=\"{}\" cy=\"{}\" r=\"4\"/><text x=\"{}\" y=\"{row}\">{}</text>",
            RIGHT + 22.0,
            row - 4.0,
            RIGHT + 32.0,
            escaped(name)
        );
    }
}

/// The lines of a measure, that of the most values first, and how many are left out.
fn lines<'a>(rows: &[&'a Row]) -> (Vec<Line<'a>>, usize) {
    let mut lines: BTreeMap<String, BTreeMap<Date, &Row>> = BTreeMap::new();
    for row in rows {
        let Some(first) = day(&row.from) else { continue };
        let names: Vec<_> = row.labels.all().map(|(_, it)| if it.is_empty() { "-" } else { it }).collect();
        lines.entry(names.join(" ")).or_default().insert(first, row);
    }
    let mut lines: Vec<_> = lines.into_iter().collect();
    let count = |it: &Line<'_>| it.1.values().map(|it| it.count).sum::<u64>();
    lines.sort_by_key(|it| std::cmp::Reverse(count(it)));
    let left_out = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    (lines, left_out)
}

fn day(raw: &str) -> Option<Date> {
    raw.parse().ok()
}

/// What of a row is drawn.
fn value(measure: Measure, row: &Row) -> f64 {
    match measure.nature() {
        Nature::Count => row.count as f64,
        Nature::Seconds => row.p50.map_or(row.mean, f64::from),
        Nature::Share | Nature::Times | Nature::Score => row.mean,
    }
}

fn what(measure: Measure) -> &'static str {
    match measure.nature() {
        Nature::Count => "how many",
        Nature::Seconds => "median",
        Nature::Share => "share",
        Nature::Times | Nature::Score => "mean",
    }
}

fn said(measure: Measure, value: f64) -> String {
    match measure.nature() {
        // A table has a column for it, an axis has not.
        Nature::Count => value.to_string(),
        nature @ (Nature::Seconds | Nature::Share | Nature::Times | Nature::Score) => amount(nature, value),
    }
}

/// Where an axis ends that holds a value: a round number, and never nothing.
fn nice(highest: f64) -> f64 {
    let most = highest.max(1.0);
    let whole = 10_f64.powf(most.log10().floor());
    [1.0, 2.0, 4.0, 5.0, 10.0].into_iter().map(|it| it * whole).find(|it| most <= *it).unwrap_or(most)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::measures::show::Labels;

    fn row(measure: &'static str, from: &str, group: &str, count: u64) -> Row {
        Row {
            measure,
            from: from.to_owned(),
            to: day(from).unwrap().last_of_month().to_string(),
            labels: Labels { group: Some(group.to_owned()), ..Labels::default() },
            count,
            sum: count,
            mean: 0.5,
            p50: Some(3600),
            p90: None,
            p95: None,
            max: None,
        }
    }

    #[test]
    fn each_measure_has_a_field_and_lines_break_where_nothing_is() {
        let months = ["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01"];
        let mut rows: Vec<_> = months.iter().map(|it| row("opened", it, "a<b", 4)).collect();
        // Nothing of it in February.
        rows.extend(["2027-01-01", "2027-03-01", "2027-04-01"].map(|it| row("respond", it, "network", 2)));
        let svg = svg(&rows);
        assert_eq!((svg.matches("<g ").count(), svg.matches("<polyline ").count()), (2, 3), "{svg}");
        assert!(svg.contains("a&lt;b") && !svg.contains("a<b") && svg.contains("1h"), "{svg}");
        assert_eq!(svg.matches('<').count(), svg.matches('>').count());
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn only_so_many_lines_are_drawn_and_it_says_so() {
        let rows: Vec<_> = (0..9).map(|it| row("opened", "2027-01-01", &format!("g{it}"), it + 1)).collect();
        let svg = svg(&rows);
        assert!(
            svg.contains("3 more lines are not drawn") && svg.contains(">g8<") && !svg.contains(">g2<"),
            "{svg}"
        );
        assert!(svg.contains(">10<"), "the axis ends with a round number: {svg}");
    }
}
