//! The report, and how it comes about.

use crate::construct::{CONSTRUCTS, Finder, Found};
use crate::conversion::{Conversion, without_sizes};
use crate::finding::{self, Finding, Severity, Topic};
use crate::{Cost, CostModel, Estimate, Range};
use schema_map::{Catalog, CodeKind, NameError, NameMap, ObjectKind, ObjectPath, TableKind, TypePolicy};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a schema holds, what of it converts, and what that costs. [`render`](Report::render) gives it as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// Where it comes from, in the caller's words: a database with its version, or files. [`assess`] leaves it empty.
    pub source: String,
    /// The Oracle schemas, in alphabetical order.
    pub schemas: Vec<String>,
    /// By kind of object, all kinds that there are.
    pub inventory: Vec<InventoryLine>,
    /// The columns of tables by Oracle type.
    pub column_types: Vec<ColumnTypes>,
    /// Every object, by kind and then in the catalog's order.
    pub objects: Vec<ObjectLine>,
    /// What a person should read, the worst first.
    pub findings: Vec<Finding>,
    /// What the schema and its code cost.
    pub estimate: Estimate,
    /// The estimate in the letters and digits that the field is used to.
    pub level: Level,
}

/// Kinds of objects, as a report counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A table.
    Table,
    /// A primary key, unique, foreign key or check constraint.
    Constraint,
    /// An index.
    Index,
    /// A sequence.
    Sequence,
    /// A view.
    View,
    /// A synonym.
    Synonym,
    /// A procedure.
    Procedure,
    /// A function.
    Function,
    /// A package specification.
    Package,
    /// A package body.
    PackageBody,
    /// A trigger.
    Trigger,
    /// A type.
    Type,
    /// A type body.
    TypeBody,
}

/// What becomes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// There is a statement that makes it, and nothing to say about it.
    Converts,
    /// It needs no statement: another object does its work.
    Covered,
    /// It is made, but not in full or not quite the same.
    Check,
    /// A person has to write it.
    ByHand,
    /// Nothing was converted: a finding says why.
    Unknown,
}

/// All objects of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InventoryLine {
    /// The kind.
    pub kind: Kind,
    /// How many there are.
    pub total: usize,
    /// How many of them get which verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// What they cost together, in units.
    pub units: Range,
    /// More about them, for people.
    pub comment: String,
}

/// Columns of one Oracle type, whatever its length or precision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnTypes {
    /// The Oracle type.
    pub oracle_type: String,
    /// How many columns have it.
    pub columns: usize,
    /// What they become in PostgreSQL; empty where that is not decided.
    pub pg_types: Vec<String>,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObjectLine {
    /// Its kind.
    pub kind: Kind,
    /// `OWNER.NAME`; for a constraint `OWNER.TABLE.NAME`.
    pub name: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Why, where it does not simply convert.
    pub reasons: Vec<String>,
    /// What it costs.
    pub cost: Cost,
}

/// How hard a migration is, as the field is used to say it: `B-5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// `A`: no code to write anew, or only triggers and plain routines. `B`: code with constructs that have no direct
    /// counterpart. `C`: such code, and more person-days than [`CostModel::level_c_days`].
    pub letter: char,
    /// 1: no stored code. 2: triggers only. 3: routines. 4: a trigger or a view has constructs that take thought.
    /// 5: a routine has.
    pub technical: u8,
}

/// Assesses a catalog. `names` is the name map for the migration, or why there is none; without one nothing can be
/// converted, and what there is, is counted. `types` decides the column types, as it will in the migration.
pub fn assess(
    catalog: &Catalog,
    names: Result<&NameMap, &NameError>,
    types: &dyn TypePolicy,
    model: &CostModel,
) -> Report {
    let conversion = match names {
        Ok(names) => Conversion::of(catalog, names, types),
        Err(error) => Conversion::impossible(error),
    };
    let mut assessor = Assessor { conversion: &conversion, model, finder: Finder::new(), objects: Vec::new(), hard: 0 };
    assessor.objects(catalog);
    let Assessor { objects, hard, .. } = assessor;

    let units = objects.iter().fold(Range::default(), |sum, object| sum + object.cost.units);
    let estimate = model.estimate(units);
    let technical = technical_level(catalog, hard);
    let days = (estimate.days.low + estimate.days.high) / 2.0;
    let letter = match technical {
        ..=3 => 'A',
        _ if days > model.level_c_days => 'C',
        _ => 'B',
    };
    Report {
        source: String::new(),
        schemas: schemas(catalog),
        inventory: inventory(catalog, &objects),
        column_types: column_types(catalog, &conversion),
        findings: findings(catalog, names, &conversion),
        objects,
        estimate,
        level: Level { letter, technical },
    }
}

