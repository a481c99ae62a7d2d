//! Oracle SQL scripts (SQL*Plus noise included) to a catalog and the statements that are no DDL.
//!
//! [`Script`] reads whole scripts; [`split`] hands out their statements one by one, in order, for a caller who runs
//! them; [`Catalog::apply_ddl`] applies a single one.

mod applier;
mod encoding;
mod splitter;

pub use encoding::{Decoded, Encoding, NoText, decode};
pub use splitter::{Splitter, split};

use crate::sql::parser::{self, Context, SyntaxError};
use crate::{Catalog, ObjectKind, ObjectPath, OracleIdent};
use applier::{Applier, Memory};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt,
};
use type_convert::LengthUnit;

/// What one script, or several read one after the other, held.
#[derive(Debug, Default)]
pub struct Script {
    /// Everything that DDL described.
    pub catalog: Catalog,
    /// The other statements (INSERT, COMMIT, ALTER SESSION, blocks of data …) in their order, text as written
    /// without the terminator.
    pub statements: Vec<ScriptStatement>,
    /// Statements that could not be read. One bad statement never hides the next.
    pub errors: Vec<ScriptError>,
    /// Substitution variables without a value that were left as they stand, by [`Splitter::keeping_unknown`]: as the errors
    /// that they would be elsewhere.
    pub kept_variables: Vec<ScriptError>,
    /// Where objects were made.
    places: HashMap<(ObjectKind, ObjectPath), Place>,
    /// Statements that name what is not there yet, where scripts come in any order.
    waiting: Option<Vec<(ScriptStatement, Context, ScriptError)>>,
    /// Qualifiers that mean the schema of names without one, and the names behind them that they mean it for.
    own: Option<(HashSet<String>, HashSet<String>)>,
    memory: Memory,
}

/// Where a statement is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The script's name as given to [`Script::read`].
    pub file: String,
    /// From 1.
    pub line: usize,
}

/// A statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptStatement {
    /// Its text without the terminator; the `;` behind the last END of PL/SQL is no terminator and stays.
    pub text: String,
    /// The script's name as given to [`Script::read`], or that of the included script.
    pub file: String,
    /// The line it begins on, from 1.
    pub line: usize,
    /// The column it begins at, in characters, from 1.
    pub column: usize,
}

/// A statement that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptError {
    /// The script's name as given to [`Script::read`]; empty where a single statement was read.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What sort of error.
    pub kind: ScriptErrorKind,
    /// What was found and what was expected.
    pub message: String,
}

/// Sorts of errors, for a caller who handles them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScriptErrorKind {
    /// The text is not what Oracle's grammar, as far as it is known here, allows.
    Syntax,
    /// It names a table, column, constraint or other object that is not there.
    NotFound,
    /// It makes something whose name is taken.
    Exists,
    /// Understood, but the catalog cannot describe it.
    Unsupported,
    /// A substitution variable without a value.
    Undefined,
    /// An included script that cannot be had.
    Include,
}

/// What one statement was to the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// The catalog now says what the statement said.
    Ddl {
        /// What was done.
        action: DdlAction,
        /// To what kind of object; [`ObjectKind::Code`] for procedures, functions, packages, triggers and types.
        kind: ObjectKind,
        /// To which object. For `RENAME` the new name.
        path: ObjectPath,
    },
    /// Nothing that a catalog describes: DML, blocks, session control, grants, and DDL such as `ALTER TABLE … MOVE`,
    /// `ALTER TRIGGER … DISABLE` or `CREATE USER`. The catalog is as it was.
    NotDdl,
}

/// What a DDL statement did to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DdlAction {
    /// CREATE, with or without OR REPLACE.
    Create,
    /// ALTER.
    Alter,
    /// DROP.
    Drop,
    /// RENAME, or ALTER … RENAME TO.
    Rename,
    /// COMMENT ON.
    Comment,
}

