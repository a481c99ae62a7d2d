//! The report, as data.

use crate::{Cost, Effort, Estimate, Kind, Place, Severity, Topic, reference::Score};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What one database, or one set of scripts, holds, what of it converts, and what that costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Report {
    /// Where it comes from, in the caller's words: a database, or a folder.
    pub source: String,
    /// Product and version of the source, where known.
    pub version: Option<String>,
    /// Each Oracle schema, in alphabetical order.
    pub schemas: Vec<SchemaLine>,
    /// By kind of object, all kinds that there are.
    pub inventory: Vec<InventoryLine>,
    /// The columns of tables by Oracle type.
    pub column_types: Vec<ColumnTypes>,
    /// Bytes and rows, where known.
    pub size: Size,
    /// The largest tables by bytes, at most 20; empty where sizes are not known.
    pub largest_tables: Vec<TableLine>,
    /// Features of Oracle that are in use, most used first.
    pub features: Vec<Feature>,
    /// Every object, by kind and then in the catalog's order.
    pub objects: Vec<ObjectLine>,
    /// What a person should read, the worst first.
    pub findings: Vec<Finding>,
    /// The rules that the findings are of.
    pub rules: Vec<RuleLine>,
    /// What the schema and its code cost.
    pub estimate: Estimate,
    /// The estimate in the letters and digits that the field is used to.
    pub level: Level,
    /// What to do first, most urgent first.
    pub first: Vec<String>,
    /// In which order to work: objects of a step need only earlier steps.
    pub steps: Vec<Step>,
    /// The score of the model that everybody knows, where it was asked for.
    pub reference: Option<Score>,
    /// What the report did not know, and where it would have come from.
    pub unknown: Vec<String>,
    /// Whether a real PostgreSQL was made to take what was converted.
    pub proof: Option<ProofLine>,
}

/// What becomes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// There is a statement that makes it, and nothing to say about it.
    Converts,
    /// It needs no statement: another object does its work.
    Covered,
    /// It is made, but not in full or not quite the same: its reasons say how.
    Changed,
    /// A person has to write it.
    ByHand,
    /// PostgreSQL has nothing like it: its reasons say what to do instead.
    NoEquivalent,
    /// Nothing was converted: a finding says why.
    Unknown,
}

/// One Oracle schema in a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SchemaLine {
    /// Its name; empty for what belongs to the database as a whole.
    pub name: String,
    /// How many objects.
    pub objects: usize,
    /// How many of them get which verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Bytes of its tables and LOBs, where known.
    pub bytes: Option<u64>,
    /// In units.
    pub units: Effort,
    /// In person-days.
    pub days: Effort,
}

/// All objects of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InventoryLine {
    /// The kind.
    pub kind: Kind,
    /// How many there are.
    pub total: usize,
    /// How many of them Oracle calls invalid, where known.
    pub invalid: Option<usize>,
    /// How many of them get which verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// What they cost together, in units.
    pub units: Effort,
    /// More about them, for people.
    pub comment: String,
}

/// Columns of one Oracle type, whatever its length or precision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ColumnTypes {
    /// The Oracle type.
    pub oracle_type: String,
    /// How many columns have it.
    pub columns: usize,
    /// What they become in PostgreSQL; empty where that is not decided.
    pub pg_types: Vec<String>,
}

/// Bytes and rows of all tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Bytes of tables without their LOBs.
    pub table_bytes: Option<u64>,
    /// Bytes of LOBs.
    pub lob_bytes: Option<u64>,
    /// Rows, as old as the statistics.
    pub rows: Option<u64>,
    /// Bytes by which the tables grew over the last `growth_days`.
    pub growth_bytes: Option<i64>,
    /// How many days those are.
    pub growth_days: Option<u64>,
    /// Seconds that loading takes at the throughput of the cost model.
    pub load_seconds: Option<u64>,
}

/// One table with its size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TableLine {
    /// `OWNER.NAME`.
    pub name: String,
    /// Bytes without LOBs.
    pub bytes: u64,
    /// Bytes of LOBs, where known.
    pub lob_bytes: Option<u64>,
    /// Rows, where known.
    pub rows: Option<u64>,
    /// Bytes by which it grew over the last `growth_days` of the report's sizes, where known.
    pub growth_bytes: Option<i64>,
}

