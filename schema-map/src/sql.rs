//! Reading Oracle's SQL.

pub(crate) mod ast;
mod lexer;
pub(crate) mod parser;

pub(crate) use lexer::Unclosed;
pub use lexer::{Lexer, Token, TokenKind};