impl Kind {
    /// The noun.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Table => "table",
            Kind::Constraint => "constraint",
            Kind::Index => "index",
            Kind::Sequence => "sequence",
            Kind::View => "view",
            Kind::Synonym => "synonym",
            Kind::Procedure => "procedure",
            Kind::Function => "function",
            Kind::Package => "package",
            Kind::PackageBody => "package body",
            Kind::Trigger => "trigger",
            Kind::Type => "type",
            Kind::TypeBody => "type body",
        }
    }

    /// The noun for several.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Table => "tables",
            Kind::Constraint => "constraints",
            Kind::Index => "indexes",
            Kind::Sequence => "sequences",
            Kind::View => "views",
            Kind::Synonym => "synonyms",
            Kind::Procedure => "procedures",
            Kind::Function => "functions",
            Kind::Package => "packages",
            Kind::PackageBody => "package bodies",
            Kind::Trigger => "triggers",
            Kind::Type => "types",
            Kind::TypeBody => "type bodies",
        }
    }

    fn of_code(kind: CodeKind) -> Self {
        match kind {
            CodeKind::Procedure => Kind::Procedure,
            CodeKind::Function => Kind::Function,
            CodeKind::Package => Kind::Package,
            CodeKind::PackageBody => Kind::PackageBody,
            CodeKind::Trigger => Kind::Trigger,
            CodeKind::Type => Kind::Type,
            // The newest kinds of code that the catalog may come to know are bodies of something.
            _ => Kind::TypeBody,
        }
    }
}

struct Assessor<'a> {
    conversion: &'a Conversion,
    model: &'a CostModel,
    finder: Finder,
    objects: Vec<ObjectLine>,
    /// The technical level that constructs in code and views ask for.
    hard: u8,
}

impl Assessor<'_> {
    fn objects(&mut self, catalog: &Catalog) {
        for table in &catalog.tables {
            self.object(Kind::Table, ObjectKind::Table, &table.path, None);
        }
        for table in &catalog.tables {
            let unnamed = table.constraints.iter().filter(|constraint| constraint.name.is_none()).count();
            let mut unnamed = self.conversion.unnamed_constraints(&table.path, unnamed).into_iter();
            for constraint in &table.constraints {
                match &constraint.name {
                    Some(name) => {
                        let path = ObjectPath::new(table.path.schema.clone(), name.clone());
                        let (verdict, reasons) = self.conversion.verdict(ObjectKind::Constraint, &path);
                        self.push(Kind::Constraint, format!("{}.{name}", table.path), verdict, reasons, None);
                    }
                    None => {
                        let (verdict, reasons) = unnamed.next().unwrap_or((Verdict::Unknown, Vec::new()));
                        self.push(Kind::Constraint, format!("{}, without a name", table.path), verdict, reasons, None);
                    }
                }
            }
        }
        for index in &catalog.indexes {
            self.object(Kind::Index, ObjectKind::Index, &index.path, None);
        }
        for sequence in &catalog.sequences {
            self.object(Kind::Sequence, ObjectKind::Sequence, &sequence.path, None);
        }
        for view in &catalog.views {
            self.object(Kind::View, ObjectKind::View, &view.path, Some(&view.query));
        }
        for synonym in &catalog.synonyms {
            self.object(Kind::Synonym, ObjectKind::Synonym, &synonym.path, None);
        }
        for code in &catalog.stored_code {
            let kind = if code.kind == CodeKind::Type { ObjectKind::Type } else { ObjectKind::Code };
            self.object(Kind::of_code(code.kind), kind, &code.path, Some(&code.source));
        }
        self.objects.sort_by_key(|object| object.kind);
    }

    fn object(&mut self, kind: Kind, object: ObjectKind, path: &ObjectPath, text: Option<&str>) {
        let (verdict, mut reasons) = self.conversion.verdict(object, path);
        if object == ObjectKind::Code {
            // A package and its body share their name, and so do a type and its body.
            let bodies: &[&str] = match kind {
                Kind::Package | Kind::Type => &["package body:", "type body:"],
                Kind::PackageBody => &["package:"],
                Kind::TypeBody => &["type:"],
                _ => &[],
            };
            reasons.retain(|reason| !bodies.iter().any(|other| reason.starts_with(other)));
        }
        let found = text.map(|text| self.finder.find(text));
        self.push(kind, path.to_string(), verdict, reasons, found);
    }

    fn push(&mut self, kind: Kind, name: String, verdict: Verdict, reasons: Vec<String>, found: Option<Found>) {
        let thoughtful = found.as_ref().is_some_and(|f| f.counts.iter().any(|(n, _)| CONSTRUCTS[*n].units.high >= 1.0));
        if thoughtful && matches!(verdict, Verdict::ByHand | Verdict::Unknown) {
            self.hard = self.hard.max(if matches!(kind, Kind::Trigger | Kind::View) { 4 } else { 5 });
        }
        let cost = self.model.cost(kind, verdict, found.as_ref());
        self.objects.push(ObjectLine { kind, name, verdict, reasons, cost });
    }
}

fn technical_level(catalog: &Catalog, hard: u8) -> u8 {
    let triggers = catalog.stored_code.iter().any(|code| code.kind == CodeKind::Trigger);
    let routines = catalog.stored_code.iter().any(|code| code.kind != CodeKind::Trigger);
    let plain = match (triggers, routines) {
        (_, true) => 3,
        (true, false) => 2,
        (false, false) => 1,
    };
    hard.max(plain)
}

