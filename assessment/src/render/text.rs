use super::{Portfolio, SummaryLine, clean, count, figure, level, three, title};
use crate::bytes::{as_f64, duration, size};
use crate::{Finding, Report, Severity, Verdict};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};
use std::fmt::Write;

const WIDTH: u16 = 100;

/// Objects that one finding names before it says how many more there are.
const NAMED: usize = 6;

/// Findings of one severity that are written out.
const FINDINGS: usize = 30;

/// Objects that a person writes that are written out.
const OBJECTS: usize = 40;

/// Items of an object's cost that are written out.
const ITEMS: usize = 12;

pub(super) fn render(portfolio: &Portfolio) -> String {
    let mut out = String::new();
    if portfolio.reports.len() != 1 {
        summary(portfolio, &mut out);
    }
    for report in &portfolio.reports {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&one(report));
    }
    out
}

pub(super) fn one(report: &Report) -> String {
    let mut out = String::new();
    head(report, &mut out);
    if report.objects.is_empty() && report.findings.is_empty() {
        out.push_str("\nThere are no objects: nothing to do.\n");
        return out;
    }
    first(report, &mut out);
    inventory(report, &mut out);
    schemas(report, &mut out);
    estimate(report, &mut out);
    findings(report, &mut out);
    work(report, &mut out);
    by_hand(report, &mut out);
    columns(report, &mut out);
    sizes(report, &mut out);
    features(report, &mut out);
    reference(report, &mut out);
    unknown(report, &mut out);
    out
}

fn summary(portfolio: &Portfolio, out: &mut String) {
    let mut table =
        new_table(&["source", "objects", "converts", "changed", "by hand", "blockers", "person-days", "level"]);
    for report in &portfolio.reports {
        let line = SummaryLine::of(report);
        table.add_row([
            clean(&line.source),
            line.objects.to_string(),
            line.converts.to_string(),
            line.changed.to_string(),
            (line.by_hand + line.no_equivalent + line.unknown).to_string(),
            line.blockers.to_string(),
            three(line.days),
            line.level,
        ]);
    }
    for column in 1..=5 {
        align_right(&mut table, column);
    }
    let _ = writeln!(out, "{} sources\n{table}", portfolio.reports.len());
}

fn head(report: &Report, out: &mut String) {
    let _ = writeln!(out, "Oracle to PostgreSQL: {}", line(&title(report), 76));
    let schemas: Vec<&str> = report.schemas.iter().map(|s| s.name.as_str()).filter(|name| !name.is_empty()).collect();
    let mut facts = Vec::new();
    if !report.source.is_empty() && !schemas.is_empty() {
        let noun = if schemas.len() == 1 { "schema" } else { "schemas" };
        facts.push(format!("{noun} {}", schemas.join(", ")));
    }
    facts.extend(report.version.clone());
    if let Some(bytes) = report.size.table_bytes {
        facts.push(size(bytes.saturating_add(report.size.lob_bytes.unwrap_or(0))));
    }
    if let Some(proof) = &report.proof {
        facts.push(format!(
            "tried on PostgreSQL {}: {} statements taken, {} refused",
            proof.server, proof.taken, proof.refused
        ));
    }
    if !facts.is_empty() {
        wrap(out, "", "", &clean(&facts.join("; ")));
    }
}

fn first(report: &Report, out: &mut String) {
    if report.first.is_empty() {
        return;
    }
    heading(out, "What to do first");
    for (number, sentence) in report.first.iter().enumerate() {
        wrap(out, &format!("{:>3}. ", number + 1), "     ", &clean(sentence));
    }
}

