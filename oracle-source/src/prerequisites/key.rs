use crate::{Error, Session, sql};
use schema_map::OracleIdent;
use std::collections::BTreeMap;

/// What identifies a row of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Primary(Vec<String>),
    Unique(Vec<String>),
    None,
}

/// A column, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) nullable: bool,
    pub(super) data_type: String,
    /// Whether the type is somebody's own, or an object type of Oracle's.
    pub(super) is_object: bool,
}

/// Columns and keys of one schema's tables.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The tables that can be seen.
    pub(super) tables: BTreeMap<String, Vec<Column>>,
    primary: BTreeMap<String, Vec<String>>,
    /// Over NOT NULL columns only, constraints first, in the order of their names.
    unique: BTreeMap<String, Vec<Vec<String>>>,
}

impl Keys {
    pub(super) fn read(session: &Session, owner: &OracleIdent) -> Result<Self, Error> {
        let owner = owner.as_str();
        let mut keys = Keys::default();
        for row in session.query("reading ALL_TAB_COLS", sql::prerequisites::TABLE_COLUMNS, &[&owner])? {
            keys.tables.entry(row.text(0)?.to_owned()).or_default().push(Column {
                name: row.text(1)?.to_owned(),
                nullable: row.get(2) != Some("N"),
                data_type: row.text(3)?.to_owned(),
                is_object: row.get(4).is_some() && row.get(3) != Some("XMLTYPE"),
            });
        }
        let mut constraints: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
        for row in session.query("reading ALL_CONSTRAINTS", sql::prerequisites::KEY_COLUMNS, &[&owner])? {
            let constraint = (row.text(0)?.to_owned(), row.text(2)?.to_owned(), row.text(1)?.to_owned());
            constraints.entry(constraint).or_default().push(row.text(3)?.to_owned());
        }
        for ((table, kind, _), columns) in constraints {
            if kind == "P" {
                keys.primary.insert(table, columns);
            } else {
                keys.add_unique(table, columns);
            }
        }
        // Unique indexes without a constraint count too.
        let mut indexes: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
        for row in session.query("reading ALL_INDEXES", sql::prerequisites::UNIQUE_INDEX_COLUMNS, &[&owner])? {
            let index = (row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.text(2)?.to_owned());
            indexes.entry(index).or_default().push(row.text(3)?.to_owned());
        }
        for ((table, _, _), columns) in indexes {
            keys.add_unique(table, columns);
        }
        Ok(keys)
    }

    fn add_unique(&mut self, table: String, columns: Vec<String>) {
        let known = self.tables.get(&table).map_or(&[][..], Vec::as_slice);
        let not_null = |name: &String| known.iter().any(|column| column.name == *name && !column.nullable);
        if columns.is_empty() || !columns.iter().all(not_null) {
            return;
        }
        let unique = self.unique.entry(table).or_default();
        if !unique.contains(&columns) {
            unique.push(columns);
        }
    }

    pub(super) fn of(&self, table: &str) -> Key {
        match (self.primary.get(table), self.unique.get(table).and_then(|keys| keys.first())) {
            (Some(columns), _) => Key::Primary(columns.clone()),
            (None, Some(columns)) => Key::Unique(columns.clone()),
            (None, None) => Key::None,
        }
    }
}
