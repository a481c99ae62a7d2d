//! What scripts tell beyond the catalog: where each object is, what could not be read, and objects that no catalog has.

use crate::{Kind, OtherObject, Place};
use schema_map::script::{Script, ScriptError, ScriptErrorKind, ScriptStatement, split};
use schema_map::sql::{Lexer, Token, TokenKind};
use schema_map::{ObjectPath, OracleIdent};
use std::collections::{HashMap, HashSet};

/// The scripts that a catalog was read from.
///
/// ```
/// use assessment::{Assessment, CostModel, Facts, Scripts, Verdict};
/// use schema_map::{OracleIdent, script::Script};
///
/// let (app, text) = (OracleIdent::new("APP")?, "CREATE VIEW v AS\nSELECT 1 one FROM dual;\nCREATE TABLE t (a NUMBER,);");
/// let mut script = Script::default();
/// script.read("app.sql", text, &app);
/// let mut scripts = Scripts::of(&script);
/// scripts.read("app.sql", text, &app);
/// scripts.unread_of(&script);
///
/// let report = Assessment::new(&script.catalog, &Facts::default(), &CostModel::default()).scripts(&scripts).run();
/// let t = report.objects.iter().find(|object| object.name == "APP.T").unwrap();
/// assert_eq!((t.verdict, t.place.as_ref().unwrap().line), (Verdict::ByHand, 3));
/// # Ok::<_, schema_map::IdentError>(())
/// ```
#[derive(Debug, Default)]
pub struct Scripts<'s> {
    script: Option<&'s Script>,
    /// By kind and `OWNER.NAME`.
    places: HashMap<(Kind, String), Place>,
    /// Where queries of views begin, where that is another line.
    queries: HashMap<(Kind, String), Place>,
    /// By file, the statements that make something, in their order.
    made: HashMap<String, Vec<Made>>,
    known: HashSet<(Kind, Option<String>, String)>,
    /// Objects that no catalog has.
    pub objects: Vec<OtherObject>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// A statement that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What it would have made: kind and name; `None` where it makes nothing, or nobody knows.
    pub object: Option<(Kind, ObjectPath)>,
    /// Where the trouble is.
    pub place: Place,
    /// `file:line:column: what was found and what was expected`.
    pub message: String,
    /// It was understood, but what it makes is there already: the first counts.
    pub duplicate: bool,
}

#[derive(Debug)]
struct Made {
    first_line: usize,
    last_line: usize,
    kind: Kind,
    path: ObjectPath,
}

impl<'s> Scripts<'s> {
    /// Those that `script` has read. Their places come from it; [`read`](Scripts::read) adds those of bodies and lines within
    /// code, which it does not keep.
    pub fn of(script: &'s Script) -> Self {
        Scripts { script: Some(script), ..Scripts::default() }
    }

    /// Looks through one script for what makes something. Names without a schema belong to `schema`. Includes are not followed:
    /// each file is given by itself.
    pub fn read(&mut self, file: &str, text: &str, schema: &OracleIdent) {
        for statement in split(file, text) {
            match statement {
                Ok(statement) => self.statement(&statement, schema),
                Err(error) => self.unsplit(text, &error, schema),
            }
        }
    }

