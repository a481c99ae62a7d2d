//! What to look for: rules as small values, in a list that can be added to and taken from.

mod code;
mod columns;
mod conversion;
mod names;
mod source;
mod tables;

use crate::finder::Patterns;
use crate::{CostModel, Effort, Facts, Kind};
use schema_map::{Catalog, NameMap, ObjectPath, OracleIdent, Renamed};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// One thing to look for.
///
/// An embedder makes more of them, from code patterns or from a function over all that is known:
///
/// ```
/// use assessment::{Assessment, Check, CostModel, Effort, Facts, Rule, Rules, Severity, Topic};
/// use schema_map::{OracleIdent, script::Script};
///
/// let mut script = Script::default();
/// script.read("t.sql", "CREATE TABLE t (secret_pin NUMBER(4) PRIMARY KEY);", &OracleIdent::new("APP")?);
///
/// let mut rules = Rules::default();
/// rules.remove("name.changed");
/// rules.add(Rule::new(
///     "acme.pin",
///     "a PIN",
///     "PINs are not moved in clear: encrypt the column first",
///     Severity::Blocker,
///     Topic::Data,
///     Effort::new(1.0, 2.0, 4.0),
///     Check::with(|scope, found| {
///         for table in &scope.catalog.tables {
///             for column in table.columns.iter().filter(|c| c.name.as_str().contains("PIN")) {
///                 found.column(&table.path, &column.name, "looks like a PIN");
///             }
///         }
///     }),
/// ));
/// let report = Assessment::new(&script.catalog, &Facts::default(), &CostModel::default()).rules(&rules).run();
/// assert_eq!(report.findings[0].object, "APP.T.SECRET_PIN");
/// assert_eq!(report.findings[0].rule, "acme.pin");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Rule {
    /// Stable: `code.goto`, `type.no-counterpart`. What is before the dot is the group.
    pub id: Cow<'static, str>,
    /// In a few words.
    pub title: Cow<'static, str>,
    /// What it means, and what to do or what takes its place.
    pub doc: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub topic: Topic,
    /// Units of work for the first one in an object; see [`CostModel::repeated`].
    pub units: Effort,
    /// How it is found.
    pub check: Check,
    /// Something that it finds, and something alike that it does not; rules of this crate always have them.
    pub examples: Option<Examples>,
}

/// Two small cases for a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examples {
    /// The rule finds something in it.
    pub hit: Example,
    /// It does not in this.
    pub miss: Example,
}

/// A schema, and what is known of its source: the script is of the schema `APP`; for [`Check::Code`] it is a piece of a procedure's
/// body or of its declarations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// SQL.
    pub script: Cow<'static, str>,
    /// [`Facts`] as JSON; empty for none.
    pub facts: &'static str,
}

