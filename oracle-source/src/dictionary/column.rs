use super::{Owner, malformed};
use crate::{Error, session::Record, sql::dictionary as sql};
use schema_map::{Column, Identity, IdentityOptions, OracleIdent, Table};
use std::collections::HashMap;
use type_convert::{DictionaryType, OracleType};

/// Columns of one table or view, and what is peculiar about them.
#[derive(Default)]
pub(super) struct TableColumns {
    pub(super) columns: Vec<Column>,
    pub(super) remarks: Vec<String>,
}

/// A column and its place among all of its table, hidden ones included.
struct Placed {
    column: Column,
    place: u32,
}

/// Columns of all tables and views of a schema, by table. Comments are not theirs yet.
pub(super) fn columns(owner: &mut Owner<'_, '_>) -> Result<HashMap<String, TableColumns>, Error> {
    let mut defaults: HashMap<(String, String), String> = HashMap::new();
    for row in owner.query(sql::DEFAULTS)? {
        let text = row.get(2).map(str::trim).filter(|text| !text.is_empty());
        if let Some(text) = text {
            defaults.insert((row.text(0)?.to_owned(), row.text(1)?.to_owned()), text.to_owned());
        }
    }
    let mut identities = identities(owner)?;
    let mut tables: HashMap<String, TableColumns> = HashMap::new();
    let mut of_table: Vec<Placed> = Vec::new();
    // Of what is not kept, nothing is looked at that could be wrong.
    let mut rows = owner.query(sql::COLUMNS)?;
    let (mut last, mut kept) = (String::new(), false);
    rows.retain(|row| {
        let table = row.get(0).unwrap_or_default();
        if table != last {
            table.clone_into(&mut last);
            kept = OracleIdent::new(table).is_ok_and(|name| owner.keeps(&owner.path(name)));
        }
        kept && !(row.get(12) == Some("YES") && is_made_by_oracle(row.get(1).unwrap_or_default()))
    });
    for (n, row) in rows.iter().enumerate() {
        let (table, name) = (row.text(0)?, row.ident(1)?);
        let key = (table.to_owned(), name.as_str().to_owned());
        let oracle_type = oracle_type(owner, row)?;
        let (default, identity) = (defaults.remove(&key), identities.remove(&key));
        let (default, virtual_expression) = match (row.get(10) == Some("YES"), &identity) {
            (true, _) => (None, default),
            // The default of an identity column is its own sequence.
            (_, Some(_)) => (None, None),
            _ => (default, None),
        };
        let remarks = &mut tables.entry(key.0).or_default().remarks;
        remarks.extend(remark(row, &name));
        of_table.push(Placed {
            column: Column {
                oracle_type,
                nullable: row.get(9) != Some("N"),
                default,
                virtual_expression,
                // An identity column that takes its number ON NULL too is one BY DEFAULT.
                default_on_null: row.get(14) == Some("YES") && identity.is_none(),
                identity: identity.map(|(identity, _)| identity),
                identity_options: identity.and_then(|(_, options)| options),
                invisible: row.get(12) == Some("YES"),
                comment: None,
                name,
            },
            place: row.required(13)?,
        });
        if rows.get(n + 1).is_none_or(|next| next.get(0) != Some(table))
            && let Some(found) = tables.get_mut(table)
        {
            found.columns = in_order(std::mem::take(&mut of_table));
        }
    }
    Ok(tables)
}

/// The name of a hidden column that no person gave it, should USER_GENERATED say otherwise: `SYS_NC00003$`, `SYS_NC_OID$`, or an
/// unused one's, `SYS_C00002_24022912:30:59$`.
fn is_made_by_oracle(name: &str) -> bool {
    name.ends_with('$') && (name.starts_with("SYS_NC") || name.starts_with("SYS_C") && name.contains(':'))
}

