//! Conditional compilation.
//!
//! Where the arms of a `$IF` are whole statements or declarations, its marks stay, and the parser reads all of them. Within a
//! statement the arms would not be one: the first is read, and the bytes of the others are told.

use crate::plsql::ast::Span;
use crate::sql::{Token, TokenKind};

pub(super) struct Conditional<'a> {
    pub(super) tokens: Vec<Token<'a>>,
    pub(super) directives: Vec<Span>,
    pub(super) left_out: Vec<Span>,
}

/// A `$IF` that is not closed yet.
struct Open {
    /// Positions of its marks.
    marks: Vec<usize>,
    /// `$ERROR … $END`.
    is_error: bool,
}

pub(super) fn resolve(tokens: Vec<Token<'_>>) -> Conditional<'_> {
    let is_mark = |token: &Token<'_>| token.kind == TokenKind::Word && token.text.starts_with('$');
    if !tokens.iter().any(is_mark) {
        return Conditional { tokens, directives: Vec::new(), left_out: Vec::new() };
    }
    let span = |token: &Token<'_>| Span { start: token.offset, end: token.end() };
    let directives = tokens.iter().filter(|token| is_mark(token)).map(span).collect();
    let mut open: Vec<Open> = Vec::new();
    let mut drops: Vec<(usize, usize)> = Vec::new();
    let mut left_out: Vec<Span> = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| is_mark(token)) {
        if token.is_word("$IF") || token.is_word("$ERROR") {
            open.push(Open { marks: vec![at], is_error: token.is_word("$ERROR") });
        } else if token.is_word("$THEN") || token.is_word("$ELSIF") || token.is_word("$ELSE") {
            if let Some(last) = open.last_mut() {
                last.marks.push(at);
            }
        } else if token.is_word("$END")
            && let Some(mut closed) = open.pop()
        {
            closed.marks.push(at);
            if !closed.is_error && !of_statements(&tokens, &closed.marks) {
                keep_first(&tokens, &closed.marks, &mut drops, &mut left_out);
            }
        }
    }
    // A range may hold others that were closed before it.
    drops.sort_unstable();
    let mut kept = Vec::with_capacity(tokens.len());
    let mut drops = drops.into_iter().peekable();
    let mut until = 0;
    for (at, token) in tokens.into_iter().enumerate() {
        while let Some((_, end)) = drops.next_if(|(start, _)| *start <= at) {
            until = until.max(end);
        }
        if at >= until {
            kept.push(token);
        }
    }
    left_out.sort_unstable();
    Conditional { tokens: kept, directives, left_out }
}

/// Whether a `$IF` stands where a statement or declaration may, and each arm is some of these.
fn of_statements(tokens: &[Token<'_>], marks: &[usize]) -> bool {
    const BEFORE: &[&str] = &["BEGIN", "THEN", "ELSE", "LOOP", "IS", "AS", "DECLARE", "$THEN", "$ELSE", "$END"];
    let begins = marks[0] == 0 || {
        let before = &tokens[marks[0] - 1];
        before.is_symbol(";") || before.is_symbol(">>") || BEFORE.iter().any(|word| before.is_word(word))
    };
    let ends = |mark: usize| {
        let before = &tokens[mark - 1];
        before.is_symbol(";") || ["$THEN", "$ELSE", "$END"].iter().any(|word| before.is_word(word))
    };
    let is_arm = |mark: usize| !(tokens[mark].is_word("$IF") || tokens[mark].is_word("$ELSIF"));
    let mut arms = marks.windows(2).filter(|pair| is_arm(pair[0])).peekable();
    begins && arms.peek().is_some() && arms.all(|pair| ends(pair[1]) && is_balanced(&tokens[pair[0] + 1..pair[1]]))
}

/// Whether what begins in an arm ends in it, and nothing in it goes on with what began before.
fn is_balanced(arm: &[Token<'_>]) -> bool {
    let is_any = |token: &Token<'_>, words: &[&str]| words.iter().any(|word| token.is_word(word));
    let mut open = 0usize;
    for (at, token) in arm.iter().enumerate().filter(|(_, token)| token.kind == TokenKind::Word) {
        let begins = at == 0 || arm[at - 1].is_symbol(";");
        if token.is_word("END") {
            let Some(left) = open.checked_sub(1) else { return false };
            open = left;
        } else if is_any(token, &["BEGIN", "IF", "LOOP", "CASE"]) {
            // Behind END they say what ends.
            open += usize::from(at == 0 || !arm[at - 1].is_word("END"));
        } else if open == 0 && (is_any(token, &["ELSE", "ELSIF"]) || (begins && is_any(token, &["EXCEPTION", "WHEN"])))
        {
            return false;
        }
    }
    open == 0
}

/// Drops the marks of a `$IF`, its condition, and all arms but the first.
fn keep_first(tokens: &[Token<'_>], marks: &[usize], drops: &mut Vec<(usize, usize)>, left_out: &mut Vec<Span>) {
    let then = marks.iter().position(|mark| tokens[*mark].is_word("$THEN")).unwrap_or(0);
    drops.push((marks[0], marks[then] + 1));
    let (Some(first_end), Some(end)) = (marks.get(then + 1), marks.last()) else { return };
    drops.push((*first_end, end + 1));
    if first_end + 1 < *end {
        left_out.push(Span { start: tokens[first_end + 1].offset, end: tokens[end - 1].end() });
    }
}
