//! The score that the field is used to: the cost model of ora2pg's SHOW_REPORT (version 25), so that old and new figures can be
//! compared.
//!
//! One unit is 5 minutes; person-days are units × minutes ÷ 420, rounded up, at least 1. Each routine is 2 units for tests and one for each
//! thousand characters, at least one; each construct in it its score, as often as it occurs; each object the score of its type.
//!
//! The scores are those of the reference; it is here reckoned anew, on the syntax tree of the **source**. So it differs from what the reference prints
//! where that one counts after its own conversion, or matches what is not there:
//!
//! | what | the reference | here |
//! |---|---|---|
//! | `(+)`, CONNECT BY, ROWNUM, TRUNC, COMMIT, DBMS_OUTPUT, EXCEPTION, … | converted or dropped before counting: 0, also where the result does not compile | its score |
//! | WHEN OTHERS | its pattern never matches: 0 | 10 |
//! | a name across a database link, HTP | counted twice | once |
//! | COMPOSE in DECOMPOSE, SAVEPOINT in a routine's own name | matched as parts of words | words only |
//! | NUMTODSINTERVAL | becomes `\|\|`: 0.1 | 1 |
//! | texts | replaced before the size is taken | count as written |
//! | several functions of one group in a line | sometimes once | each |
//! | level C | days do not follow the unit's minutes | days as printed |
//!
//! The tests have probe objects with both figures.

use crate::facts::OtherObject;
use crate::finder::{Code, Declared, Grammar, OwnObjects, Patterns, Piece};
use crate::{CostModel, Facts, Kind, cost::as_f64};
use schema_map::plsql::{self, Declaration, DeclarationKind, Routine, RoutineBody, UnitKind};
use schema_map::{Catalog, IndexKey, IndexKind, TableKind};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// Minutes of a person-day of the reference.
const DAY_MINUTES: f64 = 420.0;

/// Person-days from which on it says C: in its code; its manual says 10.
const LEVEL_C_DAYS: u64 = 5;

/// Units for tests of a routine.
const TEST: f64 = 2.0;

/// A score by the reference model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Its sum.
    pub units: f64,
    /// Minutes of a unit.
    pub unit_minutes: f64,
    /// Rounded up, at least 1.
    pub person_days: u64,
    /// `A-1` to `C-5`.
    pub level: String,
    /// By type of object.
    pub lines: Vec<ScoreLine>,
    /// Each routine and view by construct.
    pub objects: Vec<ScoreObject>,
    /// Where and why it differs from what the reference prints.
    pub differs: Vec<String>,
}

/// A type of object in a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ScoreLine {
    /// As the reference calls it.
    pub object_type: String,
    /// How many.
    pub number: usize,
    /// How many of them are invalid, where known.
    pub invalid: Option<usize>,
    /// Their units, capped as the reference does.
    pub units: f64,
}

/// A routine or view in a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ScoreObject {
    /// Its type as the reference calls it.
    pub object_type: String,
    /// `OWNER.NAME`; of a package body's routine `OWNER.PACKAGE.NAME`.
    pub name: String,
    /// Without the score of its type.
    pub units: f64,
    /// Its parts: name, how often, units for all of them.
    pub parts: Vec<ScorePart>,
}

/// A part of a routine's score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ScorePart {
    /// `TEST`, `SIZE` or a construct.
    pub name: String,
    /// How often.
    pub count: usize,
    /// In units, for all of them.
    pub units: f64,
}

