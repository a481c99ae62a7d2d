//! Users, roles and what they may do.

use super::{Subject, Words, insufficient, invalid, unimplemented};
use crate::{
    OraError,
    engine::{
        store::{
            Model, Store, clock, file, lock,
            model::Object,
            no_table,
            users::{OBJECT_PRIVILEGES, SYSTEM_PRIVILEGES},
        },
        views,
    },
};
use rusqlite::params;
use schema_map::{ObjectPath, OracleIdent, sql::TokenKind};
use std::sync::Arc;

impl Store {
    pub(super) fn create_user_statement(&mut self, mut words: Words<'_>) -> Result<Subject, OraError> {
        self.demand_system("CREATE USER")?;
        let name = words.ident().ok_or_else(|| words.unexpected(1935, "missing user or role name"))?;
        let options = user_options(&mut words)?;
        let Some(password) = options.password else {
            return Err(OraError::new(1939, "only the ADMIN OPTION can be specified: IDENTIFIED BY is missing"));
        };
        let model = Arc::clone(&self.model.borrow());
        if model.user(&name).is_some() || model.privileges.is_role(&name) {
            return Err(OraError::new(1920, format!("user name '{name}' conflicts with another user or role name")));
        }
        let connection = lock(&self.connection);
        connection.execute(
            "INSERT INTO users SELECT max(100, coalesce(max(id), 0) + 1), ?1, x'', x'', ?2, ?3 FROM users",
            params![name, clock::now(), options.locked.unwrap_or(false)],
        )?;
        file::set_password(&connection, &name, &password)?;
        Ok(Subject::default())
    }

    pub(super) fn alter_user(&mut self, mut words: Words<'_>) -> Result<Subject, OraError> {
        let name = words.ident().ok_or_else(|| words.unexpected(1935, "missing user or role name"))?;
        let options = user_options(&mut words)?;
        if name != self.user || options.locked.is_some() {
            self.demand_system("ALTER USER")?;
        }
        if self.model.borrow().user(&name).is_none() {
            return Err(OraError::new(1918, format!("user '{name}' does not exist")));
        }
        let connection = lock(&self.connection);
        if let Some(password) = options.password {
            file::set_password(&connection, &name, &password)?;
        }
        if let Some(locked) = options.locked {
            connection.execute("UPDATE users SET locked = ?2 WHERE name = ?1", params![name, locked])?;
        }
        Ok(Subject::default())
    }

    pub(super) fn drop_user(&mut self, mut words: Words<'_>) -> Result<Subject, OraError> {
        self.demand_system("DROP USER")?;
        let name = words.ident().ok_or_else(|| words.unexpected(1935, "missing user or role name"))?;
        let cascade = words.take(&["CASCADE"]);
        words.end()?;
        let model = Arc::clone(&self.model.borrow());
        if model.user(&name).is_none() || name == "SYS" || name == "SYSTEM" {
            return Err(OraError::new(1918, format!("user '{name}' does not exist")));
        }
        let logged_in: bool = lock(&self.connection).query_row(
            "SELECT EXISTS (SELECT 1 FROM sessions WHERE user = ?1)",
            [&name],
            |r| r.get(0),
        )?;
        if logged_in {
            return Err(OraError::new(1940, "cannot drop a user that is currently connected"));
        }
        let owned: Vec<Object> = model.objects.iter().filter(|o| o.owner == name).cloned().collect();
        if !owned.is_empty() && !cascade {
            return Err(OraError::new(1922, format!("CASCADE must be specified to drop '{name}'")));
        }
        // Tables take their indexes and triggers along.
        for kind in ["VIEW", "TABLE", "SEQUENCE", "SYNONYM", "PROCEDURE", "FUNCTION", "PACKAGE", "TRIGGER", "TYPE"] {
            for object in owned.iter().filter(|o| o.kind == kind) {
                let model = Arc::clone(&self.model.borrow());
                if model.object(&object.owner, &object.name, kind).is_none() || object.name.starts_with("ISEQ$$_") {
                    continue;
                }
                let options = match kind {
                    "TABLE" => " CASCADE CONSTRAINTS",
                    "TYPE" => " FORCE",
                    _ => "",
                };
                let text = format!("DROP {kind} \"{}\".\"{}\"{options}", object.owner, object.name);
                self.change_catalog(&Words::new(&text), &text)?;
            }
        }
        let connection = lock(&self.connection);
        connection.execute("DELETE FROM users WHERE name = ?1", [&name])?;
        connection.execute("DELETE FROM grants WHERE grantee = ?1 OR owner = ?1", [&name])?;
        connection.execute("DELETE FROM column_grants WHERE grantee = ?1 OR owner = ?1", [&name])?;
        connection.execute("DELETE FROM plain_objects WHERE owner = ?1", [&name])?;
        Ok(Subject::default())
    }

