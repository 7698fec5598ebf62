//! Changes: how those of a template are agreed to, freeze periods, maintenance windows, and what makes which risk.

use jiff::{civil::DateTime, tz::TimeZone};

use super::{
    fault::quoted,
    item::{Item, Map},
    outline::{Outline, ids},
    sections::{Noun, Sections},
    yaml::Value,
};
use crate::domain::{
    asset::Criticality,
    change::{
        ChangeRules, ChangeType, Freeze, Maintenance, Practice, Question, Reach, RiskOption, RiskRules, Span,
    },
    ticket::TicketKind,
    time::Timestamp,
};

/// Longest name and question, in characters.
const LABEL: usize = 120;
/// Longest reason, in characters.
const REASON: usize = 400;
/// Longest text of a plan, in characters.
const TEXT: usize = 8_000;
/// Questions of one template, and options of one question.
const QUESTIONS: usize = 20;
/// Services and types of assets that one entry names.
const NAMES: usize = 200;
/// Most points of anything.
const POINTS: u32 = 1_000;
/// Steps of `reach` and of `people`.
const STEPS: usize = 10;
/// Most assets or people that a step may ask for.
const MOST: u32 = 1_000_000;
/// Longest freeze period, in days.
const FREEZE: i64 = 366;

/// How changes of a template are agreed to; nothing at all if that is wrong.
pub(super) fn practice(map: &Map<'_>, kind: Option<TicketKind>) -> Option<Option<Practice>> {
    let Some(item) = map.get("change") else {
        if kind == Some(TicketKind::Change) {
            map.item().fault("a change says how it is agreed to; write `change: { type: normal }`");
            return None;
        }
        return Some(None);
    };
    if kind.is_some_and(|it| it != TicketKind::Change) {
        item.fault("only a template of kind change has it; take it out, or write `kind: change`");
        return None;
    }
    let inner = item.map(&["type", "implementation", "test", "back_out", "risk"])?;
    let agreed = inner.need("type").and_then(|it| it.word(&ChangeType::ALL, ChangeType::as_str));
    let text = |key: &str| inner.get(key).map_or(Some(String::new()), |it| lines(&it));
    let (implementation, test, back_out) = (text("implementation"), text("test"), text("back_out"));
    let questions = inner.get("risk").map_or(Some(vec![]), |it| questions(&it));
    let practice = Practice {
        kind: agreed?,
        implementation: implementation?,
        test: test?,
        back_out: back_out?,
        questions: questions?,
    };
    is_sound(map, &item, &practice).then_some(Some(practice))
}

/// Whether it fits together with the rest of the template.
fn is_sound(map: &Map<'_>, item: &Item<'_>, practice: &Practice) -> bool {
    let approval = map.get("approval");
    match (practice.kind, approval) {
        (ChangeType::Standard, Some(approval)) => {
            approval.fault(
                "a standard change is agreed to by its template; take it out, or make it a normal one",
            );
            return false;
        }
        (ChangeType::Normal | ChangeType::Emergency, None) => {
            let kind = practice.kind.as_str();
            item.fault(format!("somebody must agree to a change that is {kind}; say who in `approval`"));
            return false;
        }
        (ChangeType::Standard, None) | (ChangeType::Normal | ChangeType::Emergency, Some(_)) => {}
    }
    let is_told = |it: &str| !it.trim().is_empty();
    if practice.kind == ChangeType::Standard
        && !(is_told(&practice.implementation) && is_told(&practice.back_out))
    {
        item.fault(
            "a standard change is carried out as its template says; write `implementation` and `back_out`",
        );
        return false;
    }
    true
}

/// Text of one or more lines.
fn lines(item: &Item<'_>) -> Option<String> {
    let Value::Text(raw) = &item.node().value else {
        item.expected("text");
        return None;
    };
    let text = raw.trim();
    let length = text.chars().count();
    if text.is_empty() {
        item.fault("is empty; expected text");
    } else if length > TEXT {
        item.fault(format!("has {length} characters; at most {TEXT} are allowed"));
    } else if text.chars().any(|it| it.is_control() && it != '\n') {
        item.fault("may have several lines, but no other control characters");
    } else {
        return Some(text.to_owned());
    }
    None
}