impl Script {
    /// Reads one more script. Unqualified names belong to `schema`, until `ALTER SESSION SET CURRENT_SCHEMA` or `CONNECT`
    /// says otherwise. For substitution variables and included scripts see [`read_statements`](Script::read_statements).
    ///
    /// A DROP of something that no script made is passed over: scripts that make a schema anew begin with such.
    ///
    /// ```
    /// use schema_map::{OracleIdent, script::Script};
    ///
    /// let mut script = Script::default();
    /// script.read("dept.sql", "CREATE TABLE dept (id NUMBER(4) PRIMARY KEY, name VARCHAR2(30))\n/\n", &OracleIdent::new("HR")?);
    /// assert_eq!(script.errors, []);
    /// assert_eq!(script.catalog.tables[0].columns[1].name.as_str(), "NAME");
    /// # Ok::<(), schema_map::IdentError>(())
    /// ```
    pub fn read(&mut self, file: &str, text: &str, schema: &OracleIdent) {
        self.read_statements(split(file, text), schema);
    }

    /// As [`read`](Script::read), from a splitter that the caller has given variables and a way to read included scripts.
    pub fn read_statements(&mut self, mut statements: Splitter<'_>, schema: &OracleIdent) {
        let mut context = Context { schema: schema.clone(), length_unit: LengthUnit::Byte };
        let Script { catalog, statements: others, errors, kept_variables, memory, places, waiting, own } = self;
        let mut applier = Applier { catalog, memory, indexed: true };
        applier.remember();
        while let Some(statement) = statements.next() {
            let statement = match statement {
                Ok(mut statement) => {
                    if let Some((schemas, names)) = own
                        && let Cow::Owned(text) = without_qualifiers(&statement.text, schemas, names)
                    {
                        statement.text = text;
                    }
                    statement
                }
                Err(error) => {
                    errors.push(error);
                    continue;
                }
            };
            if waiting.is_some() && is_drop(&statement.text) && drops_of_another(&statement, &context, places) {
                others.push(statement);
                continue;
            }
            match apply(&mut applier, &statement.text, &mut context) {
                Ok(Applied::Ddl { action, kind, path }) => note_place(places, &applier, &statement, action, kind, path),
                Ok(Applied::NotDdl) => {
                    for inner in waiting.as_ref().map(|_| ddl_in_block(&statement)).unwrap_or_default() {
                        match apply(&mut applier, &inner.text, &mut context) {
                            Ok(Applied::Ddl { action, kind, path }) => {
                                note_place(places, &applier, &inner, action, kind, path);
                            }
                            // The block looks first whether it is there.
                            Ok(Applied::NotDdl) | Err(ScriptError { kind: ScriptErrorKind::Exists, .. }) => {}
                            Err(error) => {
                                let error = error.within(&inner);
                                match waiting {
                                    Some(waiting) if error.kind == ScriptErrorKind::NotFound => {
                                        waiting.push((inner, context.clone(), error));
                                    }
                                    _ => errors.push(error),
                                }
                            }
                        }
                    }
                    others.push(statement);
                }
                Err(error) if error.kind == ScriptErrorKind::NotFound && is_drop(&statement.text) => {}
                Err(error) => {
                    let syntax = error.kind == ScriptErrorKind::Syntax;
                    let error = error.within(&statement);
                    match waiting {
                        Some(waiting) if error.kind == ScriptErrorKind::NotFound => {
                            waiting.push((statement, context.clone(), error));
                        }
                        _ => errors.push(error),
                    }
                    if syntax {
                        statements.recover();
                    }
                }
            }
        }
        kept_variables.append(&mut statements.take_kept());
        applier.settle();
    }

    /// Scripts that make their objects without a schema may call them by one elsewhere: `schema.name` then means the object
    /// `name` of the schema that unqualified names belong to, where `name` is one of `names`. Both as the dictionary has them.
    #[must_use]
    pub fn with_own_schemas(mut self, schemas: HashSet<String>, names: HashSet<String>) -> Self {
        self.own = (!schemas.is_empty()).then_some((schemas, names));
        self
    }

    /// For scripts in any order: a statement that names what is not there waits until [`finish`](Script::finish). A DROP of what
    /// another file makes counts for nothing, because folders have scripts that take everything down beside those that put
    /// it up; DDL in `EXECUTE IMMEDIATE 'text';` of a block counts as if it stood by itself.
    pub fn in_any_order() -> Self {
        Script { waiting: Some(Vec::new()), ..Script::default() }
    }

