use super::text::growth;
use super::{Portfolio, RenderError, SummaryLine, count, figure, sarif::uri, three, title};
use crate::bytes::{as_f64, duration, size};
use crate::reference::Score;
use crate::{CostItem, Effort, Finding, ObjectName, Place, Report, Severity, Verdict};
use askama::Template;
use std::collections::HashMap;

/// Objects that a finding links to, findings of a rule that are listed, lines of code of an object that are shown.
const LISTED: usize = 200;

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    title: String,
    reports: Vec<Section>,
}

/// One report. Figures are texts already; `expected` and `bytes` are what tables are sorted by.
struct Section {
    id: String,
    line: SummaryLine,
    about: String,
    empty: bool,
    days: String,
    calendar: String,
    team: String,
    converts_share: String,
    by_hand: usize,
    first: Vec<String>,
    effort: Vec<Bar>,
    explanation: Vec<String>,
    database: Vec<Item>,
    has_invalid: bool,
    inventory: Vec<KindRow>,
    schemas: Vec<SchemaRow>,
    features: String,
    findings: Vec<Group>,
    steps: Vec<StepRow>,
    objects: Vec<Object>,
    sizes: Vec<Bar>,
    size: String,
    columns: Vec<ColumnRow>,
    reference: Option<Score>,
    unknown: Vec<String>,
}

struct Bar {
    name: String,
    width: String,
    reach: String,
    value: String,
}

struct Item {
    name: String,
    count: usize,
    units: String,
}

struct KindRow {
    noun: &'static str,
    plural: &'static str,
    total: usize,
    invalid: String,
    converts: usize,
    changed: usize,
    by_hand: usize,
    none_alike: usize,
    units: String,
    expected: f64,
    comment: String,
}

struct SchemaRow {
    name: String,
    objects: usize,
    converts: usize,
    changed: usize,
    by_hand: usize,
    bytes: u64,
    size: String,
    days: String,
    expected: f64,
}

struct Group {
    heading: &'static str,
    rules: Vec<RuleGroup>,
}

struct RuleGroup {
    id: String,
    title: String,
    doc: String,
    severity: &'static str,
    count: usize,
    findings: Vec<FindingRow>,
    more: usize,
}

struct FindingRow {
    objects: Vec<Link>,
    more: usize,
    text: String,
}

struct Link {
    name: String,
    href: String,
}

struct StepRow {
    number: usize,
    title: String,
    units: String,
    by_hand: Vec<Link>,
    more: usize,
}

struct Object {
    id: String,
    name: String,
    kind: &'static str,
    verdict: &'static str,
    class: String,
    units: String,
    expected: f64,
    step: usize,
    needed_by: usize,
    size: String,
    place: Option<PlaceLink>,
    detailed: bool,
    reasons: Vec<String>,
    items: Vec<Item>,
    spots: Vec<SpotRow>,
    more_spots: usize,
}

#[derive(Clone)]
struct PlaceLink {
    href: String,
    text: String,
}

struct SpotRow {
    line: usize,
    place: Option<PlaceLink>,
    title: String,
    text: String,
}

struct ColumnRow {
    oracle: String,
    columns: usize,
    pg: String,
}

pub(super) fn render(portfolio: &Portfolio) -> Result<String, RenderError> {
    let title = match portfolio.reports.as_slice() {
        [report] => format!("Oracle to PostgreSQL: {}", title(report)),
        reports => format!("Oracle to PostgreSQL: {} sources", reports.len()),
    };
    let reports = portfolio.reports.iter().enumerate().map(|(n, report)| section(report, n)).collect();
    Ok(Page { title, reports }.render()?)
}