/// Looks at all that is known and says what it found.
pub type RuleFunction = Arc<dyn Fn(&Scope<'_>, &mut Found) + Send + Sync>;

/// How a rule finds what it is about.
#[derive(Clone)]
#[non_exhaustive]
pub enum Check {
    /// Constructs on the syntax trees of stored code, queries and expressions that a person has to write, by their words: parts are separated by
    /// blanks, a text is itself whatever its case, `WORD*` is any word that begins so, `?` is any name.
    ///
    /// - Keywords are those of the statement, clause or operator that the tree has: `COMMIT`, `BULK COLLECT`, `CONNECT BY`, `( + )`,
    ///   `WHEN OTHERS`, `PRAGMA AUTONOMOUS_TRANSACTION`, `IS TABLE OF`, `% NOTFOUND`, `FROM DUAL`, `''`.
    /// - `NAME` is a type, a routine that is called, the first part of a longer name, or a pseudo-column; `NAME (` only what is
    ///   called; `. NAME` what stands behind a dot; `? @ ?` a name across a database link.
    /// - What the code itself or its package declares, columns, tables, aliases and labels are none of these, whatever they are
    ///   called, nor is the first part of a name an object of the own schema. Comments and texts are not looked into, but a text of
    ///   dynamic SQL that is one literal is read as what it is.
    ///
    /// What could not be read is looked through as tokens, and the finding says so.
    Code(Cow<'static, [&'static str]>),
    /// A function over the whole scope.
    Function(RuleFunction),
    /// Found elsewhere in this crate: by converting, reading or proving.
    Elsewhere,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// The migration stops here until somebody decides.
    Blocker,
    /// Something is not moved, or not the same afterwards.
    Loss,
    /// It may go wrong.
    Risk,
    /// A person has something to do.
    Work,
    /// Good to know.
    Note,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Topic {
    /// Prerequisites, redo, undo: the migration itself.
    Migration,
    /// Names in PostgreSQL.
    Name,
    /// A column's type.
    ColumnType,
    /// Values.
    Data,
    /// How rows are told apart.
    Key,
    /// A constraint's state.
    Constraint,
    /// A table as a whole.
    Table,
    /// An object that is not converted, or not in full.
    Conversion,
    /// What stands in code.
    Code,
    /// A feature of Oracle.
    Feature,
}

/// All that a rule may look at.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Scope<'a> {
    /// The schema.
    pub catalog: &'a Catalog,
    /// What only a live source tells.
    pub facts: &'a Facts,
    /// The figures.
    pub model: &'a CostModel,
    /// The names in PostgreSQL, where they could be decided.
    pub names: Option<&'a NameMap>,
    /// Objects whose names were taken, where the names were decided here.
    pub renamed: &'a [Renamed],
    /// Other objects, from the facts and from scripts.
    pub objects: &'a [crate::OtherObject],
    /// Tables whose rows nothing tells apart.
    pub keyless: &'a [ObjectPath],
}

/// What rules found.
#[derive(Debug, Default)]
pub struct Found(pub(crate) Vec<Match>);

/// One thing that a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) kind: Option<Kind>,
    pub(crate) path: Option<ObjectPath>,
    /// A column or constraint.
    pub(crate) part: Option<String>,
    pub(crate) text: String,
}

impl Found {
    /// Something about an object.
    pub fn object(&mut self, kind: Kind, path: &ObjectPath, text: impl Into<String>) {
        self.0.push(Match { kind: Some(kind), path: Some(path.clone()), part: None, text: text.into() });
    }

    /// Something about a table.
    pub fn table(&mut self, path: &ObjectPath, text: impl Into<String>) {
        self.object(Kind::Table, path, text);
    }

    /// Something about a column.
    pub fn column(&mut self, table: &ObjectPath, column: &OracleIdent, text: impl Into<String>) {
        let part = Some(column.as_str().to_owned());
        self.0.push(Match { kind: Some(Kind::Table), path: Some(table.clone()), part, text: text.into() });
    }

    /// Something about the whole database.
    pub fn database(&mut self, text: impl Into<String>) {
        self.0.push(Match { kind: None, path: None, part: None, text: text.into() });
    }
}

impl Check {
    /// A function over the whole scope.
    pub fn with(function: impl Fn(&Scope<'_>, &mut Found) + Send + Sync + 'static) -> Self {
        Check::Function(Arc::new(function))
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Check::Code(patterns) => f.debug_tuple("Code").field(patterns).finish(),
            Check::Function(_) => f.write_str("Function"),
            Check::Elsewhere => f.write_str("Elsewhere"),
        }
    }
}

impl Rule {
    /// A rule without examples.
    #[allow(clippy::too_many_arguments, reason = "each field is one, and a literal cannot be made outside this crate")]
    pub fn new(
        id: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
        doc: impl Into<Cow<'static, str>>,
        severity: Severity,
        topic: Topic,
        units: Effort,
        check: Check,
    ) -> Self {
        Rule { id: id.into(), title: title.into(), doc: doc.into(), severity, topic, units, check, examples: None }
    }