    /// After the last script: applies what waited, in as many rounds as one helps another. What remains is an error.
    pub fn finish(&mut self) {
        let Script { catalog, errors, memory, places, waiting, .. } = self;
        let Some(mut waiting) = waiting.take() else { return };
        let mut applier = Applier { catalog, memory, indexed: true };
        applier.remember();
        loop {
            let before = waiting.len();
            let mut rest = Vec::new();
            for (statement, mut context, _) in waiting {
                match apply(&mut applier, &statement.text, &mut context) {
                    Ok(Applied::Ddl { action, kind, path }) => {
                        note_place(places, &applier, &statement, action, kind, path);
                    }
                    Ok(Applied::NotDdl) => {}
                    Err(error) => {
                        let error = error.within(&statement);
                        rest.push((statement, context, error));
                    }
                }
            }
            waiting = rest;
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        applier.settle();
        errors.extend(waiting.into_iter().map(|(_, _, error)| error));
    }

    /// Where an object was made: for a constraint where its table was made, or altered to have it.
    pub fn place(&self, kind: ObjectKind, path: &ObjectPath) -> Option<&Place> {
        let kind = if kind == ObjectKind::Type { ObjectKind::Code } else { kind };
        let found = |kind| self.places.get(&(kind, path.clone()));
        // Constraints without a name go by their tables.
        found(kind).or_else(|| if kind == ObjectKind::Constraint { found(ObjectKind::Table) } else { None })
    }
}

/// Whether the statement drops what a script other than its own made.
fn drops_of_another(
    statement: &ScriptStatement,
    context: &Context,
    places: &HashMap<(ObjectKind, ObjectPath), Place>,
) -> bool {
    match parser::parse(&statement.text, context) {
        Ok(crate::sql::ast::Statement::Drop { kind, path, .. }) => {
            places.get(&(applier::object_kind(kind), path)).is_some_and(|place| place.file != statement.file)
        }
        _ => false,
    }
}

/// The DDL that a block executes as texts which stand there whole.
fn ddl_in_block(statement: &ScriptStatement) -> Vec<ScriptStatement> {
    let mut tokens = crate::sql::Lexer::new(&statement.text).filter(|t| t.kind != crate::sql::TokenKind::Comment);
    let block = tokens
        .next()
        .is_some_and(|first| ["BEGIN", "DECLARE", "<<"].iter().any(|w| first.is_word(w) || first.text == *w));
    if !block {
        return Vec::new();
    }
    let tokens: Vec<_> = tokens.collect();
    let mut found = Vec::new();
    for four in tokens.windows(4) {
        let whole = four[0].is_word("EXECUTE") && four[1].is_word("IMMEDIATE") && four[3].is_symbol(";");
        let Some(text) = four[2].text_value().filter(|_| whole) else { continue };
        let first = crate::sql::Lexer::new(&text).find(|t| t.kind != crate::sql::TokenKind::Comment);
        if first.is_some_and(|t| ["CREATE", "ALTER", "COMMENT", "GRANT"].iter().any(|word| t.is_word(word))) {
            let (line, column) = position(&statement.text, four[2].offset, statement.line, statement.column);
            found.push(ScriptStatement { text, file: statement.file.clone(), line, column });
        }
    }
    found
}

/// The text with blanks for the qualifiers, so that places in it stay what they are.
fn without_qualifiers<'t>(text: &'t str, schemas: &HashSet<String>, names: &HashSet<String>) -> Cow<'t, str> {
    use crate::sql::{Lexer, TokenKind};
    let name = |token: &crate::sql::Token<'_>| match token.kind {
        TokenKind::Word => Some(token.text.to_uppercase()),
        TokenKind::QuotedIdent => Some(token.text.trim_matches('"').to_owned()),
        _ => None,
    };
    let tokens: Vec<_> = Lexer::new(text).filter(|t| t.kind != TokenKind::Comment).collect();
    let mut out: Option<String> = None;
    for (at, three) in tokens.windows(3).enumerate() {
        let behind_dot = at > 0 && tokens[at - 1].is_symbol(".");
        let qualifies = three[1].is_symbol(".")
            && !behind_dot
            && name(&three[0]).is_some_and(|schema| schemas.contains(&schema))
            && name(&three[2]).is_some_and(|object| names.contains(&object));
        if qualifies {
            let out = out.get_or_insert_with(|| text.to_owned());
            let range = three[0].offset..three[1].end();
            let blanks: String = text[range.clone()].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
            // Blanks are of one byte: what is replaced is padded to its length.
            let padded = format!("{blanks:<width$}", width = range.len());
            if padded.len() == range.len() {
                out.replace_range(range, &padded);
            }
        }
    }
    out.map_or(Cow::Borrowed(text), Cow::Owned)
}

