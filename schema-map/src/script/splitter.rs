use super::{ScriptError, ScriptErrorKind, ScriptStatement};
use crate::sql::{Lexer, Token, TokenKind, Unclosed};
use std::{borrow::Cow, collections::HashMap, fmt, io};

/// SQL*Plus itself nests scripts no deeper.
const DEEPEST_INCLUDE: usize = 20;

/// The statements of a script in their order, as SQL*Plus would send them: its own commands carried out or left out,
/// substitution variables replaced, terminators (`;`, `/`) removed.
///
/// * SQL ends at `;`, or at a `/` alone on its line. PL/SQL (`BEGIN`, `DECLARE`, `CREATE PROCEDURE`, `FUNCTION`, `PACKAGE`,
///   `TRIGGER`, `TYPE`, `LIBRARY`, `JAVA`) ends at a `/` alone on its line, and where that is missing in front of the next
///   `CREATE`, `ALTER`, `DROP`, `GRANT` or `REVOKE`, none of which PL/SQL can hold behind a `;`. A `/` that follows a `;` at
///   once is taken as the habit that it mostly is: SQL*Plus would run the statement a second time.
/// * `REMARK`, `PROMPT`, `SPOOL`, `WHENEVER`, `SHOW` and the other commands that change no data are left out.
///   `DEFINE`, `UNDEFINE`, `ACCEPT … DEFAULT`, `SET DEFINE`, `SET SCAN`, `SET ESCAPE`, `SET CONCAT` are obeyed;
///   `EXECUTE x` becomes `BEGIN x; END;`; `EXIT` and `QUIT` end the whole script.
/// * `CONNECT user/password@database` becomes a statement of its own, `CONNECT user`: without the password.
/// * `&name` and `&&name` become their values, in string literals too, as in SQL*Plus. A variable without a value is an
///   error in the statement that uses it (comments excepted), unless it is [kept](Splitter::keeping_unknown).
///
/// An error never ends the iteration: the statements behind it follow. The whole takes time linear in the text.
pub struct Splitter<'a> {
    frames: Vec<Frame<'a>>,
    substitution: Substitution,
    read: Option<ReadInclude<'a>>,
    last: Option<Last>,
    keeping: bool,
    kept: Vec<ScriptError>,
}

type ReadInclude<'a> = Box<dyn FnMut(&str) -> io::Result<String> + 'a>;

/// One script of the stack that includes make.
struct Frame<'a> {
    file: String,
    text: Cow<'a, str>,
    at: usize,
    /// The line of `at`, and its column in characters, both from 1.
    line: usize,
    column: usize,
    unclosed: Unclosed,
    /// Bytes read again after errors: bounded, so that no text takes more than linear time.
    read_again: usize,
}

/// The last statement handed out, in the text as it was before substitution.
#[derive(Debug, Clone, Copy)]
struct Last {
    start: usize,
    end: usize,
    line: usize,
    column: usize,
    depth: usize,
    ending: Ending,
}

#[derive(Debug)]
struct Substitution {
    values: HashMap<String, String>,
    /// `None` after SET DEFINE OFF.
    prefix: Option<char>,
    last_prefix: char,
    escape: Option<char>,
    concat: Option<char>,
}

/// How a statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// At `;` too.
    Sql,
    /// Only at a `/` alone on its line.
    PlSql,
    /// As `PlSql`, and the text is not made of Oracle's tokens (Java, wrapped PL/SQL).
    Foreign,
}

/// The statements of `text`, the script called `file`.
///
/// ```
/// let script = "REM people\nDEFINE who = 'Ann'\nINSERT INTO t VALUES ('&who.');\nBEGIN p; END;\n/\n";
/// let texts: Vec<_> = schema_map::script::split("people.sql", script).map(|s| s.unwrap().text).collect();
/// assert_eq!(texts, ["INSERT INTO t VALUES ('Ann')", "BEGIN p; END;"]);
/// ```
pub fn split<'a>(file: &str, text: &'a str) -> Splitter<'a> {
    Splitter {
        frames: vec![Frame::new(file.to_owned(), Cow::Borrowed(text))],
        substitution: Substitution {
            values: HashMap::new(),
            prefix: Some('&'),
            last_prefix: '&',
            escape: None,
            concat: Some('.'),
        },
        read: None,
        last: None,
        keeping: false,
        kept: Vec::new(),
    }
}

