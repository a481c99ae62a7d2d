//! The report as text, at most 100 columns wide.

use crate::{Finding, Kind, Range, Report, Severity, Topic, Verdict};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use std::fmt::Write;

const WIDTH: u16 = 100;

/// Objects that one finding names before it says how many more there are.
const NAMED: usize = 6;

/// Findings of one severity that are written out.
const FINDINGS: usize = 40;

/// Objects that have to be written by hand that are written out.
const OBJECTS: usize = 60;

impl Report {
    /// The report as text: at most 100 columns, lines ended by `\n`, no control characters. Long lists are cut, and say
    /// so; the whole is in the serialised form.
    pub fn render(&self) -> String {
        let mut out = String::new();
        self.head(&mut out);
        self.inventory_table(&mut out);
        self.estimate_lines(&mut out);
        self.column_table(&mut out);
        self.finding_lists(&mut out);
        self.code_table(&mut out);
        out
    }

    fn head(&self, out: &mut String) {
        let schemas = if self.schemas.is_empty() { "nothing".to_owned() } else { self.schemas.join(", ") };
        let _ = writeln!(out, "Oracle to PostgreSQL: {}", line(&schemas, 70));
        if !self.source.is_empty() {
            let _ = writeln!(out, "{}", line(&self.source, usize::from(WIDTH)));
        }
    }

    fn inventory_table(&self, out: &mut String) {
        let mut table = new_table(&["object", "number", "converts", "to check", "by hand", "units", "of which"]);
        for line in &self.inventory {
            let of = |verdicts: &[Verdict]| verdicts.iter().filter_map(|v| line.verdicts.get(v)).sum::<usize>();
            let unknown = of(&[Verdict::Unknown]);
            let count = |verdicts: &[Verdict]| if unknown > 0 { "?".to_owned() } else { blank_zero(of(verdicts)) };
            table.add_row([
                line.kind.plural().to_owned(),
                line.total.to_string(),
                count(&[Verdict::Converts, Verdict::Covered]),
                count(&[Verdict::Check]),
                count(&[Verdict::ByHand]),
                range(line.units),
                line.comment.clone(),
            ]);
        }
        let total = self.inventory.iter().map(|line| line.total).sum::<usize>();
        let sum = |verdicts: &[Verdict]| {
            let lines = self.inventory.iter();
            lines.flat_map(|line| verdicts.iter().filter_map(|v| line.verdicts.get(v))).sum::<usize>()
        };
        table.add_row([
            "all".to_owned(),
            total.to_string(),
            blank_zero(sum(&[Verdict::Converts, Verdict::Covered])),
            blank_zero(sum(&[Verdict::Check])),
            blank_zero(sum(&[Verdict::ByHand])),
            range(self.estimate.units),
            String::new(),
        ]);
        for column in 1..=5 {
            align_right(&mut table, column);
        }
        let _ = writeln!(out, "\n{table}");
    }

    fn estimate_lines(&self, out: &mut String) {
        let estimate = &self.estimate;
        let _ = writeln!(
            out,
            "\nEstimate: {} person-days ({} units of {} minutes, a day of {} minutes), level {}-{}",
            range(estimate.days),
            range(estimate.units),
            estimate.unit_minutes,
            estimate.day_minutes,
            self.level.letter,
            self.level.technical,
        );
        out.push_str(
            "For the schema and its stored code: not for the application, nor for running the migration.\n\
             Level A: little code, B: code with constructs that take thought, C: as B and many days.\n\
             1: no stored code, 2: triggers, 3: routines, 4: hard triggers or views, 5: hard routines.\n",
        );
    }

    fn column_table(&self, out: &mut String) {
        if self.column_types.is_empty() {
            return;
        }
        let mut table = new_table(&["column type", "columns", "in PostgreSQL"]);
        for line in &self.column_types {
            let targets = if line.pg_types.is_empty() { "to be decided".to_owned() } else { line.pg_types.join(", ") };
            table.add_row([clean(&line.oracle_type), line.columns.to_string(), targets]);
        }
        align_right(&mut table, 1);
        let _ = writeln!(out, "\n{table}");
    }

