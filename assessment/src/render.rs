//! Reports as text, HTML, JSON, CSV and SARIF.

mod csv;
mod html;
mod sarif;
mod text;

use crate::{Effort, Report, Verdict};
use serde::{Deserialize, Serialize};
use std::fmt;

pub use csv::CsvTable;

/// Several reports in one: databases, or folders of scripts.
///
/// ```
/// use assessment::{CostModel, CsvTable, Facts, Portfolio, assess};
/// use schema_map::Catalog;
///
/// let report = assess(&Catalog::default(), &Facts::default(), &CostModel::default());
/// let portfolio = Portfolio { reports: vec![report] };
/// assert!(portfolio.text().contains("no objects"));
/// assert!(portfolio.html()?.starts_with("<!DOCTYPE html>"));
/// assert_eq!(Portfolio::from_json(&portfolio.json()?)?, portfolio);
/// assert!(portfolio.csv(CsvTable::Summary)?.starts_with("source,"));
/// assert!(portfolio.sarif()?.contains("\"2.1.0\""));
/// # Ok::<_, assessment::RenderError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Portfolio {
    /// In the order in which they are shown.
    pub reports: Vec<Report>,
}

/// The JSON form: `assessment.schema.json` describes it.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(title = "Assessment", rename = "Assessment"))]
#[serde(deny_unknown_fields)]
struct Document<R> {
    /// `oracle-assessment`.
    format: String,
    /// Grows when a field is taken away or means something else; new fields do not change it.
    version: u32,
    /// A line for each report.
    summary: Vec<SummaryLine>,
    /// The reports.
    reports: R,
}

const FORMAT: &str = "oracle-assessment";
const VERSION: u32 = 1;

/// A report in a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct SummaryLine {
    /// Where it comes from.
    source: String,
    /// How many Oracle schemas.
    schemas: usize,
    /// How many objects.
    objects: usize,
    /// How many convert by themselves, those that another covers included.
    converts: usize,
    /// How many convert with a difference.
    changed: usize,
    /// How many a person writes.
    by_hand: usize,
    /// How many PostgreSQL has nothing like.
    no_equivalent: usize,
    /// How many of which nothing is known.
    unknown: usize,
    /// Findings that stop the migration.
    blockers: usize,
    /// Bytes of tables and LOBs, where known.
    bytes: Option<u64>,
    /// Person-days.
    days: Effort,
    /// `A-1` to `C-5`.
    level: String,
    /// Units of the reference score, where it was asked for.
    reference_units: Option<f64>,
    /// Person-days of the reference score.
    reference_days: Option<u64>,
    /// Level of the reference score.
    reference_level: Option<String>,
}

impl SummaryLine {
    fn of(report: &Report) -> Self {
        let of = |verdict| report.objects.iter().filter(|object| object.verdict == verdict).count();
        let score = report.reference.as_ref();
        let bytes = report.size.table_bytes.map(|b| b.saturating_add(report.size.lob_bytes.unwrap_or(0)));
        SummaryLine {
            source: title(report),
            schemas: report.schemas.iter().filter(|schema| !schema.name.is_empty()).count(),
            objects: report.objects.len(),
            converts: of(Verdict::Converts) + of(Verdict::Covered),
            changed: of(Verdict::Changed),
            by_hand: of(Verdict::ByHand),
            no_equivalent: of(Verdict::NoEquivalent),
            unknown: of(Verdict::Unknown),
            blockers: report.findings.iter().filter(|f| f.severity == crate::Severity::Blocker).count(),
            bytes,
            days: report.estimate.days,
            level: level(report),
            reference_units: score.map(|score| score.units),
            reference_days: score.map(|score| score.person_days),
            reference_level: score.map(|score| score.level.clone()),
        }
    }
}

/// Something that could not be written or read.
#[derive(Debug)]
pub struct RenderError(Box<dyn std::error::Error + Send + Sync>);

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the report cannot be written or read: {}", self.0)
    }
}

impl std::error::Error for RenderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

macro_rules! from {
    ($($error:ty),*) => {
        $(impl From<$error> for RenderError {
            fn from(error: $error) -> Self {
                RenderError(Box::new(error))
            }
        })*
    };
}
from! { serde_json::Error, ::csv::Error, askama::Error, std::string::FromUtf8Error }

impl Portfolio {
    /// For a terminal: at most 100 columns, lines ended by `\n`, no control characters. Long lists are cut, and say so; the whole
    /// is in the other forms.
    pub fn text(&self) -> String {
        text::render(self)
    }

    /// One file of HTML that needs nothing else: for a browser, a phone, or paper.
    pub fn html(&self) -> Result<String, RenderError> {
        html::render(self)
    }

    /// As JSON that `assessment.schema.json` describes. Reports read it back unchanged.
    pub fn json(&self) -> Result<String, RenderError> {
        let document = Document {
            format: FORMAT.to_owned(),
            version: VERSION,
            summary: self.reports.iter().map(SummaryLine::of).collect(),
            reports: &self.reports,
        };
        Ok(serde_json::to_string_pretty(&document)?)
    }

    /// Reads what [`json`](Portfolio::json) wrote.
    pub fn from_json(text: &str) -> Result<Self, RenderError> {
        let document: Document<Vec<Report>> = serde_json::from_str(text)?;
        if document.format != FORMAT || document.version != VERSION {
            let found =
                format!("{} version {}: expected {FORMAT} version {VERSION}", document.format, document.version);
            return Err(RenderError(found.into()));
        }
        Ok(Portfolio { reports: document.reports })
    }

    /// One table of it as CSV (RFC 4180, with a line of headings), of all reports.
    pub fn csv(&self, table: CsvTable) -> Result<String, RenderError> {
        csv::render(self, table)
    }

    /// The findings as SARIF 2.1.0, which code hosts show at file and line.
    pub fn sarif(&self) -> Result<String, RenderError> {
        sarif::render(self)
    }

    /// The JSON Schema of [`json`](Portfolio::json).
    #[cfg(feature = "json-schema")]
    pub fn json_schema() -> Result<String, RenderError> {
        Ok(serde_json::to_string_pretty(&schemars::schema_for!(Document<Vec<Report>>))? + "\n")
    }
}

impl Report {
    /// The report alone, as [`Portfolio::text`].
    pub fn text(&self) -> String {
        text::one(self)
    }
}

/// What a report is called.
fn title(report: &Report) -> String {
    let schemas: Vec<&str> = report.schemas.iter().map(|s| s.name.as_str()).filter(|name| !name.is_empty()).collect();
    match (report.source.as_str(), schemas.as_slice()) {
        ("", []) => "an empty schema".to_owned(),
        ("", schemas) => schemas.join(", "),
        (source, _) => source.to_owned(),
    }
}

fn level(report: &Report) -> String {
    format!("{}-{}", report.level.letter, report.level.technical)
}

/// `3–4.5–7`: low, expected and high; what looks the same is written once.
fn three(effort: Effort) -> String {
    let [low, expected, high] = [effort.low, effort.expected, effort.high].map(figure);
    if low == expected && expected == high { low } else { format!("{low}–{expected}–{high}") }
}

/// With one digit behind the point, none where it is 0 or the figure is large.
fn figure(value: f64) -> String {
    if value >= 100.0 {
        return format!("{value:.0}");
    }
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Without control characters, which names may hold.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// How many objects of each of the verdicts there are.
fn count(verdicts: &std::collections::BTreeMap<Verdict, usize>, of: &[Verdict]) -> usize {
    of.iter().filter_map(|verdict| verdicts.get(verdict)).sum()
}