    /// With a script that it finds something in, and one that it does not.
    #[must_use]
    pub(crate) fn scripts(mut self, hit: impl Into<Cow<'static, str>>, miss: impl Into<Cow<'static, str>>) -> Self {
        let example = |script| Example { script, facts: "" };
        self.examples = Some(Examples { hit: example(hit.into()), miss: example(miss.into()) });
        self
    }

    /// The same with facts, for one script.
    #[must_use]
    pub(crate) fn facts(mut self, script: &'static str, hit: &'static str, miss: &'static str) -> Self {
        let example = |facts| Example { script: Cow::Borrowed(script), facts };
        self.examples = Some(Examples { hit: example(hit), miss: example(miss) });
        self
    }
}

/// The rules of an assessment, in the order in which they look. [`Rules::default`] has all of this crate; `RULES.md` lists them.
#[derive(Debug, Clone)]
pub struct Rules {
    rules: Vec<Rule>,
}

impl Default for Rules {
    fn default() -> Self {
        let groups =
            [source::rules(), names::rules(), columns::rules(), tables::rules(), conversion::rules(), code::rules()];
        Rules { rules: groups.into_iter().flatten().collect() }
    }
}

impl Rules {
    /// None at all.
    pub fn none() -> Self {
        Rules { rules: Vec::new() }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rule of this id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// One more; it takes the place of one with the same id.
    pub fn add(&mut self, rule: Rule) {
        match self.rules.iter_mut().find(|known| known.id == rule.id) {
            Some(known) => *known = rule,
            None => self.rules.push(rule),
        }
    }

    /// Switches a rule off: it finds nothing and costs nothing. Whether it was there.
    pub fn remove(&mut self, id: &str) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| rule.id != id);
        before != self.rules.len()
    }

    pub(crate) fn patterns(&self) -> Patterns {
        Patterns::of(self.rules.iter().enumerate().filter_map(|(n, rule)| match &rule.check {
            Check::Code(patterns) => Some((n, patterns.as_ref())),
            _ => None,
        }))
    }

    pub(crate) fn at(&self, position: usize) -> &Rule {
        &self.rules[position]
    }

    /// The list as a table in Markdown: what `RULES.md` has.
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "# Rules\n\nWhat an assessment looks for. Units are low / expected / high, for the first one in an object; \
             further ones cost a share of it (`CostModel::repeated`). Each rule can be switched off by its id, and its units \
             changed in the cost model.\n",
        );
        let mut group = "";
        for rule in &self.rules {
            let of_rule = rule.id.split('.').next().unwrap_or_default();
            if of_rule != group {
                group = of_rule;
                text.push_str(&format!(
                    "\n## {group}\n\n| id | what | severity | units | what it means |\n|---|---|---|---|---|\n"
                ));
            }
            let Effort { low, expected, high } = rule.units;
            let cell = |text: &str| text.replace('|', "\\|").replace('*', "\\*").replace('<', "&lt;");
            text.push_str(&format!(
                "| `{}` | {} | {} | {low} / {expected} / {high} | {} |\n",
                rule.id,
                cell(&rule.title),
                rule.severity.noun(),
                cell(&rule.doc)
            ));
        }
        text
    }
}

impl Severity {
    /// From the worst to the mildest.
    pub const ALL: &[Severity] = &[Severity::Blocker, Severity::Loss, Severity::Risk, Severity::Work, Severity::Note];

    /// The word for it.
    pub fn noun(self) -> &'static str {
        match self {
            Severity::Blocker => "blocker",
            Severity::Loss => "loss",
            Severity::Risk => "risk",
            Severity::Work => "work",
            Severity::Note => "note",
        }
    }

    /// A heading for findings of it.
    pub fn heading(self) -> &'static str {
        match self {
            Severity::Blocker => "Must be decided first",
            Severity::Loss => "Not moved, or not the same afterwards",
            Severity::Risk => "May go wrong",
            Severity::Work => "Takes work",
            Severity::Note => "Good to know",
        }
    }
}