fn oracle_type(owner: &Owner<'_, '_>, row: &Record) -> Result<OracleType, Error> {
    let described = DictionaryType {
        // A column of a type that no longer exists has none.
        data_type: row.get(2).unwrap_or("UNDEFINED"),
        data_type_owner: row.get(3),
        data_length: row.required(4)?,
        data_precision: row.number(5)?,
        data_scale: row.number(6)?,
        char_length: row.number(7)?,
        char_used: row.get(8),
    };
    let oracle_type = OracleType::from_dictionary(&described).map_err(|e| {
        malformed(format!(
            "column {}.{}.{}: {e}",
            owner.schema,
            row.get(0).unwrap_or_default(),
            row.get(1).unwrap_or_default()
        ))
    })?;
    Ok(match oracle_type {
        // `VECTOR(3,FLOAT32)`, from 23ai on, which has the type; what is not read so is any vector.
        OracleType::Vector { .. } => row.get(18).and_then(|info| info.parse().ok()).unwrap_or(oracle_type),
        // A type of the schema itself needs no owner.
        OracleType::Other { owner: of, name } => OracleType::Other {
            owner: of.filter(|of| of != owner.schema.as_str()),
            name: if row.get(11) == Some("REF") { format!("REF {name}") } else { name },
        },
        other => other,
    })
}

/// What a column is besides: its collation, its domain.
fn remark(row: &Record, name: &OracleIdent) -> Option<String> {
    if let (Some(owner), Some(domain)) = (row.get(16), row.get(17)) {
        return Some(format!("column {name} is of the domain {owner}.{domain}: its checks are not among the table's"));
    }
    let collation = row.get(15).filter(|c| !matches!(*c, "USING_NLS_COMP" | "BINARY"))?;
    Some(format!("column {name} has the collation {collation}"))
}

/// Visible columns come by their position, then those that are invisible and have none: each goes in front of the first visible one
/// that was made after it.
fn in_order(columns: Vec<Placed>) -> Vec<Column> {
    let mut ordered: Vec<Placed> = Vec::with_capacity(columns.len());
    for column in columns {
        let at = match column.column.invisible {
            true => ordered.iter().position(|other| other.place > column.place).unwrap_or(ordered.len()),
            false => ordered.len(),
        };
        ordered.insert(at, column);
    }
    ordered.into_iter().map(|placed| placed.column).collect()
}

type Identities = HashMap<(String, String), (Identity, Option<IdentityOptions>)>;

fn identities(owner: &mut Owner<'_, '_>) -> Result<Identities, Error> {
    let mut identities = Identities::new();
    if !owner.has_view("ALL_TAB_IDENTITY_COLS") {
        return Ok(identities);
    }
    for row in owner.query(sql::IDENTITY_COLUMNS)? {
        let identity = if row.get(2) == Some("ALWAYS") { Identity::Always } else { Identity::ByDefault };
        let options = row.get(3).and_then(identity_options);
        identities.insert((row.text(0)?.to_owned(), row.text(1)?.to_owned()), (identity, options));
    }
    Ok(identities)
}

/// `START WITH: 1, INCREMENT BY: 1, MAX_VALUE: 9999999999999999999999999999, MIN_VALUE: 1, CYCLE_FLAG: N, …`: what is not as by default.
fn identity_options(text: &str) -> Option<IdentityOptions> {
    let value = |key: &str| text.split(',').find_map(|part| part.trim().strip_prefix(key)?.trim().strip_prefix(':'));
    let number = |key| value(key).and_then(|v| v.trim().parse::<i128>().ok());
    let increment = number("INCREMENT BY").unwrap_or(1);
    let (least, most) = if increment < 0 { (1 - 10_i128.pow(27), -1) } else { (1, 10_i128.pow(28) - 1) };
    let (min_value, max_value) = (number("MIN_VALUE").unwrap_or(least), number("MAX_VALUE").unwrap_or(most));
    let first = if increment < 0 { max_value } else { min_value };
    let options = IdentityOptions {
        start: number("START WITH").filter(|start| *start != first),
        increment: Some(increment).filter(|n| *n != 1),
        // The least number of a descending sequence is 27 digits or 28, by the version.
        min_value: Some(min_value).filter(|n| *n != least && *n != 1 - 10_i128.pow(28)),
        max_value: Some(max_value).filter(|n| *n != most),
        cycle: value("CYCLE_FLAG").map(str::trim) == Some("Y"),
    };
    (options != IdentityOptions::default()).then_some(options)
}