/// Constructs: name, score, patterns as those of [`Check::Code`](crate::Check::Code). What is special comes before what is general.
const CONSTRUCTS: &[(&str, f64, &[&str])] = &[
    ("TRUNC", 0.1, &["TRUNC ("]),
    ("IS TABLE OF", 4.0, &["IS TABLE OF"]),
    ("OUTER JOIN", 2.0, &["( + )"]),
    ("CONNECT BY", 3.0, &["CONNECT BY"]),
    ("BULK COLLECT", 5.0, &["BULK COLLECT"]),
    ("GOTO", 2.0, &["GOTO"]),
    ("FORALL", 1.0, &["FORALL"]),
    ("ROWNUM", 1.0, &["ROWNUM"]),
    ("NOTFOUND", 0.0, &["NOTFOUND"]),
    ("ISOPEN", 1.0, &["ISOPEN"]),
    ("ROWCOUNT", 1.0, &["ROWCOUNT"]),
    ("ROWID", 2.0, &["ROWID", ". ROWID"]),
    ("UROWID", 2.0, &["UROWID"]),
    ("IS RECORD", 1.0, &["IS RECORD"]),
    ("SQLCODE", 1.0, &["SQLCODE"]),
    ("TABLE", 2.0, &["TABLE ("]),
    ("DBMS_OUTPUT", 1.0, &["DBMS_OUTPUT . PUT*"]),
    ("DBMS_", 3.0, &["DBMS_*"]),
    ("UTL_", 3.0, &["UTL_*"]),
    ("CTX_", 3.0, &["CTX_*"]),
    ("EXTRACT", 3.0, &["EXTRACT (", ". EXTRACT ("]),
    ("WHEN OTHERS", 10.0, &["WHEN OTHERS"]),
    ("PRAGMA", 3.0, &["PRAGMA AUTONOMOUS_TRANSACTION", "PRAGMA EXCEPTION_INIT", "PRAGMA"]),
    ("EXCEPTION", 2.0, &["EXCEPTION"]),
    ("TO_NUMBER", 0.1, &["TO_NUMBER"]),
    ("REGEXP_LIKE", 0.1, &["REGEXP_LIKE"]),
    ("REGEXP_COUNT", 0.2, &["REGEXP_COUNT"]),
    ("REGEXP_INSTR", 1.0, &["REGEXP_INSTR"]),
    ("REGEXP_SUBSTR", 1.0, &["REGEXP_SUBSTR"]),
    ("CURSOR", 1.0, &["CURSOR", "SYS_REFCURSOR"]),
    ("PIPE ROW", 1.0, &["PIPE ROW"]),
    ("ORA_ROWSCN", 3.0, &["ORA_ROWSCN", ". ORA_ROWSCN"]),
    ("SAVEPOINT", 1.0, &["SAVEPOINT"]),
    ("DBLINK", 1.0, &["? @ ?"]),
    ("ADD_MONTHS", 0.1, &["ADD_MONTHS"]),
    ("LAST_DAY", 1.0, &["LAST_DAY"]),
    ("NEXT_DAY", 1.0, &["NEXT_DAY"]),
    ("MONTHS_BETWEEN", 1.0, &["MONTHS_BETWEEN"]),
    ("SDO_", 3.0, &["SDO_*"]),
    ("MDSYS", 1.0, &["MDSYS"]),
    ("MERGE INTO", 3.0, &["MERGE INTO"]),
    ("COMMIT", 1.0, &["COMMIT"]),
    ("CONTAINS", 1.0, &["CONTAINS (", "SCORE (", "FUZZY (", "NEAR ("]),
    ("TO_CHAR", 0.1, &["TO_CHAR", "TO_NCHAR", "TO_CLOB"]),
    ("ANYDATA", 2.0, &["ANYDATA", "ANYDATASET", "ANYTYPE"]),
    ("CONCAT", 0.1, &["||"]),
    ("TIMEZONE", 1.0, &["TIMEZONE_REGION", "TIMEZONE_ABBR"]),
    ("JSON", 3.0, &["JSON_*"]),
    (
        "XMLTYPE",
        3.0,
        &[
            "XMLTYPE",
            "EXISTSNODE",
            "EXTRACTVALUE",
            ". EXISTSNODE",
            ". GETCLOBVAL",
            ". GETSTRINGVAL",
            ". GETNUMBERVAL",
            ". GETBLOBVAL",
            ". GETNAMESPACE",
            ". GETROOTELEMENT",
            ". ISFRAGMENT",
            ". CREATENONSCHEMABASEDXML",
            ". CREATESCHEMABASEDXML",
        ],
    ),
    ("FND_", 2.0, &["FND_*"]),
    ("HTP", 0.2, &["HTP ."]),
    ("'SSSSS'", 2.0, &["'SSSSS'"]),
    ("'J'", 2.0, &["'J'"]),
    (
        "function",
        1.0,
        &[
            "ASCIISTR",
            "COMPOSE",
            "DECOMPOSE",
            "DUMP (",
            "VSIZE",
            "BIN_TO_NUM",
            "CHARTOROWID",
            "HEXTORAW",
            "RAWTOHEX",
            "NUMTODSINTERVAL",
            "NUMTOYMINTERVAL",
            "TO_DSINTERVAL",
            "TO_YMINTERVAL",
            "TO_LOB",
            "TO_MULTI_BYTE",
            "TO_SINGLE_BYTE",
            "BFILENAME",
            "CARDINALITY",
            "GROUP_ID",
            "LNNVL",
            "NANVL",
            "SYS_CONTEXT",
            "UID",
            "USERENV",
            "BITAND",
            "MEDIAN",
            "REMAINDER",
            "DBTIMEZONE",
            "SESSIONTIMEZONE",
            "NEW_TIME",
            "TZ_OFFSET",
            "FROM_TZ",
        ],
    ),
];