impl<'a> Splitter<'a> {
    /// Gives a substitution variable a value, as DEFINE does. Names are taken without regard to case; the arguments of a
    /// script are called `1`, `2` …
    #[must_use]
    pub fn define(mut self, name: &str, value: &str) -> Self {
        self.substitution.values.insert(name.to_uppercase(), value.to_owned());
        self
    }

    /// How to read the scripts that `@`, `@@` and START name. The file name handed over has its extension (`.sql` where
    /// the script gives none); of `@@` it is in the folder of the script that includes it. Without this, an include is an error.
    #[must_use]
    pub fn includes(mut self, read: impl FnMut(&str) -> io::Result<String> + 'a) -> Self {
        self.read = Some(Box::new(read));
        self
    }

    /// SQL*Plus asks for the value of a variable that has none. Where nobody can be asked, and the statements are read and not run:
    /// in a string literal and in PL/SQL, where `&` is mostly meant as it stands (`'R&D'`), such a variable stays, which
    /// [`take_kept`](Splitter::take_kept) tells. Elsewhere it is an error still, and numbers are: they are a script's arguments.
    #[must_use]
    pub fn keeping_unknown(mut self) -> Self {
        self.keeping = true;
        self
    }

    /// The substitution variables without a value that were left as they stand so far, each as the error that it would be
    /// elsewhere. They are handed out once.
    pub fn take_kept(&mut self) -> Vec<ScriptError> {
        std::mem::take(&mut self.kept)
    }

    /// After the last statement handed out turned out to be no good: goes back to where the next one seems to begin inside
    /// of it, which is so where a quote or a terminator was forgotten.
    pub(super) fn recover(&mut self) {
        let Some(last) = self.last.take().filter(|last| last.ending == Ending::Sql && last.depth == self.frames.len())
        else {
            return;
        };
        let Some(frame) = self.frames.last_mut() else { return };
        if let Some(next) = next_beginning(&frame.text[last.start..last.end]) {
            let next = last.start + next;
            let again = frame.at.saturating_sub(next);
            if frame.read_again + again <= 4 * frame.text.len() {
                frame.read_again += again;
                (frame.at, frame.line, frame.column) = (last.start, last.line, last.column);
                frame.advance(next);
            }
        }
    }

    fn step(&mut self) -> Step {
        let depth = self.frames.len();
        let Some(frame) = self.frames.last_mut() else { return Step::End };
        let Some(start) = frame.skip_to_token() else {
            self.frames.pop();
            return Step::Again;
        };
        let rest = &frame.text[start..];
        if rest.starts_with(';') || (rest.starts_with('/') && !rest.starts_with("/*")) {
            frame.advance(start + 1);
            return Step::Again;
        }
        if rest.starts_with('!')
            || (rest.starts_with('.') && rest[1..].trim_start_matches([' ', '\t', '\r']).starts_with('\n'))
        {
            frame.take_command(false);
            return Step::Again;
        }
        if rest.starts_with('@') {
            let (line, position) = frame.take_command(true);
            return self.include(&line, position);
        }
        let word = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
        if let Some(command) = Command::of(word, &rest[word.len()..]) {
            let (line, position) = frame.take_command(command != Command::Ignored { continued: false });
            return self.command(command, &line, position);
        }
        let (line, column) = (frame.line, frame.column);
        let file = frame.file.clone();
        match frame.take_statement() {
            Err((line, column, message)) => {
                self.last = None;
                Step::Yield(Err(ScriptError { file, line, column, kind: ScriptErrorKind::Syntax, message }))
            }
            Ok((end, ending)) => {
                let raw = frame.text[start..end].trim_end();
                self.last = Some(Last { start, end, line, column, depth, ending });
                let mut kept = Vec::new();
                let applied = match self.keeping {
                    true => self.substitution.apply_to_statement(raw, ending, &mut kept).map(Cow::into_owned),
                    false => self.substitution.apply(raw).map(Cow::into_owned),
                };
                self.kept.extend(kept.into_iter().map(|undefined| {
                    let (line, column) = super::position(raw, undefined.at, line, column);
                    undefined.error(file.clone(), line, column)
                }));
                match applied {
                    Ok(text) => Step::Yield(Ok(ScriptStatement { text, file, line, column })),
                    Err(undefined) => {
                        let (line, column) = super::position(raw, undefined.at, line, column);
                        Step::Yield(Err(undefined.error(file, line, column)))
                    }
                }
            }
        }
    }