fn questions(item: &Item<'_>) -> Option<Vec<Question>> {
    let items = item.list(QUESTIONS)?;
    ids(&items, "question of this template");
    items.iter().map(question).collect::<Vec<_>>().into_iter().collect()
}

fn question(item: &Item<'_>) -> Option<Question> {
    let map = item.map(&["id", "ask", "options"])?;
    let id = map.need("id").and_then(|it| it.id());
    let ask = map.need("ask").and_then(|it| it.bilingual(LABEL));
    let options = map.need("options").and_then(|it| {
        let items = it.list(QUESTIONS)?;
        if items.len() < 2 {
            it.fault("has no choice; give at least two");
            return None;
        }
        ids(&items, "option of this question");
        items.iter().map(option).collect::<Vec<_>>().into_iter().collect()
    });
    Some(Question { id: id?, ask: ask?, options: options? })
}

fn option(item: &Item<'_>) -> Option<RiskOption> {
    let map = item.map(&["id", "label", "points", "down"])?;
    let id = map.need("id").and_then(|it| it.id());
    let label = map.need("label").and_then(|it| it.bilingual(LABEL));
    let points = map.need("points").and_then(|it| points(&it));
    let down = map.optional("down", Item::flag);
    Some(RiskOption { id: id?, label: label?, points: points?, down: down?.unwrap_or_default() })
}

fn points(item: &Item<'_>) -> Option<u32> {
    u32::try_from(item.count(POINTS)?).ok()
}

/// What all changes go by.
pub(super) fn changes(sections: &Sections<'_>, outline: &Outline<'_>) -> ChangeRules {
    let usual = ChangeRules::default();
    let (look_back, risk) = sections.changes().and_then(general).unwrap_or((usual.look_back, usual.risk));
    ChangeRules {
        freezes: sections.items(Noun::Freeze).iter().filter_map(|it| freeze(it, outline)).collect(),
        windows: sections.items(Noun::Maintenance).iter().filter_map(|it| window(it, outline)).collect(),
        look_back,
        risk,
    }
}

fn general(item: &Item<'_>) -> Option<(u32, RiskRules)> {
    let map = item.map(&["look_back", "risk"])?;
    let usual = ChangeRules::default();
    let look_back = map.get("look_back").map_or(Some(usual.look_back), |it| it.duration());
    let risk = map.get("risk").map_or(Some(usual.risk), |it| risk(&it));
    Some((look_back?, risk?))
}

fn risk(item: &Item<'_>) -> Option<RiskRules> {
    let map = item.map(&["moderate", "high", "criticality", "reach", "people"])?;
    let usual = RiskRules::default();
    let moderate = map.get("moderate").map_or(Some(usual.moderate), |it| points(&it));
    let high = map.get("high").map_or(Some(usual.high), |it| points(&it));
    let criticality = map.get("criticality").map_or(Some(usual.criticality), |it| criticality(&it));
    let steps = |key: &str, of: &str, usual: Vec<Reach>| {
        map.get(key).map_or(Some(usual), |it| {
            it.list(STEPS)?.iter().map(|it| reach(it, of)).collect::<Vec<_>>().into_iter().collect()
        })
    };
    let (reach, people) = (steps("reach", "assets", usual.reach), steps("people", "people", usual.people));
    let rules = RiskRules {
        moderate: moderate?,
        high: high?,
        criticality: criticality?,
        reach: reach?,
        people: people?,
    };
    if rules.high < rules.moderate {
        item.fault(format!(
            "risk is high with {} points and moderate with {}; high needs at least as many",
            rules.high, rules.moderate
        ));
        return None;
    }
    Some(rules)
}

fn criticality(item: &Item<'_>) -> Option<[u32; 3]> {
    let names = Criticality::ALL.map(Criticality::as_str);
    let map = item.map(&names)?;
    let [low, medium, high] = names.map(|name| map.need(name).and_then(|it| points(&it)));
    let all = [low?, medium?, high?];
    if all.windows(2).any(|it| it[1] < it[0]) {
        item.fault("falls from low to high; what hangs more on an asset must not make a change less risky");
        return None;
    }
    Some(all)
}

