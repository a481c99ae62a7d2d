//! The dictionary and `V$` views: their columns as Oracle's Database Reference documents them, as far as they have a
//! meaning here, and their rows, made up when they are asked for.

mod dictionary;
mod performance;

use super::{
    ColumnDesc,
    storage::{Relation, RelationKind, Row, Rows},
    store::{Model, Store},
};
use crate::OraError;
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};
use type_convert::{LengthUnit, Number, OracleType, Value};

/// Who may see a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Everyone,
    /// `V$` and `DBA_` views: SELECT ANY DICTIONARY, SELECT_CATALOG_ROLE or a grant.
    Catalog,
}

/// Types of columns, briefly.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// NUMBER
    N,
    /// VARCHAR2(n)
    V(u32),
    /// DATE
    D,
    /// RAW(n)
    R(u32),
    /// LONG
    L,
}
use Kind::{D, L, N, R, V};

type Columns = &'static [(&'static str, Kind)];
type Values = Vec<Vec<Value>>;

enum Source {
    /// All rows at once.
    Rows(fn(&Store, &Model, Scope) -> Result<Values, OraError>, Scope),
    /// `V$LOGMNR_CONTENTS`.
    Redo,
}

/// Which objects a dictionary view is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// The user's own; the views have no OWNER column.
    User,
    /// What the user may see.
    All,
    /// Everything.
    Dba,
}

/// A view whose rows are made up here.
pub(crate) struct FixedView {
    name: String,
    access: Access,
    source: Source,
    relation: Arc<Relation>,
}

impl FixedView {
    pub(crate) fn relation(&self) -> Arc<Relation> {
        Arc::clone(&self.relation)
    }

    /// Whether the session's user may select from it.
    pub(crate) fn is_visible_to(&self, store: &Store, model: &Model) -> bool {
        self.access == Access::Everyone
            || model.privileges.may_read_dictionary(super::storage::Storage::user(store), &grant_name(&self.name))
    }
}

/// The name that a GRANT has for the view: `V_$DATABASE` for `V$DATABASE`.
fn grant_name(name: &str) -> String {
    match name.strip_prefix("GV$") {
        Some(rest) => format!("GV_${rest}"),
        None => match name.strip_prefix("V$") {
            Some(rest) => format!("V_${rest}"),
            None => name.to_owned(),
        },
    }
}

struct Registry {
    views: Vec<FixedView>,
    by_name: HashMap<String, usize>,
}

fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let mut registry = Registry { views: Vec::new(), by_name: HashMap::new() };
        performance::register(&mut registry);
        dictionary::register(&mut registry);
        registry
    })
}

impl Registry {
    fn add(&mut self, name: &str, access: Access, columns: &[(&str, Kind)], source: Source) {
        let id = -1 - i64::try_from(self.views.len()).unwrap_or(0);
        let described: Vec<ColumnDesc> = columns
            .iter()
            .map(|(name, kind)| ColumnDesc {
                name: (*name).to_owned(),
                oracle_type: oracle_type(*kind),
                nullable: true,
            })
            .collect();
        let relation = Relation {
            id,
            owner: "SYS".to_owned(),
            name: name.to_owned(),
            defaults: vec![None; described.len()],
            virtuals: vec![None; described.len()],
            invisible: Vec::new(),
            default_on_null: Vec::new(),
            columns: described,
            checks: Vec::new(),
            key: Vec::new(),
            kind: RelationKind::Fixed,
        };
        self.by_name.insert(name.to_owned(), self.views.len());
        self.by_name.insert(grant_name(name), self.views.len());
        self.views.push(FixedView { name: name.to_owned(), access, source, relation: Arc::new(relation) });
    }

    /// USER_, ALL_ and DBA_ views: USER_ views lack the first column, the owner (named by `owner` columns at the front).
    fn family(
        &mut self,
        name: &str,
        columns: Columns,
        owners: usize,
        rows: fn(&Store, &Model, Scope) -> Result<Values, OraError>,
    ) {
        self.add(&format!("USER_{name}"), Access::Everyone, &columns[owners..], Source::Rows(rows, Scope::User));
        self.add(&format!("ALL_{name}"), Access::Everyone, columns, Source::Rows(rows, Scope::All));
        self.add(&format!("DBA_{name}"), Access::Catalog, columns, Source::Rows(rows, Scope::Dba));
    }
}

fn oracle_type(kind: Kind) -> OracleType {
    match kind {
        N => OracleType::Number { precision: None, scale: None },
        V(length) => OracleType::Varchar2 { length, unit: LengthUnit::Byte },
        D => OracleType::Date,
        R(length) => OracleType::Raw { length },
        L => OracleType::Long,
    }
}

/// A view by the name of itself, of its public synonym or of what a GRANT names.
pub(crate) fn find(name: &str) -> Option<&'static FixedView> {
    let registry = registry();
    registry.by_name.get(name).map(|&n| &registry.views[n])
}

/// Whether privileges can be granted on it: `V_$…`, `DBA_…` views and packages, by their names in SYS.
pub(crate) fn is_grantable(name: &str) -> bool {
    const PACKAGES: &[&str] =
        &["DBMS_LOGMNR", "DBMS_LOGMNR_D", "DBMS_FLASHBACK", "DBMS_APPLICATION_INFO", "DBMS_METADATA", "DBMS_LOCK"];
    PACKAGES.contains(&name) || find(name).is_some_and(|v| !name.contains("V$") || grant_name(&v.name) == name)
}

/// The views that the session's user may select from.
fn fixed_views<'a>(store: &'a Store, model: &'a Model) -> impl Iterator<Item = &'a Relation> {
    registry().views.iter().filter(move |v| v.is_visible_to(store, model)).map(|v| &*v.relation)
}

/// The rows of a view.
pub(crate) fn scan(store: &Store, relation: &Relation) -> Result<Rows, OraError> {
    let view = usize::try_from(-1 - relation.id).ok().and_then(|n| registry().views.get(n));
    let view = view.ok_or_else(|| OraError::new(942, "table or view does not exist"))?;
    match view.source {
        Source::Redo => store.mine(),
        Source::Rows(rows, scope) => {
            let model = store.model()?;
            let values = rows(store, &model, scope)?;
            let width = relation.columns.len();
            Ok(Box::new(values.into_iter().map(move |mut values| {
                if scope == Scope::User && values.len() > width {
                    values.drain(..values.len() - width);
                }
                Ok(Row { row_id: None, values })
            })))
        }
    }
}

/// `V$DATABASE.NAME`.
pub(crate) fn database_name(store: &Store) -> Result<String, OraError> {
    Ok(store.query("SELECT value FROM meta WHERE key = 'name'", |r| r.get(0))?.pop().unwrap_or_default())
}

fn number(n: impl Into<i64>) -> Value {
    Value::Number(Number::from(n.into()))
}

fn count(n: usize) -> Value {
    number(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Empty text is NULL, as in Oracle.
fn text(text: impl Into<String>) -> Value {
    let text = text.into();
    if text.is_empty() { Value::Null } else { Value::Text(text) }
}

fn yes_no(yes: bool) -> Value {
    text(if yes { "YES" } else { "NO" })
}

fn y_n(yes: bool) -> Value {
    text(if yes { "Y" } else { "N" })
}

const NULL: Value = Value::Null;

/// Names of all views.
#[cfg(test)]
pub(crate) fn names() -> Vec<String> {
    registry().views.iter().map(|v| v.name.clone()).collect()
}