    fn command(&mut self, command: Command, line: &str, (row, column): (usize, usize)) -> Step {
        let Some(frame) = self.frames.last() else { return Step::End };
        let after_word = line.trim_start().split_once(char::is_whitespace).map_or("", |(_, rest)| rest).trim();
        let after_word = after_word.trim_end_matches(';').trim_end();
        let statement =
            |text: String| Step::Yield(Ok(ScriptStatement { text, file: frame.file.clone(), line: row, column }));
        match command {
            Command::Ignored { .. } => Step::Again,
            Command::Set => {
                self.substitution.set(after_word);
                Step::Again
            }
            Command::Define => {
                if let Some((name, value)) = after_word.split_once('=') {
                    let value = self.substitution.apply(value).unwrap_or(Cow::Borrowed(value));
                    let value = first_value(&value);
                    self.substitution.values.insert(name.trim().to_uppercase(), value);
                }
                Step::Again
            }
            Command::Undefine => {
                for name in after_word.split_whitespace() {
                    self.substitution.values.remove(&name.to_uppercase());
                }
                Step::Again
            }
            Command::Accept => {
                let name = after_word.split_whitespace().next().unwrap_or("").to_uppercase();
                if let Some(default) = accept_default(after_word) {
                    let default = self.substitution.apply(&default).map(Cow::into_owned).unwrap_or(default);
                    self.substitution.values.entry(name).or_insert(default);
                }
                Step::Again
            }
            Command::Connect => {
                let text = self.substitution.apply(after_word).unwrap_or(Cow::Borrowed(after_word));
                let user = match text.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                    Some((user, _)) => format!("\"{user}\""),
                    None => {
                        text.split(|c: char| c.is_whitespace() || "/@[".contains(c)).next().unwrap_or("").to_owned()
                    }
                };
                statement(if user.is_empty() { "CONNECT /".to_owned() } else { format!("CONNECT {user}") })
            }
            Command::Execute => match self.substitution.apply(after_word) {
                Ok(text) => statement(format!("BEGIN {text}; END;")),
                Err(undefined) => Step::Yield(Err(undefined.error(frame.file.clone(), row, column))),
            },
            Command::Start => self.include(after_word, (row, column)),
            Command::Exit => {
                self.frames.clear();
                Step::End
            }
        }
    }

    /// `@script`, `@@script`, or the argument of START.
    fn include(&mut self, line: &str, (row, column): (usize, usize)) -> Step {
        let Some(frame) = self.frames.last() else { return Step::End };
        let error = |kind, message: String| {
            Step::Yield(Err(ScriptError { file: frame.file.clone(), line: row, column, kind, message }))
        };
        let line = match self.substitution.apply(line.trim().trim_end_matches(';')) {
            Ok(line) => line.into_owned(),
            Err(undefined) => return Step::Yield(Err(undefined.error(frame.file.clone(), row, column))),
        };
        let beside = line.starts_with("@@");
        let line = line.trim_start_matches('@').trim();
        let (name, arguments) = match line.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            Some((name, rest)) => (name, rest),
            None => line.split_once(char::is_whitespace).unwrap_or((line, "")),
        };
        if name.is_empty() {
            return error(ScriptErrorKind::Include, "expected the name of a script behind @".to_owned());
        }
        let mut path = name.replace('\\', "/");
        if !path.rsplit('/').next().unwrap_or("").contains('.') {
            path.push_str(".sql");
        }
        if beside
            && !path.starts_with('/')
            && let Some((folder, _)) = frame.file.rsplit_once('/')
        {
            path = format!("{folder}/{path}");
        }
        if self.frames.len() >= DEEPEST_INCLUDE {
            return error(
                ScriptErrorKind::Include,
                format!("{path} is included {DEEPEST_INCLUDE} levels deep: does a script include itself?"),
            );
        }
        let Some(read) = &mut self.read else {
            return error(ScriptErrorKind::Include, format!("it includes {path}: read that script in its place"));
        };
        match read(&path) {
            Err(e) => error(ScriptErrorKind::Include, format!("cannot read the included script {path}: {e}")),
            Ok(text) => {
                for (number, argument) in arguments.split_whitespace().enumerate() {
                    self.substitution.values.insert((number + 1).to_string(), unquoted(argument).into_owned());
                }
                self.frames.push(Frame::new(path, Cow::Owned(text)));
                Step::Again
            }
        }
    }
}