    /// A statement whose text cannot be had, for a variable in it has no value or a quote is missing: what its first line says.
    fn unsplit(&mut self, text: &str, error: &ScriptError, schema: &OracleIdent) {
        let lines: Vec<&str> = text.lines().take(error.line).collect();
        let begins = |line: &&str| line.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("CREATE"));
        let Some(first) = lines.iter().rposition(begins) else { return };
        if let Some(created) = Created::of(&head(&lines[first..].join("\n")), schema) {
            let (kind, path) = (created.kind, created.path);
            let made = Made { first_line: first + 1, last_line: error.line, kind, path };
            self.made.entry(error.file.clone()).or_default().push(made);
        }
    }

    fn statement(&mut self, statement: &ScriptStatement, schema: &OracleIdent) {
        let tokens: Vec<Token<'_>> = head(&statement.text);
        let Some(created) = Created::of(&tokens, schema) else {
            self.calls(statement, schema);
            return;
        };
        let line_at = |offset: usize| statement.line + statement.text[..offset].matches('\n').count();
        let line = line_at(created.offset);
        let place = Place { file: statement.file.clone(), line };
        self.made.entry(statement.file.clone()).or_default().push(Made {
            first_line: statement.line,
            last_line: statement.line + statement.text.matches('\n').count(),
            kind: created.kind,
            path: created.path.clone(),
        });
        // A view's lines count from its query on.
        let begins = match created.kind {
            Kind::View | Kind::MaterializedView => query_line(&statement.text).map_or(line, line_at),
            _ => line,
        };
        let key = (created.kind, created.path.to_string());
        if begins != line {
            let query = Place { file: statement.file.clone(), line: begins };
            self.queries.entry(key.clone()).or_insert(query);
        }
        self.places.entry(key).or_insert_with(|| place.clone());
        if created.kind.object_kind().is_none() {
            let owner = created.owned.then(|| created.path.schema.to_string());
            let name = created.path.name.to_string();
            let details = String::new();
            self.add_object(OtherObject { kind: created.kind, owner, name, details, place: Some(place) });
        }
    }

    /// Jobs, queues and policies are made by calls.
    fn calls(&mut self, statement: &ScriptStatement, schema: &OracleIdent) {
        let text = &statement.text;
        if !text.to_ascii_uppercase().contains("DBMS_") {
            return;
        }
        let tokens: Vec<Token<'_>> = Lexer::new(text).filter(|t| t.kind != TokenKind::Comment).collect();
        for (at, three) in tokens.windows(3).enumerate() {
            let called = (three[0].text.to_ascii_uppercase(), three[2].text.to_ascii_uppercase());
            let (kind, argument) = match (called.0.as_str(), called.1.as_str()) {
                ("DBMS_SCHEDULER", "CREATE_JOB") => (Kind::Job, "JOB_NAME"),
                ("DBMS_JOB", "SUBMIT" | "ISUBMIT") => (Kind::Job, "WHAT"),
                ("DBMS_AQADM", "CREATE_QUEUE" | "CREATE_SHARDED_QUEUE" | "CREATE_TRANSACTIONAL_EVENT_QUEUE") => {
                    (Kind::Queue, "QUEUE_NAME")
                }
                ("DBMS_RLS", "ADD_POLICY") | ("DBMS_FGA", "ADD_POLICY") => (Kind::Policy, "POLICY_NAME"),
                _ => continue,
            };
            if !three[1].is_symbol(".") {
                continue;
            }
            let line = statement.line + text[..three[0].offset].matches('\n').count();
            // Where the name is an expression, the place stands for it.
            let name = named_argument(&tokens[at + 3..], argument);
            let name = name.unwrap_or_else(|| format!("made at {}:{line}", statement.file));
            let name: String = name.chars().take(128).collect();
            let place = Some(Place { file: statement.file.clone(), line });
            let details = format!("made by {}.{}", called.0, called.1);
            self.add_object(OtherObject { kind, owner: Some(schema.to_string()), name, details, place });
        }
    }

    /// Scripts that make a schema anew may come in several versions: the first counts.
    fn add_object(&mut self, object: OtherObject) {
        let key = (object.kind, object.owner.clone(), object.name.clone());
        if self.known.insert(key) {
            self.objects.push(object);
        }
    }

    /// Notes what `script` could not read, with the objects that it would have made; after the last [`read`](Scripts::read).
    pub fn unread_of(&mut self, script: &Script) {
        for error in &script.errors {
            let object = self.made_at(error);
            let place = Place { file: error.file.clone(), line: error.line };
            let duplicate = error.kind == ScriptErrorKind::Exists;
            self.unread.push(Unread { object, place, message: error.to_string(), duplicate });
        }
    }

    fn made_at(&self, error: &ScriptError) -> Option<(Kind, ObjectPath)> {
        let made = self.made.get(&error.file)?;
        let within = |m: &&Made| (m.first_line..=m.last_line).contains(&error.line);
        made.iter().find(within).map(|made| (made.kind, made.path.clone()))
    }

    /// Where an object begins; for stored code the line of the keyword that its source begins with.
    pub(crate) fn place(&self, kind: Kind, path: &ObjectPath) -> Option<Place> {
        let here = || self.places.get(&(kind, path.to_string())).cloned();
        if kind.is_code()
            && let Some(place) = here()
        {
            return Some(place);
        }
        let known = kind.object_kind().and_then(|kind| self.script?.place(kind, path));
        known.map(|place| Place { file: place.file.clone(), line: place.line }).or_else(here)
    }

    /// Where the text of a view's query begins.
    pub(crate) fn query_place(&self, kind: Kind, path: &ObjectPath) -> Option<Place> {
        self.queries.get(&(kind, path.to_string())).cloned().or_else(|| self.place(kind, path))
    }
}