/// The score of everything. Units have the cost model's minutes.
pub(crate) fn score(catalog: &Catalog, facts: &Facts, others: &[OtherObject], model: &CostModel) -> Score {
    let patterns = Patterns::of(CONSTRUCTS.iter().enumerate().map(|(n, (_, _, patterns))| (n, *patterns)));
    let invalid: Option<HashSet<(Kind, String)>> =
        facts.invalid.as_ref().map(|list| list.iter().map(|o| (o.kind, format!("{}.{}", o.owner, o.name))).collect());
    let mut lines = Lines { lines: BTreeMap::new(), invalid };
    for table in &catalog.tables {
        let path = table.path.to_string();
        match table.kind {
            TableKind::GlobalTemporary => lines.add("GLOBAL TEMPORARY TABLE", Kind::Table, &path, 10.0),
            _ => lines.add("TABLE", Kind::Table, &path, 0.1),
        }
        for _ in table.constraints.iter().filter(|c| matches!(c.kind, schema_map::ConstraintKind::Check { .. })) {
            lines.add("CHECK", Kind::Constraint, &path, 0.1);
        }
        for partition in table.partitioning.iter().flat_map(|p| &p.partitions) {
            lines.add("TABLE PARTITION", Kind::Table, &path, 0.1);
            for _ in &partition.subpartitions {
                lines.add("TABLE SUBPARTITION", Kind::Table, &path, 0.2);
            }
        }
    }
    for index in &catalog.indexes {
        let expression = index.columns.iter().any(|c| matches!(c.key, IndexKey::Expression(_)));
        let units = match index.kind {
            IndexKind::Reverse => 1.0,
            _ if expression => 0.2,
            _ => 0.1,
        };
        lines.add("INDEX", Kind::Index, &index.path.to_string(), units);
    }
    for sequence in &catalog.sequences {
        lines.add("SEQUENCE", Kind::Sequence, &sequence.path.to_string(), 0.1);
    }
    for synonym in &catalog.synonyms {
        lines.add("SYNONYM", Kind::Synonym, &synonym.path.to_string(), 0.1);
    }
    let (declared, own) = (Declared::of(catalog), OwnObjects::of(catalog));
    let mut objects = Vec::new();
    let query = |object_type: &str, view: &schema_map::View| {
        let own = |name: &str| own.has(view.path.schema.as_str(), name);
        let piece = Piece { source: &view.query, grammar: Grammar::Query, declared: &HashSet::new(), own: &own };
        scored(object_type, view.path.to_string(), None, patterns.look(piece))
    };
    for view in &catalog.views {
        lines.add("VIEW", Kind::View, &view.path.to_string(), 1.0);
        objects.push(query("VIEW", view));
    }
    for view in &catalog.materialized_views {
        lines.add("MATERIALIZED VIEW", Kind::MaterializedView, &view.view.path.to_string(), 3.0);
        objects.push(query("MATERIALIZED VIEW", &view.view));
    }
    for code in &catalog.stored_code {
        let (kind, path) = (Kind::of_code(code.kind), code.path.to_string());
        let (object_type, units) = match kind {
            Kind::Procedure => ("PROCEDURE", 1.0),
            Kind::Function => ("FUNCTION", 1.0),
            Kind::Trigger => ("TRIGGER", 1.0),
            Kind::PackageBody => ("PACKAGE BODY", 3.0),
            Kind::Type => ("TYPE", 1.0),
            Kind::TypeBody => ("TYPE BODY", 10.0),
            _ => continue,
        };
        lines.add(object_type, kind, &path, units);
        if kind == Kind::Type {
            continue;
        }
        let own = |name: &str| own.has(code.path.schema.as_str(), name);
        let declared = declared.outside(kind, Some(&code.path));
        let piece = Piece { source: &code.source, grammar: Grammar::Unit, declared, own: &own };
        let unit = plsql::parse(&code.source);
        let routines = match &unit.kind {
            UnitKind::Package(package) | UnitKind::TypeBody(package) => routines(&package.declarations),
            _ => Vec::new(),
        };
        if routines.is_empty() {
            objects.push(scored(object_type, path.clone(), Some(&code.source), patterns.look(piece)));
        }
        for (routine, text) in routines {
            let name = routine.name.last().map(|part| part.name()).unwrap_or_default();
            let code = patterns.look_at_routine(piece, routine);
            objects.push(scored(object_type, format!("{path}.{name}"), Some(text.of(piece.source)), code));
        }
    }
    for other in others {
        let (object_type, units) = match other.kind {
            Kind::Job => ("JOB", 2.0),
            Kind::DatabaseLink => ("DATABASE LINK", 3.0),
            Kind::Cluster => ("CLUSTER", 0.0),
            Kind::Dimension => ("DIMENSION", 0.0),
            _ => continue,
        };
        lines.add(object_type, other.kind, &other.name, units);
    }
    for object in &objects {
        if let Some(line) = lines.lines.get_mut(object.object_type.as_str()) {
            line.units += object.units;
        }
    }
    let lines = lines.capped();
    let units = tenths(lines.iter().map(|line| line.units).sum());
    let person_days = whole((units * model.unit_minutes / DAY_MINUTES).ceil().max(1.0));
    let level = level(&objects, person_days);
    Score { units, unit_minutes: model.unit_minutes, person_days, level, lines, objects, differs: differs() }
}