/// Notes which columns are encrypted.
pub(super) fn encrypted(owner: &mut Owner<'_, '_>, tables: &mut [Table]) -> Result<(), Error> {
    let rows = owner.query_if_allowed(sql::ENCRYPTED_COLUMNS, "which columns are encrypted")?;
    for row in rows {
        let (table, column, algorithm) = (row.text(0)?, row.text(1)?, row.get(2).unwrap_or_default());
        if let Some(table) = tables.iter_mut().find(|t| t.path.name.as_str() == table) {
            table.remarks.push(format!("column {column} is encrypted ({algorithm}): here it is not"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_identities() {
        let text = "START WITH: 1, INCREMENT BY: 1, MAX_VALUE: 9999999999999999999999999999, MIN_VALUE: 1, CYCLE_FLAG: N, CACHE_SIZE: 20, ORDER_FLAG: N";
        assert_eq!(identity_options(text), None);
        let text = text.replace("WITH: 1", "WITH: 100").replace("BY: 1", "BY: 5").replace("FLAG: N,", "FLAG: Y,");
        let expected =
            IdentityOptions { start: Some(100), increment: Some(5), cycle: true, ..IdentityOptions::default() };
        assert_eq!(identity_options(&text), Some(expected));
        let text =
            "START WITH: -1, INCREMENT BY: -1, MAX_VALUE: -1, MIN_VALUE: -999999999999999999999999999, CYCLE_FLAG: N";
        let expected = IdentityOptions { increment: Some(-1), ..IdentityOptions::default() };
        assert_eq!(identity_options(text), Some(expected));
        assert_eq!(identity_options(""), None);
    }

    #[test]
    fn collations_and_domains_are_told() {
        let of = |collation: Option<&str>, domain: Option<(&str, &str)>| {
            let mut values = vec![None; 15];
            let owned = |text: &str| Some(text.to_owned());
            values.push(collation.and_then(owned));
            values.extend([domain.and_then(|(owner, _)| owned(owner)), domain.and_then(|(_, name)| owned(name))]);
            remark(&Record { values }, &OracleIdent::new("C").unwrap())
        };
        assert_eq!(of(None, None), None);
        assert_eq!(of(Some("USING_NLS_COMP"), None), None);
        assert_eq!(of(Some("BINARY_CI"), None).unwrap(), "column C has the collation BINARY_CI");
        assert!(of(None, Some(("HR", "EMAIL"))).unwrap().contains("of the domain HR.EMAIL"));
    }

    #[test]
    fn names_that_oracle_makes() {
        assert!(["SYS_NC00003$", "SYS_NC_ROWINFO$", "SYS_C00002_24022912:30:59$"].iter().all(|n| is_made_by_oracle(n)));
        assert!(!["SYS_C00002$", "HIDDEN$", "SYS_NC"].iter().any(|n| is_made_by_oracle(n)));
    }

    #[test]
    fn invisible_columns_keep_their_places() {
        let placed = |name: &str, place, invisible| Placed {
            column: Column {
                name: OracleIdent::new(name).unwrap(),
                oracle_type: OracleType::Date,
                nullable: true,
                default: None,
                virtual_expression: None,
                identity: None,
                identity_options: None,
                default_on_null: false,
                invisible,
                comment: None,
            },
            place,
        };
        let columns = vec![placed("A", 1, false), placed("C", 4, false), placed("B", 2, true), placed("D", 5, true)];
        let names: Vec<String> = in_order(columns).iter().map(|c| c.name.to_string()).collect();
        assert_eq!(names, ["A", "B", "C", "D"]);
    }
}