impl Iterator for Splitter<'_> {
    type Item = Result<ScriptStatement, ScriptError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.step() {
                Step::Again => {}
                Step::Yield(item) => return Some(item),
                Step::End => return None,
            }
        }
    }
}

impl fmt::Debug for Splitter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.frames.last().map(|frame| (&frame.file, frame.line));
        f.debug_struct("Splitter").field("place", &place).finish_non_exhaustive()
    }
}

enum Step {
    Again,
    Yield(Result<ScriptStatement, ScriptError>),
    End,
}

impl<'a> Frame<'a> {
    fn new(file: String, text: Cow<'a, str>) -> Self {
        Frame { file, text, at: 0, line: 1, column: 1, unclosed: Unclosed::default(), read_again: 0 }
    }

    /// Moves on to `to`, counting lines and columns.
    fn advance(&mut self, to: usize) {
        (self.line, self.column) = super::position(&self.text[self.at..to], to - self.at, self.line, self.column);
        self.at = to;
    }

    /// Skips blanks and comments; the offset of the token there, unless the text has ended.
    fn skip_to_token(&mut self) -> Option<usize> {
        let mut lexer = Lexer::resume(&self.text, self.at, std::mem::take(&mut self.unclosed));
        let first = lexer.find(|token| token.kind != TokenKind::Comment).map(|token| token.offset);
        self.unclosed = lexer.into_unclosed();
        self.advance(first.unwrap_or(self.text.len()));
        first
    }

    /// The SQL*Plus command that begins here, with its line and column, and moves behind it. A line that ends with a
    /// hyphen continues on the next one, if the command is of those that obey it.
    fn take_command(&mut self, continued: bool) -> (String, (usize, usize)) {
        let position = (self.line, self.column);
        let mut command = String::new();
        let mut at = self.at;
        loop {
            let line = self.text[at..].split('\n').next().unwrap_or("");
            at = (at + line.len() + 1).min(self.text.len());
            match line.trim_end().strip_suffix('-') {
                Some(part) if continued && at < self.text.len() => {
                    command.push_str(part);
                    command.push(' ');
                }
                _ => {
                    command.push_str(line.trim_end());
                    break;
                }
            }
        }
        self.advance(at);
        (command, position)
    }

    /// Where the statement that begins here ends and how, and moves behind its terminator. An error is line, column and
    /// message; reading goes on at the next place that looks like the beginning of a statement.
    fn take_statement(&mut self) -> Result<(usize, Ending), (usize, usize, String)> {
        let text = std::mem::take(&mut self.text);
        let mut lexer = Lexer::resume(&text, self.at, std::mem::take(&mut self.unclosed));
        let (found, ending) = find_end(&text, self.at, &mut lexer);
        self.unclosed = lexer.into_unclosed();
        let start = self.at;
        let (result, next) = match found {
            Found::End { at, next } => (Ok((at, ending)), next),
            Found::Unterminated { at, what } => {
                let (line, column) = super::position(&text[start..], at - start, self.line, self.column);
                let next = match ending {
                    Ending::PlSql | Ending::Foreign => slash_line(&text, start).map(|(_, end)| end),
                    Ending::Sql => end_of_line_with_semicolon(&text, start),
                };
                (Err((line, column, what.to_owned())), next.unwrap_or(text.len()))
            }
        };
        self.text = text;
        self.advance(next);
        result
    }
}