    pub(super) fn grant(&mut self, mut words: Words<'_>, give: bool) -> Result<Subject, OraError> {
        let model = Arc::clone(&self.model.borrow());
        let mut privileges: Vec<String> = Vec::new();
        let mut on_columns: Vec<(String, Vec<String>)> = Vec::new();
        let option_for = !give && (words.take(&["GRANT", "OPTION", "FOR"]) || words.take(&["ADMIN", "OPTION", "FOR"]));
        if option_for {
            return Err(unimplemented("REVOKE … OPTION FOR"));
        }
        loop {
            let mut name = String::new();
            while let Some(token) = words.peek(0) {
                let ends = ["ON", "TO", "FROM"].iter().any(|k| token.is_word(k)) && !name.is_empty() && name != "ON";
                let commit = token.is_word("ON") && words.peek(1).is_some_and(|t| t.is_word("COMMIT"));
                if token.is_symbol(",") || (ends && !commit) {
                    break;
                }
                if token.is_symbol("(") {
                    if !give || !["INSERT", "UPDATE", "REFERENCES"].contains(&name.as_str()) {
                        return Err(
                            words.unexpected(1750, "UPDATE/REFERENCES may only be revoked from the whole table")
                        );
                    }
                    let columns = words.names().ok_or_else(|| words.unexpected(904, "invalid identifier"))?;
                    on_columns.push((name.clone(), columns));
                    break;
                }
                let word = words.ident().ok_or_else(|| OraError::new(990, "missing or invalid privilege"))?;
                if !name.is_empty() {
                    name.push(' ');
                }
                name.push_str(&word);
            }
            if name.is_empty() {
                return Err(words.unexpected(990, "missing or invalid privilege"));
            }
            if on_columns.last().is_none_or(|(last, _)| *last != name || !words.tokens[words.at - 1].is_symbol(")")) {
                privileges.push(name);
            }
            if !words.symbol(",") {
                break;
            }
        }
        let mut object = None;
        if words.take(&["ON"]) {
            let (owner, name) = words.path().ok_or_else(|| words.unexpected(903, "invalid table name"))?;
            object = Some(self.grant_object(&model, owner, name)?);
        }
        if !words.take(&[if give { "TO" } else { "FROM" }]) {
            return Err(words.unexpected(
                if give { 987 } else { 905 },
                if give { "missing or invalid username(s)" } else { "missing keyword" },
            ));
        }
        let mut grantees = Vec::new();
        loop {
            let name = words.ident().ok_or_else(|| words.unexpected(987, "missing or invalid username(s)"))?;
            if name != "PUBLIC" && model.user(&name).is_none() && !model.privileges.is_role(&name) {
                return Err(OraError::new(1917, format!("user or role '{name}' does not exist")));
            }
            grantees.push(name);
            if !words.symbol(",") {
                break;
            }
        }
        let grantable = give
            && (words.take(&["WITH", "GRANT", "OPTION"])
                || words.take(&["WITH", "ADMIN", "OPTION"])
                || words.take(&["WITH", "HIERARCHY", "OPTION"]));
        if !give {
            words.take(&["CASCADE", "CONSTRAINTS"]);
        }
        words.end()?;
        let mut all: Vec<String> = Vec::new();
        for privilege in privileges {
            match &object {
                Some(_) if privilege == "ALL" || privilege == "ALL PRIVILEGES" => {
                    all.extend(
                        ["ALTER", "DELETE", "INDEX", "INSERT", "REFERENCES", "SELECT", "UPDATE"].map(str::to_owned),
                    );
                }
                Some(_) if OBJECT_PRIVILEGES.contains(&privilege.as_str()) => all.push(privilege),
                None if privilege == "ALL PRIVILEGES" => all.extend(SYSTEM_PRIVILEGES.iter().map(|p| (*p).to_owned())),
                None if model.privileges.is_role(&privilege) || SYSTEM_PRIVILEGES.contains(&privilege.as_str()) => {
                    all.push(privilege);
                }
                None if !privilege.contains(' ') => {
                    return Err(OraError::new(1919, format!("role '{privilege}' does not exist")));
                }
                _ => return Err(OraError::new(990, format!("missing or invalid privilege: {privilege}"))),
            }
        }
        let (owner, name) = object.unwrap_or_default();
        if !on_columns.is_empty() {
            if owner != self.user && !model.privileges.has_system(&self.user, "GRANT ANY OBJECT PRIVILEGE") {
                return Err(insufficient());
            }
            let path = (OracleIdent::new(owner.clone()), OracleIdent::new(name.clone()));
            let table = match path {
                (Ok(schema), Ok(name)) => model.catalog.table(&ObjectPath { schema, name }),
                _ => None,
            };
            let connection = lock(&self.connection);
            for (privilege, column) in on_columns.iter().flat_map(|(p, columns)| columns.iter().map(move |c| (p, c))) {
                if !table.is_some_and(|t| t.columns.iter().any(|c| c.name.as_str() == column)) {
                    return Err(OraError::new(904, format!("\"{column}\": invalid identifier")));
                }
                for grantee in &grantees {
                    connection.execute(
                        "INSERT OR REPLACE INTO column_grants VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                        params![grantee, privilege, owner, name, column, self.user, grantable],
                    )?;
                }
            }
        }
        for privilege in &all {
            let may = if name.is_empty() {
                let needed = if model.privileges.is_role(privilege) { "GRANT ANY ROLE" } else { "GRANT ANY PRIVILEGE" };
                model.privileges.has_system(&self.user, needed)
            } else {
                owner == self.user || model.privileges.has_system(&self.user, "GRANT ANY OBJECT PRIVILEGE")
            };
            let passed_on = model.privileges.grants.iter().any(|g| {
                g.grantee == self.user
                    && g.grantable
                    && g.privilege == *privilege
                    && g.owner == owner
                    && g.object == name
            });
            if !may && !passed_on {
                return Err(insufficient());
            }
            let connection = lock(&self.connection);
            for grantee in &grantees {
                if give {
                    connection.execute(
                        "INSERT INTO grants VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                         ON CONFLICT DO UPDATE SET grantable = max(grantable, ?6)",
                        params![grantee, privilege, owner, name, self.user, grantable],
                    )?;
                } else {
                    let n = connection.execute(
                        "DELETE FROM grants WHERE grantee = ?1 AND privilege = ?2 AND owner = ?3 AND object = ?4",
                        params![grantee, privilege, owner, name],
                    )?;
                    if n == 0 && all.len() == 1 {
                        return Err(match name.is_empty() {
                            true => OraError::new(1952, format!("system privileges not granted to '{grantee}'")),
                            false => OraError::new(1927, "cannot REVOKE privileges you did not grant"),
                        });
                    }
                }
            }
        }
        Ok(Subject::default())
    }