/// A feature of Oracle that is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// How many objects use it.
    pub count: usize,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ObjectLine {
    /// Its kind.
    pub kind: Kind,
    /// Its owner; empty where it belongs to the database.
    pub schema: String,
    /// `OWNER.NAME`; for a constraint `OWNER.TABLE.NAME`.
    pub name: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Why, where it does not simply convert.
    pub reasons: Vec<String>,
    /// Where it is in the scripts it comes from.
    pub place: Option<Place>,
    /// Whether Oracle calls it invalid.
    pub invalid: Option<bool>,
    /// Bytes of a table with its LOBs, where known.
    pub bytes: Option<u64>,
    /// Rows of a table, where known.
    pub rows: Option<u64>,
    /// Whether a real PostgreSQL took it; `None` where it was not tried.
    pub proved: Option<bool>,
    /// What it costs.
    pub cost: Cost,
    /// The step of the work that it is in, from 1.
    pub step: usize,
    /// How many other objects need it.
    pub needed_by: usize,
}

/// Something that a person should read, about one object or the whole database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The id of its rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub topic: Topic,
    /// Kind of the object; `None` where it is about the whole database.
    pub kind: Option<Kind>,
    /// `OWNER.NAME`, or `OWNER.TABLE.COLUMN`; empty where it is about the whole database.
    pub object: String,
    /// `OWNER.NAME` of the object's line; empty where it has none.
    pub line_of: String,
    /// What is so, and what to do about it.
    pub text: String,
    /// Where it is in the scripts.
    pub place: Option<Place>,
    /// Where in code it was found, each time.
    pub spots: Vec<CodeSpot>,
}

/// A line of code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CodeSpot {
    /// Of the object's source as `ALL_SOURCE` counts, from 1; for a view of its query.
    pub line: usize,
    /// Where it is in the scripts.
    pub place: Option<Place>,
    /// The line, cut at 160 characters, without what follows IDENTIFIED BY.
    pub text: String,
}

/// A rule that found something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RuleLine {
    /// Its id.
    pub id: String,
    /// In a few words.
    pub title: String,
    /// What it means.
    pub doc: String,
    /// How bad it is.
    pub severity: Severity,
    /// How many findings are of it.
    pub findings: usize,
    /// What it costs the first time in an object, in units.
    pub units: Effort,
}

/// How hard a migration is, as the field is used to say it: `B-5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// `A`: no code to write anew, or only triggers and plain routines. `B`: code with constructs that have no direct
    /// counterpart. `C`: such code, and more person-days than [`CostModel::level_c_days`](crate::CostModel::level_c_days).
    pub letter: char,
    /// 1: no stored code. 2: triggers only. 3: routines. 4: a trigger or a view has constructs that take thought.
    /// 5: a routine has.
    pub technical: u8,
}

/// A step of the work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// What is done.
    pub title: String,
    /// How many objects are in it.
    pub objects: usize,
    /// How many of them a person writes.
    pub written: usize,
    /// Those that a person writes, the one that most others need first; at most 50 of them.
    pub by_hand: Vec<ObjectName>,
    /// In units.
    pub units: Effort,
}

/// An object by its kind and name: a package and its body share theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ObjectName {
    /// Its kind.
    pub kind: Kind,
    /// As [`ObjectLine::name`].
    pub name: String,
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.noun(), self.name)
    }
}

/// What creating the converted objects in a real PostgreSQL gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProofLine {
    /// The server's version as it says it.
    pub server: String,
    /// Statements that it took.
    pub taken: usize,
    /// Statements that it refused.
    pub refused: usize,
}

impl Verdict {
    /// All of them, the best first.
    pub const ALL: &[Verdict] = &[
        Verdict::Converts,
        Verdict::Covered,
        Verdict::Changed,
        Verdict::ByHand,
        Verdict::NoEquivalent,
        Verdict::Unknown,
    ];

    /// In words.
    pub fn noun(self) -> &'static str {
        match self {
            Verdict::Converts => "converts",
            Verdict::Covered => "covered",
            Verdict::Changed => "changed",
            Verdict::ByHand => "by hand",
            Verdict::NoEquivalent => "no equivalent",
            Verdict::Unknown => "unknown",
        }
    }

    /// What it means.
    pub fn doc(self) -> &'static str {
        match self {
            Verdict::Converts => "it is made by itself and means the same",
            Verdict::Covered => "another object does its work",
            Verdict::Changed => "it is made by itself and differs as its reasons say",
            Verdict::ByHand => "a person writes it",
            Verdict::NoEquivalent => "PostgreSQL has nothing like it; its reasons say what to do instead",
            Verdict::Unknown => "nothing was converted",
        }
    }

    /// Whether a person has to make it.
    pub fn needs_a_person(self) -> bool {
        matches!(self, Verdict::ByHand | Verdict::NoEquivalent | Verdict::Unknown)
    }
}