/// A step of so many assets or people, as the key says.
fn reach(item: &Item<'_>, of: &str) -> Option<Reach> {
    let map = item.map(&[of, "points"])?;
    let least = map.need(of).and_then(|it| u32::try_from(it.count(MOST)?).ok());
    let points = map.need("points").and_then(|it| points(&it));
    Some(Reach { least: least?, points: points? })
}

fn freeze(item: &Item<'_>, outline: &Outline<'_>) -> Option<Freeze> {
    let map = item.map(&["id", "label", "zone", "from", "to", "services", "reason"])?;
    let id = map.need("id").and_then(|it| it.id());
    let label = map.need("label").and_then(|it| it.bilingual(LABEL));
    let zone = map.need("zone").and_then(|it| zone(&it));
    let [from, to] = ["from", "to"].map(|key| map.need(key).and_then(|it| moment(&it)));
    let services = map.optional("services", |it| all_of(it, outline, Noun::Service));
    let reason = map.need("reason").and_then(|it| it.text(REASON));
    let (from, to, zone) = (from?, to?, zone?);
    let is_backwards = to <= from;
    let (start, end) = (first(from, &zone)?, last(to, &zone)?);
    let to = map.get("to");
    if let Some(to) = to.filter(|_| is_backwards || end <= start) {
        to.fault("is not after `from`; a freeze period ends after it begins");
        return None;
    }
    if end.second() - start.second() > FREEZE * 86_400 {
        item.fault(format!("is longer than {FREEZE} days; nothing would ever be changed"));
        return None;
    }
    let span = Span { start, end };
    Some(Freeze { id: id?, label: label?, span, services: services?.unwrap_or_default(), reason: reason? })
}

fn zone(item: &Item<'_>) -> Option<TimeZone> {
    let name = item.text(LABEL)?;
    let zone = TimeZone::get(&name).ok();
    if zone.is_none() {
        item.fault(format!("{} is no IANA time zone; write it like Europe/Berlin or UTC", quoted(&name)));
    }
    zone
}

/// A time on the wall clock such as `2026-12-20 18:00`.
fn moment(item: &Item<'_>) -> Option<DateTime> {
    let Some(text) = item.node().text() else {
        item.expected("a time such as \"2026-12-20 18:00\"");
        return None;
    };
    let time = if text.len() == 16 { text.replacen(' ', "T", 1).parse().ok() } else { None };
    if time.is_none() {
        item.fault(format!("{} is no time; write it like 2026-12-20 18:00", quoted(text)));
    }
    time
}

/// The first moment at which a clock shows a time; of one that it skips, the same time after the jump.
fn first(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let at = zone.to_ambiguous_timestamp(at).compatible().ok()?;
    Some(Timestamp::from_second(at.as_second()))
}

/// The last one: where the clock goes back and a time comes twice, the second.
fn last(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let at = zone.to_ambiguous_timestamp(at).later().ok()?;
    Some(Timestamp::from_second(at.as_second()))
}

fn window(item: &Item<'_>, outline: &Outline<'_>) -> Option<Maintenance> {
    let map = item.map(&["id", "label", "calendar", "services", "asset_types"])?;
    let id = map.need("id").and_then(|it| it.id());
    let label = map.need("label").and_then(|it| it.bilingual(LABEL));
    let calendar = map.need("calendar").and_then(|it| outline.refer(&it, Noun::Calendar));
    let services = map.optional("services", |it| all_of(it, outline, Noun::Service));
    let asset_types = map.optional("asset_types", |it| all_of(it, outline, Noun::AssetType));
    let window = Maintenance {
        id: id?,
        label: label?,
        calendar: calendar?,
        services: services?.unwrap_or_default(),
        asset_types: asset_types?.unwrap_or_default(),
    };
    if window.services.is_empty() && window.asset_types.is_empty() {
        item.fault("is for nothing; name `services` or `asset_types`");
        return None;
    }
    Some(window)
}

fn all_of(item: &Item<'_>, outline: &Outline<'_>, noun: Noun) -> Option<Vec<String>> {
    let items = item.one_or_more(NAMES)?;
    items.iter().map(|it| outline.refer(it, noun)).collect::<Vec<_>>().into_iter().collect()
}