    /// Owner and name of what a privilege is granted on.
    fn grant_object(&self, model: &Model, owner: Option<String>, name: String) -> Result<(String, String), OraError> {
        let schema = owner.clone().unwrap_or_else(|| self.schema.clone());
        if model.objects_named(&schema, &name).any(|o| !matches!(o.kind.as_str(), "INDEX" | "TRIGGER")) {
            if schema != self.user && !self.may(model, &schema, &name, OBJECT_PRIVILEGES, "GRANT ANY OBJECT PRIVILEGE")
            {
                return Err(no_table());
            }
            return Ok((schema, name));
        }
        let system = owner.is_none() || owner.as_deref() == Some("SYS");
        if system && views::is_grantable(&name) {
            return Ok(("SYS".to_owned(), name));
        }
        if system && name.contains("V$") {
            return Err(OraError::new(2030, "can only select from fixed tables/views"));
        }
        Err(no_table())
    }
}

#[derive(Default)]
struct UserOptions {
    password: Option<String>,
    locked: Option<bool>,
}

fn user_options(words: &mut Words<'_>) -> Result<UserOptions, OraError> {
    let mut options = UserOptions::default();
    while !words.is_end() {
        if words.take(&["IDENTIFIED", "BY"]) {
            let token = words.peek(0).copied().ok_or_else(|| OraError::new(988, "missing or invalid password(s)"))?;
            options.password = Some(match token.kind {
                TokenKind::QuotedIdent => token.text.trim_matches('"').to_owned(),
                TokenKind::Word | TokenKind::Number => token.text.to_owned(),
                _ => return Err(words.unexpected(988, "missing or invalid password(s)")),
            });
            words.at += 1;
        } else if words.take(&["ACCOUNT", "LOCK"]) {
            options.locked = Some(true);
        } else if words.take(&["ACCOUNT", "UNLOCK"]) {
            options.locked = Some(false);
        } else if words.take(&["DEFAULT", "TABLESPACE"])
            || words.take(&["TEMPORARY", "TABLESPACE"])
            || words.take(&["PROFILE"])
        {
            words.ident().ok_or_else(invalid)?;
        } else if words.take(&["QUOTA"]) {
            // UNLIMITED, 10M: space is not counted here.
            while words.peek(0).is_some_and(|t| !t.is_word("ON")) {
                words.at += 1;
            }
            if !words.take(&["ON"]) || words.ident().is_none() {
                return Err(invalid());
            }
        } else {
            return Err(words.unexpected(922, "missing or invalid option"));
        }
    }
    Ok(options)
}
