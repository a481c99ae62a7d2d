//! A tree as words.

use super::{How, Match, Patterns, Piece, code_tokens};
use schema_map::plsql::{
    self, DataType, Declaration, DeclarationKind, Dynamic, Expr, ExprKind, Name, Node, Part, Routine, Span, Sql,
    Statement, StatementKind, TypeDefinition, Unit, Unparsed, Visitor,
};
use schema_map::sql::TokenKind;
use std::borrow::Cow;
use std::collections::HashSet;

/// A word of a construct.
#[derive(Debug, Clone)]
pub(super) struct Word<'w> {
    pub(super) text: Cow<'w, str>,
    pub(super) role: Role,
    pub(super) offset: usize,
}

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A keyword, an operator, a literal.
    Said,
    /// A name that nothing in sight declares: it may be Oracle's.
    Global,
    /// A name behind the dot of one that nothing in sight declares.
    Member,
    /// The name of a variable, column, table, routine: it means what somebody made.
    Own,
}

/// Names of Oracle's that stand without parentheses: pseudo-columns and functions without arguments. Any other name alone is a
/// column or variable.
#[rustfmt::skip]
const WITHOUT_PARENTHESES: &[&str] = &[
    "COLUMN_VALUE", "CONNECT_BY_ISCYCLE", "CONNECT_BY_ISLEAF", "CURRENT_DATE", "CURRENT_TIMESTAMP", "DBTIMEZONE", "LEVEL",
    "LOCALTIMESTAMP", "OBJECT_ID", "OBJECT_VALUE", "ORA_ROWSCN", "ROWID", "ROWNUM", "SESSIONTIMEZONE", "SQLCODE", "SQLERRM", "SYSDATE",
    "SYSTIMESTAMP", "UID", "USER",
];

/// Of these, what SQL does not have: in a query it is a column.
const OF_PLSQL: &[&str] = &["SQLCODE", "SQLERRM"];

/// Schemas and packages whose members are Oracle's own.
const ORACLES: &[&str] = &["SYS", "STANDARD", "PUBLIC"];

/// Texts of dynamic SQL within each other that are read.
const MOST_DYNAMIC: usize = 3;

/// Tells a tree to the patterns.
pub(super) struct Words<'p> {
    patterns: &'p Patterns,
    piece: Piece<'p>,
    /// Names that are declared around the node, the innermost last.
    scopes: Vec<HashSet<String>>,
    /// Queries and statements of SQL around the node.
    sql: usize,
    /// For a text of dynamic SQL: how deep, and where each of its bytes is in the source.
    dynamic: Option<(usize, Place)>,
    matches: Vec<Match>,
    unparsed: Vec<Unparsed>,
}

/// Where a text of dynamic SQL is in the source.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Of its first byte.
    start: usize,
    /// Quotes are doubled in it.
    doubled: bool,
}

impl<'p> Words<'p> {
    pub(super) fn new(patterns: &'p Patterns, piece: Piece<'p>) -> Self {
        Words { patterns, piece, scopes: Vec::new(), sql: 0, dynamic: None, matches: Vec::new(), unparsed: Vec::new() }
    }

    pub(super) fn done(self) -> (Vec<Match>, Vec<Unparsed>) {
        (self.matches, self.unparsed)
    }

    pub(super) fn unit(&mut self, unit: &Unit) {
        if let plsql::UnitKind::Routine(routine) = &unit.kind
            && let Some(name) = routine.name.last()
        {
            self.scopes.push(HashSet::from([name.name().to_owned()]));
        }
        for directive in &unit.directives {
            let text = directive.of(self.piece.source);
            self.say(&[Word { text: text.into(), role: Role::Said, offset: directive.start }]);
        }
        unit.visit(self);
        for span in &unit.left_out {
            self.tokens(*span, How::Tokens);
        }
    }

    /// What could not be read: its tokens.
    pub(super) fn unread(&mut self, unparsed: &Unparsed) {
        self.tokens(unparsed.span, How::Tokens);
        self.unparsed.push(unparsed.clone());
    }

    pub(super) fn tokens(&mut self, span: Span, how: How) {
        let tokens = code_tokens(span.of(self.piece.source));
        let words: Vec<Word<'_>> = tokens
            .iter()
            .map(|token| {
                let role = match token.kind {
                    TokenKind::Word => Role::Global,
                    TokenKind::QuotedIdent => Role::Own,
                    _ => Role::Said,
                };
                Word { text: token.text.into(), role, offset: span.start + token.offset }
            })
            .collect();
        self.say_as(&words, how);
    }