fn inventory(report: &Report, out: &mut String) {
    let mut headings = vec!["object", "number", "invalid", "converts", "changed", "by hand", "none alike"];
    let row = |name: &str, total: usize, bad: usize, of: &dyn Fn(&[Verdict]) -> usize, units, comment: &str| {
        vec![
            name.to_owned(),
            total.to_string(),
            blank_zero(bad),
            blank_zero(of(&[Verdict::Converts, Verdict::Covered])),
            blank_zero(of(&[Verdict::Changed])),
            blank_zero(of(&[Verdict::ByHand, Verdict::Unknown])),
            blank_zero(of(&[Verdict::NoEquivalent])),
            three(units),
            comment.to_owned(),
        ]
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in &report.inventory {
        let of = |verdicts: &[Verdict]| count(&line.verdicts, verdicts);
        let bad = line.invalid.unwrap_or_default();
        rows.push(row(line.kind.plural(), line.total, bad, &of, line.units, &line.comment));
    }
    let of = |verdicts: &[Verdict]| report.inventory.iter().map(|line| count(&line.verdicts, verdicts)).sum();
    let bad = report.inventory.iter().filter_map(|line| line.invalid).sum();
    let units = report.inventory.iter().map(|line| line.units).sum();
    rows.push(row("all", report.objects.len(), bad, &of, units, ""));
    // What nothing has needs no column.
    for column in (2..headings.len()).rev() {
        if rows.iter().all(|row| row[column].is_empty()) {
            headings.remove(column);
            rows.iter_mut().for_each(|row| drop(row.remove(column)));
        }
    }
    let units = headings.len();
    headings.extend(["units", "of which"]);
    let mut table = new_table(&headings);
    table.add_rows(rows);
    for column in 1..units {
        align_right(&mut table, column);
    }
    for column in [0, units] {
        unbroken(&mut table, column);
    }
    let _ = writeln!(out, "\n{table}");
    out.push_str("units: low–expected–high; by hand: a person writes it; none alike: PostgreSQL has nothing like it\n");
}

fn schemas(report: &Report, out: &mut String) {
    if report.schemas.len() < 2 {
        return;
    }
    let mut table = new_table(&["schema", "objects", "converts", "changed", "by hand", "person-days"]);
    for line in &report.schemas {
        let name = if line.name.is_empty() { "(the database)" } else { &line.name };
        table.add_row([
            clean(name),
            line.objects.to_string(),
            count(&line.verdicts, &[Verdict::Converts, Verdict::Covered]).to_string(),
            count(&line.verdicts, &[Verdict::Changed]).to_string(),
            count(&line.verdicts, &[Verdict::ByHand, Verdict::NoEquivalent, Verdict::Unknown]).to_string(),
            three(line.days),
        ]);
    }
    for column in 1..=4 {
        align_right(&mut table, column);
    }
    let _ = writeln!(out, "\n{table}");
}

fn estimate(report: &Report, out: &mut String) {
    let estimate = &report.estimate;
    heading(out, "Effort: low–expected–high");
    let _ = writeln!(out, "  person-days    {}", three(estimate.days));
    let noun = if estimate.team == 1 { "person" } else { "people" };
    let _ = writeln!(out, "  calendar days  {} with {} {noun}", three(estimate.calendar_days), estimate.team);
    let _ = writeln!(out, "  units          {}", three(estimate.units));
    let _ = writeln!(out, "  level          {}", level(report));
    let legend = "A: little code; B: code with constructs that take thought; C: as B, and many days. 1: no stored code; 2: triggers; 3: routines; 4: hard triggers or views; 5: hard routines.";
    wrap(out, "                 ", "                 ", legend);
    for item in &estimate.database.items {
        let times = times(item.count);
        wrap(
            out,
            "  the database as a whole: ",
            "    ",
            &clean(&format!("{}{times}, {}", item.name, three(item.units))),
        );
    }
    for sentence in &estimate.explanation {
        wrap(out, "  ", "    ", sentence);
    }
}

fn columns(report: &Report, out: &mut String) {
    if report.column_types.is_empty() {
        return;
    }
    let mut table = new_table(&["column type", "columns", "in PostgreSQL"]);
    for line in &report.column_types {
        let targets = if line.pg_types.is_empty() { "to be decided".to_owned() } else { line.pg_types.join(", ") };
        table.add_row([clean(&line.oracle_type), line.columns.to_string(), targets]);
    }
    align_right(&mut table, 1);
    let _ = writeln!(out, "\n{table}");
}

fn sizes(report: &Report, out: &mut String) {
    if report.largest_tables.is_empty() {
        return;
    }
    let sum = &report.size;
    let known = |bytes: Option<u64>| bytes.map_or_else(|| "?".to_owned(), size);
    heading(out, "Size");
    let _ = write!(out, "  tables {}, LOBs {}", known(sum.table_bytes), known(sum.lob_bytes));
    if let Some(rows) = sum.rows {
        let _ = write!(out, ", {rows} rows");
    }
    if let Some(seconds) = sum.load_seconds {
        let _ = write!(out, "; loaded in about {}", duration(as_f64(seconds)));
    }
    out.push('\n');
    let grown = match sum.growth_days {
        Some(days) => format!("growth in {days} days"),
        None => "growth".to_owned(),
    };
    let mut table = new_table(&["largest tables", "bytes", "LOBs", "rows", &grown]);
    for line in &report.largest_tables {
        table.add_row([
            clean(&line.name),
            size(line.bytes),
            line.lob_bytes.map(size).unwrap_or_default(),
            line.rows.map(|rows| rows.to_string()).unwrap_or_default(),
            line.growth_bytes.map(growth).unwrap_or_default(),
        ]);
    }
    for column in 1..=4 {
        align_right(&mut table, column);
    }
    let _ = writeln!(out, "{table}");
}

pub(super) fn growth(bytes: i64) -> String {
    let sign = if bytes < 0 { "-" } else { "" };
    format!("{sign}{}", size(bytes.unsigned_abs()))
}

fn features(report: &Report, out: &mut String) {
    if report.features.is_empty() {
        return;
    }
    heading(out, "Features in use");
    let list: Vec<String> = report.features.iter().map(|f| format!("{} {}", f.count, f.name)).collect();
    wrap(out, "  ", "  ", &list.join(", "));
}

fn findings(report: &Report, out: &mut String) {
    for severity in Severity::ALL {
        // What stands in code is in the table of what a person writes.
        let listed = |f: &&Finding| f.severity == *severity && f.spots.is_empty() && !f.rule.starts_with("code.");
        let groups = groups(report.findings.iter().filter(listed));
        if groups.is_empty() {
            continue;
        }
        heading(out, severity.heading());
        for (text, objects) in groups.iter().take(FINDINGS) {
            let named = objects.iter().copied().filter(|o| !o.is_empty()).take(NAMED).collect::<Vec<_>>().join(", ");
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

fn work(report: &Report, out: &mut String) {
    if report.steps.is_empty() {
        return;
    }
    heading(out, "Order of work");
    for step in &report.steps {
        let named = step.by_hand.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let more = step.written.saturating_sub(NAMED);
        let named = match (named.as_str(), more) {
            ("", _) => String::new(),
            (named, 0) => format!(": {named}"),
            (named, more) => format!(": {named} and {more} more"),
        };
        let whole = format!("{} ({} units){named}", step.title, three(step.units));
        wrap(out, &format!("{:>3}. ", step.number), "     ", &clean(&whole));
    }
}

/// What a person writes, with what makes it cost.
fn by_hand(report: &Report, out: &mut String) {
    let mut objects: Vec<_> = report.objects.iter().filter(|object| object.verdict.needs_a_person()).collect();
    if objects.is_empty() {
        return;
    }
    objects.sort_by(|a, b| b.cost.units.expected.total_cmp(&a.cost.units.expected));
    let mut table = new_table(&["written by hand", "units", "for"]);
    for object in objects.iter().take(OBJECTS) {
        let items = object.cost.items.iter();
        let mut items: Vec<String> =
            items.map(|item| format!("{}{} {}", item.name, times(item.count), figure(item.units.expected))).collect();
        if items.len() > ITEMS {
            let more = items.len() - ITEMS;
            items.truncate(ITEMS);
            items.push(format!("{more} more"));
        }
        let place = object.place.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
        table.add_row([
            clean(&format!("{} ({}{place})", object.name, object.kind.noun())),
            three(object.cost.units),
            clean(&items.join(", ")),
        ]);
    }
    align_right(&mut table, 1);
    unbroken(&mut table, 1);
    let _ = writeln!(out, "\n{table}");
    if objects.len() > OBJECTS {
        let _ = writeln!(out, "… and {} more", objects.len() - OBJECTS);
    }
}

fn reference(report: &Report, out: &mut String) {
    let Some(score) = &report.reference else { return };
    heading(out, "The score of ora2pg's cost model, to compare with older figures");
    let _ = writeln!(
        out,
        "  {} units of {} minutes, {} person-days, level {}",
        figure_of(score.units),
        score.unit_minutes,
        score.person_days,
        score.level
    );
    let mut table = new_table(&["object type", "number", "invalid", "units"]);
    for line in &score.lines {
        let invalid = line.invalid.map_or_else(|| "?".to_owned(), |n| n.to_string());
        table.add_row([line.object_type.clone(), line.number.to_string(), invalid, figure_of(line.units)]);
    }
    for column in 1..=3 {
        align_right(&mut table, column);
    }
    let _ = writeln!(out, "{table}");
    let mut objects: Vec<_> = score.objects.iter().filter(|object| object.units > 0.0).collect();
    objects.sort_by(|a, b| b.units.total_cmp(&a.units));
    for object in objects.iter().take(OBJECTS) {
        let parts: Vec<String> = object
            .parts
            .iter()
            .map(|part| format!("{}{} {}", part.name, times(part.count), figure_of(part.units)))
            .collect();
        wrap(
            out,
            "  ",
            "      ",
            &clean(&format!("{} {}: {}", object.name, figure_of(object.units), parts.join(", "))),
        );
    }
    if objects.len() > OBJECTS {
        let _ = writeln!(out, "  … and {} more", objects.len() - OBJECTS);
    }
    out.push_str("  Where it differs from what the reference prints:\n");
    for sentence in &score.differs {
        wrap(out, "  - ", "    ", sentence);
    }
}

fn unknown(report: &Report, out: &mut String) {
    if report.unknown.is_empty() {
        return;
    }
    heading(out, "What this report did not know");
    for what in &report.unknown {
        wrap(out, "  - ", "    ", what);
    }
}

/// To the tenth, without rounding large figures.
fn figure_of(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn times(count: usize) -> String {
    if count > 1 { format!(" ×{count}") } else { String::new() }
}

fn heading(out: &mut String, text: &str) {
    let _ = writeln!(out, "\n{text}");
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

/// A column whose cells are never broken.
fn unbroken(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
}

fn blank_zero(count: usize) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}

/// Findings with the same text, with the objects that they are about, in order.
fn groups<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<(&'f str, Vec<&'f str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut known: std::collections::HashMap<(&str, &str), usize> = std::collections::HashMap::new();
    for finding in findings {
        let at = *known.entry((&finding.rule, &finding.text)).or_insert_with(|| {
            groups.push((&finding.text, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(&finding.object);
    }
    groups
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
