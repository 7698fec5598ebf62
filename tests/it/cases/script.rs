//! The language of the scripts.

/// One scripted conversation.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// A sure template opens without the employee's yes.
    pub(crate) auto: bool,
    /// Steps with their line numbers.
    pub(crate) steps: Vec<(usize, Step)>,
}

/// One line of a script.
#[derive(Debug)]
pub(crate) enum Step {
    /// The employee says this.
    Say(String),
    /// What must hold of the last answer.
    Expect(String, String),
    /// Something else happens.
    Do(String, String),
}

impl Script {
    /// Reads a script; a line that makes no sense is a defect of the script and panics with its number.
    pub(crate) fn parse(text: &str) -> Script {
        let mut script = Script::default();
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let step = match line.trim_end() {
                "" => continue,
                it if it.starts_with('#') => continue,
                "gate: auto" => {
                    script.auto = true;
                    continue;
                }
                "gate: confirm" => continue,
                it => step(it).unwrap_or_else(|| panic!("line {number} makes no sense: {it}")),
            };
            script.steps.push((number, step));
        }
        script
    }
}

fn step(line: &str) -> Option<Step> {
    let pair = |it: &str, separator| {
        let (key, value) = it.split_once(separator).unwrap_or((it, ""));
        (key.trim().to_owned(), unescaped(value.trim()))
    };
    if let Some(said) = line.strip_prefix('>') {
        return Some(Step::Say(unescaped(said.strip_prefix(' ').unwrap_or(said))));
    }
    if let Some(rest) = line.strip_prefix('=') {
        let (key, value) = pair(rest.trim(), ':');
        return Some(Step::Expect(key, value));
    }
    let (key, value) = pair(line.strip_prefix('@')?, ' ');
    Some(Step::Do(key, value))
}

/// `\n`, `\t`, `\\`, `\u{1F600}` and `{repeat 3 ab}`.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(it) = rest.chars().next() {
        if let Some((count, body, tail)) = repeat(rest) {
            out.push_str(&body.repeat(count));
            rest = tail;
        } else if let Some((c, tail)) = escape(rest) {
            out.push(c);
            rest = tail;
        } else {
            out.push(it);
            rest = &rest[it.len_utf8()..];
        }
    }
    out
}

fn repeat(text: &str) -> Option<(usize, &str, &str)> {
    let (inside, tail) = text.strip_prefix("{repeat ")?.split_once('}')?;
    let (count, body) = inside.split_once(' ')?;
    Some((count.parse().ok()?, body, tail))
}

fn escape(text: &str) -> Option<(char, &str)> {
    let rest = text.strip_prefix('\\')?;
    if let Some((code, tail)) = rest.strip_prefix("u{").and_then(|it| it.split_once('}')) {
        return Some((char::from_u32(u32::from_str_radix(code, 16).ok()?)?, tail));
    }
    let c = match rest.chars().next()? {
        'n' => '\n',
        't' => '\t',
        '\\' => '\\',
        _ => return None,
    };
    Some((c, &rest[1..]))
}