    fn say(&mut self, words: &[Word<'_>]) {
        self.say_as(words, How::Tree);
    }

    fn say_as(&mut self, words: &[Word<'_>], how: How) {
        let matches = &mut self.matches;
        self.patterns.fitting(words, &mut |rule, offset| matches.push(Match { rule, offset, how }));
    }

    /// Keywords, with blanks between them.
    fn keywords(&mut self, text: &'static str, offset: usize) {
        let words: Vec<Word<'_>> =
            text.split(' ').map(|word| Word { text: word.into(), role: Role::Said, offset }).collect();
        self.say(&words);
    }

    // --- Names

    fn is_declared(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.contains(name)) || self.piece.declared.contains(name)
    }

    /// What a name is made of. `alone` says whether it may be Oracle's where it has one part and nothing behind it.
    fn name<'w>(&self, parts: &'w [Part], offset: usize, alone: bool) -> Vec<Word<'w>> {
        let mut words: Vec<Word<'w>> = Vec::with_capacity(2 * parts.len());
        let mut role = Role::Global;
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                words.push(Word { text: ".".into(), role: Role::Said, offset });
            }
            let name = part.name();
            role = match at {
                _ if part.is_quoted() && at == 0 => Role::Own,
                0 if self.is_declared(name) => Role::Own,
                0 if parts.len() == 1 && !alone => Role::Own,
                // An object of the schema comes before one of Oracle's that is reached by a synonym, but not before what the
                // package STANDARD has.
                0 if parts.len() > 1 && (self.piece.own)(name) => Role::Own,
                0 => Role::Global,
                _ if part.is_quoted() => Role::Own,
                _ if role == Role::Global && ORACLES.contains(&parts[at - 1].name()) => Role::Global,
                _ => Role::Member,
            };
            words.push(Word { text: name.into(), role, offset });
        }
        words
    }

    /// A name where none is called and none is a type.
    fn bare<'w>(&self, parts: &'w [Part], offset: usize) -> Vec<Word<'w>> {
        let alone = parts.first().is_some_and(|part| {
            WITHOUT_PARENTHESES.contains(&part.name()) && (self.sql == 0 || !OF_PLSQL.contains(&part.name()))
        });
        let mut words = self.name(parts, offset, alone);
        // A field of a record is no pseudo-column, nor a sequence's value.
        if parts.len() > 1 && parts.first().is_some_and(|part| self.is_declared(part.name())) {
            words.iter_mut().filter(|word| word.role == Role::Member).for_each(|word| word.role = Role::Own);
        }
        words
    }

    fn link<'w>(words: &mut Vec<Word<'w>>, link: &'w [Part], offset: usize) {
        if let Some(first) = link.first() {
            words.push(Word { text: "@".into(), role: Role::Said, offset });
            words.push(Word { text: first.name().into(), role: Role::Own, offset });
        }
    }

    fn table(&mut self, parts: &[Part], link: &[Part], offset: usize) {
        let mut words = vec![Word { text: "FROM".into(), role: Role::Said, offset }];
        for part in parts {
            let is_dual = parts.len() == 1 && link.is_empty() && !part.is_quoted() && part.name() == "DUAL";
            let role = if is_dual { Role::Global } else { Role::Own };
            words.push(Word { text: part.name().into(), role, offset });
        }
        Self::link(&mut words, link, offset);
        self.say(&words);
    }

    fn named(&mut self, name: &Name) {
        let mut words = self.name(&name.parts, name.span.start, true);
        Self::link(&mut words, &name.link, name.span.start);
        self.say(&words);
    }

    fn data_type(&mut self, data_type: &DataType) {
        let offset = data_type.span.start;
        match &data_type.anchor {
            // A type of the schema comes before one of Oracle's that is reached by a synonym.
            None if matches!(data_type.name.parts.as_slice(), [part] if (self.piece.own)(part.name())) => {}
            None => self.named(&data_type.name),
            Some(anchor) => {
                let mut words = Vec::new();
                // The name is that of a column, table or variable.
                if let Some(part) = data_type.name.parts.last() {
                    words.push(Word { text: part.name().into(), role: Role::Own, offset });
                }
                Self::link(&mut words, &data_type.name.link, offset);
                words.push(Word { text: "%".into(), role: Role::Said, offset });
                words.push(Word { text: anchor.as_str().into(), role: Role::Said, offset });
                self.say(&words);
            }
        }
    }

    // --- Scopes

    fn scope<'n>(&mut self, names: impl IntoIterator<Item = &'n Part>) {
        self.scopes.push(names.into_iter().map(|part| part.name().to_owned()).collect());
    }

    // --- Nodes

    fn declaration(&mut self, declaration: &Declaration) {
        let at = declaration.span.start;
        match &declaration.kind {
            DeclarationKind::Cursor { parameters, .. } => {
                self.keywords("CURSOR", at);
                self.scope(parameters.iter().map(|parameter| &parameter.name));
            }
            DeclarationKind::Exception(_) => self.keywords("EXCEPTION", at),
            _ => {}
        }
    }

    fn statement(&mut self, statement: &Statement) {
        let at = statement.span.start;
        // Labels stand before it.
        let at = match statement.labels.is_empty() {
            true => at,
            false => skip_labels(statement.span, self.piece.source),
        };
        let words = match &statement.kind {
            StatementKind::Goto(_) => "GOTO",
            StatementKind::ExecuteImmediate(dynamic) => {
                self.dynamic(dynamic);
                "EXECUTE IMMEDIATE"
            }
            StatementKind::OpenDynamic { dynamic, .. } => {
                self.dynamic(dynamic);
                "OPEN FOR"
            }
            StatementKind::OpenQuery { .. } => "OPEN FOR",
            StatementKind::Open(_) => "OPEN",
            StatementKind::Fetch { .. } => "FETCH",
            StatementKind::Close(_) => "CLOSE",
            StatementKind::ForAll { variable, .. } => {
                self.scope([variable]);
                "FORALL"
            }
            StatementKind::For { variables, .. } => {
                self.scope(variables);
                "FOR"
            }
            StatementKind::PipeRow(_) => "PIPE ROW",
            StatementKind::Commit => "COMMIT",
            StatementKind::Rollback(None) => "ROLLBACK",
            StatementKind::Rollback(Some(_)) => "ROLLBACK TO SAVEPOINT",
            StatementKind::Savepoint(_) => "SAVEPOINT",
            StatementKind::Set => "SET",
            StatementKind::LockTable(names) => {
                names.iter().for_each(|name| self.table(&name.parts, &name.link, name.span.start));
                "LOCK TABLE"
            }
            StatementKind::Insert(insert) => match insert.multiple {
                Some(span) if span.of(self.piece.source).to_ascii_uppercase().ends_with("ALL") => "INSERT ALL",
                Some(_) => "INSERT FIRST",
                None => "INSERT INTO",
            },
            StatementKind::Update(_) => "UPDATE",
            StatementKind::Delete(_) => "DELETE",
            StatementKind::Merge(_) => "MERGE INTO",
            StatementKind::Raise(name) => {
                name.iter().for_each(|name| self.named(name));
                "RAISE"
            }
            StatementKind::Call(expr) => {
                // Called without parentheses it is no variable.
                if let ExprKind::Name([part]) = expr.kind()
                    && !WITHOUT_PARENTHESES.contains(&part.name())
                {
                    let words = self.name(std::slice::from_ref(part), expr.span().start, true);
                    self.say(&words);
                }
                return;
            }
            _ => return,
        };
        self.keywords(words, at);
    }

    /// Reads a text of dynamic SQL, if it is one literal.
    fn dynamic(&mut self, dynamic: &Dynamic) {
        let ExprKind::Text(text) = dynamic.text.kind() else { return };
        let depth = self.dynamic.map_or(0, |(depth, _)| depth);
        if depth >= MOST_DYNAMIC {
            return;
        }
        // There may be parentheses and comments around it.
        let span = dynamic.text.span();
        let tokens = code_tokens(span.of(self.piece.source));
        let Some(literal) = tokens.iter().find(|token| token.kind == TokenKind::Text) else { return };
        let (prefix, quoted) = literal.text.split_at(literal.text.find('\'').unwrap_or(0));
        let is_q = prefix.contains(['q', 'Q']);
        // Behind the quote, and behind the delimiter of a q-quote.
        let opening: usize = quoted.chars().take(if is_q { 2 } else { 1 }).map(char::len_utf8).sum();
        let place = Place { start: span.start + literal.offset + prefix.len() + opening, doubled: !is_q };
        let piece = Piece { source: text, ..self.piece };
        let mut inner = Words { dynamic: Some((depth + 1, place)), ..Words::new(self.patterns, piece) };
        inner.unit(&plsql::parse(text));
        let (matches, unparsed) = inner.done();
        let outer =
            |offset: usize| place.start + offset + if place.doubled { text[..offset].matches('\'').count() } else { 0 };
        for found in matches {
            let how = if found.how == How::Tree { How::Dynamic } else { found.how };
            self.matches.push(Match { offset: outer(found.offset), how, ..found });
        }
        for Unparsed { span, offset, reason } in unparsed {
            let span = Span { start: outer(span.start), end: outer(span.end) };
            let reason = format!("in dynamic SQL: {reason}");
            self.unparsed.push(Unparsed { span, offset: outer(offset), reason });
        }
    }

    fn definition(&mut self, definition: &TypeDefinition, at: usize) {
        match definition {
            TypeDefinition::Record(_) => self.keywords("IS RECORD", at),
            TypeDefinition::Table { .. } => self.keywords("IS TABLE OF", at),
            TypeDefinition::Varray { .. } => self.keywords("IS VARRAY", at),
            TypeDefinition::RefCursor(_) => self.keywords("IS REF CURSOR", at),
            _ => {}
        }
    }

    fn sql(&mut self, sql: Sql<'_>, span: Span) {
        let at = span.start;
        match sql {
            Sql::StartWith => self.keywords("START WITH", at),
            Sql::ConnectBy => self.keywords("CONNECT BY", at),
            Sql::SetOperator(words) | Sql::Flashback(words) => self.keywords(words, at),
            Sql::ForUpdate => self.keywords("FOR UPDATE", at),
            Sql::Pivot(false) => self.keywords("PIVOT (", at),
            Sql::Pivot(true) => self.keywords("PIVOT XML", at),
            Sql::Unpivot => self.keywords("UNPIVOT (", at),
            // Their rules are a language of their own, whose words mean nothing else.
            Sql::Model | Sql::MatchRecognize => self.tokens(span, How::Tree),
            Sql::CollectionTable => self.keywords("TABLE (", at),
            Sql::XmlTable => self.keywords("XMLTABLE (", at),
            Sql::JsonTable => self.keywords("JSON_TABLE (", at),
            Sql::Sample => self.keywords("SAMPLE", at),
            _ => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let Span { start, end } = expr.span();
        match expr.kind() {
            ExprKind::Name(parts) => {
                let words = self.bare(parts, start);
                self.say(&words);
            }
            ExprKind::Remote(parts, link) => {
                let mut words = self.name(parts, start, false);
                Self::link(&mut words, link, start);
                self.say(&words);
            }
            ExprKind::Call(call) => {
                let mut words = self.name(call.name, start, true);
                words.push(Word { text: "(".into(), role: Role::Said, offset: start });
                self.say(&words);
                if call.keep {
                    self.keywords("KEEP ( DENSE_RANK", start);
                }
            }
            ExprKind::Member(name) => self.say(&[
                Word { text: ".".into(), role: Role::Said, offset: start },
                Word { text: name.into(), role: Role::Member, offset: start },
                Word { text: "(".into(), role: Role::Said, offset: start },
            ]),
            ExprKind::Text("") => self.keywords("''", start),
            ExprKind::Text(text) if text.len() <= 8 => {
                let text = format!("'{text}'");
                self.say(&[Word { text: text.into(), role: Role::Said, offset: start }]);
            }
            ExprKind::Attribute(name) => self.say(&[
                Word { text: "%".into(), role: Role::Said, offset: start },
                Word { text: name.into(), role: Role::Said, offset: start },
            ]),
            ExprKind::OuterJoined => self.keywords("( + )", end.saturating_sub(1)),
            ExprKind::ConnectByRoot => self.keywords("CONNECT_BY_ROOT", start),
            ExprKind::Cursor => self.keywords("CURSOR (", start),
            ExprKind::Operator(op) => self.keywords(op, start),
            ExprKind::Function(name) => {
                let said = |text: &'static str| Word { text: text.into(), role: Role::Said, offset: start };
                let mut words = vec![said(name), said("(")];
                let tokens = code_tokens(expr.span().of(self.piece.source));
                // EXTRACT(TIMEZONE_REGION FROM …), CAST(… AS type)
                let written = match name {
                    "EXTRACT" => tokens.get(2..3),
                    "CAST" => tokens.iter().rposition(|token| token.is_word("AS")).and_then(|at| tokens.get(at + 1..)),
                    _ => None,
                };
                for token in written.unwrap_or_default() {
                    words.push(Word { text: token.text.into(), role: Role::Global, offset: start });
                }
                self.say(&words);
            }
            ExprKind::Unparsed(reason) => {
                let span = expr.span();
                self.unread(&Unparsed { span, offset: start, reason: reason.to_owned() });
            }
            _ => {}
        }
    }
}

