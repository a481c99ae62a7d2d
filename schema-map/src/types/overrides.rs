use super::DefaultTypes;
use crate::{Column, ObjectPath, OracleIdent, Table, TypeError, TypePolicy};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use type_convert::{LossAction, LossPolicy, PgType, UtcOffset};

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
///
///     [loss.columns.HR.EMPLOYEES.NOTES]
///     nul_character = "quarantine"
/// "#)?;
/// # Ok::<(), toml::de::Error>(())
/// ```
///
/// The keys of `[loss]` are the fields of [`LossPolicy`], each `"refuse"`, `"convert"` or `"quarantine"`, but for `null_as_empty`, which is
/// `true` or `false`, and `assumed_offset`, which is an offset from UTC, `"+01:00"`. What `[loss.columns]` says of a column goes
/// before what `[loss]` says of all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TypeOverrides {
    columns: ByColumn<PgType>,
    /// By the type as Oracle's DDL has it.
    #[serde(deserialize_with = "by_oracle_type")]
    oracle: BTreeMap<String, PgType>,
    loss: Loss,
    #[serde(skip)]
    base: DefaultTypes,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Loss {
    sub_microsecond: Option<LossAction>,
    time_of_day: Option<LossAction>,
    julian_day: Option<LossAction>,
    offset: Option<LossAction>,
    out_of_range: Option<LossAction>,
    too_long: Option<LossAction>,
    decimal_digits: Option<LossAction>,
    float_digits: Option<LossAction>,
    infinity: Option<LossAction>,
    numeric_infinity: Option<LossAction>,
    nul_character: Option<LossAction>,
    invalid_text: Option<LossAction>,
    empty_text: Option<LossAction>,
    null_as_empty: Option<bool>,
    assumed_offset: Option<UtcOffset>,
    columns: ByColumn<ColumnLoss>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Loss")]
struct ColumnLoss(Loss);

/// By owner, table and column.
type ByColumn<T> = BTreeMap<OracleIdent, BTreeMap<OracleIdent, BTreeMap<OracleIdent, T>>>;

impl Loss {
    /// What this says, over what `policy` says.
    fn apply(&self, policy: &mut LossPolicy) {
        for (action, field) in [
            (self.sub_microsecond, &mut policy.sub_microsecond),
            (self.time_of_day, &mut policy.time_of_day),
            (self.julian_day, &mut policy.julian_day),
            (self.offset, &mut policy.offset),
            (self.out_of_range, &mut policy.out_of_range),
            (self.too_long, &mut policy.too_long),
            (self.decimal_digits, &mut policy.decimal_digits),
            (self.float_digits, &mut policy.float_digits),
            (self.infinity, &mut policy.infinity),
            (self.numeric_infinity, &mut policy.numeric_infinity),
            (self.nul_character, &mut policy.nul_character),
            (self.invalid_text, &mut policy.invalid_text),
            (self.empty_text, &mut policy.empty_text),
        ] {
            if let Some(action) = action {
                *field = action;
            }
        }
        policy.null_as_empty = self.null_as_empty.unwrap_or(policy.null_as_empty);
        policy.assumed_offset = self.assumed_offset.or(policy.assumed_offset);
    }
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
        tables.entry(table.name.clone()).or_default().insert(column, pg_type);
    }

    /// Gives all columns of an Oracle type a type; `oracle_type` as Oracle's DDL has it, e.g. `NUMBER(1,0)`.
    /// Case and blanks do not count.
    pub fn set_oracle_type(&mut self, oracle_type: &str, pg_type: PgType) {
        self.oracle.insert(normal(oracle_type), pg_type);
    }

    /// Columns that are named and that `tables` do not have: most likely misspelt.
    pub fn unknown_columns(&self, tables: &[Table]) -> Vec<String> {
        let mut unknown = BTreeSet::new();
        let named = named(&self.columns).chain(named(&self.loss.columns));
        for (owner, name, column) in named {
            let table = tables.iter().find(|t| t.path.schema == *owner && t.path.name == *name);
            if table.and_then(|t| t.column(column)).is_none() {
                unknown.insert(format!("{owner}.{name}.{column}"));
            }
        }
        unknown.into_iter().collect()
    }
}

fn named<T>(columns: &ByColumn<T>) -> impl Iterator<Item = (&OracleIdent, &OracleIdent, &OracleIdent)> {
    columns.iter().flat_map(|(owner, tables)| {
        tables.iter().flat_map(move |(table, columns)| columns.keys().map(move |column| (owner, table, column)))
    })
}

fn of_column<'a, T>(columns: &'a ByColumn<T>, table: &Table, column: &Column) -> Option<&'a T> {
    columns.get(&table.path.schema)?.get(&table.path.name)?.get(&column.name)
}

impl TypePolicy for TypeOverrides {
    fn pg_type(&self, table: &Table, column: &Column) -> Result<Option<PgType>, TypeError> {
        let chosen = of_column(&self.columns, table, column).or_else(|| {
            if self.oracle.is_empty() { None } else { self.oracle.get(&normal(&column.oracle_type.to_string())) }
        });
        match chosen {
            Some(pg_type) => Ok(Some(pg_type.clone())),
            None => self.base.pg_type(table, column),
        }
    }

    fn is_fixed(&self, table: &Table, column: &Column) -> bool {
        of_column(&self.columns, table, column).is_some()
    }

    fn loss(&self, table: &Table, column: &Column) -> LossPolicy {
        let mut policy = LossPolicy::default();
        self.loss.apply(&mut policy);
        if let Some(ColumnLoss(loss)) = of_column(&self.loss.columns, table, column) {
            loss.apply(&mut policy);
        }
        policy
    }
}

impl TryFrom<Loss> for ColumnLoss {
    type Error = &'static str;

    fn try_from(loss: Loss) -> Result<Self, Self::Error> {
        if loss.columns.is_empty() { Ok(ColumnLoss(loss)) } else { Err("`columns` within a column") }
    }
}

fn by_oracle_type<'de, D: serde::Deserializer<'de>>(from: D) -> Result<BTreeMap<String, PgType>, D::Error> {
    let written = BTreeMap::<String, PgType>::deserialize(from)?;
    Ok(written.into_iter().map(|(oracle, pg)| (normal(&oracle), pg)).collect())
}

/// `NUMBER(1,0)` is `NUMBER(1)`, and a length counts bytes unless it says otherwise.
fn normal(oracle_type: &str) -> String {
    let text = oracle_type.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    for ending in [",0)", "BYTE)"] {
        if let Some(rest) = text.strip_suffix(ending).filter(|rest| !rest.ends_with('*')) {
            return format!("{rest})");
        }
    }
    text
}