const NO_QUOTE: &str = "this string literal has no closing quote";
const NO_DOUBLE_QUOTE: &str = "this quoted identifier has no closing double quote";

/// Where a statement ends.
enum Found {
    /// At `at`, with the next one from `next` on.
    End { at: usize, next: usize },
    /// Nowhere: the token at `at` runs to the end of the text.
    Unterminated { at: usize, what: &'static str },
}

fn find_end(text: &str, start: usize, lexer: &mut Lexer<'_>) -> (Found, Ending) {
    let mut head: Vec<(TokenKind, String)> = Vec::new();
    let mut ending = None;
    let mut behind_semicolon = false;
    // A quote that is closed only behind what looks like the end of a statement: where one was forgotten, it was here.
    let mut suspect = None;
    for token in lexer {
        if token.kind == TokenKind::Comment {
            continue;
        }
        let mark = token.is_symbol("/") || token.is_symbol(".");
        if mark && token.offset > start && stands_alone(text, &token) {
            return (Found::End { at: token.offset, next: token.end() }, ending.unwrap_or(Ending::Sql));
        }
        if head.len() < 10 {
            head.push((token.kind, token.text.to_uppercase()));
            ending = ending.or_else(|| ending_of(&head));
            if ending == Some(Ending::PlSql) && token.is_word("WRAPPED") {
                ending = Some(Ending::Foreign);
            }
        }
        if ending == Some(Ending::Foreign) {
            let (at, next) = slash_line(text, token.end()).unwrap_or((text.len(), text.len()));
            return (Found::End { at, next }, Ending::Foreign);
        }
        let plsql = ending == Some(Ending::PlSql);
        if token.is_symbol(";") && !plsql {
            return (Found::End { at: token.offset, next: token.end() }, Ending::Sql);
        }
        let begins_other = ["CREATE", "ALTER", "DROP", "GRANT", "REVOKE"].iter().any(|word| token.is_word(word));
        if behind_semicolon && begins_other {
            return (Found::End { at: token.offset, next: token.offset }, Ending::PlSql);
        }
        behind_semicolon = token.is_symbol(";");
        if token.kind == TokenKind::Error {
            let what = match token.text.as_bytes()[0] {
                b'"' => NO_DOUBLE_QUOTE,
                b'/' => "this comment has no closing */",
                b'\'' | b'n' | b'N' | b'q' | b'Q' => NO_QUOTE,
                _ => continue,
            };
            let (at, what) = suspect.unwrap_or((token.offset, what));
            return (Found::Unterminated { at, what }, ending.unwrap_or(Ending::Sql));
        }
        let what = match token.kind {
            TokenKind::Text => NO_QUOTE,
            TokenKind::QuotedIdent => NO_DOUBLE_QUOTE,
            _ => continue,
        };
        if suspect.is_none() && closed_too_late(token.text).is_some() {
            suspect = Some((token.offset, what));
        }
    }
    (Found::End { at: text.len(), next: text.len() }, ending.unwrap_or(Ending::Sql))
}

/// How a statement that begins with these tokens ends, as soon as they tell.
fn ending_of(head: &[(TokenKind, String)]) -> Option<Ending> {
    let mut words = head.iter().map(|(_, text)| text.as_str());
    let answer = match words.next()? {
        "BEGIN" | "DECLARE" | "<<" => Ending::PlSql,
        "WITH" => match words.next()? {
            "FUNCTION" | "PROCEDURE" if words.next()? != "AS" => Ending::PlSql,
            _ => Ending::Sql,
        },
        "CREATE" => loop {
            match words.next()? {
                "OR" | "REPLACE" | "EDITIONABLE" | "NONEDITIONABLE" | "NOFORCE" => {}
                "AND" => {
                    words.next()?;
                }
                "PROCEDURE" | "FUNCTION" | "PACKAGE" | "TRIGGER" | "TYPE" | "LIBRARY" => break Ending::PlSql,
                "JAVA" | "MLE" => break Ending::Foreign,
                _ => break Ending::Sql,
            }
        },
        _ => Ending::Sql,
    };
    Some(answer)
}

/// Whether the token has a line of its own.
fn stands_alone(text: &str, token: &Token<'_>) -> bool {
    let before = text[..token.offset].trim_end_matches([' ', '\t', '\r']);
    let after = text[token.end()..].trim_start_matches([' ', '\t', '\r']);
    (before.is_empty() || before.ends_with('\n')) && (after.is_empty() || after.starts_with('\n'))
}

/// The next line that holds a `/` alone: where it starts and ends.
fn slash_line(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    for (n, line) in text[from..].split_inclusive('\n').enumerate() {
        if n > 0 && line.trim() == "/" {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// The end of the next line that ends with a semicolon or is a `/`.
fn end_of_line_with_semicolon(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        at += line.len();
        if line.trim_end().ends_with(';') || line.trim() == "/" {
            return Some(at);
        }
    }
    None
}

/// The end of the first line inside of a quoted text that ends with a semicolon.
fn closed_too_late(quoted: &str) -> Option<usize> {
    end_of_line_with_semicolon(quoted, 0).filter(|&end| end < quoted.len())
}

/// Where in a statement that is no good another one seems to begin: behind a semicolon at the end of a line inside
/// quotes, or at a line that begins as statements do.
fn next_beginning(statement: &str) -> Option<usize> {
    let mut tokens = Lexer::new(statement).filter(|t| t.kind != TokenKind::Comment).peekable();
    while let Some(token) = tokens.next() {
        let quoted = matches!(token.kind, TokenKind::Text | TokenKind::QuotedIdent);
        if let Some(end) = closed_too_late(token.text).filter(|_| quoted) {
            return Some(token.offset + end);
        }
        let Some(next) = tokens.peek() else { break };
        let begins = token.is_word("CREATE")
            || (token.is_word("COMMENT") && next.is_word("ON"))
            || (token.is_word("INSERT") && next.is_word("INTO"))
            || (token.is_word("ALTER") && next.is_word("TABLE"));
        let line_start = statement[..token.offset].trim_end_matches([' ', '\t']).ends_with('\n');
        if begins && line_start {
            return Some(token.offset);
        }
    }
    None
}

/// Commands of SQL*Plus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    /// `continued`: a hyphen at the end of the line continues it. REMARK and PROMPT are full of lines of hyphens that are
    /// not meant so.
    Ignored {
        continued: bool,
    },
    Set,
    Define,
    Undefine,
    Accept,
    Connect,
    Execute,
    Start,
    Exit,
}

/// Names of the commands, with the shortest abbreviation that SQL*Plus takes (0: none).
const COMMANDS: &[(&str, usize, Command)] = {
    const IGNORED: Command = Command::Ignored { continued: true };
    const TEXT: Command = Command::Ignored { continued: false };
    &[
        ("REMARK", 3, TEXT),
        ("PROMPT", 3, TEXT),
        ("SET", 0, Command::Set),
        ("DEFINE", 3, Command::Define),
        ("UNDEFINE", 5, Command::Undefine),
        ("ACCEPT", 3, Command::Accept),
        ("CONNECT", 4, Command::Connect),
        ("EXECUTE", 4, Command::Execute),
        ("START", 3, Command::Start),
        ("EXIT", 0, Command::Exit),
        ("QUIT", 0, Command::Exit),
        ("ARCHIVE", 0, IGNORED),
        ("ATTRIBUTE", 0, IGNORED),
        ("BREAK", 3, IGNORED),
        ("BTITLE", 3, IGNORED),
        ("CLEAR", 2, IGNORED),
        ("COLUMN", 3, IGNORED),
        ("COMPUTE", 4, IGNORED),
        ("COPY", 0, IGNORED),
        ("DESCRIBE", 4, IGNORED),
        ("DISCONNECT", 4, IGNORED),
        ("EDIT", 2, IGNORED),
        ("GET", 0, IGNORED),
        ("HELP", 0, IGNORED),
        ("HISTORY", 4, IGNORED),
        ("HOST", 2, IGNORED),
        ("LIST", 1, IGNORED),
        ("ORADEBUG", 0, IGNORED),
        ("PASSWORD", 5, IGNORED),
        ("PAUSE", 3, IGNORED),
        ("PRINT", 3, IGNORED),
        ("RECOVER", 0, IGNORED),
        ("REPFOOTER", 4, IGNORED),
        ("REPHEADER", 4, IGNORED),
        ("RUN", 1, IGNORED),
        ("SAVE", 3, IGNORED),
        ("SHOW", 3, IGNORED),
        ("SHUTDOWN", 0, IGNORED),
        ("SPOOL", 3, IGNORED),
        ("STARTUP", 0, IGNORED),
        ("STORE", 0, IGNORED),
        ("TIMING", 4, IGNORED),
        ("TTITLE", 3, IGNORED),
        ("VARIABLE", 3, IGNORED),
        ("WHENEVER", 0, IGNORED),
        ("XQUERY", 0, IGNORED),
    ]
};

impl Command {
    /// The command that a line begins with, unless it begins an SQL statement.
    fn of(word: &str, rest_of_line: &str) -> Option<Self> {
        let word = word.to_uppercase();
        let (_, _, command) = COMMANDS.iter().find(|(name, shortest, _)| {
            name.starts_with(&word) && (word.len() == name.len() || (*shortest > 0 && word.len() >= *shortest))
        })?;
        if *command == Command::Set {
            let next = rest_of_line.split_whitespace().next().unwrap_or("").to_uppercase();
            if matches!(next.as_str(), "ROLE" | "TRANSACTION" | "CONSTRAINT" | "CONSTRAINTS") {
                return None;
            }
        }
        Some(*command)
    }
}

/// What follows DEFAULT in ACCEPT.
fn accept_default(arguments: &str) -> Option<String> {
    let mut tokens = Lexer::new(arguments);
    tokens.find(|token| token.is_word("DEFAULT") || token.is_word("DEF"))?;
    tokens.next().map(|token| unquoted(token.text).into_owned())
}

/// What DEFINE takes of the rest of its line: a quoted text, or a word.
fn first_value(text: &str) -> String {
    match Lexer::new(text).next() {
        Some(token) if matches!(token.kind, TokenKind::Text | TokenKind::QuotedIdent) => {
            unquoted(token.text).into_owned()
        }
        _ => text.split_whitespace().next().unwrap_or("").to_owned(),
    }
}

/// Without the quotes around it, if it has any. Doubled quotes inside become one.
fn unquoted(value: &str) -> Cow<'_, str> {
    for quote in ['\'', '"'] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return Cow::Owned(inner.replace(&format!("{quote}{quote}"), &quote.to_string()));
        }
    }
    Cow::Borrowed(value)
}

