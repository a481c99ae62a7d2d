use super::{Portfolio, RenderError, SummaryLine, title};
use crate::{Effort, Place, Verdict};
use std::str::FromStr;

/// A table of a portfolio, as CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CsvTable {
    /// A line for each report: many databases in one sheet.
    Summary,
    /// A line for each kind of object.
    Inventory,
    /// A line for each object.
    #[default]
    Objects,
    /// A line for each finding.
    Findings,
}

impl FromStr for CsvTable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "summary" => CsvTable::Summary,
            "inventory" => CsvTable::Inventory,
            "objects" => CsvTable::Objects,
            "findings" => CsvTable::Findings,
            _ => return Err(format!("{text}: expected summary, inventory, objects or findings")),
        })
    }
}

pub(super) fn render(portfolio: &Portfolio, table: CsvTable) -> Result<String, RenderError> {
    let mut rows = Rows(csv::Writer::from_writer(Vec::new()));
    match table {
        CsvTable::Summary => summary(portfolio, &mut rows)?,
        CsvTable::Inventory => inventory(portfolio, &mut rows)?,
        CsvTable::Objects => objects(portfolio, &mut rows)?,
        CsvTable::Findings => findings(portfolio, &mut rows)?,
    }
    let bytes = rows.0.into_inner().map_err(|error| RenderError(error.to_string().into()))?;
    Ok(String::from_utf8(bytes)?)
}

struct Rows(csv::Writer<Vec<u8>>);

impl Rows {
    fn add(&mut self, cells: &[String]) -> Result<(), RenderError> {
        Ok(self.0.write_record(cells.iter().map(|cell| unexecuted(cell)))?)
    }

    fn head(&mut self, cells: &[&str]) -> Result<(), RenderError> {
        Ok(self.0.write_record(cells)?)
    }
}

/// Spreadsheets run what begins like a formula: such a text, which may be a name out of a database, gets an apostrophe in front.
fn unexecuted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn effort(effort: Effort) -> [String; 3] {
    [effort.low, effort.expected, effort.high].map(|figure| format!("{figure:.3}"))
}

fn place(place: Option<&Place>) -> [String; 2] {
    [optional(place.map(|p| &p.file)), optional(place.map(|p| p.line))]
}

fn summary(portfolio: &Portfolio, rows: &mut Rows) -> Result<(), RenderError> {
    rows.head(&[
        "source",
        "schemas",
        "objects",
        "converts",
        "changed",
        "by_hand",
        "no_equivalent",
        "unknown",
        "blockers",
        "bytes",
        "days_low",
        "days_expected",
        "days_high",
        "level",
        "reference_units",
        "reference_days",
        "reference_level",
    ])?;
    for report in &portfolio.reports {
        let line = SummaryLine::of(report);
        let [low, expected, high] = effort(line.days);
        rows.add(&[
            line.source,
            line.schemas.to_string(),
            line.objects.to_string(),
            line.converts.to_string(),
            line.changed.to_string(),
            line.by_hand.to_string(),
            line.no_equivalent.to_string(),
            line.unknown.to_string(),
            line.blockers.to_string(),
            optional(line.bytes),
            low,
            expected,
            high,
            line.level,
            optional(line.reference_units),
            optional(line.reference_days),
            optional(line.reference_level),
        ])?;
    }
    Ok(())
}

fn inventory(portfolio: &Portfolio, rows: &mut Rows) -> Result<(), RenderError> {
    rows.head(&[
        "source",
        "kind",
        "number",
        "invalid",
        "converts",
        "covered",
        "changed",
        "by_hand",
        "no_equivalent",
        "unknown",
        "units_low",
        "units_expected",
        "units_high",
        "comment",
    ])?;
    for report in &portfolio.reports {
        for line in &report.inventory {
            let mut cells =
                vec![title(report), line.kind.noun().to_owned(), line.total.to_string(), optional(line.invalid)];
            cells.extend(Verdict::ALL.iter().map(|v| line.verdicts.get(v).copied().unwrap_or(0).to_string()));
            cells.extend(effort(line.units));
            cells.push(line.comment.clone());
            rows.add(&cells)?;
        }
    }
    Ok(())
}

fn objects(portfolio: &Portfolio, rows: &mut Rows) -> Result<(), RenderError> {
    rows.head(&[
        "source",
        "schema",
        "kind",
        "name",
        "verdict",
        "units_low",
        "units_expected",
        "units_high",
        "step",
        "needed_by",
        "invalid",
        "bytes",
        "rows",
        "proved",
        "file",
        "line",
        "reasons",
    ])?;
    for report in &portfolio.reports {
        for object in &report.objects {
            let mut cells = vec![
                title(report),
                object.schema.clone(),
                object.kind.noun().to_owned(),
                object.name.clone(),
                object.verdict.noun().to_owned(),
            ];
            cells.extend(effort(object.cost.units));
            cells.extend([
                object.step.to_string(),
                object.needed_by.to_string(),
                optional(object.invalid),
                optional(object.bytes),
                optional(object.rows),
                optional(object.proved),
            ]);
            cells.extend(place(object.place.as_ref()));
            cells.push(object.reasons.join("; "));
            rows.add(&cells)?;
        }
    }
    Ok(())
}

fn findings(portfolio: &Portfolio, rows: &mut Rows) -> Result<(), RenderError> {
    rows.head(&["source", "severity", "rule", "kind", "object", "file", "line", "text"])?;
    for report in &portfolio.reports {
        for finding in &report.findings {
            let mut cells = vec![
                title(report),
                finding.severity.noun().to_owned(),
                finding.rule.clone(),
                optional(finding.kind.map(|kind| kind.noun())),
                finding.object.clone(),
            ];
            cells.extend(place(finding.place.as_ref()));
            cells.push(finding.text.clone());
            rows.add(&cells)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_spreadsheet_runs() {
        for (cell, written) in
            [("=1+1", "'=1+1"), ("@x", "'@x"), ("-5.5", "-5.5"), ("-x", "'-x"), ("HR.T", "HR.T"), ("", "")]
        {
            assert_eq!(unexecuted(cell), written);
        }
    }
}
