//! What to do first.

use crate::bytes::size;
use crate::report::Report;
use crate::{Severity, Verdict};

/// Objects that a sentence names.
const NAMED: usize = 4;

/// The most urgent things, a sentence each.
pub(crate) fn advice(report: &Report) -> Vec<String> {
    let mut list = Vec::new();
    for rule in report.rules.iter().filter(|rule| rule.severity == Severity::Blocker) {
        list.push(format!("Decide: {} ({}). {}", rule.title, objects_of(report, &rule.id), rule.doc));
    }
    if let Some(unread) = report.rules.iter().find(|rule| rule.id == "conversion.unread") {
        let named = objects_of(report, &unread.id);
        let noun = if unread.findings == 1 { "statement" } else { "statements" };
        list.push(format!("Read what could not be read here: {} {noun} ({named}).", unread.findings));
    }
    if let Some(keys) = report.rules.iter().find(|rule| rule.id == "key.missing") {
        let named = objects_of(report, &keys.id);
        list.push(format!("Give tables without a key one, before changes are followed ({named})."));
    }
    let hands = || report.objects.iter().filter(|object| object.verdict.needs_a_person());
    if let Some(object) = hands().max_by_key(|object| object.needed_by).filter(|object| object.needed_by > 0) {
        let noun = if object.needed_by == 1 { "object needs" } else { "objects need" };
        list.push(format!(
            "Begin with the {} {}: {} other {noun} it.",
            object.kind.noun(),
            object.name,
            object.needed_by
        ));
    }
    let mut dear: Vec<_> = hands().filter(|object| !object.cost.units.is_none()).collect();
    dear.sort_by(|a, b| b.cost.units.expected.total_cmp(&a.cost.units.expected));
    if dear.len() > NAMED {
        let whole: f64 = report.estimate.units.expected;
        let share: f64 = dear.iter().take(NAMED).map(|object| object.cost.units.expected).sum();
        let name = |object: &&crate::ObjectLine| format!("{} {}", object.kind.noun(), object.name);
        let names: Vec<String> = dear.iter().take(NAMED).map(name).collect();
        list.push(format!(
            "Try the dearest objects early, to see whether the estimate holds: {} are {:.0} % of it.",
            names.join(", "),
            100.0 * share / whole
        ));
    }
    if let Some(table) = report.largest_tables.first() {
        let bytes = table.bytes.saturating_add(table.lob_bytes.unwrap_or(0));
        list.push(format!("Rehearse the load with {}, the largest table ({}).", table.name, size(bytes)));
    }
    let code = hands().filter(|object| object.verdict == Verdict::ByHand && object.kind.is_code()).count();
    if code > 0 && report.proof.is_none() {
        list.push(
            "Write tests for the stored code on Oracle before converting it: they tell when a conversion is right."
                .to_owned(),
        );
    }
    if !report.unknown.is_empty() {
        list.push(format!(
            "Ask the source for what this report did not know: {} facts, listed at its end.",
            report.unknown.len()
        ));
    }
    list
}

/// The first few objects that a rule is about.
fn objects_of(report: &Report, rule: &str) -> String {
    let name = |finding: &crate::Finding| match (finding.object.as_str(), &finding.place) {
        ("", Some(place)) => place.to_string(),
        ("", None) => finding.text.clone(),
        (object, _) => object.to_owned(),
    };
    let found: Vec<String> = report.findings.iter().filter(|finding| finding.rule == rule).map(name).collect();
    let named = found.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match found.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