/// What becomes of a variable without a value: it is kept, or an error.
type Decide<'d> = dyn FnMut(Undefined) -> Result<(), Undefined> + 'd;

struct Undefined {
    name: String,
    at: usize,
    prefix: char,
}

impl Undefined {
    fn error(self, file: String, line: usize, column: usize) -> ScriptError {
        let Undefined { name, prefix, .. } = self;
        let message = format!(
            "substitution variable {prefix}{name} has no value: define it, or SET DEFINE OFF where {prefix} is meant as it stands"
        );
        ScriptError { file, line, column, kind: ScriptErrorKind::Undefined, message }
    }
}

impl Substitution {
    /// SET, of which only what changes substitution matters here; several settings may share a line.
    fn set(&mut self, arguments: &str) {
        let mut words = arguments.split_whitespace();
        while let Some(word) = words.next() {
            let word = word.to_uppercase();
            if !matches!(word.as_str(), "DEF" | "DEFINE" | "SCAN" | "ESC" | "ESCAPE" | "CON" | "CONCAT") {
                continue;
            }
            let Some(value) = words.next() else { return };
            let value = unquoted(value).to_uppercase();
            let mark = value.chars().next();
            match (word.as_str(), value.as_str()) {
                ("DEF" | "DEFINE" | "SCAN", "OFF") => self.prefix = None,
                ("DEF" | "DEFINE" | "SCAN", "ON") => self.prefix = Some(self.last_prefix),
                ("DEF" | "DEFINE", _) => {
                    self.last_prefix = mark.unwrap_or('&');
                    self.prefix = Some(self.last_prefix);
                }
                ("ESC" | "ESCAPE", "OFF") => self.escape = None,
                ("ESC" | "ESCAPE", "ON") => self.escape = Some('\\'),
                ("ESC" | "ESCAPE", _) => self.escape = mark,
                ("CON" | "CONCAT", "OFF") => self.concat = None,
                ("CON" | "CONCAT", "ON") => self.concat = Some('.'),
                ("CON" | "CONCAT", _) => self.concat = mark,
                _ => {}
            }
        }
    }

