//! What really converting the catalog gives for each object.

use crate::{Kind, Verdict};
use schema_map::ddl::{Ddl, Options, Phase};
use schema_map::{
    Catalog, Column, ConstraintKind, DefaultTypes, NameMap, ObjectKind, ObjectPath, PlanError, Table, TablePlan,
    TypePolicy, UserTypes,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use type_convert::PgType;

/// What creating the converted objects in a real PostgreSQL gave: for [`Assessment::proof`](crate::Assessment::proof).
///
/// The statements are those of [`Ddl::with`](schema_map::ddl::Ddl::with) for the same catalog, types and options; their target schemas
/// may be others, because objects are told by their Oracle names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// The server's version as it says it.
    pub server: String,
    /// Statements that it took.
    pub taken: usize,
    /// Statements that it refused.
    pub failures: Vec<ProofFailure>,
}

/// A statement that a real PostgreSQL refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFailure {
    /// [`Statement::kind`](schema_map::ddl::Statement::kind).
    pub kind: ObjectKind,
    /// [`Statement::source`](schema_map::ddl::Statement::source).
    pub source: ObjectPath,
    /// What the server said.
    pub error: String,
}

/// The catalog, converted as far as it can be.
#[derive(Debug, Default)]
pub(crate) struct Conversion {
    outcomes: HashMap<(ObjectKind, ObjectPath), Outcome>,
    /// By table: columns that have no type in PostgreSQL, and why.
    pub(crate) unplanned: BTreeMap<ObjectPath, Vec<Problem>>,
    /// Tables whose rows nothing tells apart.
    pub(crate) keyless: Vec<ObjectPath>,
    /// Types that columns get, by Oracle type, both without sizes.
    pub(crate) types: BTreeMap<String, BTreeSet<String>>,
    /// Why nothing could be converted.
    pub(crate) failure: Option<String>,
}

/// Why a column cannot be planned.
#[derive(Debug)]
pub(crate) struct Problem {
    /// Its name, or that of the table where it is about all of it.
    pub(crate) column: String,
    pub(crate) text: String,
}

/// What became of one object, or of the constraints of a table that have no name.
#[derive(Debug, Default)]
struct Outcome {
    made: usize,
    notes: Vec<String>,
    refusals: Vec<String>,
    covered: Vec<String>,
    not_proved: Vec<String>,
}

/// A verdict with what speaks for it.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    pub(crate) verdict: Option<Verdict>,
    /// What is not made, and why.
    pub(crate) refusals: Vec<String>,
    /// What differs.
    pub(crate) notes: Vec<String>,
    /// What covers it.
    pub(crate) covered: Vec<String>,
    /// What a real PostgreSQL said against it.
    pub(crate) not_proved: Vec<String>,
    /// Whether a real PostgreSQL took it.
    pub(crate) proved: Option<bool>,
}

impl Conversion {
    pub(crate) fn of(
        catalog: &Catalog,
        names: &NameMap,
        types: &dyn TypePolicy,
        pg_version: u32,
        proof: Option<&Proof>,
    ) -> Self {
        let mut conversion = Conversion::default();
        let user_types = UserTypes::of(catalog);
        for table in &catalog.tables {
            conversion.plan(table, names, types, &user_types);
        }
        let mut options = Options::default();
        options.partial = true;
        options.pg_version = pg_version;
        match Ddl::with(catalog, names, types, &options) {
            Ok(ddl) => conversion.take(ddl),
            Err(error) => conversion.failure = Some(error.to_string()),
        }
        for failure in proof.into_iter().flat_map(|proof| &proof.failures) {
            let key = (failure.kind, failure.source.clone());
            conversion.outcomes.entry(key).or_default().not_proved.push(failure.error.clone());
        }
        conversion
    }

    /// Without names nothing converts.
    pub(crate) fn impossible(reason: &str) -> Self {
        Conversion { failure: Some(reason.to_owned()), ..Conversion::default() }
    }

    fn plan(&mut self, table: &Table, names: &NameMap, types: &dyn TypePolicy, user_types: &UserTypes) {
        for column in &table.columns {
            if let Some(pg_type) = decide(types, table, column) {
                let targets = self.types.entry(without_sizes(&column.oracle_type.to_string())).or_default();
                targets.insert(without_sizes(&pg_type.to_string()));
            }
        }
        if !table.kind.holds_rows() {
            return;
        }
        let has_key = match TablePlan::with_user_types(table, names, types, user_types) {
            Ok(plan) => !plan.key.is_empty(),
            Err(error) => {
                self.unplanned.insert(table.path.clone(), problems(error));
                has_key(table)
            }
        };
        if !has_key {
            self.keyless.push(table.path.clone());
        }
    }

    fn take(&mut self, ddl: Ddl) {
        for statement in ddl.statements {
            let outcome = self.outcomes.entry((statement.kind, statement.source)).or_default();
            if statement.phase != Phase::Comments {
                outcome.made += 1;
            }
            outcome.notes.extend(statement.note);
        }
        for refusal in ddl.refusals {
            self.outcomes.entry((refusal.kind, refusal.source)).or_default().refusals.push(refusal.reason);
        }
        for covered in ddl.covered {
            self.outcomes.entry((covered.kind, covered.source)).or_default().covered.push(covered.by);
        }
    }

