//! Reading Oracle's SQL.

mod lexer;

pub use lexer::{Lexer, Token, TokenKind};