fn section(report: &Report, number: usize) -> Section {
    let id = format!("r{number}");
    let line = SummaryLine::of(report);
    let estimate = &report.estimate;
    let objects = objects(report, &id);
    let mut links: HashMap<(&'static str, &str), &str> = HashMap::new();
    for object in objects.iter().filter(|object| object.detailed) {
        links.entry((object.kind, &object.name)).or_insert(&object.id);
    }
    let link = |object: &ObjectName| Link {
        name: object.to_string(),
        href: links.get(&(object.kind.noun(), object.name.as_str())).map(|id| (*id).to_owned()).unwrap_or_default(),
    };
    let steps = report.steps.iter().map(|step| StepRow {
        number: step.number,
        title: step.title.clone(),
        units: three(step.units),
        by_hand: step.by_hand.iter().map(link).collect(),
        more: step.written.saturating_sub(step.by_hand.len()),
    });
    let (findings, steps) = (groups(report, &links), steps.collect());
    Section {
        about: about(report),
        empty: report.objects.is_empty() && report.findings.is_empty(),
        days: three(estimate.days),
        calendar: three(estimate.calendar_days),
        team: if estimate.team == 1 { "1 person".to_owned() } else { format!("{} people", estimate.team) },
        converts_share: share(line.converts, line.objects),
        by_hand: line.by_hand + line.no_equivalent + line.unknown,
        first: report.first.clone(),
        effort: effort_bars(report),
        explanation: estimate.explanation.clone(),
        database: estimate.database.items.iter().map(item).collect(),
        has_invalid: report.inventory.iter().any(|line| line.invalid.is_some()),
        inventory: inventory(report),
        schemas: schemas(report),
        features: report.features.iter().map(|f| format!("{} {}", f.count, f.name)).collect::<Vec<_>>().join(", "),
        findings,
        steps,
        sizes: size_bars(report),
        size: size_line(report),
        columns: report
            .column_types
            .iter()
            .map(|c| ColumnRow {
                oracle: c.oracle_type.clone(),
                columns: c.columns,
                pg: if c.pg_types.is_empty() { "to be decided".to_owned() } else { c.pg_types.join(", ") },
            })
            .collect(),
        reference: report.reference.clone(),
        unknown: report.unknown.clone(),
        objects,
        line,
        id,
    }
}

fn about(report: &Report) -> String {
    let schemas: Vec<&str> = report.schemas.iter().map(|s| s.name.as_str()).filter(|name| !name.is_empty()).collect();
    let mut facts = Vec::new();
    if !schemas.is_empty() {
        facts.push(format!("{} {}", if schemas.len() == 1 { "schema" } else { "schemas" }, schemas.join(", ")));
    }
    facts.extend(report.version.clone());
    if let Some(proof) = &report.proof {
        let (taken, refused) = (proof.taken, proof.refused);
        facts.push(format!("tried on PostgreSQL {}: {taken} statements taken, {refused} refused", proof.server));
    }
    facts.join("; ")
}

fn share(part: usize, whole: usize) -> String {
    if whole == 0 {
        "0".to_owned()
    } else {
        format!("{:.0}", 100.0 * crate::cost::as_f64(part) / crate::cost::as_f64(whole))
    }
}

fn percent(value: f64, most: f64) -> String {
    if most > 0.0 { format!("{:.1}", 100.0 * value / most) } else { "0".to_owned() }
}

fn effort_bars(report: &Report) -> Vec<Bar> {
    let mut lines: Vec<(&str, Effort)> = report.inventory.iter().map(|line| (line.kind.plural(), line.units)).collect();
    lines.push(("the database as a whole", report.estimate.database.units));
    lines.retain(|(_, units)| !units.is_none());
    lines.sort_by(|a, b| b.1.expected.total_cmp(&a.1.expected));
    let most = lines.iter().map(|(_, units)| units.high).fold(0.0, f64::max);
    let bar = |(name, units): (&str, Effort)| Bar {
        name: name.to_owned(),
        width: percent(units.expected, most),
        reach: percent(units.high, most),
        value: figure(units.expected),
    };
    lines.into_iter().map(bar).collect()
}

fn size_bars(report: &Report) -> Vec<Bar> {
    let whole = |bytes: u64, lobs: Option<u64>| as_f64(bytes.saturating_add(lobs.unwrap_or(0)));
    let most = report.largest_tables.iter().map(|t| whole(t.bytes, t.lob_bytes)).fold(0.0, f64::max);
    let bar = |t: &crate::TableLine| {
        let days = report.size.growth_days.map(|days| format!(" in {days} days")).unwrap_or_default();
        let growth = t.growth_bytes.map(|n| format!(" (grew by {}{days})", growth(n))).unwrap_or_default();
        Bar {
            name: t.name.clone(),
            width: percent(as_f64(t.bytes), most),
            reach: percent(whole(t.bytes, t.lob_bytes), most),
            value: format!("{}{growth}", size(t.bytes.saturating_add(t.lob_bytes.unwrap_or(0)))),
        }
    };
    report.largest_tables.iter().map(bar).collect()
}

fn size_line(report: &Report) -> String {
    let known = |bytes: Option<u64>| bytes.map_or_else(|| "not known".to_owned(), size);
    let mut text = format!("Tables {}, LOBs {}", known(report.size.table_bytes), known(report.size.lob_bytes));
    if let Some(rows) = report.size.rows {
        text.push_str(&format!(", {rows} rows"));
    }
    if let Some(seconds) = report.size.load_seconds {
        text.push_str(&format!("; loaded in about {}", duration(as_f64(seconds))));
    }
    text
}

fn item(item: &CostItem) -> Item {
    Item { name: item.name.clone(), count: item.count, units: three(item.units) }
}

fn inventory(report: &Report) -> Vec<KindRow> {
    let row = |line: &crate::InventoryLine| KindRow {
        noun: line.kind.noun(),
        plural: line.kind.plural(),
        total: line.total,
        invalid: line.invalid.map(|n| n.to_string()).unwrap_or_default(),
        converts: count(&line.verdicts, &[Verdict::Converts, Verdict::Covered]),
        changed: count(&line.verdicts, &[Verdict::Changed]),
        by_hand: count(&line.verdicts, &[Verdict::ByHand, Verdict::Unknown]),
        none_alike: count(&line.verdicts, &[Verdict::NoEquivalent]),
        units: three(line.units),
        expected: line.units.expected,
        comment: line.comment.clone(),
    };
    report.inventory.iter().map(row).collect()
}

fn schemas(report: &Report) -> Vec<SchemaRow> {
    let row = |line: &crate::SchemaLine| SchemaRow {
        name: if line.name.is_empty() { "(the database)".to_owned() } else { line.name.clone() },
        objects: line.objects,
        converts: count(&line.verdicts, &[Verdict::Converts, Verdict::Covered]),
        changed: count(&line.verdicts, &[Verdict::Changed]),
        by_hand: count(&line.verdicts, &[Verdict::ByHand, Verdict::NoEquivalent, Verdict::Unknown]),
        bytes: line.bytes.unwrap_or(0),
        size: line.bytes.map(size).unwrap_or_default(),
        days: three(line.days),
        expected: line.days.expected,
    };
    report.schemas.iter().map(row).collect()
}

fn groups(report: &Report, links: &HashMap<(&'static str, &str), &str>) -> Vec<Group> {
    let mut by_rule: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for finding in &report.findings {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    let group = |severity: &Severity| {
        let rules = report.rules.iter().filter(|rule| rule.severity == *severity);
        let rules: Vec<RuleGroup> = rules
            .map(|rule| {
                let of_rule = by_rule.get(rule.id.as_str()).map(Vec::as_slice).unwrap_or_default();
                let (findings, more) = rows(of_rule, links);
                RuleGroup {
                    id: rule.id.clone(),
                    title: rule.title.clone(),
                    doc: rule.doc.clone(),
                    severity: severity.noun(),
                    count: rule.findings,
                    findings,
                    more,
                }
            })
            .collect();
        (!rules.is_empty()).then(|| Group { heading: severity.heading(), rules })
    };
    Severity::ALL.iter().filter_map(group).collect()
}

/// Findings with the same text are one row.
fn rows(findings: &[&Finding], links: &HashMap<(&'static str, &str), &str>) -> (Vec<FindingRow>, usize) {
    let mut rows: Vec<FindingRow> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        // How often it is in the code stands beside the name.
        let text = if finding.spots.is_empty() { finding.text.clone() } else { String::new() };
        let at = *known.entry(text).or_insert_with_key(|text| {
            rows.push(FindingRow { objects: Vec::new(), more: 0, text: text.clone() });
            rows.len() - 1
        });
        if finding.object.is_empty() {
            continue;
        }
        if rows[at].objects.len() == LISTED {
            rows[at].more += 1;
            continue;
        }
        let kind = finding.kind.map(|kind| kind.noun()).unwrap_or_default();
        let href = links.get(&(kind, finding.line_of.as_str())).map(|id| (*id).to_owned()).unwrap_or_default();
        let times = if finding.spots.len() > 1 { format!(" ×{}", finding.spots.len()) } else { String::new() };
        rows[at].objects.push(Link { name: format!("{}{times}", finding.object), href });
    }
    let more = rows.len().saturating_sub(LISTED);
    rows.truncate(LISTED);
    (rows, more)
}

fn objects(report: &Report, id: &str) -> Vec<Object> {
    let titles: HashMap<&str, &str> = report.rules.iter().map(|rule| (rule.id.as_str(), rule.title.as_str())).collect();
    let mut spots: HashMap<(&'static str, &str), Vec<SpotRow>> = HashMap::new();
    for finding in report.findings.iter().filter(|finding| !finding.spots.is_empty()) {
        let kind = finding.kind.map(|kind| kind.noun()).unwrap_or_default();
        let of_object = spots.entry((kind, &finding.line_of)).or_default();
        of_object.extend(finding.spots.iter().map(|spot| SpotRow {
            line: spot.line,
            place: spot.place.as_ref().map(place),
            title: titles.get(finding.rule.as_str()).map(|t| (*t).to_owned()).unwrap_or_default(),
            text: spot.text.clone(),
        }));
    }
    let mut objects = Vec::with_capacity(report.objects.len());
    for (n, object) in report.objects.iter().enumerate() {
        let kind = object.kind.noun();
        let mut spots = spots.remove(&(kind, object.name.as_str())).unwrap_or_default();
        spots.sort_by_key(|spot| spot.line);
        let more_spots = spots.len().saturating_sub(LISTED);
        spots.truncate(LISTED);
        objects.push(Object {
            id: format!("{id}-o{n}"),
            name: object.name.clone(),
            kind,
            verdict: object.verdict.noun(),
            class: object.verdict.noun().replace(' ', "-"),
            units: three(object.cost.units),
            expected: object.cost.units.expected,
            step: object.step,
            needed_by: object.needed_by,
            size: object.bytes.map(size).unwrap_or_default(),
            place: object.place.as_ref().map(place),
            detailed: !matches!(object.verdict, Verdict::Converts | Verdict::Covered) || object.cost.items.len() > 1,
            reasons: object.reasons.clone(),
            items: object.cost.items.iter().map(item).collect(),
            spots,
            more_spots,
        });
    }
    objects
}

fn place(place: &Place) -> PlaceLink {
    PlaceLink { href: format!("{}#L{}", uri(&place.file), place.line), text: place.to_string() }
}