    /// What became of an object; `proof` is whether a real PostgreSQL was asked.
    pub(crate) fn judge(&self, kind: Kind, path: &ObjectPath, proof: bool) -> Judgement {
        let Some(object_kind) = kind.object_kind() else { return Judgement::default() };
        let Some(outcome) = self.outcomes.get(&(object_kind, path.clone())) else {
            let refusals = self.failure.iter().cloned().collect();
            return Judgement { verdict: Some(Verdict::Unknown), refusals, ..Judgement::default() };
        };
        let mut refusals = outcome.refusals.clone();
        if object_kind == ObjectKind::Code {
            // A package and its body share their name, and so do a type and its body.
            let others: &[&str] = match kind {
                Kind::Package | Kind::Type => &["package body:", "type body:"],
                Kind::PackageBody => &["package:"],
                Kind::TypeBody => &["type:"],
                _ => &[],
            };
            refusals.retain(|reason| !others.iter().any(|other| reason.starts_with(other)));
        }
        let unplanned = kind == Kind::Table && self.unplanned.contains_key(path);
        let made = outcome.made > 0;
        let verdict = match (made, refusals.is_empty()) {
            _ if unplanned || !outcome.not_proved.is_empty() => Verdict::ByHand,
            (true, true) if outcome.notes.is_empty() => Verdict::Converts,
            (true, _) => Verdict::Changed,
            (false, false) => Verdict::ByHand,
            (false, true) if outcome.covered.is_empty() => Verdict::Converts,
            (false, true) => Verdict::Covered,
        };
        Judgement {
            verdict: Some(verdict),
            refusals,
            notes: outcome.notes.clone(),
            covered: outcome.covered.clone(),
            not_proved: outcome.not_proved.clone(),
            proved: (proof && made).then_some(outcome.not_proved.is_empty()),
        }
    }

    /// What became of the constraints of a table that have no name: their statements tell no more than how many.
    pub(crate) fn unnamed_constraints(&self, table: &ObjectPath, count: usize, proof: bool) -> Vec<Judgement> {
        let one = |verdict| Judgement { verdict: Some(verdict), ..Judgement::default() };
        let Some(outcome) = self.outcomes.get(&(ObjectKind::Constraint, table.clone())) else {
            let all = std::iter::repeat_with(|| Judgement {
                refusals: self.failure.iter().cloned().collect(),
                ..one(Verdict::Unknown)
            });
            return all.take(count).collect();
        };
        let refused = outcome.refusals.iter().map(|r| Judgement { refusals: vec![r.clone()], ..one(Verdict::ByHand) });
        let not_proved = outcome.not_proved.iter().map(|e| Judgement {
            not_proved: vec![e.clone()],
            proved: Some(false),
            ..one(Verdict::ByHand)
        });
        let noted = outcome.notes.iter().map(|n| Judgement { notes: vec![n.clone()], ..one(Verdict::Changed) });
        let rest = std::iter::repeat_with(|| one(Verdict::Converts));
        let made = noted.chain(rest).map(|j| Judgement { proved: proof.then_some(true), ..j });
        refused.chain(not_proved).chain(made).take(count).collect()
    }
}

/// The type that a column gets, where it gets any.
fn decide(types: &dyn TypePolicy, table: &Table, column: &Column) -> Option<PgType> {
    match types.pg_type(table, column) {
        Ok(Some(pg_type)) => Some(pg_type),
        Ok(None) => DefaultTypes::default().pg_type(table, column).ok().flatten(),
        Err(_) => None,
    }
}

/// Whether something tells the rows of a table apart: a key that is enabled and holds for all rows.
fn has_key(table: &Table) -> bool {
    let not_null = |name| table.column(name).is_some_and(|(_, column)| !column.nullable);
    table.constraints.iter().filter(|c| c.enabled && c.validated).any(|c| match &c.kind {
        ConstraintKind::PrimaryKey { .. } => true,
        ConstraintKind::Unique { columns } => columns.iter().all(not_null),
        _ => false,
    })
}

fn problems(error: PlanError) -> Vec<Problem> {
    match error {
        PlanError::Several(several) => several.into_iter().flat_map(problems).collect(),
        PlanError::Type(error) => vec![Problem { column: error.column, text: error.reason }],
        PlanError::Conversion { column, pair } => {
            let column = column.rsplit('.').next().unwrap_or_default().to_owned();
            vec![Problem { column, text: format!("{pair}: choose another type for it in the type overrides") }]
        }
        other => vec![Problem { column: String::new(), text: other.to_string() }],
    }
}

/// `NUMBER(8,2)` is `NUMBER`, `TIMESTAMP(6) WITH TIME ZONE` is `TIMESTAMP WITH TIME ZONE`.
pub(crate) fn without_sizes(text: &str) -> String {
    let mut depth = 0usize;
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}
