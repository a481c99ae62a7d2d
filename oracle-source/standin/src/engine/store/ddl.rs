//! Everything that is neither query nor DML: read here where it is about users, logging, logs and sessions, by
//! `schema_map` where it is about objects.

use super::{
    Store, TableInfo, file,
    file::{SUPPLEMENTAL_ALL, SUPPLEMENTAL_FK, SUPPLEMENTAL_MIN, SUPPLEMENTAL_PK, SUPPLEMENTAL_UI},
    lock, model,
    model::{Model, Object},
    redo::{Record, op},
    row, sequence,
    users::{OBJECT_PRIVILEGES, SYSTEM_PRIVILEGES},
    write,
};
use crate::OraError;
use rusqlite::{Connection, OptionalExtension, params};
use schema_map::{
    ConstraintKind, ObjectKind, ObjectPath, OracleIdent, TableKind,
    script::{Applied, DdlAction, ScriptError, ScriptErrorKind},
    sql::{Lexer, Token, TokenKind},
};
use std::{collections::HashSet, sync::Arc, time::Duration};
use type_convert::{OracleType, UtcOffset, Value, literal};

/// The tokens of a statement, without comments and terminator.
struct Words<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        let mut tokens: Vec<_> = Lexer::new(text).filter(|t| t.kind != TokenKind::Comment).collect();
        while tokens.last().is_some_and(|t| t.is_symbol(";") || t.is_symbol("/")) {
            tokens.pop();
        }
        Words { tokens, at: 0 }
    }

    fn peek(&self, ahead: usize) -> Option<&Token<'a>> {
        self.tokens.get(self.at + ahead)
    }

    /// Takes these keywords, all or none.
    fn take(&mut self, keywords: &[&str]) -> bool {
        let all = keywords.iter().enumerate().all(|(n, k)| self.peek(n).is_some_and(|t| t.is_word(k)));
        if all {
            self.at += keywords.len();
        }
        all
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let is = self.peek(0).is_some_and(|t| t.is_symbol(symbol));
        self.at += usize::from(is);
        is
    }

    fn ident(&mut self) -> Option<String> {
        let token = self.peek(0)?;
        let name = match token.kind {
            TokenKind::Word => token.text.to_uppercase(),
            TokenKind::QuotedIdent => token.text.trim_matches('"').to_owned(),
            _ => return None,
        };
        self.at += 1;
        Some(name)
    }

    fn path(&mut self) -> Option<(Option<String>, String)> {
        let first = self.ident()?;
        if self.symbol(".") { Some((Some(first), self.ident()?)) } else { Some((None, first)) }
    }

    fn is_end(&self) -> bool {
        self.at == self.tokens.len()
    }

    /// An error at the current token.
    fn unexpected(&self, code: i32, message: &str) -> OraError {
        let mut error = OraError::new(code, message);
        let offset = self.peek(0).or(self.tokens.last()).map_or(0, |t| t.offset);
        error.offset = u16::try_from(offset).unwrap_or(0);
        error
    }

    fn end(&self) -> Result<(), OraError> {
        if self.is_end() { Ok(()) } else { Err(self.unexpected(922, "missing or invalid option")) }
    }

    /// Parenthesised names.
    fn names(&mut self) -> Option<Vec<String>> {
        if !self.symbol("(") {
            return None;
        }
        let mut names = vec![self.ident()?];
        while self.symbol(",") {
            names.push(self.ident()?);
        }
        self.symbol(")").then_some(names)
    }
}

/// What the DDL row of the redo says.
#[derive(Default)]
struct Subject {
    owner: String,
    name: String,
    kind: String,
}

fn invalid() -> OraError {
    OraError::new(922, "missing or invalid option")
}

fn insufficient() -> OraError {
    OraError::new(1031, "insufficient privileges")
}

fn busy() -> OraError {
    OraError::new(54, "resource busy and acquire with NOWAIT specified or timeout expired")
}

fn unimplemented(what: &str) -> OraError {
    OraError::new(3001, format!("unimplemented feature: {what}"))
}

impl Store {
    pub(super) fn run_ddl(&mut self, text: &str) -> Result<(), OraError> {
        if self.writing.is_some() {
            return Err(OraError::new(600, "internal error code, arguments: [DDL within a statement]"));
        }
        let mut words = Words::new(text);
        if words.take(&["ALTER", "SESSION"]) {
            return self.alter_session(words);
        }
        if words.take(&["LOCK", "TABLE"]) {
            return self.lock_tables(words);
        }
        if words.take(&["SET", "TRANSACTION"]) {
            return match words.take(&["READ", "WRITE"])
                || words.take(&["ISOLATION", "LEVEL", "READ", "COMMITTED"])
                || words.take(&["NAME"])
            {
                true => Ok(()),
                false => Err(unimplemented("the stand-in has READ WRITE, READ COMMITTED transactions only")),
            };
        }
        if words.take(&["SET", "ROLE"]) {
            return match words.take(&["ALL"]) && words.is_end() {
                true => Ok(()),
                false => Err(unimplemented("the stand-in's sessions have all their roles enabled")),
            };
        }
        if words.take(&["SET"]) {
            return Err(unimplemented("SET CONSTRAINTS: the stand-in checks every constraint at once"));
        }
        if words.take(&["ALTER", "SYSTEM"]) {
            return self.alter_system(words);
        }
        self.end_transaction(true)?;
        self.begin_write()?;
        let result = self.perform(words, text);
        let result = result.and_then(|subject| self.log_ddl(&subject, text));
        self.transaction = None;
        self.finish_write(result)?;
        self.model()?;
        Ok(())
    }

    /// The transaction that a DDL statement is to the redo log.
    fn log_ddl(&mut self, subject: &Subject, text: &str) -> Result<(), OraError> {
        let transaction = self.transaction_id()?;
        let mut data = Vec::new();
        let text = without_password(text);
        for piece in [&subject.owner, &subject.name, &subject.kind, &text] {
            row::put_piece(&mut data, piece.as_bytes());
        }
        let object = self
            .model
            .borrow()
            .object(&subject.owner, &subject.name, &subject.kind)
            .map_or((0, 0), |o| (o.id, o.version));
        if let Some(writing) = &mut self.writing {
            let record = Record {
                transaction,
                prev: 0,
                op: op::DDL,
                object: object.0,
                version: object.1,
                rid: 0,
                undo: 0,
                data: &data,
                joins: false,
            };
            writing.append(&lock(&self.connection), &record)?;
            writing.state.model += 1;
        }
        self.write_end(true)
    }