/// Tokens that may say what a statement makes.
fn head(text: &str) -> Vec<Token<'_>> {
    Lexer::new(text).filter(|token| token.kind != TokenKind::Comment).take(16).collect()
}

/// The offset of the token behind the first AS outside parentheses.
fn query_line(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut tokens = Lexer::new(text).filter(|token| token.kind != TokenKind::Comment);
    loop {
        let token = tokens.next()?;
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if depth == 0 && token.is_word("AS") => return tokens.next().map(|t| t.offset),
            _ => {}
        }
    }
}

/// The value of a named argument, or the first text behind the parenthesis.
fn named_argument(tokens: &[Token<'_>], name: &str) -> Option<String> {
    let end = tokens.iter().position(|t| t.is_symbol(";")).unwrap_or(tokens.len());
    let call = &tokens[..end];
    let named = call.windows(3).find(|three| three[0].is_word(name) && three[1].is_symbol("=>"));
    match named {
        Some(three) => three[2].text_value(),
        None => call.iter().find_map(Token::text_value),
    }
}

/// What a CREATE makes.
struct Created {
    kind: Kind,
    path: ObjectPath,
    /// It belongs to a schema.
    owned: bool,
    /// Of the keyword of its kind.
    offset: usize,
}

impl Created {
    fn of(tokens: &[Token<'_>], schema: &OracleIdent) -> Option<Self> {
        let mut rest = tokens.iter().peekable();
        if !rest.next()?.is_word("CREATE") {
            return None;
        }
        const FILLERS: [&str; 20] = [
            "OR",
            "REPLACE",
            "EDITIONABLE",
            "NONEDITIONABLE",
            "FORCE",
            "NOFORCE",
            "NO",
            "EDITIONING",
            "AND",
            "RESOLVE",
            "COMPILE",
            "GLOBAL",
            "PRIVATE",
            "TEMPORARY",
            "UNIQUE",
            "BITMAP",
            "MULTIVALUE",
            "SHARED",
            "SHARDED",
            "DUPLICATED",
        ];
        let public = rest.peek().is_some_and(|t| t.is_word("PUBLIC"));
        while rest.peek().is_some_and(|t| t.is_word("PUBLIC") || FILLERS.iter().any(|word| t.is_word(word))) {
            rest.next();
        }
        let keyword = rest.next()?;
        let mut follows = |word: &str| rest.next_if(|t| t.is_word(word)).is_some();
        let (kind, owned) = match keyword.text.to_ascii_uppercase().as_str() {
            "TABLE" => (Kind::Table, true),
            "INDEX" => (Kind::Index, true),
            "SEQUENCE" => (Kind::Sequence, true),
            "VIEW" => (Kind::View, true),
            "MATERIALIZED" | "SNAPSHOT" => {
                if follows("VIEW") && follows("LOG") {
                    return None;
                }
                (Kind::MaterializedView, true)
            }
            "SYNONYM" => (Kind::Synonym, true),
            "PROCEDURE" => (Kind::Procedure, true),
            "FUNCTION" => (Kind::Function, true),
            "PACKAGE" => (if follows("BODY") { Kind::PackageBody } else { Kind::Package }, true),
            "TYPE" => (if follows("BODY") { Kind::TypeBody } else { Kind::Type }, true),
            "TRIGGER" => (Kind::Trigger, true),
            "DATABASE" if follows("LINK") => (Kind::DatabaseLink, !public),
            "CONTEXT" => (Kind::Context, false),
            "DIRECTORY" => (Kind::Directory, false),
            "LIBRARY" => (Kind::Library, true),
            "JAVA" => {
                let _ = follows("SOURCE") || follows("CLASS") || follows("RESOURCE");
                let _ = follows("NAMED");
                (Kind::JavaSource, true)
            }
            "OPERATOR" | "INDEXTYPE" => (Kind::Operator, true),
            "CLUSTER" => (Kind::Cluster, true),
            "DIMENSION" => (Kind::Dimension, true),
            _ => return None,
        };
        if follows("IF") {
            let _ = follows("NOT") && follows("EXISTS");
        }
        let first = ident(rest.next()?)?;
        let path = match rest.next_if(|t| t.is_symbol(".")) {
            Some(_) => ObjectPath::new(first, ident(rest.next()?)?),
            None if public && kind == Kind::Synonym => ObjectPath::new(OracleIdent::new("PUBLIC").ok()?, first),
            None => ObjectPath::new(schema.clone(), first),
        };
        Some(Created { kind, path, owned, offset: keyword.offset })
    }
}

fn ident(token: &Token<'_>) -> Option<OracleIdent> {
    match token.kind {
        TokenKind::Word => OracleIdent::new(token.text.to_uppercase()).ok(),
        TokenKind::QuotedIdent => OracleIdent::new(token.text.trim_matches('"')).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Scripts<'static> {
        let mut scripts = Scripts::default();
        scripts.read("x.sql", text, &OracleIdent::new("APP").unwrap());
        scripts
    }

    #[test]
    fn bodies_have_places_of_their_own() {
        let scripts = read(
            "CREATE OR REPLACE\nPACKAGE p AS END;\n/\nCREATE OR REPLACE EDITIONABLE PACKAGE BODY\n p AS\nEND;\n/\n\
             CREATE OR REPLACE FORCE VIEW hr.v (a)\nAS\n  SELECT 1 FROM dual;",
        );
        let line = |kind, owner: &str, name: &str| {
            let path = ObjectPath::new(OracleIdent::new(owner).unwrap(), OracleIdent::new(name).unwrap());
            (scripts.place(kind, &path).unwrap().line, scripts.query_place(kind, &path).unwrap().line)
        };
        assert_eq!(line(Kind::Package, "APP", "P").0, 2);
        assert_eq!(line(Kind::PackageBody, "APP", "P").0, 4);
        assert_eq!(line(Kind::View, "HR", "V"), (8, 10));
    }

    #[test]
    fn objects_that_no_catalog_has() {
        let scripts = read(
            "CREATE PUBLIC DATABASE LINK hq CONNECT TO a IDENTIFIED BY s3cret USING 'hq';\n\
             CREATE CONTEXT ctx USING p;\nCREATE DIRECTORY d AS '/tmp';\n\
             CREATE OR REPLACE AND COMPILE JAVA SOURCE NAMED \"Hello\" AS class Hello {}\n/\n\
             BEGIN\n  DBMS_SCHEDULER.CREATE_JOB(job_name => 'NIGHTLY', job_type => 'X');\n  DBMS_AQADM.CREATE_QUEUE('Q', 'QT');\nEND;\n/\n\
             BEGIN DBMS_RLS.ADD_POLICY(object_name => 'T', policy_name => 'POL', function_schema => 'A'); END;\n/\n",
        );
        let list: Vec<_> = scripts.objects.iter().map(|o| (o.kind, o.owner.as_deref(), o.name.as_str())).collect();
        assert_eq!(
            list,
            [
                (Kind::DatabaseLink, None, "HQ"),
                (Kind::Context, None, "CTX"),
                (Kind::Directory, None, "D"),
                (Kind::JavaSource, Some("APP"), "Hello"),
                (Kind::Job, Some("APP"), "NIGHTLY"),
                (Kind::Queue, Some("APP"), "Q"),
                (Kind::Policy, Some("APP"), "POL"),
            ]
        );
        assert!(!format!("{:?}", scripts.objects).contains("s3cret"));
        assert_eq!(scripts.objects[4].place.as_ref().unwrap().line, 7);
    }
}