fn schemas(catalog: &Catalog) -> Vec<String> {
    let paths = catalog.tables.iter().map(|table| &table.path);
    let paths = paths.chain(catalog.indexes.iter().map(|index| &index.path));
    let paths = paths.chain(catalog.views.iter().map(|view| &view.path));
    let paths = paths.chain(catalog.sequences.iter().map(|sequence| &sequence.path));
    let paths = paths.chain(catalog.synonyms.iter().map(|synonym| &synonym.path));
    let paths = paths.chain(catalog.stored_code.iter().map(|code| &code.path));
    let schemas: BTreeSet<_> = paths.map(|path| path.schema.as_str()).collect();
    schemas.into_iter().map(str::to_owned).collect()
}

fn inventory(catalog: &Catalog, objects: &[ObjectLine]) -> Vec<InventoryLine> {
    let mut lines: BTreeMap<Kind, InventoryLine> = BTreeMap::new();
    for object in objects {
        let kind = object.kind;
        let line = lines.entry(kind).or_insert_with(|| InventoryLine {
            kind,
            total: 0,
            verdicts: BTreeMap::new(),
            units: Range::default(),
            comment: comment(catalog, kind),
        });
        line.total += 1;
        *line.verdicts.entry(object.verdict).or_default() += 1;
        line.units += object.cost.units;
    }
    lines.into_values().collect()
}

fn comment(catalog: &Catalog, kind: Kind) -> String {
    use schema_map::ConstraintKind;
    let count = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}"));
    let parts: Vec<Option<String>> = match kind {
        Kind::Table => {
            let of = |kind| catalog.tables.iter().filter(|table| table.kind == kind).count();
            let columns = catalog.tables.iter().map(|table| table.columns.len()).sum();
            vec![
                count(columns, "columns"),
                count(of(TableKind::IndexOrganized), "index-organised"),
                count(of(TableKind::GlobalTemporary), "temporary"),
                count(of(TableKind::External), "external"),
            ]
        }
        Kind::Constraint => {
            let of = |is: fn(&ConstraintKind) -> bool| {
                catalog.tables.iter().flat_map(|table| &table.constraints).filter(|c| is(&c.kind)).count()
            };
            vec![
                count(of(|kind| matches!(kind, ConstraintKind::PrimaryKey { .. })), "primary keys"),
                count(of(|kind| matches!(kind, ConstraintKind::Unique { .. })), "unique"),
                count(of(|kind| matches!(kind, ConstraintKind::ForeignKey { .. })), "foreign keys"),
                count(of(|kind| matches!(kind, ConstraintKind::Check { .. })), "checks"),
            ]
        }
        Kind::Index => {
            let indexes = &catalog.indexes;
            vec![
                count(indexes.iter().filter(|index| index.backs_constraint).count(), "behind constraints"),
                count(indexes.iter().filter(|index| index.bitmap).count(), "bitmap"),
            ]
        }
        _ => Vec::new(),
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn column_types(catalog: &Catalog, conversion: &Conversion) -> Vec<ColumnTypes> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for column in catalog.tables.iter().flat_map(|table| &table.columns) {
        *counts.entry(without_sizes(&column.oracle_type.to_string())).or_default() += 1;
    }
    let pg_types = |oracle_type: &str| conversion.types.get(oracle_type).into_iter().flatten().cloned().collect();
    let mut types: Vec<_> = counts
        .into_iter()
        .map(|(oracle_type, columns)| ColumnTypes { pg_types: pg_types(&oracle_type), oracle_type, columns })
        .collect();
    types.sort_by_key(|t| std::cmp::Reverse(t.columns));
    types
}

fn findings(catalog: &Catalog, names: Result<&NameMap, &NameError>, conversion: &Conversion) -> Vec<Finding> {
    let mut findings = Vec::new();
    match names {
        Ok(names) => {
            if let Some(failure) = &conversion.failure {
                findings.push(Finding::new(Severity::Blocker, Topic::Conversion, "", failure.as_str()));
            }
            finding::changed_names(catalog, names, &mut findings);
        }
        Err(error) => findings.extend(finding::unnamed(error)),
    }
    for problem in conversion.unplanned.values().flatten() {
        findings.push(Finding::new(Severity::Blocker, Topic::ColumnType, &problem.column, problem.text.as_str()));
    }
    for table in &conversion.keyless {
        let text = "no enabled primary key, and no unique constraint over NOT NULL columns: rows cannot be told apart while changes are followed; add a key";
        findings.push(Finding::new(Severity::Loss, Topic::Key, table, text));
    }
    for table in &catalog.tables {
        finding::lossy_columns(table, &mut findings);
        finding::weak_constraints(table, &mut findings);
    }
    for (object, reason) in conversion.refusals() {
        findings.push(Finding::new(Severity::Loss, Topic::Conversion, object, reason.as_str()));
    }
    for (object, note) in conversion.notes() {
        findings.push(Finding::new(Severity::Note, Topic::Conversion, object, note.as_str()));
    }
    findings.sort_by_key(|finding| (finding.severity, finding.topic));
    findings
}
