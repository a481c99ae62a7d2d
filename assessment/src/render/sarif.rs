//! SARIF 2.1.0 (OASIS): one run for each report.

use super::{Portfolio, RenderError, title};
use crate::{Finding, Place, Report, RuleLine, Severity};
use serde_json::{Value, json};
use std::collections::HashMap;

pub(super) fn render(portfolio: &Portfolio) -> Result<String, RenderError> {
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": portfolio.reports.iter().map(run).collect::<Vec<_>>(),
    });
    Ok(serde_json::to_string_pretty(&log)?)
}

fn run(report: &Report) -> Value {
    let positions: HashMap<&str, usize> =
        report.rules.iter().enumerate().map(|(n, rule)| (rule.id.as_str(), n)).collect();
    json!({
        "tool": { "driver": {
            "name": "oracle-assessment",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": report.rules.iter().map(rule).collect::<Vec<_>>(),
        }},
        "automationDetails": { "id": format!("oracle-assessment/{}", title(report)) },
        "columnKind": "unicodeCodePoints",
        "results": report.findings.iter().flat_map(|finding| results(finding, &positions)).collect::<Vec<_>>(),
    })
}

fn rule(rule: &RuleLine) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.doc },
        "help": { "text": rule.doc },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": [rule.severity.noun()] },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocker => "error",
        Severity::Loss | Severity::Risk => "warning",
        Severity::Work | Severity::Note => "note",
    }
}

/// A result for each line of code, or one where there are none.
fn results(finding: &Finding, positions: &HashMap<&str, usize>) -> Vec<Value> {
    let places: Vec<Option<&Place>> = match finding.spots.as_slice() {
        [] => vec![finding.place.as_ref()],
        spots => spots.iter().map(|spot| spot.place.as_ref()).collect(),
    };
    // Without scripts the lines cannot be told apart: one result says it all.
    let places = if places.iter().all(Option::is_none) { vec![None] } else { places };
    places.into_iter().map(|place| result(finding, place, positions)).collect()
}

fn result(finding: &Finding, place: Option<&Place>, positions: &HashMap<&str, usize>) -> Value {
    let text = match finding.object.as_str() {
        "" => finding.text.clone(),
        object => format!("{object}: {}", finding.text),
    };
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": text },
    });
    if let Some(position) = positions.get(finding.rule.as_str()) {
        result["ruleIndex"] = json!(position);
    }
    let mut location = json!({});
    if let Some(place) = place {
        location["physicalLocation"] = json!({
            "artifactLocation": { "uri": uri(&place.file) },
            "region": { "startLine": place.line.max(1) },
        });
    }
    if !finding.object.is_empty() {
        let mut logical = json!({ "fullyQualifiedName": finding.object });
        if let Some(kind) = finding.kind {
            logical["kind"] = json!(kind.noun());
        }
        location["logicalLocations"] = json!([logical]);
    }
    if location != json!({}) {
        result["locations"] = json!([location]);
    }
    result
}

/// A path as a relative reference of a URI: everything but what needs no escape is escaped.
pub(super) fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped() {
        assert_eq!(uri("a b/ü#1.sql"), "a%20b/%C3%BC%231.sql");
    }
}