    fn demand_system(&self, privilege: &str) -> Result<(), OraError> {
        match self.model.borrow().privileges.has_system(&self.user, privilege) {
            true => Ok(()),
            false => Err(insufficient()),
        }
    }

    fn perform(&mut self, mut words: Words<'_>, text: &str) -> Result<Subject, OraError> {
        if words.take(&["CREATE", "USER"]) {
            return self.create_user_statement(words);
        }
        if words.take(&["ALTER", "USER"]) {
            return self.alter_user(words);
        }
        if words.take(&["DROP", "USER"]) {
            return self.drop_user(words);
        }
        if words.take(&["CREATE", "ROLE"]) {
            self.demand_system("CREATE ROLE")?;
            let name = words.ident().ok_or_else(invalid)?;
            words.take(&["NOT", "IDENTIFIED"]);
            words.end()?;
            let model = Arc::clone(&self.model.borrow());
            if model.privileges.is_role(&name) || model.user(&name).is_some() {
                return Err(OraError::new(
                    1921,
                    format!("role name '{name}' conflicts with another user or role name"),
                ));
            }
            lock(&self.connection).execute("INSERT INTO roles VALUES (?1)", [name])?;
            return Ok(Subject::default());
        }
        if words.take(&["DROP", "ROLE"]) {
            self.demand_system("CREATE ROLE")?;
            let name = words.ident().ok_or_else(invalid)?;
            words.end()?;
            let connection = lock(&self.connection);
            if connection.execute("DELETE FROM roles WHERE name = ?1", [&name])? == 0 {
                return Err(OraError::new(1919, format!("role '{name}' does not exist")));
            }
            connection.execute("DELETE FROM grants WHERE grantee = ?1 OR (privilege = ?1 AND object = '')", [&name])?;
            return Ok(Subject::default());
        }
        if words.take(&["GRANT"]) {
            return self.grant(words, true);
        }
        if words.take(&["REVOKE"]) {
            return self.grant(words, false);
        }
        if words.take(&["ALTER", "DATABASE"]) {
            return self.alter_database(words);
        }
        if words.take(&["TRUNCATE", "TABLE"]) {
            return self.truncate(words);
        }
        let start = words.at;
        if words.take(&["ALTER", "TABLE"]) {
            if let Some(path) = words.path() {
                let log = |n: usize| words.peek(n).is_some_and(|t| t.is_word("SUPPLEMENTAL"));
                if log(1) {
                    return self.table_supplemental(words, path);
                }
                for (enable, keywords) in
                    [(true, ["ENABLE", "ALL", "TRIGGERS"]), (false, ["DISABLE", "ALL", "TRIGGERS"])]
                {
                    if words.take(&keywords) {
                        words.end()?;
                        return self.enable_table_triggers(path, enable);
                    }
                }
            }
            words.at = start;
        }
        if words.take(&["DROP", "INDEX"]) {
            if let Some((owner, name)) = words.path() {
                self.demand_no_key_behind(owner.as_deref(), &name)?;
            }
            words.at = start;
        }
        if words.take(&["ALTER"]) {
            if let Some(subject) = self.alter_code(&mut words)? {
                return Ok(subject);
            }
            words.at = start;
        }
        self.change_catalog(&words, text)
    }

    // --- session and system ------------------------------------------------------------------------------------

    fn alter_session(&mut self, mut words: Words<'_>) -> Result<(), OraError> {
        if words.take(&["ENABLE"]) || words.take(&["DISABLE"]) {
            return match words.take(&["PARALLEL"]) {
                // Nothing runs in parallel here, which is what either asks for at most.
                true => Ok(()),
                false => Err(invalid()),
            };
        }
        if !words.take(&["SET"]) {
            return Err(words.unexpected(2248, "invalid option for ALTER SESSION"));
        }
        let (mut nls, mut schema) = (self.nls.clone(), self.schema.clone());
        let mut first = true;
        while first || !words.is_end() {
            first = false;
            let parameter = words.ident().ok_or_else(|| words.unexpected(2248, "invalid option for ALTER SESSION"))?;
            if !words.symbol("=") {
                return Err(words.unexpected(927, "missing equal sign"));
            }
            let token = words.peek(0).copied().ok_or_else(|| words.unexpected(2017, "integer value required"))?;
            let value = match token.kind {
                TokenKind::Text => token.text_value().unwrap_or_default(),
                TokenKind::QuotedIdent => token.text.trim_matches('"').to_owned(),
                TokenKind::Word => token.text.to_uppercase(),
                _ => token.text.to_owned(),
            };
            words.at += 1;
            if words.symbol("$") {
                words.ident();
            }
            match parameter.as_str() {
                "CURRENT_SCHEMA" => {
                    if self.model()?.user(&value).is_none() {
                        return Err(OraError::new(1435, "user does not exist"));
                    }
                    schema = value;
                }
                "CONTAINER" => return Err(OraError::new(65090, "operation only allowed in a container database")),
                "TIME_ZONE" => nls.time_zone = time_zone(&value)?,
                "ISOLATION_LEVEL" if value.eq_ignore_ascii_case("SERIALIZABLE") => {
                    return Err(unimplemented("the stand-in's transactions are READ COMMITTED"));
                }
                // These only bear on how fast or how loudly Oracle works.
                "ISOLATION_LEVEL"
                | "OPTIMIZER_MODE"
                | "SQL_TRACE"
                | "STATISTICS_LEVEL"
                | "DDL_LOCK_TIMEOUT"
                | "PLSQL_WARNINGS"
                | "DB_FILE_MULTIBLOCK_READ_COUNT"
                | "SORT_AREA_SIZE"
                | "WORKAREA_SIZE_POLICY"
                | "HASH_AREA_SIZE" => {}
                _ => {
                    if !nls.set(&parameter, &value)? {
                        return Err(OraError::new(2248, format!("invalid option for ALTER SESSION: {parameter}")));
                    }
                }
            }
        }
        (self.nls, self.schema) = (nls, schema);
        Ok(())
    }