struct Lines {
    lines: BTreeMap<&'static str, ScoreLine>,
    invalid: Option<HashSet<(Kind, String)>>,
}

impl Lines {
    fn add(&mut self, object_type: &'static str, kind: Kind, path: &str, units: f64) {
        let invalid = self.invalid.as_ref().map(|set| usize::from(set.contains(&(kind, path.to_owned()))));
        let line = self.lines.entry(object_type).or_insert_with(|| ScoreLine {
            object_type: object_type.to_owned(),
            number: 0,
            invalid: invalid.map(|_| 0),
            units: 0.0,
        });
        line.number += 1;
        line.units += units;
        if let (Some(sum), Some(one)) = (&mut line.invalid, invalid) {
            *sum += one;
        }
    }

    fn capped(self) -> Vec<ScoreLine> {
        let cap = |object_type: &str| match object_type {
            "INDEX" | "SEQUENCE" | "GLOBAL TEMPORARY TABLE" => 288.0,
            "TABLE" => 672.0,
            "TABLE PARTITION" | "TABLE SUBPARTITION" => 480.0,
            "SYNONYM" => 192.0,
            _ => f64::INFINITY,
        };
        let line = |line: ScoreLine| ScoreLine { units: tenths(line.units.min(cap(&line.object_type))), ..line };
        self.lines.into_values().map(line).collect()
    }
}

/// One routine with its text, or a query.
fn scored(object_type: &str, name: String, routine: Option<&str>, code: Code) -> ScoreObject {
    let mut parts = Vec::new();
    if let Some(text) = routine {
        parts.push(ScorePart { name: "TEST".to_owned(), count: 1, units: TEST });
        let thousands = (text.chars().count() / 1000).max(1);
        parts.push(ScorePart { name: "SIZE".to_owned(), count: thousands, units: as_f64(thousands) });
    }
    for found in code.found {
        let (construct, units, _) = CONSTRUCTS[found.rule];
        let count = found.spots.len();
        parts.push(ScorePart { name: construct.to_owned(), count, units: tenths(units * as_f64(count)) });
    }
    let units = tenths(parts.iter().map(|part| part.units).sum());
    ScoreObject { object_type: object_type.to_owned(), name, units, parts }
}

