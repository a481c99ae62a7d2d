//! Supplemental logging of tables.

use super::{Subject, Words, invalid};
use crate::{
    OraError,
    engine::store::{Store, lock},
};
use rusqlite::{OptionalExtension, params};

impl Store {
    /// `ALTER TABLE … ADD | DROP SUPPLEMENTAL LOG …`.
    pub(super) fn table_supplemental(
        &mut self,
        mut words: Words<'_>,
        path: (Option<String>, String),
    ) -> Result<Subject, OraError> {
        let table = self.named_table(path.0.as_deref(), &path.1, "ALTER ANY TABLE")?;
        let id = table.id();
        self.demand_unlocked(id)?;
        let connection = lock(&self.connection);
        let mut any = false;
        while !words.is_end() {
            let add = words.take(&["ADD", "SUPPLEMENTAL", "LOG"]);
            if !add && !words.take(&["DROP", "SUPPLEMENTAL", "LOG"]) {
                return Err(words.unexpected(922, "missing or invalid option"));
            }
            any = true;
            if words.take(&["DATA"]) {
                if !words.symbol("(") {
                    return Err(words.unexpected(906, "missing left parenthesis"));
                }
                for kind in supplemental_kinds(&mut words)? {
                    let there: Option<String> = connection
                        .query_row(
                            "SELECT name FROM log_groups WHERE object = ?1 AND kind = ?2",
                            params![id, kind],
                            |r| r.get(0),
                        )
                        .optional()?;
                    match (add, there) {
                        (true, Some(_)) => {
                            return Err(OraError::new(32588, "supplemental logging attribute already exists"));
                        }
                        (false, None) => {
                            return Err(OraError::new(32587, "Cannot drop nonexistent supplemental logging attribute"));
                        }
                        (true, None) => {
                            let number = kind.bytes().fold(id, |n, b| (n * 31 + i64::from(b)) % 9_000_000);
                            let always = kind == "ALL COLUMN LOGGING" || kind == "PRIMARY KEY LOGGING";
                            connection.execute(
                                "INSERT INTO log_groups VALUES (?1, ?2, ?3, ?4, '')",
                                params![id, format!("SYS_C{number:07}"), kind, always],
                            )?;
                        }
                        (false, Some(name)) => {
                            connection
                                .execute("DELETE FROM log_groups WHERE object = ?1 AND name = ?2", params![id, name])?;
                        }
                    }
                }
            } else if words.take(&["GROUP"]) {
                let name = words.ident().ok_or_else(invalid)?;
                if add {
                    let columns = words.names().ok_or_else(|| words.unexpected(906, "missing left parenthesis"))?;
                    for column in &columns {
                        if !table.table.columns.iter().any(|c| c.name.as_str() == column) {
                            return Err(OraError::new(904, format!("\"{column}\": invalid identifier")));
                        }
                    }
                    let always = words.take(&["ALWAYS"]);
                    let list: Vec<String> = columns.iter().map(|c| format!("\"{c}\"")).collect();
                    let added = connection.execute(
                        "INSERT OR IGNORE INTO log_groups VALUES (?1, ?2, 'USER LOG GROUP', ?3, ?4)",
                        params![id, name, always, list.concat()],
                    )?;
                    if added == 0 {
                        return Err(OraError::new(2261, "such unique or primary key already exists in the table"));
                    }
                } else if connection.execute(
                    "DELETE FROM log_groups WHERE object = ?1 AND name = ?2 AND kind = 'USER LOG GROUP'",
                    params![id, name],
                )? == 0
                {
                    return Err(OraError::new(32587, "Cannot drop nonexistent supplemental logging attribute"));
                }
            } else {
                return Err(words.unexpected(922, "missing or invalid option"));
            }
            words.symbol(",");
        }
        if any { Ok(Self::subject(&table)) } else { Err(invalid()) }
    }
}

/// The kinds of `(ALL, PRIMARY KEY, UNIQUE, FOREIGN KEY) COLUMNS`, after the opening parenthesis.
pub(super) fn supplemental_kinds(words: &mut Words<'_>) -> Result<Vec<&'static str>, OraError> {
    let mut kinds = Vec::new();
    loop {
        kinds.push(if words.take(&["ALL"]) {
            "ALL COLUMN LOGGING"
        } else if words.take(&["PRIMARY", "KEY"]) {
            "PRIMARY KEY LOGGING"
        } else if words.take(&["UNIQUE", "INDEX"]) || words.take(&["UNIQUE"]) {
            "UNIQUE KEY LOGGING"
        } else if words.take(&["FOREIGN", "KEY"]) {
            "FOREIGN KEY LOGGING"
        } else {
            return Err(words.unexpected(922, "missing or invalid option"));
        });
        if !words.symbol(",") {
            break;
        }
    }
    if !words.symbol(")") {
        return Err(words.unexpected(907, "missing right parenthesis"));
    }
    match words.take(&["COLUMNS"]) {
        true => Ok(kinds),
        false => Err(words.unexpected(922, "missing or invalid option")),
    }
}