    fn alter_system(&mut self, mut words: Words<'_>) -> Result<(), OraError> {
        self.model()?;
        self.demand_system("ALTER SYSTEM")?;
        if words.take(&["CHECKPOINT"]) {
            words.take(&["GLOBAL"]);
            words.take(&["LOCAL"]);
            return words.end();
        }
        let archive = words.take(&["ARCHIVE", "LOG", "CURRENT"]) || words.take(&["ARCHIVE", "LOG", "ALL"]);
        if archive || words.take(&["SWITCH", "LOGFILE"]) {
            words.end()?;
            if archive {
                let archivelog: bool =
                    lock(&self.connection).query_row("SELECT archivelog FROM state", [], |r| r.get(0))?;
                if !archivelog {
                    return Err(OraError::new(258, "manual archiving in NOARCHIVELOG mode must identify log"));
                }
            }
            return self.switch_log();
        }
        Err(words.unexpected(2065, "illegal option for ALTER SYSTEM"))
    }

    fn alter_database(&mut self, mut words: Words<'_>) -> Result<Subject, OraError> {
        self.demand_system("ALTER DATABASE")?;
        // A name may come first.
        let keywords = ["ADD", "DROP", "ARCHIVELOG", "NOARCHIVELOG", "FORCE", "NO"];
        if words.peek(0).is_some_and(|t| !keywords.iter().any(|k| t.is_word(k))) {
            words.ident();
        }
        let connection = lock(&self.connection);
        let writing = self.writing.as_mut().ok_or_else(invalid)?;
        writing.wrote = true;
        if words.take(&["ARCHIVELOG"]) {
            writing.state.archivelog = true;
        } else if words.take(&["NOARCHIVELOG"]) {
            writing.state.archivelog = false;
        } else if words.take(&["FORCE", "LOGGING"]) {
            connection.execute("UPDATE state SET force_logging = 1", [])?;
        } else if words.take(&["NO", "FORCE", "LOGGING"]) {
            connection.execute("UPDATE state SET force_logging = 0", [])?;
        } else {
            let add = words.take(&["ADD", "SUPPLEMENTAL", "LOG", "DATA"]);
            if !add && !words.take(&["DROP", "SUPPLEMENTAL", "LOG", "DATA"]) {
                return Err(words.unexpected(2231, "missing or invalid option to ALTER DATABASE"));
            }
            let mut bits = 0;
            if words.symbol("(") {
                for kind in supplemental_kinds(&mut words)? {
                    bits |= match kind {
                        "PRIMARY KEY LOGGING" => SUPPLEMENTAL_PK,
                        "UNIQUE KEY LOGGING" => SUPPLEMENTAL_UI,
                        "FOREIGN KEY LOGGING" => SUPPLEMENTAL_FK,
                        _ => SUPPLEMENTAL_ALL,
                    };
                }
            }
            let others = SUPPLEMENTAL_PK | SUPPLEMENTAL_UI | SUPPLEMENTAL_FK | SUPPLEMENTAL_ALL;
            if add {
                writing.state.supplemental |= bits | SUPPLEMENTAL_MIN;
            } else if bits != 0 {
                writing.state.supplemental &= !bits;
            } else if writing.state.supplemental & others != 0 {
                return Err(OraError::new(32589, "unable to drop minimal supplemental logging"));
            } else {
                writing.state.supplemental &= !SUPPLEMENTAL_MIN;
            }
        }
        words.end()?;
        Ok(Subject::default())
    }

    fn lock_tables(&mut self, mut words: Words<'_>) -> Result<(), OraError> {
        let mut tables = Vec::new();
        loop {
            let (owner, name) = words.path().ok_or_else(|| words.unexpected(903, "invalid table name"))?;
            tables.push(self.named_table(owner.as_deref(), &name, "LOCK ANY TABLE")?);
            if !words.symbol(",") {
                break;
            }
        }
        let modes: [(&[&str], i64); 6] = [
            (&["ROW", "SHARE"], 2),
            (&["ROW", "EXCLUSIVE"], 3),
            (&["SHARE", "UPDATE"], 2),
            (&["SHARE", "ROW", "EXCLUSIVE"], 5),
            (&["SHARE"], 4),
            (&["EXCLUSIVE"], 6),
        ];
        if !words.take(&["IN"]) {
            return Err(words.unexpected(925, "missing INTO keyword: expected IN … MODE"));
        }
        let mode = modes.iter().find_map(|(keywords, mode)| words.take(keywords).then_some(*mode));
        let mode = mode
            .ok_or_else(|| words.unexpected(1737, "valid modes: [ROW] SHARE, [[SHARE] ROW] EXCLUSIVE, SHARE UPDATE"))?;
        if !words.take(&["MODE"]) {
            return Err(words.unexpected(924, "missing MODE keyword"));
        }
        let timeout = if words.take(&["NOWAIT"]) {
            Some(Duration::ZERO)
        } else if words.take(&["WAIT"]) {
            let seconds = words.peek(0).and_then(|t| t.text.parse().ok()).ok_or_else(invalid)?;
            words.at += 1;
            Some(Duration::from_secs(seconds))
        } else {
            self.lock_timeout
        };
        words.end()?;
        let before = std::mem::replace(&mut self.lock_timeout, timeout);
        let result = self.run_statement(&mut |store| {
            for table in &tables {
                store.lock_table(table.id(), mode)?;
            }
            Ok(0)
        });
        self.lock_timeout = before;
        result.map(|_| ())
    }

    /// A table by its name, where the session owns it or may do this with any.
    fn named_table(&self, owner: Option<&str>, name: &str, any: &str) -> Result<Arc<TableInfo>, OraError> {
        let model = match self.writing {
            Some(_) => Arc::clone(&self.model.borrow()),
            None => self.model()?,
        };
        let relation = self.resolve(&model, owner, name, 0)?.ok_or_else(super::no_table)?;
        let table = model.table(relation.id).ok_or_else(super::no_table)?;
        let owner = table.table.path.schema.as_str();
        if owner != self.user && !model.privileges.has_system(&self.user, any) {
            return Err(insufficient());
        }
        Ok(Arc::clone(table))
    }

    // --- users and rights --------------------------------------------------------------------------------------

