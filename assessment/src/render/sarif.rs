//! SARIF 2.1.0 (OASIS): one run for each report. The structures have the standard's names; what it does not demand and a report does not
//! have is left out.

use super::{Portfolio, RenderError, title};
use crate::{Finding, Place, Report, RuleLine, Severity};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: Vec<Run<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool<'r>,
    automation_details: AutomationDetails,
    column_kind: &'static str,
    results: Vec<SarifResult<'r>>,
}

#[derive(Serialize)]
struct Tool<'r> {
    driver: Driver<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'r> {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<ReportingDescriptor<'r>>,
}

#[derive(Serialize)]
struct AutomationDetails {
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportingDescriptor<'r> {
    id: &'r str,
    short_description: Message<'r>,
    full_description: Message<'r>,
    help: Message<'r>,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: [&'static str; 1],
}

#[derive(Serialize)]
struct Message<'r> {
    text: Cow<'r, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'r> {
    rule_id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message<'r>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_location: Option<PhysicalLocation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'r> {
    fully_qualified_name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
}

pub(super) fn render(portfolio: &Portfolio) -> Result<String, RenderError> {
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: portfolio.reports.iter().map(run).collect(),
    };
    Ok(serde_json::to_string_pretty(&log)?)
}

fn run(report: &Report) -> Run<'_> {
    let positions: HashMap<&str, usize> =
        report.rules.iter().enumerate().map(|(n, rule)| (rule.id.as_str(), n)).collect();
    Run {
        tool: Tool {
            driver: Driver {
                name: "oracle-assessment",
                semantic_version: env!("CARGO_PKG_VERSION"),
                rules: report.rules.iter().map(rule).collect(),
            },
        },
        automation_details: AutomationDetails { id: format!("oracle-assessment/{}", title(report)) },
        column_kind: "unicodeCodePoints",
        results: report.findings.iter().flat_map(|finding| results(finding, &positions)).collect(),
    }
}

fn rule(rule: &RuleLine) -> ReportingDescriptor<'_> {
    ReportingDescriptor {
        id: &rule.id,
        short_description: message(&rule.title),
        full_description: message(&rule.doc),
        help: message(&rule.doc),
        default_configuration: Configuration { level: level(rule.severity) },
        properties: Properties { tags: [rule.severity.noun()] },
    }
}

fn message(text: &str) -> Message<'_> {
    Message { text: Cow::Borrowed(text) }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocker => "error",
        Severity::Loss | Severity::Risk => "warning",
        Severity::Work | Severity::Note => "note",
    }
}

/// A result for each line of code, or one where there are none.
fn results<'r>(finding: &'r Finding, positions: &HashMap<&str, usize>) -> Vec<SarifResult<'r>> {
    let places: Vec<Option<&Place>> = match finding.spots.as_slice() {
        [] => vec![finding.place.as_ref()],
        spots => spots.iter().map(|spot| spot.place.as_ref()).collect(),
    };
    // Without scripts the lines cannot be told apart: one result says it all.
    let places = if places.iter().all(Option::is_none) { vec![None] } else { places };
    places.into_iter().map(|place| result(finding, place, positions)).collect()
}

fn result<'r>(finding: &'r Finding, place: Option<&Place>, positions: &HashMap<&str, usize>) -> SarifResult<'r> {
    let text = match finding.object.as_str() {
        "" => Cow::Borrowed(finding.text.as_str()),
        object => Cow::Owned(format!("{object}: {}", finding.text)),
    };
    let physical_location = place.map(|place| PhysicalLocation {
        artifact_location: ArtifactLocation { uri: uri(&place.file) },
        region: Region { start_line: place.line.max(1) },
    });
    let logical_locations: Vec<LogicalLocation<'r>> = match finding.object.as_str() {
        "" => Vec::new(),
        object => vec![LogicalLocation { fully_qualified_name: object, kind: finding.kind.map(|kind| kind.noun()) }],
    };
    let nowhere = physical_location.is_none() && logical_locations.is_empty();
    SarifResult {
        rule_id: &finding.rule,
        rule_index: positions.get(finding.rule.as_str()).copied(),
        level: level(finding.severity),
        message: Message { text },
        locations: if nowhere { Vec::new() } else { vec![Location { physical_location, logical_locations }] },
    }
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
