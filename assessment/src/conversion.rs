//! What really converting the catalog gives for each object.

use crate::Verdict;
use schema_map::ddl::{Ddl, Phase};
use schema_map::{
    Catalog, Column, DefaultTypes, NameError, NameMap, ObjectKind, ObjectPath, OracleIdent, PlanError, Table,
    TablePlan, TypeError, TypePolicy,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use type_convert::{LossPolicy, OracleType, PgType, Transcoder};

/// The catalog, converted as far as it can be.
#[derive(Debug, Default)]
pub(crate) struct Conversion {
    outcomes: BTreeMap<(ObjectKind, ObjectPath), Outcome>,
    /// By table: columns that have no type in PostgreSQL.
    pub(crate) unplanned: BTreeMap<ObjectPath, Vec<Problem>>,
    /// Tables whose rows nothing tells apart.
    pub(crate) keyless: Vec<ObjectPath>,
    /// Types that the columns of the planned tables get, by Oracle type.
    pub(crate) types: BTreeMap<String, BTreeSet<String>>,
    /// Why nothing could be converted.
    pub(crate) failure: Option<String>,
}

/// Why a column cannot be planned.
#[derive(Debug)]
pub(crate) struct Problem {
    /// `OWNER.TABLE.COLUMN`.
    pub(crate) column: String,
    pub(crate) text: String,
}

/// What became of one object, or of the constraints of a table that have no name.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    made: usize,
    notes: Vec<String>,
    pub(crate) refusals: Vec<String>,
    covered: Vec<String>,
}

impl Conversion {
    pub(crate) fn of(catalog: &Catalog, names: &NameMap, types: &dyn TypePolicy) -> Self {
        let mut conversion = Conversion::default();
        let (lenient, columns) = with_text_for_the_unplanned(catalog, types);
        for table in catalog.tables.iter().filter(|table| table.kind.holds_rows()) {
            if let Err(error) = TablePlan::new(table, names, types) {
                conversion.unplanned.insert(table.path.clone(), problems(&table.path, error));
            }
        }
        let policy = TextForSome { types, columns };
        for plan in TablePlan::all(&lenient, names, &policy).unwrap_or_default() {
            for column in &plan.columns {
                if !policy.columns.contains(&(plan.source.clone(), column.source.clone())) {
                    let targets = conversion.types.entry(without_sizes(&column.oracle_type.to_string())).or_default();
                    targets.insert(without_sizes(&column.pg_type.to_string()));
                }
            }
            if plan.key.is_empty() {
                conversion.keyless.push(plan.source);
            }
        }
        match Ddl::new(&lenient, names, &policy) {
            Ok(ddl) => conversion.take(ddl),
            Err(error) => conversion.failure = Some(error.to_string()),
        }
        conversion
    }