    fn create_user_statement(&mut self, mut words: Words<'_>) -> Result<Subject, OraError> {
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
            params![name, super::clock::now(), options.locked.unwrap_or(false)],
        )?;
        file::set_password(&connection, &name, &password)?;
        Ok(Subject::default())
    }

    fn alter_user(&mut self, mut words: Words<'_>) -> Result<Subject, OraError> {
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

    fn drop_user(&mut self, mut words: Words<'_>) -> Result<Subject, OraError> {
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
        Ok(Subject::default())
    }

    fn grant(&mut self, mut words: Words<'_>, give: bool) -> Result<Subject, OraError> {
        let model = Arc::clone(&self.model.borrow());
        let mut privileges: Vec<String> = Vec::new();
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
                    return Err(unimplemented("privileges on single columns"));
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
            privileges.push(name);
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
                return Err(super::no_table());
            }
            return Ok((schema, name));
        }
        let system = owner.is_none() || owner.as_deref() == Some("SYS");
        if system && super::super::views::is_grantable(&name) {
            return Ok(("SYS".to_owned(), name));
        }
        if system && name.contains("V$") {
            return Err(OraError::new(2030, "can only select from fixed tables/views"));
        }
        Err(super::no_table())
    }

    // --- tables ------------------------------------------------------------------------------------------------

    /// Refuses where another transaction has changed or locked the table.
    fn demand_unlocked(&self, object: i64) -> Result<(), OraError> {
        let open = self.writing.as_ref().map(|w| w.open.clone()).unwrap_or_default();
        let holders: Vec<i64> = lock(&self.connection)
            .prepare_cached("SELECT tx FROM table_locks WHERE object = ?1")?
            .query_map([object], |r| r.get(0))?
            .collect::<Result<_, _>>()?;
        if holders.iter().any(|h| open.contains(h)) { Err(busy()) } else { Ok(()) }
    }

    /// An index behind a key cannot be dropped without it.
    fn demand_no_key_behind(&self, owner: Option<&str>, index: &str) -> Result<(), OraError> {
        let schema = OracleIdent::new(owner.unwrap_or(&self.schema));
        let (Ok(schema), Ok(name)) = (schema, OracleIdent::new(index)) else { return Ok(()) };
        match self.model.borrow().enforces_key(&ObjectPath { schema, name }) {
            true => Err(OraError::new(2429, "cannot drop index used for enforcement of unique/primary key")),
            false => Ok(()),
        }
    }

    fn subject(table: &TableInfo) -> Subject {
        Subject {
            owner: table.table.path.schema.as_str().to_owned(),
            name: table.table.path.name.as_str().to_owned(),
            kind: "TABLE".to_owned(),
        }
    }

    fn truncate(&mut self, mut words: Words<'_>) -> Result<Subject, OraError> {
        let (owner, name) = words.path().ok_or_else(|| words.unexpected(903, "invalid table name"))?;
        let _ = words.take(&["DROP", "STORAGE"])
            || words.take(&["REUSE", "STORAGE"])
            || words.take(&["DROP", "ALL", "STORAGE"]);
        words.end()?;
        let table = self.named_table(owner.as_deref(), &name, "DROP ANY TABLE")?;
        self.demand_unlocked(table.id())?;
        if table.children.iter().any(|f| f.child != table.id()) {
            return Err(OraError::new(2266, "unique/primary keys in table referenced by enabled foreign keys"));
        }
        let id = table.id();
        let connection = lock(&self.connection);
        connection.execute_batch(&format!("DELETE FROM c{id}; DELETE FROM v{id}; DELETE FROM k{id};"))?;
        connection.execute("DELETE FROM extents WHERE object = ?1", [id])?;
        let data_object = next_object(&connection)?;
        let scn = self.writing.as_ref().map_or(0, |w| w.state.scn) + 1;
        connection.execute(
            "UPDATE objects SET data_object = ?2, next_rid = 0, extent_end = 0, changed_scn = ?3, changed = ?4 WHERE id = ?1",
            params![id, data_object, scn, super::clock::now()],
        )?;
        Ok(Self::subject(&table))
    }

    /// `ALTER TABLE … ADD | DROP SUPPLEMENTAL LOG …`.
    fn table_supplemental(
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

    fn enable_table_triggers(&mut self, path: (Option<String>, String), enable: bool) -> Result<Subject, OraError> {
        let table = self.named_table(path.0.as_deref(), &path.1, "ALTER ANY TABLE")?;
        let model = Arc::clone(&self.model.borrow());
        let connection = lock(&self.connection);
        for code in model.catalog.stored_code.iter().filter(|c| c.table.as_ref() == Some(&table.table.path)) {
            connection.execute(
                "UPDATE objects SET enabled = ?3 WHERE owner = ?1 AND name = ?2 AND kind = 'TRIGGER'",
                params![code.path.schema.as_str(), code.path.name.as_str(), enable],
            )?;
        }
        Ok(Self::subject(&table))
    }

    /// `ALTER TRIGGER … ENABLE | DISABLE` and what compiles or rebuilds without changing anything.
    fn alter_code(&mut self, words: &mut Words<'_>) -> Result<Option<Subject>, OraError> {
        let kinds = ["TRIGGER", "PROCEDURE", "FUNCTION", "PACKAGE", "VIEW", "TYPE", "INDEX"];
        let Some(kind) = kinds.into_iter().find(|k| words.take(&[k])) else { return Ok(None) };
        let Some((owner, name)) = words.path() else { return Ok(None) };
        let enabled = match kind {
            "TRIGGER" if words.take(&["ENABLE"]) => Some(true),
            "TRIGGER" if words.take(&["DISABLE"]) => Some(false),
            "INDEX" if words.take(&["REBUILD"]) => {
                words.take(&["ONLINE"]);
                None
            }
            _ if kind != "INDEX" && words.take(&["COMPILE"]) => {
                let _ = words.take(&["BODY"]) || words.take(&["PACKAGE"]) || words.take(&["SPECIFICATION"]);
                None
            }
            _ => return Ok(None),
        };
        words.end()?;
        let owner = owner.unwrap_or_else(|| self.schema.clone());
        let model = Arc::clone(&self.model.borrow());
        let object = model.object(&owner, &name, kind).ok_or_else(|| match kind {
            "TRIGGER" => OraError::new(4080, format!("trigger '{name}' does not exist")),
            "INDEX" => OraError::new(1418, "specified index does not exist"),
            "VIEW" => super::no_table(),
            _ => OraError::new(4043, format!("object {name} does not exist")),
        })?;
        if owner != self.user {
            self.demand_system(if kind == "TRIGGER" { "ALTER ANY TRIGGER" } else { "ALTER ANY PROCEDURE" })?;
        }
        if let Some(enabled) = enabled {
            lock(&self.connection)
                .execute("UPDATE objects SET enabled = ?2 WHERE id = ?1", params![object.id, enabled])?;
        }
        Ok(Some(Subject { owner, name, kind: kind.to_owned() }))
    }

    // --- the catalog -------------------------------------------------------------------------------------------

    /// A statement that `schema_map` understands.
    fn change_catalog(&mut self, words: &Words<'_>, text: &str) -> Result<Subject, OraError> {
        let old = Arc::clone(&self.model.borrow());
        let mut raw = old.raw();
        let applied =
            model::apply(&mut raw, text, &self.schema).map_err(|e| ora_error(&e, words, text, &old, &self.schema))?;
        let Applied::Ddl { action, kind, path } = applied else {
            return Err(match words.tokens.first().filter(|t| DDL_VERBS.iter().any(|v| t.is_word(v))) {
                Some(_) => OraError::new(922, "missing or invalid option: the stand-in does not know this statement"),
                None => OraError::new(900, "invalid SQL statement"),
            });
        };
        if kind == ObjectKind::Table && action != DdlAction::Comment {
            refuse_column_properties(words)?;
        }
        let schema = path.schema.as_str();
        if schema != self.user {
            let noun = match kind {
                ObjectKind::Table | ObjectKind::Constraint => "TABLE",
                ObjectKind::Index => "INDEX",
                ObjectKind::Sequence => "SEQUENCE",
                ObjectKind::View => "VIEW",
                ObjectKind::Synonym => "SYNONYM",
                _ => "PROCEDURE",
            };
            let verb = match action {
                DdlAction::Create => "CREATE",
                DdlAction::Drop => "DROP",
                DdlAction::Comment => "COMMENT",
                _ => "ALTER",
            };
            let privilege = match (schema, noun, verb) {
                ("PUBLIC", "SYNONYM", verb) => format!("{verb} PUBLIC SYNONYM"),
                (_, _, "COMMENT") => "COMMENT ANY TABLE".to_owned(),
                (_, "VIEW", "ALTER") => "CREATE ANY VIEW".to_owned(),
                (_, "SYNONYM", "ALTER") => "CREATE ANY SYNONYM".to_owned(),
                (_, noun, verb) => format!("{verb} ANY {noun}"),
            };
            self.demand_system(&privilege)?;
            if schema != "PUBLIC" && old.user(schema).is_none() {
                return Err(OraError::new(1918, format!("user '{schema}' does not exist")));
            }
        }
        self.refuse_what_rows_forbid(&old, &raw, words, action, kind, &path)?;
        self.synchronise(&old, &mut raw, text, action)?;
        let subject_kind = match kind {
            ObjectKind::Table => "TABLE",
            ObjectKind::Index => "INDEX",
            ObjectKind::Sequence => "SEQUENCE",
            ObjectKind::View => "VIEW",
            ObjectKind::Synonym => "SYNONYM",
            _ => "",
        };
        Ok(Subject { owner: schema.to_owned(), name: path.name.as_str().to_owned(), kind: subject_kind.to_owned() })
    }

    /// Locks of other sessions, and foreign keys to what is dropped.
    fn refuse_what_rows_forbid(
        &self,
        old: &Model,
        raw: &schema_map::Catalog,
        words: &Words<'_>,
        action: DdlAction,
        kind: ObjectKind,
        path: &schema_map::ObjectPath,
    ) -> Result<(), OraError> {
        if kind == ObjectKind::Table && action == DdlAction::Create {
            let table = raw.table(path);
            if table.is_some_and(|t| {
                !matches!(t.kind, TableKind::Heap | TableKind::IndexOrganized | TableKind::GlobalTemporary)
            }) {
                return Err(unimplemented("the stand-in has heap and index-organised tables only"));
            }
            if table.is_some_and(|t| t.constraints.iter().any(|c| c.deferrable)) {
                return Err(unimplemented("the stand-in has no deferrable constraints"));
            }
        }
        for table in &old.catalog.tables {
            let Some(id) = old.object(table.path.schema.as_str(), table.path.name.as_str(), "TABLE").map(|o| o.id)
            else {
                continue;
            };
            match raw.table(&table.path) {
                Some(new)
                    if new.columns == old_raw_columns(table) && new.constraints.len() == table.constraints.len() =>
                {
                    if new.constraints != table.constraints && action != DdlAction::Comment {
                        self.demand_unlocked(id)?;
                    }
                }
                Some(_) => self.demand_unlocked(id)?,
                None => {
                    self.demand_unlocked(id)?;
                    let cascade =
                        words.tokens.windows(2).any(|w| w[0].is_word("CASCADE") && w[1].is_word("CONSTRAINTS"));
                    let referred = old.table(id).is_some_and(|t| t.children.iter().any(|f| f.child != id));
                    if action == DdlAction::Drop && referred && !cascade {
                        return Err(OraError::new(2449, "unique/primary keys in table referenced by foreign keys"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Brings objects and rows in line with the changed catalog.
    fn synchronise(
        &mut self,
        old: &Arc<Model>,
        raw: &mut schema_map::Catalog,
        text: &str,
        action: DdlAction,
    ) -> Result<(), OraError> {
        old.with_generated_names(raw);
        let scn = self.writing.as_ref().map_or(0, |w| w.state.scn) + 1;
        let now = super::clock::now();
        let connection = lock(&self.connection);
        let before = model::catalog_objects(&old.catalog);
        // Twice: sequences behind identity columns are called by their tables' numbers.
        for round in 0..2 {
            let objects = model::objects(&connection)?;
            let catalog = old.complete_next(raw, &objects);
            let after = model::catalog_objects(&catalog);
            let have: HashSet<(String, String, String)> =
                objects.iter().map(|o| (o.owner.clone(), o.name.clone(), o.kind.clone())).collect();
            let is_new =
                |o: &&(String, String, &'static str)| !have.contains(&(o.0.clone(), o.1.clone(), o.2.to_owned()));
            let mut gone: Vec<_> = before.iter().filter(|o| !after.contains(*o) && !is_new(o)).cloned().collect();
            let mut fresh: Vec<_> = after.iter().filter(is_new).cloned().collect();
            if round == 0 && action == DdlAction::Rename {
                for new in std::mem::take(&mut fresh) {
                    match gone.iter().position(|g| g.2 == new.2 && g.0 == new.0) {
                        Some(at) => {
                            let was = gone.remove(at);
                            connection.execute(
                                "UPDATE objects SET name = ?4, changed = ?5 WHERE owner = ?1 AND name = ?2 AND kind = ?3",
                                params![was.0, was.1, was.2, new.1, now],
                            )?;
                            connection.execute(
                                "UPDATE grants SET object = ?3 WHERE owner = ?1 AND object = ?2",
                                params![was.0, was.1, new.1],
                            )?;
                        }
                        None => fresh.push(new),
                    }
                }
            }
            for (owner, name, kind) in gone {
                let id: i64 = connection.query_row(
                    "SELECT id FROM objects WHERE owner = ?1 AND name = ?2 AND kind = ?3",
                    params![owner, name, kind],
                    |r| r.get(0),
                )?;
                connection.execute("DELETE FROM objects WHERE id = ?1", [id])?;
                connection.execute("DELETE FROM sequences WHERE object = ?1", [id])?;
                if kind == "TABLE" {
                    connection.execute_batch(&format!("DROP TABLE c{id}; DROP TABLE v{id}; DROP TABLE k{id};"))?;
                    connection.execute("DELETE FROM extents WHERE object = ?1", [id])?;
                    connection.execute("DELETE FROM log_groups WHERE object = ?1", [id])?;
                }
                if !after.iter().any(|o| o.0 == owner && o.1 == name) {
                    connection.execute("DELETE FROM grants WHERE owner = ?1 AND object = ?2", params![owner, name])?;
                }
            }
            for (owner, name, kind) in fresh {
                let id = next_object(&connection)?;
                connection.execute(
                    "INSERT INTO objects VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, 1, ?1, 0, 0, 1)",
                    params![id, owner, name, kind, now, scn],
                )?;
                if kind == "TABLE" {
                    connection.execute_batch(&format!(
                        "CREATE TABLE c{id}(rid INTEGER PRIMARY KEY, tx INTEGER NOT NULL, ch INTEGER NOT NULL, data BLOB);
                         CREATE TABLE v{id}(rid INTEGER, ch INTEGER, tx INTEGER NOT NULL, data BLOB, PRIMARY KEY (rid, ch)) WITHOUT ROWID;
                         CREATE TABLE k{id}(def INTEGER, key BLOB, rid INTEGER, PRIMARY KEY (def, key, rid)) WITHOUT ROWID;"
                    ))?;
                }
            }
        }
        connection.execute("INSERT INTO ddl(schema, text, at) VALUES (?1, ?2, ?3)", params![self.schema, text, now])?;
        connection.execute("UPDATE state SET model = model + 1", [])?;
        let mut new = Model::load(&connection, Some(old))?;
        let mut reshaped = false;
        for table in new.tables() {
            if let Some(was) = old.table(table.id()) {
                reshaped |= reshape(&connection, &new, was, table, scn, now)?;
            }
        }
        for sequence in &new.catalog.sequences {
            let was = old.catalog.sequences.iter().find(|s| s.path == sequence.path);
            let object = new.object(sequence.path.schema.as_str(), sequence.path.name.as_str(), "SEQUENCE");
            if let (Some(was), Some(object)) = (was, object)
                && was.next_value != sequence.next_value
            {
                sequence::set_position(&connection, object.id, sequence.next_value, sequence.next_value)?;
            }
        }
        if reshaped {
            new = Model::load(&connection, Some(old))?;
        }
        if let Some(writing) = &mut self.writing {
            writing.wrote = true;
        }
        drop(connection);
        *self.model.borrow_mut() = Arc::new(new);
        Ok(())
    }
}

/// What is said of columns that the reader of DDL passes over and rows here would not obey.
fn refuse_column_properties(words: &Words<'_>) -> Result<(), OraError> {
    const OPTIONS: &[&str] =
        &["START", "INCREMENT", "MAXVALUE", "MINVALUE", "CYCLE", "CACHE", "NOCACHE", "ORDER", "LIMIT"];
    for (n, token) in words.tokens.iter().enumerate() {
        let is = |at: usize, keyword: &str| words.tokens.get(at).is_some_and(|t| t.is_word(keyword));
        let what = if is(n, "AS")
            && is(n + 1, "IDENTITY")
            && words.tokens.get(n + 2).is_some_and(|t| t.is_symbol("(") || OPTIONS.iter().any(|o| t.is_word(o)))
        {
            "options of identity columns"
        } else if is(n, "DEFAULT") && is(n + 1, "ON") && is(n + 2, "NULL") {
            "DEFAULT ON NULL"
        } else if token.is_word("INVISIBLE") && n > 0 && !["(", ","].iter().any(|s| words.tokens[n - 1].is_symbol(s)) {
            "invisible columns"
        } else {
            continue;
        };
        return Err(unimplemented(&format!("the stand-in has no {what}")));
    }
    Ok(())
}

fn old_raw_columns(table: &schema_map::Table) -> &[schema_map::Column] {
    &table.columns
}

fn next_object(connection: &Connection) -> Result<i64, OraError> {
    Ok(connection
        .query_row(
            "SELECT max(73000, coalesce(max(id), 0), coalesce(max(data_object), 0),
                    coalesce((SELECT value FROM meta WHERE key = 'last_object'), 0)) + 1 FROM objects",
            [],
            |r| r.get(0),
        )
        .and_then(|id: i64| {
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('last_object', ?1)", [id])?;
            Ok(id)
        })?)
}

/// Brings a table's rows and keys in line with its new columns and constraints. Whether its shape has changed.
fn reshape(
    connection: &Connection,
    model: &Model,
    was: &Arc<TableInfo>,
    table: &Arc<TableInfo>,
    scn: i64,
    now: i64,
) -> Result<bool, OraError> {
    let id = table.id();
    let empty = || -> Result<bool, OraError> {
        Ok(!connection
            .query_row(&format!("SELECT EXISTS (SELECT 1 FROM c{id} WHERE data IS NOT NULL)"), [], |r| r.get(0))?)
    };
    let (before, after) = (&was.table.columns, &table.table.columns);
    let same_names = before.iter().map(|c| &c.name).eq(after.iter().map(|c| &c.name));
    let renamed = !same_names
        && before.len() == after.len()
        && before.iter().zip(after).filter(|(a, b)| a.name != b.name).count() == 1
        && before.iter().zip(after).all(|(a, b)| a.oracle_type == b.oracle_type && a.nullable == b.nullable);
    let same_types =
        before.len() == after.len() && before.iter().zip(after).all(|(a, b)| a.oracle_type == b.oracle_type);
    let shape_changed = !(same_names || renamed) || !same_types;
    if shape_changed && !empty()? {
        rewrite(connection, was, table)?;
    }
    // NOT NULL that was not there.
    for (n, column) in after.iter().enumerate().filter(|(_, c)| !c.nullable && c.virtual_expression.is_none()) {
        let was_nullable = match before.iter().find(|c| c.name == column.name) {
            Some(c) => c.nullable,
            None => !renamed,
        };
        if was_nullable {
            for_each_current(connection, table, |values| match values[n].is_null() {
                true if before.iter().any(|c| c.name == column.name) => {
                    let name = format!("{}.{}", table.table.path.schema, table.table.path.name);
                    Err(OraError::new(2296, format!("cannot enable ({name}.{}) - null values found", column.name)))
                }
                true => Err(OraError::new(1758, "table must be empty to add mandatory (NOT NULL) column")),
                false => Ok(()),
            })?;
        }
    }
    if shape_changed || renamed || !same_names {
        connection.execute(
            "UPDATE objects SET version = version + 1, changed_scn = ?2, changed = ?3 WHERE id = ?1",
            params![id, scn, now],
        )?;
    }
    reindex(connection, model, was, table, shape_changed)?;
    // Conditions are the SQL layer's: only an empty table can be sure to satisfy a new one.
    let checks = |t: &TableInfo| -> Vec<String> {
        let enabled = t.table.constraints.iter().filter(|c| c.enabled && c.validated);
        enabled
            .filter(|c| matches!(c.kind, ConstraintKind::Check { .. }))
            .filter_map(|c| Some(c.name.as_ref()?.as_str().to_owned()))
            .collect()
    };
    let old_checks = checks(was);
    if let Some(name) = checks(table).iter().find(|c| !old_checks.contains(c))
        && !empty()?
    {
        return Err(unimplemented(&format!(
            "the stand-in cannot check {name} against rows that are there: add it before them, or ENABLE NOVALIDATE"
        )));
    }
    if table.table.constraints.iter().any(|c| c.deferrable) {
        return Err(unimplemented("the stand-in has no deferrable constraints"));
    }
    Ok(shape_changed || renamed || !same_names)
}

fn for_each_current(
    connection: &Connection,
    table: &TableInfo,
    mut check: impl FnMut(&[Value]) -> Result<(), OraError>,
) -> Result<(), OraError> {
    let mut statement = connection.prepare(&format!("SELECT data FROM c{} WHERE data IS NOT NULL", table.id()))?;
    let mut rows = statement.query([])?;
    while let Some(found) = rows.next()? {
        let data: Vec<u8> = found.get(0)?;
        check(&row::decode(&data, table.table.columns.len())?)?;
    }
    Ok(())
}

/// Writes all versions of all rows anew, in the new order of columns.
fn rewrite(connection: &Connection, was: &TableInfo, table: &TableInfo) -> Result<(), OraError> {
    let id = table.id();
    let mut plan: Vec<(Option<usize>, Value)> = Vec::new();
    for column in &table.table.columns {
        let from = was.table.columns.iter().position(|c| c.name == column.name);
        let mut fill = Value::Null;
        match from {
            Some(n) => {
                let old = &was.table.columns[n].oracle_type;
                if std::mem::discriminant(old) != std::mem::discriminant(&column.oracle_type) {
                    return Err(OraError::new(1439, "column to be modified must be empty to change datatype"));
                }
                if old != &column.oracle_type && !widens(old, &column.oracle_type) {
                    return Err(OraError::new(1441, "cannot decrease column length because some value is too big"));
                }
            }
            None => {
                if let Some(default) = &column.default {
                    fill = literal::parse(default, &column.oracle_type).map_err(|_| {
                        unimplemented(&format!(
                            "the stand-in fills a new column from a literal only, not from {default}"
                        ))
                    })?;
                }
            }
        }
        plan.push((from, fill));
    }
    for (name, order) in [("c", "rid"), ("v", "rid, ch")] {
        let keys: Vec<(i64, i64, Vec<u8>)> = connection
            .prepare(&format!("SELECT rid, ch, data FROM {name}{id} WHERE data IS NOT NULL ORDER BY {order}"))?
            .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
            .collect::<Result<_, _>>()?;
        let mut update = connection.prepare(&format!("UPDATE {name}{id} SET data = ?3 WHERE rid = ?1 AND ch = ?2"))?;
        for (rid, ch, data) in keys {
            let old = row::decode(&data, was.table.columns.len())?;
            let new: Vec<Value> =
                plan.iter().map(|(from, fill)| from.map_or_else(|| fill.clone(), |n| old[n].clone())).collect();
            update.execute(params![rid, ch, row::encode(&new)])?;
        }
    }
    Ok(())
}

/// Whether every value of the old type is one of the new as it is.
fn widens(old: &OracleType, new: &OracleType) -> bool {
    match (old, new) {
        (OracleType::Varchar2 { length: a, unit: u }, OracleType::Varchar2 { length: b, unit: v }) => {
            a <= b && (u == v || *u == type_convert::LengthUnit::Byte)
        }
        (OracleType::NVarchar2 { length: a }, OracleType::NVarchar2 { length: b })
        | (OracleType::Raw { length: a }, OracleType::Raw { length: b }) => a <= b,
        (OracleType::Number { precision: p, scale: s }, OracleType::Number { precision: q, scale: t }) => {
            match (p, q) {
                (_, None) => t.is_none() || s == t,
                (None, Some(_)) => false,
                (Some(p), Some(q)) => {
                    let (s, t) = (s.unwrap_or(0), t.unwrap_or(0));
                    s <= t && i16::from(*p) - i16::from(s) <= i16::from(*q) - i16::from(t)
                }
            }
        }
        (OracleType::Timestamp { precision: a }, OracleType::Timestamp { precision: b })
        | (OracleType::TimestampTz { precision: a }, OracleType::TimestampTz { precision: b })
        | (OracleType::TimestampLtz { precision: a }, OracleType::TimestampLtz { precision: b }) => a <= b,
        _ => false,
    }
}

/// Enters keys that are new, forgets those that are gone, and checks what newly must hold.
fn reindex(
    connection: &Connection,
    model: &Model,
    was: &TableInfo,
    table: &TableInfo,
    moved: bool,
) -> Result<(), OraError> {
    let id = table.id();
    for key in was.keys.iter().filter(|k| table.key(k.id).is_none()) {
        connection.execute(&format!("DELETE FROM k{id} WHERE def = ?1"), [key.id])?;
    }
    for key in &table.keys {
        let before = was.key(key.id);
        if before.is_none() || moved {
            connection.execute(&format!("DELETE FROM k{id} WHERE def = ?1"), [key.id])?;
            for name in ["c", "v"] {
                let mut statement =
                    connection.prepare(&format!("SELECT rid, data FROM {name}{id} WHERE data IS NOT NULL"))?;
                let mut rows = statement.query([])?;
                while let Some(found) = rows.next()? {
                    let (rid, data): (i64, Vec<u8>) = (found.get(0)?, found.get(1)?);
                    if let Some(bytes) = row::key(&row::decode(&data, table.table.columns.len())?, &key.columns) {
                        write::enter_key(connection, id, key.id, &bytes, rid)?;
                    }
                }
            }
        }
        if let Some(name) = &key.unique
            && before.is_none_or(|k| k.unique.is_none())
        {
            let mut seen = HashSet::new();
            for_each_current(connection, table, |values| {
                let again = row::key(values, &key.columns).is_some_and(|bytes| !seen.insert(bytes));
                match again {
                    true => Err(OraError::new(2299, format!("cannot validate ({name}) - duplicate keys found"))),
                    false => Ok(()),
                }
            })?;
        }
    }
    for foreign in &table.parents {
        let validated = table.table.constraints.iter().any(|c| {
            let name = c.name.as_ref().map_or("", OracleIdent::as_str);
            c.validated && format!("{}.{name}", table.table.path.schema) == foreign.name
        });
        if !validated || was.parents.iter().any(|f| f.name == foreign.name) {
            continue;
        }
        let Some(parent) = model.table(foreign.parent) else { continue };
        let mut keys = HashSet::new();
        for_each_current(connection, parent, |values| {
            keys.extend(row::key(values, &foreign.parent_columns));
            Ok(())
        })?;
        for_each_current(connection, table, |values| {
            let missing = !row::has_null(values, &foreign.child_columns)
                && row::key(values, &foreign.child_columns).is_some_and(|k| !keys.contains(&k));
            match missing {
                true => Err(OraError::new(2298, format!("cannot validate ({}) - parent keys not found", foreign.name))),
                false => Ok(()),
            }
        })?;
    }
    Ok(())
}

/// The kinds of `(ALL, PRIMARY KEY, UNIQUE, FOREIGN KEY) COLUMNS`, after the opening parenthesis.
fn supplemental_kinds(words: &mut Words<'_>) -> Result<Vec<&'static str>, OraError> {
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

/// A statement as the redo may hold it.
fn without_password(text: &str) -> String {
    let tokens = Words::new(text).tokens;
    let mut out = text.to_owned();
    // From the end, so that offsets stay.
    for n in (2..tokens.len()).rev() {
        if tokens[n - 2].is_word("IDENTIFIED") && tokens[n - 1].is_word("BY") {
            out.replace_range(tokens[n].offset..tokens[n].end(), "VALUES '*'");
        }
    }
    out
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

fn time_zone(text: &str) -> Result<UtcOffset, OraError> {
    let invalid = || OraError::new(1882, "timezone region not found");
    if ["UTC", "GMT", "LOCAL", "DBTIMEZONE", "ETC/UTC"].contains(&text.to_ascii_uppercase().as_str()) {
        return Ok(UtcOffset { minutes: 0 });
    }
    let (sign, digits) = match text.split_at_checked(1) {
        Some(("-", rest)) => (-1, rest),
        Some(("+", rest)) => (1, rest),
        _ => (1, text),
    };
    let (hours, minutes) = digits.split_once(':').ok_or_else(invalid)?;
    let (hours, minutes): (i16, i16) = (hours.parse().map_err(|_| invalid())?, minutes.parse().map_err(|_| invalid())?);
    if !(0..=15).contains(&hours) || !(0..60).contains(&minutes) {
        return Err(OraError::new(1874, "time zone hour must be between -15 and 15"));
    }
    Ok(UtcOffset { minutes: sign * (hours * 60 + minutes) })
}

const DDL_VERBS: &[&str] = &["CREATE", "ALTER", "DROP", "COMMENT", "RENAME"];

/// Oracle's number for what the reader of DDL says.
fn ora_error(error: &ScriptError, words: &Words<'_>, text: &str, model: &Model, schema: &str) -> OraError {
    let is = |n: usize, keyword: &str| words.tokens.get(n).is_some_and(|t| t.is_word(keyword));
    let code = match error.kind {
        _ if !DDL_VERBS.iter().any(|v| is(0, v)) => 900,
        ScriptErrorKind::Exists => 955,
        ScriptErrorKind::Unsupported => 3001,
        ScriptErrorKind::NotFound if is(0, "COMMENT") || is(1, "TABLE") || is(1, "VIEW") => {
            let mut rest = Words { tokens: words.tokens.clone(), at: 2 };
            let path = rest.path().map(|(owner, name)| (owner.unwrap_or_else(|| schema.to_owned()), name));
            let there = path.is_some_and(|(owner, name)| model.object(&owner, &name, "TABLE").is_some());
            match there {
                true if error.message.contains("constraint") => 2443,
                true => 904,
                false => 942,
            }
        }
        ScriptErrorKind::NotFound if is(1, "SEQUENCE") => 2289,
        ScriptErrorKind::NotFound if is(1, "INDEX") && is(0, "DROP") => 1418,
        ScriptErrorKind::NotFound if is(1, "INDEX") => 942,
        ScriptErrorKind::NotFound if is(1, "SYNONYM") => 1434,
        ScriptErrorKind::NotFound if is(1, "TRIGGER") => 4080,
        ScriptErrorKind::NotFound if is(0, "CREATE") => 942,
        ScriptErrorKind::NotFound => 4043,
        _ => 922,
    };
    let words = match code {
        900 => "invalid SQL statement",
        955 => "name is already used by an existing object",
        3001 => "unimplemented feature",
        942 => "table or view does not exist",
        904 => "invalid identifier",
        2443 => "Cannot drop constraint  - nonexistent constraint",
        2289 => "sequence does not exist",
        1418 => "specified index does not exist",
        1434 => "private synonym to be dropped does not exist",
        4080 => "trigger does not exist",
        4043 => "object does not exist",
        _ => "missing or invalid option",
    };
    let mut ora = OraError::new(code, format!("{words}: {}", error.message));
    let line = text.split_inclusive('\n').take(error.line.saturating_sub(1)).map(str::len).sum::<usize>();
    let in_line: usize =
        text[line.min(text.len())..].chars().take(error.column.saturating_sub(1)).map(char::len_utf8).sum();
    ora.offset = u16::try_from(line + in_line).unwrap_or(0);
    ora
}
