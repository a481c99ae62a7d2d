//! Everything that is neither query nor DML: read here where it is about users, logging, logs and sessions, by
//! `schema_map` where it is about objects.

mod account;
mod plain_object;
mod reshape;
mod supplemental;
mod words;

pub(crate) use plain_object::PlainObject;
use reshape::reshape;
use supplemental::supplemental_kinds;
use words::Words;

use super::{
    Store, TableInfo,
    file::{SUPPLEMENTAL_ALL, SUPPLEMENTAL_FK, SUPPLEMENTAL_MIN, SUPPLEMENTAL_PK, SUPPLEMENTAL_UI},
    lock, model,
    model::Model,
    redo::{Record, op},
    row, sequence,
};
use crate::OraError;
use rusqlite::{Connection, params};
use schema_map::{
    ObjectKind, ObjectPath, OracleIdent, TableKind,
    script::{Applied, DdlAction, ScriptError, ScriptErrorKind},
    sql::TokenKind,
};
use std::{collections::HashSet, sync::Arc, time::Duration};
use type_convert::UtcOffset;

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

    /// Applies a script of nothing but DDL that makes objects, as one change of the dictionary: statement by statement, each would be
    /// as costly as there are objects.
    pub(super) fn make_objects(&mut self, text: &str) -> Result<(), OraError> {
        self.end_transaction(true)?;
        self.begin_write()?;
        let result = self.make_all(text).and_then(|()| self.log_ddl(&Subject::default(), "-- a script of objects"));
        self.transaction = None;
        self.finish_write(result)?;
        self.model()?;
        Ok(())
    }

    fn make_all(&mut self, text: &str) -> Result<(), OraError> {
        let old = Arc::clone(&self.model.borrow());
        let mut raw = old.raw();
        let text = format!("{}{text}", model::SCRIPT);
        model::apply(&mut raw, &text, &self.schema).map_err(|e| OraError::new(922, e.to_string()))?;
        self.synchronise(&old, &mut raw, &text, DdlAction::Create)
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
        if let Some(subject) = self.plain_object(&mut words)? {
            return Ok(subject);
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
            let value = match (words.symbol("$"), value) {
                (true, value) => format!("{value}${}", words.ident().unwrap_or_default()),
                (false, value) => value,
            };
            match parameter.as_str() {
                "CURRENT_SCHEMA" => {
                    if self.model()?.user(&value).is_none() {
                        return Err(OraError::new(1435, "user does not exist"));
                    }
                    schema = value;
                }
                "CONTAINER" => self.set_container(&value)?,
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
        let on_null = ["BY", "DEFAULT", "ON", "NULL"];
        if words.tokens.windows(4).any(|w| w.iter().zip(on_null).all(|(token, word)| token.is_word(word))) {
            return Err(unimplemented("the stand-in has no GENERATED BY DEFAULT ON NULL"));
        }
        let schema = path.schema.as_str();
        if schema != self.user {
            let noun = match kind {
                ObjectKind::Table | ObjectKind::Constraint => "TABLE",
                ObjectKind::Index => "INDEX",
                ObjectKind::Sequence => "SEQUENCE",
                ObjectKind::View => "VIEW",
                ObjectKind::MaterializedView => "MATERIALIZED VIEW",
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
            ObjectKind::MaterializedView => "MATERIALIZED VIEW",
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
                !matches!(
                    t.kind,
                    TableKind::Heap | TableKind::IndexOrganized | TableKind::GlobalTemporary | TableKind::External
                )
            }) {
                return Err(unimplemented("the stand-in does not know tables of this kind"));
            }
            if table.is_some_and(|t| t.remarks.iter().any(|remark| remark.starts_with("made from a query"))) {
                return Err(unimplemented("the stand-in fills no table from a query (CREATE TABLE … AS)"));
            }
            if table.is_some_and(|t| t.constraints.iter().any(|c| c.initially_deferred)) {
                return Err(unimplemented(
                    "the stand-in checks every constraint at once, INITIALLY DEFERRED ones are none",
                ));
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
                            for grants in ["grants", "column_grants"] {
                                let sql = format!("UPDATE {grants} SET object = ?3 WHERE owner = ?1 AND object = ?2");
                                connection.execute(&sql, params![was.0, was.1, new.1])?;
                            }
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
                    for grants in ["grants", "column_grants"] {
                        let sql = format!("DELETE FROM {grants} WHERE owner = ?1 AND object = ?2");
                        connection.execute(&sql, params![owner, name])?;
                    }
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

fn old_raw_columns(table: &schema_map::Table) -> &[schema_map::Column] {
    &table.columns
}

fn next_object(connection: &Connection) -> Result<i64, OraError> {
    Ok(connection
        .query_row(
            "SELECT coalesce((SELECT value FROM meta WHERE key = 'last_object'),
                    (SELECT max(73000, coalesce(max(id), 0), coalesce(max(data_object), 0)) FROM objects)) + 1",
            [],
            |r| r.get(0),
        )
        .and_then(|id: i64| {
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('last_object', ?1)", [id])?;
            Ok(id)
        })?)
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