/// Scores have one digit behind the point; sums of floats must not show more.
fn tenths(units: f64) -> f64 {
    (units * 10.0).round() / 10.0
}

/// A whole figure below 2^53 by its text: there is no cast that lint and reader both trust.
fn whole(figure: f64) -> u64 {
    format!("{figure:.0}").parse().unwrap_or(u64::MAX)
}

fn level(objects: &[ScoreObject], person_days: u64) -> String {
    let scored = |object: &ScoreObject| {
        object.parts.iter().any(|part| !matches!(part.name.as_str(), "TEST" | "SIZE") && part.units > 0.0)
    };
    let of = |types: &[&str]| {
        let mut found = 0;
        for object in objects.iter().filter(|o| types.contains(&o.object_type.as_str())) {
            found = found.max(if scored(object) { 2 } else { 1 });
        }
        found
    };
    let (triggers, views) = (of(&["TRIGGER"]), of(&["VIEW", "MATERIALIZED VIEW"]));
    let routines = of(&["PROCEDURE", "FUNCTION", "PACKAGE BODY", "TYPE BODY"]);
    let technical = match (routines, triggers, views) {
        (2, ..) => 5,
        (_, 2, _) | (_, _, 2) => 4,
        (1, ..) => 3,
        (_, 1, _) => 2,
        _ => 1,
    };
    let letter = match technical {
        ..=3 => 'A',
        _ if person_days > LEVEL_C_DAYS => 'C',
        _ => 'B',
    };
    format!("{letter}-{technical}")
}

fn differs() -> Vec<String> {
    [
        "Counted on the source, where the reference counts after its own conversion: what that one believes it rewrote, (+), CONNECT BY, ROWNUM, TRUNC, COMMIT, DBMS_OUTPUT, EXCEPTION, costs nothing there even where the result does not compile.",
        "WHEN OTHERS costs 10 as the reference's table says; its pattern never matches.",
        "A name across a database link and HTP count once; the reference counts them twice.",
        "Words count as words: COMPOSE is not found in DECOMPOSE, nor SAVEPOINT in a routine's name.",
        "Texts count for the size as they are written; the reference replaces them first.",
        "Every occurrence counts; the reference drops some where several are of one group.",
        "Level C follows from the days as printed; in the reference it ignores the unit's minutes.",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The routines of a package or type body that have a body, and all of each in the source.
fn routines(declarations: &[Declaration]) -> Vec<(&Routine, plsql::Span)> {
    let mut found = Vec::new();
    for declaration in declarations {
        match &declaration.kind {
            DeclarationKind::Routine(routine) if !matches!(routine.body, RoutineBody::None) => {
                found.push((&**routine, declaration.span));
            }
            DeclarationKind::Conditional(arms) => arms.iter().for_each(|arm| found.extend(routines(&arm.body))),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routines_of_a_body() {
        let source = "PACKAGE BODY p AS\n  x NUMBER;\n  PROCEDURE later(a NUMBER);\n\
            PROCEDURE a IS\n  FUNCTION inner RETURN NUMBER IS BEGIN RETURN CASE WHEN 1 = 1 THEN 2 END; END;\n\
            BEGIN IF x = 1 THEN LOOP EXIT; END LOOP; END IF; CASE x WHEN 1 THEN NULL; END CASE; END a;\n\
            FUNCTION \"b\"(y NUMBER DEFAULT (1)) RETURN NUMBER AS BEGIN RETURN 1; END;\n\
            PROCEDURE c AS LANGUAGE JAVA NAME 'x';\nBEGIN\n NULL;\nEND p;";
        let UnitKind::Package(package) = plsql::parse(source).kind else { panic!() };
        let named = |(routine, span): (&Routine, plsql::Span)| {
            (routine.name.last().unwrap().name().to_owned(), span.of(source).len())
        };
        let names: Vec<_> = routines(&package.declarations).into_iter().map(named).collect();
        let lengths = |name: &str| names.iter().find(|(n, _)| n == name).unwrap().1;
        assert_eq!(names.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["A", "b", "C"]);
        assert!(lengths("A") > 150 && lengths("b") < 80);
    }
}