impl<'t> Visitor<'t> for Words<'_> {
    fn enter(&mut self, node: Node<'t>) {
        match node {
            Node::Package(package) => {
                let names = declared(&package.declarations);
                self.scope(names);
            }
            Node::Routine(routine) => self.scope(parameters(routine)),
            Node::Block(block) => {
                let names = declared(&block.declarations);
                self.scope(names);
                if let Some(exception) = block.exception {
                    self.keywords("EXCEPTION", exception.start);
                }
            }
            Node::Trigger(trigger) => match &trigger.body {
                plsql::TriggerBody::Compound(declarations) => {
                    let names = declared(declarations);
                    self.scope(names);
                }
                _ => self.scope([]),
            },
            Node::Clause(clause) => {
                let text = clause.word.as_str().into();
                self.say(&[Word { text, role: Role::Said, offset: clause.span.start }]);
            }
            Node::Declaration(declaration) => self.declaration(declaration),
            Node::TypeDefinition(definition, span) => self.definition(definition, span.start),
            Node::DataType(data_type) => self.data_type(data_type),
            Node::Pragma(pragma) => {
                let word = |text: &'t str| Word { text: text.into(), role: Role::Said, offset: pragma.span.start };
                self.say(&[word("PRAGMA"), word(&pragma.name)]);
            }
            Node::Handler(handler) if handler.exceptions.is_empty() => {
                self.keywords("WHEN OTHERS", handler.span.start);
            }
            Node::Handler(handler) => handler.exceptions.iter().for_each(|name| self.named(name)),
            Node::Statement(statement) => {
                self.statement(statement);
                self.sql += usize::from(is_sql(statement));
            }
            Node::Query(_) => self.sql += 1,
            Node::Sql(sql, span) => self.sql(sql, span),
            Node::Table(table) => self.table(table.parts, table.link, table.span.start),
            Node::Into(into) if into.bulk => self.keywords("BULK COLLECT INTO", into.span.start),
            Node::Expr(expr) => self.expr(expr),
            Node::Unparsed(unparsed) => self.unread(unparsed),
            _ => {}
        }
    }

    fn leave(&mut self, node: Node<'t>) {
        match node {
            Node::Package(_) | Node::Routine(_) | Node::Block(_) | Node::Trigger(_) => {
                self.scopes.pop();
            }
            Node::Declaration(Declaration { kind: DeclarationKind::Cursor { .. }, .. }) => {
                self.scopes.pop();
            }
            Node::Statement(statement) => {
                self.sql -= usize::from(is_sql(statement));
                if let StatementKind::For { .. } | StatementKind::ForAll { .. } = statement.kind {
                    self.scopes.pop();
                }
            }
            Node::Query(_) => self.sql -= 1,
            _ => {}
        }
    }
}