fn note_place(
    places: &mut HashMap<(ObjectKind, ObjectPath), Place>,
    applier: &Applier<'_>,
    statement: &ScriptStatement,
    action: DdlAction,
    kind: ObjectKind,
    path: ObjectPath,
) {
    let place = || Place { file: statement.file.clone(), line: statement.line };
    if kind == ObjectKind::Table && matches!(action, DdlAction::Create | DdlAction::Alter) {
        for constraint in applier.constraint_names(&path) {
            let key = (ObjectKind::Constraint, ObjectPath::new(path.schema.clone(), constraint));
            places.entry(key).or_insert_with(place);
        }
    }
    if matches!(action, DdlAction::Create | DdlAction::Rename) {
        places.insert((kind, path), place());
    }
}

impl Catalog {
    /// Applies one statement, with or without its terminator, as a session whose schema is `schema` would run it.
    /// On an error the catalog is as it was; the error's line and column count from the start of `statement`.
    ///
    /// A NOT NULL constraint cannot be dropped or disabled by its name here: the catalog does not keep it.
    ///
    /// ```
    /// use schema_map::{Catalog, OracleIdent, script::{Applied, DdlAction}};
    ///
    /// let hr = OracleIdent::new("HR")?;
    /// let mut catalog = Catalog::default();
    /// let applied = catalog.apply_ddl("CREATE SEQUENCE departments_seq START WITH 280", &hr)?;
    /// assert!(matches!(applied, Applied::Ddl { action: DdlAction::Create, .. }));
    /// assert_eq!(catalog.sequences[0].next_value, 280);
    /// assert_eq!(catalog.apply_ddl("COMMIT", &hr)?, Applied::NotDdl);
    /// assert!(catalog.apply_ddl("CREATE SEQUENCE departments_seq", &hr).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply_ddl(&mut self, statement: &str, schema: &OracleIdent) -> Result<Applied, ScriptError> {
        let mut context = Context { schema: schema.clone(), length_unit: LengthUnit::Byte };
        let mut applier = Applier { catalog: self, memory: &mut Memory::default(), indexed: false };
        apply(&mut applier, statement, &mut context)
    }
}

fn apply(applier: &mut Applier<'_>, text: &str, context: &mut Context) -> Result<Applied, ScriptError> {
    let error = |offset, kind, message| {
        let (line, column) = position(text, offset, 1, 1);
        ScriptError { file: String::new(), line, column, kind, message }
    };
    match parser::parse(text, context) {
        Err(SyntaxError { offset, message, unsupported }) => {
            let kind = if unsupported { ScriptErrorKind::Unsupported } else { ScriptErrorKind::Syntax };
            Err(error(offset, kind, message))
        }
        Ok(statement) => applier.apply(statement, context).map_err(|e| error(0, e.kind, e.message)),
    }
}

fn is_drop(text: &str) -> bool {
    let mut tokens = crate::sql::Lexer::new(text).filter(|token| token.kind != crate::sql::TokenKind::Comment);
    tokens.next().is_some_and(|token| token.is_word("DROP"))
}

/// Line and column of an offset in a text that begins at the given ones.
fn position(text: &str, offset: usize, line: usize, column: usize) -> (usize, usize) {
    let before = &text[..offset];
    match before.rfind('\n') {
        None => (line, column + before.chars().count()),
        Some(at) => (line + before.matches('\n').count(), before[at + 1..].chars().count() + 1),
    }
}

impl ScriptError {
    /// The same error, counted from the start of the script.
    fn within(mut self, statement: &ScriptStatement) -> Self {
        self.file.clone_from(&statement.file);
        if self.line == 1 {
            self.column += statement.column - 1;
        }
        self.line += statement.line - 1;
        self
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}:", self.file)?;
        }
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ScriptError {}