    /// Without names nothing converts.
    pub(crate) fn impossible(error: &NameError) -> Self {
        Conversion { failure: Some(error.to_string()), ..Conversion::default() }
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

    /// What became of an object, and why.
    pub(crate) fn verdict(&self, kind: ObjectKind, path: &ObjectPath) -> (Verdict, Vec<String>) {
        let Some(outcome) = self.outcomes.get(&(kind, path.clone())) else {
            return (Verdict::Unknown, self.failure.iter().cloned().collect());
        };
        if let Some(columns) = self.unplanned.get(path).filter(|_| kind == ObjectKind::Table) {
            let columns = columns.iter().map(|problem| format!("{}: {}", problem.column, problem.text));
            return (Verdict::ByHand, columns.chain(outcome.refusals.iter().cloned()).collect());
        }
        let reasons = || outcome.refusals.iter().chain(&outcome.notes).cloned().collect::<Vec<_>>();
        match (outcome.made > 0, outcome.refusals.is_empty()) {
            (true, true) if outcome.notes.is_empty() => (Verdict::Converts, Vec::new()),
            (true, _) => (Verdict::Check, reasons()),
            (false, false) => (Verdict::ByHand, reasons()),
            (false, true) => (Verdict::Covered, outcome.covered.clone()),
        }
    }

    /// What became of the constraints of a table that have no name: their statements tell no more than how many.
    pub(crate) fn unnamed_constraints(&self, table: &ObjectPath, count: usize) -> Vec<(Verdict, Vec<String>)> {
        let key = (ObjectKind::Constraint, table.clone());
        let Some(outcome) = self.outcomes.get(&key) else {
            return vec![(Verdict::Unknown, self.failure.iter().cloned().collect()); count];
        };
        let refused = outcome.refusals.iter().map(|reason| (Verdict::ByHand, vec![reason.clone()]));
        let noted = outcome.notes.iter().map(|note| (Verdict::Check, vec![note.clone()]));
        let rest = std::iter::repeat((Verdict::Converts, Vec::new()));
        refused.chain(noted).chain(rest).take(count).collect()
    }

    /// All refusals: the object and the reason.
    pub(crate) fn refusals(&self) -> impl Iterator<Item = (&ObjectPath, &String)> {
        self.outcomes.iter().flat_map(|((_, path), outcome)| outcome.refusals.iter().map(move |reason| (path, reason)))
    }

    /// All differences: the object and what differs.
    pub(crate) fn notes(&self) -> impl Iterator<Item = (&ObjectPath, &String)> {
        self.outcomes.iter().flat_map(|((_, path), outcome)| outcome.notes.iter().map(move |note| (path, note)))
    }
}

fn problems(table: &ObjectPath, error: PlanError) -> Vec<Problem> {
    match error {
        PlanError::Several(several) => several.into_iter().flat_map(|error| problems(table, error)).collect(),
        PlanError::Type(error) => {
            vec![Problem { column: format!("{}.{}", error.table, error.column), text: error.reason }]
        }
        PlanError::Conversion { column, pair } => {
            vec![Problem { column, text: format!("{pair}: choose another type for it in the type overrides") }]
        }
        other => vec![Problem { column: table.to_string(), text: other.to_string() }],
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

/// The catalog with CLOB columns in place of those that cannot be planned, and which these are: one such column must
/// not keep the rest of the schema from being converted. The column itself is in [`Conversion::unplanned`].
fn with_text_for_the_unplanned<'c>(
    catalog: &'c Catalog,
    types: &dyn TypePolicy,
) -> (Cow<'c, Catalog>, BTreeSet<(ObjectPath, OracleIdent)>) {
    let mut unplanned = BTreeSet::new();
    let mut lenient = Cow::Borrowed(catalog);
    for (t, table) in catalog.tables.iter().enumerate() {
        for (c, column) in table.columns.iter().enumerate() {
            if column.virtual_expression.is_none() && !is_plannable(types, table, column) {
                unplanned.insert((table.path.clone(), column.name.clone()));
                lenient.to_mut().tables[t].columns[c].oracle_type = OracleType::Clob;
            }
        }
    }
    (lenient, unplanned)
}

fn is_plannable(types: &dyn TypePolicy, table: &Table, column: &Column) -> bool {
    let pg_type = match types.pg_type(table, column) {
        Ok(Some(pg_type)) => Ok(Some(pg_type)),
        Ok(None) => DefaultTypes::default().pg_type(table, column),
        Err(error) => Err(error),
    };
    let Ok(Some(pg_type)) = pg_type else { return false };
    Transcoder::new(&column.oracle_type, &pg_type, types.loss(table, column)).is_ok()
}

/// The policy, with `text` for some columns.
struct TextForSome<'a> {
    types: &'a dyn TypePolicy,
    columns: BTreeSet<(ObjectPath, OracleIdent)>,
}

impl TextForSome<'_> {
    fn is_one(&self, table: &Table, column: &Column) -> bool {
        !self.columns.is_empty() && self.columns.contains(&(table.path.clone(), column.name.clone()))
    }
}

impl TypePolicy for TextForSome<'_> {
    fn pg_type(&self, table: &Table, column: &Column) -> Result<Option<PgType>, TypeError> {
        if self.is_one(table, column) { Ok(Some(PgType::Text)) } else { self.types.pg_type(table, column) }
    }

    fn is_fixed(&self, table: &Table, column: &Column) -> bool {
        self.is_one(table, column) || self.types.is_fixed(table, column)
    }

    fn loss(&self, table: &Table, column: &Column) -> LossPolicy {
        self.types.loss(table, column)
    }
}
