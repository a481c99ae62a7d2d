//! The part of Oracle's SQL that is known here.

use crate::OracleIdent;

/// An expression or condition, and the byte of the source at which it begins.
#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) start: usize,
    pub(super) node: Node,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Null,
    /// As written.
    Number(String),
    /// Its value.
    Text(String),
    /// `DATE '…'`: what is between the quotes.
    Date(String),
    /// `TIMESTAMP '…'`, the same.
    Timestamp(String),
    /// One to three parts: a column, a sequence's NEXTVAL, a function without arguments.
    Name(Vec<Part>),
    Call {
        name: Vec<Part>,
        arguments: Vec<Expr>,
        distinct: bool,
    },
    CountAll,
    /// `EXTRACT(field FROM value)`, the field in upper case.
    Extract {
        field: String,
        value: Box<Expr>,
    },
    Negate(Box<Expr>),
    Binary {
        op: Op,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Compare {
        op: &'static str,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Between {
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    In {
        value: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    Like {
        value: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<Box<Expr>>,
        negated: bool,
    },
    IsNull {
        value: Box<Expr>,
        negated: bool,
    },
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Case {
        operand: Option<Box<Expr>>,
        arms: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: OracleIdent,
    pub(super) quoted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    Concat,
}

/// `SELECT` without set operators, subqueries or hierarchy.
#[derive(Debug, Clone)]
pub(super) struct Select {
    pub(super) distinct: bool,
    pub(super) items: Vec<Item>,
    /// Comma-separated.
    pub(super) from: Vec<Joined>,
    pub(super) filter: Option<Expr>,
    pub(super) group_by: Vec<Expr>,
    pub(super) having: Option<Expr>,
    pub(super) order_by: Vec<Order>,
}

#[derive(Debug, Clone)]
pub(super) enum Item {
    /// `*`, or `t.*`.
    All {
        of: Vec<Part>,
        start: usize,
    },
    One {
        value: Expr,
        alias: Option<OracleIdent>,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Joined {
    pub(super) first: TableName,
    pub(super) joins: Vec<Join>,
}

#[derive(Debug, Clone)]
pub(super) struct Join {
    pub(super) kind: JoinKind,
    pub(super) table: TableName,
    /// Absent for a cross join only.
    pub(super) on: Option<Expr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
}

#[derive(Debug, Clone)]
pub(super) struct TableName {
    pub(super) start: usize,
    /// One or two.
    pub(super) parts: Vec<Part>,
    pub(super) alias: Option<OracleIdent>,
}

#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) value: Expr,
    pub(super) descending: bool,
    pub(super) nulls_first: Option<bool>,
}