    /// Replaces the variables outside comments.
    fn apply<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, Undefined> {
        self.replaced(text, &mut Err)
    }

    /// The same in a statement, where those without a value are kept in string literals and in PL/SQL.
    fn apply_to_statement<'t>(
        &self,
        text: &'t str,
        ending: Ending,
        kept: &mut Vec<Undefined>,
    ) -> Result<Cow<'t, str>, Undefined> {
        // Texts come in their order, and so do variables: one walk over the tokens is enough.
        let mut texts = Lexer::new(text).filter(|t| t.kind == TokenKind::Text).peekable();
        self.replaced(text, &mut |undefined| {
            while texts.next_if(|t| t.end() <= undefined.at).is_some() {}
            // Numbers are the arguments of a script: they are always meant.
            let argument = undefined.name.bytes().all(|b| b.is_ascii_digit());
            let meant = argument || texts.peek().is_none_or(|t| t.offset > undefined.at);
            if ending == Ending::Sql && meant {
                return Err(undefined);
            }
            kept.push(undefined);
            Ok(())
        })
    }

    /// `undefined` decides about variables without a value.
    fn replaced<'t>(&self, text: &'t str, undefined: &mut Decide<'_>) -> Result<Cow<'t, str>, Undefined> {
        let Some(prefix) = self.prefix.filter(|&prefix| text.contains(prefix)) else { return Ok(Cow::Borrowed(text)) };
        let mut replaced = String::with_capacity(text.len());
        let mut done = 0;
        for comment in Lexer::new(text).filter(|token| token.kind == TokenKind::Comment) {
            self.replace(&text[done..comment.offset], done, prefix, &mut replaced, undefined)?;
            replaced.push_str(comment.text);
            done = comment.end();
        }
        self.replace(&text[done..], done, prefix, &mut replaced, undefined)?;
        Ok(Cow::Owned(replaced))
    }

    fn replace(
        &self,
        part: &str,
        offset: usize,
        prefix: char,
        out: &mut String,
        undefined: &mut Decide<'_>,
    ) -> Result<(), Undefined> {
        let mut rest = part;
        while let Some(at) = rest.find(prefix) {
            let before = &rest[..at];
            let after = &rest[at + prefix.len_utf8()..];
            if let Some(kept) = self.escape.and_then(|escape| before.strip_suffix(escape)) {
                out.push_str(kept);
                out.push(prefix);
                rest = after;
                continue;
            }
            out.push_str(before);
            let named = after.strip_prefix(prefix).unwrap_or(after);
            let length =
                named.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '#'))).unwrap_or(named.len());
            if length == 0 {
                out.push(prefix);
                rest = after;
                continue;
            }
            let (name, behind) = named.split_at(length);
            let Some(value) = self.values.get(&name.to_uppercase()) else {
                undefined(Undefined { name: name.to_owned(), at: offset + part.len() - rest.len() + at, prefix })?;
                out.push_str(&rest[at..rest.len() - behind.len()]);
                rest = behind;
                continue;
            };
            out.push_str(value);
            rest = self.concat.and_then(|concat| behind.strip_prefix(concat)).unwrap_or(behind);
        }
        out.push_str(rest);
        Ok(())
    }
}
