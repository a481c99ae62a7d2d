use super::DefaultTypes;
use crate::{Column, ObjectPath, OracleIdent, Table, TypeError, TypePolicy};
use serde::Deserialize;
use std::collections::BTreeMap;
use type_convert::{LossAction, LossPolicy, PgType, PgTypeError};

/// Types chosen by the user, for single columns and for whole Oracle types, over the default mapping.
///
/// As part of a configuration file (names as Oracle's dictionary has them, quoted where TOML demands it):
///
/// ```
/// # use schema_map::TypeOverrides;
/// let overrides: TypeOverrides = toml::from_str(r#"
///     [columns]
///     HR.EMPLOYEES.SALARY = "numeric(10,2)"
///
///     [oracle]
///     "NUMBER(1,0)" = "smallint"
///
///     [loss]
///     sub_microsecond = "convert"
/// "#)?;
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TypeOverrides {
    /// By owner, table and column.
    columns: BTreeMap<OracleIdent, BTreeMap<OracleIdent, BTreeMap<OracleIdent, Written>>>,
    /// By the type as Oracle's DDL has it.
    #[serde(deserialize_with = "by_oracle_type")]
    oracle: BTreeMap<String, Written>,
    loss: Loss,
    #[serde(skip)]
    base: DefaultTypes,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Written(PgType);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Loss {
    sub_microsecond: Action,
    nul_character: Action,
    infinity: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    #[default]
    Refuse,
    Convert,
}

impl TypeOverrides {
    /// Nothing is overridden yet; `base` decides.
    pub fn over(base: DefaultTypes) -> Self {
        TypeOverrides { base, ..Self::default() }
    }

    /// The same overrides over another base: a configuration file does not know the server's version.
    pub fn with_base(mut self, base: DefaultTypes) -> Self {
        self.base = base;
        self
    }

    /// Gives one column a type.
    pub fn set_column(&mut self, table: &ObjectPath, column: OracleIdent, pg_type: PgType) {
        let tables = self.columns.entry(table.schema.clone()).or_default();
        tables.entry(table.name.clone()).or_default().insert(column, Written(pg_type));
    }

    /// Gives all columns of an Oracle type a type; `oracle_type` as Oracle's DDL has it, e.g. `NUMBER(1,0)`.
    /// Case and blanks do not count.
    pub fn set_oracle_type(&mut self, oracle_type: &str, pg_type: PgType) {
        self.oracle.insert(normal(oracle_type), Written(pg_type));
    }

    /// Columns that are named and that `tables` do not have: most likely misspelt.
    pub fn unknown_columns(&self, tables: &[Table]) -> Vec<String> {
        let mut unknown = Vec::new();
        for (owner, of_owner) in &self.columns {
            for (name, columns) in of_owner {
                let table = tables.iter().find(|t| t.path.schema == *owner && t.path.name == *name);
                for column in columns.keys() {
                    if table.and_then(|t| t.column(column)).is_none() {
                        unknown.push(format!("{owner}.{name}.{column}"));
                    }
                }
            }
        }
        unknown
    }
}

impl TypeOverrides {
    fn of_column(&self, table: &Table, column: &Column) -> Option<&Written> {
        self.columns.get(&table.path.schema)?.get(&table.path.name)?.get(&column.name)
    }
}

impl TypePolicy for TypeOverrides {
    fn pg_type(&self, table: &Table, column: &Column) -> Result<Option<PgType>, TypeError> {
        let chosen = self.of_column(table, column).or_else(|| {
            if self.oracle.is_empty() { None } else { self.oracle.get(&normal(&column.oracle_type.to_string())) }
        });
        match chosen {
            Some(Written(pg_type)) => Ok(Some(pg_type.clone())),
            None => self.base.pg_type(table, column),
        }
    }

    fn is_fixed(&self, table: &Table, column: &Column) -> bool {
        self.of_column(table, column).is_some()
    }

    fn loss(&self, _table: &Table, _column: &Column) -> LossPolicy {
        let mut policy = LossPolicy::default();
        policy.sub_microsecond = self.loss.sub_microsecond.into();
        policy.nul_character = self.loss.nul_character.into();
        policy.infinity = self.loss.infinity.into();
        policy
    }
}

impl TryFrom<String> for Written {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Written).map_err(|e: PgTypeError| e.to_string())
    }
}

impl From<Action> for LossAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Refuse => LossAction::Refuse,
            Action::Convert => LossAction::Convert,
        }
    }
}

fn by_oracle_type<'de, D: serde::Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Written>, D::Error> {
    let written = BTreeMap::<String, Written>::deserialize(from)?;
    Ok(written.into_iter().map(|(oracle, pg)| (normal(&oracle), pg)).collect())
}

fn normal(oracle_type: &str) -> String {
    oracle_type.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase()
}