/// Statements of SQL, where names are those of columns first.
fn is_sql(statement: &Statement) -> bool {
    matches!(
        statement.kind,
        StatementKind::Insert(_) | StatementKind::Update(_) | StatementKind::Delete(_) | StatementKind::Merge(_)
    )
}

/// The names that declarations give, in all arms of conditional compilation.
pub(super) fn declared(declarations: &[Declaration]) -> Vec<&Part> {
    let mut names = Vec::new();
    for declaration in declarations {
        match &declaration.kind {
            DeclarationKind::Variable { name, .. }
            | DeclarationKind::Exception(name)
            | DeclarationKind::Cursor { name, .. }
            | DeclarationKind::Type { name, .. } => names.push(name),
            DeclarationKind::Routine(routine) => names.extend(routine.name.last()),
            DeclarationKind::Conditional(arms) => names.extend(arms.iter().flat_map(|arm| declared(&arm.body))),
            _ => {}
        }
    }
    names
}

fn parameters(routine: &Routine) -> impl Iterator<Item = &Part> {
    routine.parameters.iter().map(|parameter| &parameter.name)
}

/// Where a statement begins behind its labels.
fn skip_labels(span: Span, source: &str) -> usize {
    let mut tokens = code_tokens(span.of(source)).into_iter().peekable();
    while tokens.next_if(|token| token.is_symbol("<<")).is_some() {
        tokens.next();
        tokens.next();
    }
    tokens.peek().map_or(span.start, |token| span.start + token.offset)
}
