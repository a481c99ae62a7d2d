//! What a live run found, as a document that can be attached to a report.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

const LIVE_CHECKS: &str = include_str!("../../../LIVE-CHECKS.md");

/// One line of `LIVE-CHECKS.md`.
pub(crate) struct Check {
    pub(crate) number: u32,
    assumed: &'static str,
    to_settle: &'static str,
}

/// Every line of `LIVE-CHECKS.md` that has a number.
pub(crate) fn checks() -> Vec<Check> {
    LIVE_CHECKS
        .lines()
        .filter_map(|line| {
            // A bar within a cell is written as \|.
            let mut cells = Vec::new();
            let (mut start, bytes) = (1, line.as_bytes());
            for at in 1..bytes.len() {
                if bytes[at] == b'|' && bytes[at - 1] != b'\\' {
                    cells.push(line[start..at].trim());
                    start = at + 1;
                }
            }
            let [number, assumed, _, to_settle] = cells[..] else { return None };
            Some(Check { number: number.parse().ok()?, assumed, to_settle })
        })
        .collect()
}

/// Gathered while scenarios run.
#[derive(Default)]
pub(crate) struct Record {
    facts: Vec<(String, String)>,
    scenarios: Vec<(String, Duration, Result<(), String>)>,
    answers: BTreeMap<u32, Vec<(bool, String)>>,
    sections: Vec<(String, String)>,
}

impl Record {
    pub(crate) fn fact(&mut self, name: &str, value: impl ToString) {
        self.facts.push((name.to_owned(), value.to_string()));
    }

    pub(crate) fn section(&mut self, title: &str, text: impl Into<String>) {
        self.sections.push((title.to_owned(), text.into()));
    }

    /// What a scenario says to a line of `LIVE-CHECKS.md`: as assumed or not, and what was seen.
    pub(crate) fn answer(&mut self, number: u32, as_assumed: bool, seen: impl Into<String>) {
        self.answers.entry(number).or_default().push((as_assumed, seen.into()));
    }

    pub(crate) fn ran(&mut self, name: &str, took: Duration, result: Result<(), String>) {
        self.scenarios.push((name.to_owned(), took, result));
    }

    /// What went otherwise than assumed: scenarios that failed and answers that differ.
    pub(crate) fn failures(&self) -> Vec<String> {
        let failed =
            self.scenarios.iter().filter_map(|(name, _, result)| Some(format!("{name}: {}", result.as_ref().err()?)));
        let differs = self.answers.iter().flat_map(|(number, answers)| {
            answers.iter().filter(|(ok, _)| !ok).map(move |(_, seen)| format!("LIVE-CHECKS {number}: {seen}"))
        });
        failed.chain(differs).collect()
    }

    pub(crate) fn to_markdown(&self) -> String {
        let mut text = String::from("# Live run of oracle-source\n\n");
        for (name, value) in &self.facts {
            let _ = writeln!(text, "* {name}: {value}");
        }
        text.push_str("\n## Scenarios\n\n| scenario | seconds | result |\n|---|---|---|\n");
        for (name, took, result) in &self.scenarios {
            let result = result.as_ref().map_or_else(|e| format!("FAILED: {}", cell(e)), |()| "passed".to_owned());
            let _ = writeln!(text, "| {name} | {:.2} | {result} |", took.as_secs_f64());
        }
        for (title, section) in &self.sections {
            let _ = write!(text, "\n## {title}\n\n```text\n{}\n```\n", section.trim_end());
        }
        text.push_str("\n## Answers to LIVE-CHECKS.md\n\n| # | assumed | answer |\n|---|---|---|\n");
        for check in checks() {
            let answer = match self.answers.get(&check.number) {
                None => format!("not asked by this run; to settle it: {}", check.to_settle),
                Some(answers) => answers
                    .iter()
                    .map(|(ok, seen)| format!("{}: {}", if *ok { "as assumed" } else { "OTHERWISE" }, cell(seen)))
                    .collect::<Vec<_>>()
                    .join("; "),
            };
            let _ = writeln!(text, "| {} | {} | {answer} |", check.number, check.assumed);
        }
        text
    }
}

/// A text that fits into a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\r', '\n'], " ")
}

#[test]
fn every_line_of_the_list_is_read() {
    let checks = checks();
    let lines = LIVE_CHECKS.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| #")).count();
    assert_eq!(checks.len(), lines);
    let mut numbers: Vec<u32> = checks.iter().map(|check| check.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), checks.len(), "a number stands twice");
    assert!(checks.iter().all(|check| !check.assumed.is_empty() && !check.to_settle.is_empty()));
}

#[test]
fn a_record_answers_every_line() {
    let mut record = Record::default();
    record.answer(12, true, "50 commits");
    record.answer(13, false, "a | b");
    record.ran("x", Duration::from_millis(1500), Err("broke\nhere".to_owned()));
    let text = record.to_markdown();
    assert!(text.contains("| x | 1.50 | FAILED: broke here |"), "{text}");
    assert!(text.contains("as assumed: 50 commits |") && text.contains("OTHERWISE: a \\| b |"), "{text}");
    for check in checks() {
        assert!(text.contains(&format!("\n| {} | ", check.number)), "{}", check.number);
    }
    assert_eq!(record.failures(), ["x: broke\nhere", "LIVE-CHECKS 13: a | b"]);
}