    fn finding_lists(&self, out: &mut String) {
        for (severity, title) in [
            (Severity::Blocker, "Must be decided first"),
            (Severity::Loss, "Not moved, or not the same afterwards"),
            (Severity::Note, "Good to know"),
        ] {
            let groups = groups(self.findings.iter().filter(|finding| finding.severity == severity));
            if groups.is_empty() {
                continue;
            }
            let _ = writeln!(out, "\n{title}");
            for (text, objects) in groups.iter().take(FINDINGS) {
                let named =
                    objects.iter().copied().filter(|o| !o.is_empty()).take(NAMED).collect::<Vec<_>>().join(", ");
                let more = objects.len().saturating_sub(NAMED);
                let named = if more > 0 { format!("{named} and {more} more") } else { named };
                let whole = if named.is_empty() { (*text).to_owned() } else { format!("{named}: {text}") };
                wrap(out, "  - ", "    ", &clean(&whole));
            }
            if groups.len() > FINDINGS {
                let _ = writeln!(out, "  … and {} more", groups.len() - FINDINGS);
            }
        }
    }

    /// Views and stored code that a person has to write, with what makes them cost.
    fn code_table(&self, out: &mut String) {
        let coded = |kind: Kind| kind == Kind::View || kind >= Kind::Procedure;
        let mut objects: Vec<_> = self
            .objects
            .iter()
            .filter(|object| coded(object.kind) && matches!(object.verdict, Verdict::ByHand | Verdict::Unknown))
            .collect();
        if objects.is_empty() {
            return;
        }
        objects.sort_by(|a, b| b.cost.units.high.total_cmp(&a.cost.units.high));
        let mut table = new_table(&["to be written by hand", "units", "for"]);
        for object in objects.iter().take(OBJECTS) {
            let items = object.cost.items.iter().map(|item| {
                let count = if item.count > 1 { format!(" ×{}", item.count) } else { String::new() };
                format!("{}{count} {}", item.name, range(item.units))
            });
            let kind = object.kind.noun();
            table.add_row([
                clean(&format!("{} ({kind})", object.name)),
                range(object.cost.units),
                items.collect::<Vec<_>>().join(", "),
            ]);
        }
        align_right(&mut table, 1);
        let _ = writeln!(out, "\n{table}");
        if objects.len() > OBJECTS {
            let _ = writeln!(out, "… and {} more", objects.len() - OBJECTS);
        }
    }
}

fn new_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH).set_header(header);
    table
}

fn align_right(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

fn blank_zero(count: usize) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}

/// `3–7.5`; two figures that look the same are written once.
fn range(range: Range) -> String {
    let figure = |value: f64| {
        let text = format!("{value:.1}");
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    };
    let (low, high) = (figure(range.low), figure(range.high));
    if low == high { low } else { format!("{low}–{high}") }
}

/// Findings with the same text, with the objects that they are about, in order.
fn groups<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<(&'f str, Vec<&'f str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut known: std::collections::HashMap<(Topic, &str), usize> = std::collections::HashMap::new();
    for finding in findings {
        let at = *known.entry((finding.topic, &finding.text)).or_insert_with(|| {
            groups.push((&finding.text, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(&finding.object);
    }
    groups
}

/// Without control characters, which names may hold.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Cut to a number of characters.
fn line(text: &str, length: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= length { text } else { text.chars().take(length - 1).chain(['…']).collect() }
}

/// Breaks at blanks, and inside words that are longer than a line.
fn wrap(out: &mut String, first: &str, next: &str, text: &str) {
    let width = usize::from(WIDTH);
    let mut current = first.to_owned();
    let mut used = first.chars().count();
    let mut begun = false;
    for word in text.split(' ') {
        let mut rest: Vec<char> = word.chars().collect();
        let needed = rest.len() + usize::from(begun);
        if begun && used + needed > width {
            let _ = writeln!(out, "{}", current.trim_end());
            (current, used, begun) = (next.to_owned(), next.chars().count(), false);
        }
        if begun {
            current.push(' ');
            used += 1;
        }
        while used + rest.len() > width {
            let tail = rest.split_off(width - used);
            current.extend(rest);
            let _ = writeln!(out, "{current}");
            (current, used, rest) = (next.to_owned(), next.chars().count(), tail);
        }
        used += rest.len();
        current.extend(rest);
        begun = true;
    }
    let _ = writeln!(out, "{}", current.trim_end());
}
