//! What the parser makes of a statement. Names are as the dictionary stores them; offsets are bytes into the statement.

use crate::engine::StatementType;
use type_convert::{DateTime, IntervalDs, IntervalYm, Number, OracleType, UtcOffset};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ident {
    pub(super) text: String,
    pub(super) quoted: bool,
    pub(super) offset: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Statement {
    Query(Box<Query>),
    Insert(Insert),
    Update(Update),
    Delete(Delete),
    Merge(Box<Merge>),
    Commit,
    Rollback {
        to: Option<String>,
    },
    Savepoint(String),
    SetTransaction {
        read_only: bool,
    },
    /// `NLS_…` and other parameters with their values.
    AlterSession(Vec<(String, String)>),
    Ddl(StatementType),
    Block(Vec<BlockItem>),
    Call(ProcedureCall),
}

#[derive(Debug, Clone)]
pub(super) enum BlockItem {
    Statement(Box<Statement>),
    Execute { text: Expr, using: Vec<Expr> },
    Null,
}

#[derive(Debug, Clone)]
pub(super) struct ProcedureCall {
    pub(super) name: Vec<Ident>,
    pub(super) arguments: Vec<(Option<Ident>, Expr)>,
}

#[derive(Debug, Clone)]
pub(super) struct TableName {
    pub(super) owner: Option<Ident>,
    pub(super) name: Ident,
}

#[derive(Debug, Clone)]
pub(super) struct Insert {
    pub(super) targets: Vec<InsertTarget>,
    pub(super) source: InsertSource,
}

#[derive(Debug, Clone)]
pub(super) struct InsertTarget {
    pub(super) table: TableName,
    pub(super) columns: Vec<Ident>,
    /// `VALUES` of an `INSERT ALL`'s target or of a simple INSERT; `None` takes the query's columns.
    pub(super) values: Option<Vec<Expr>>,
    pub(super) offset: usize,
}

#[derive(Debug, Clone)]
pub(super) enum InsertSource {
    Values,
    Query(Box<Query>),
}

#[derive(Debug, Clone)]
pub(super) struct Update {
    pub(super) table: TableName,
    pub(super) alias: Option<Ident>,
    pub(super) set: Vec<SetClause>,
    pub(super) filter: Option<Expr>,
}

#[derive(Debug, Clone)]
pub(super) enum SetClause {
    One(Ident, Expr),
    Many(Vec<Ident>, Box<Query>, usize),
}

#[derive(Debug, Clone)]
pub(super) struct Delete {
    pub(super) table: TableName,
    pub(super) alias: Option<Ident>,
    pub(super) filter: Option<Expr>,
}

#[derive(Debug, Clone)]
pub(super) struct Merge {
    pub(super) table: TableName,
    pub(super) alias: Option<Ident>,
    pub(super) source: TableRef,
    pub(super) on: Expr,
    pub(super) update: Option<MergeUpdate>,
    pub(super) insert: Option<MergeInsert>,
}

#[derive(Debug, Clone)]
pub(super) struct MergeUpdate {
    pub(super) set: Vec<(Ident, Expr)>,
    pub(super) filter: Option<Expr>,
    pub(super) delete: Option<Expr>,
}

#[derive(Debug, Clone)]
pub(super) struct MergeInsert {
    pub(super) columns: Vec<Ident>,
    pub(super) values: Vec<Expr>,
    pub(super) filter: Option<Expr>,
    pub(super) offset: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) with: Vec<Cte>,
    pub(super) body: SetExpr,
    pub(super) order: Vec<OrderItem>,
    pub(super) skip: Option<Expr>,
    pub(super) fetch: Option<Expr>,
    pub(super) for_update: Option<ForUpdate>,
}

#[derive(Debug, Clone)]
pub(super) struct Cte {
    pub(super) name: Ident,
    pub(super) columns: Vec<Ident>,
    pub(super) query: std::sync::Arc<Query>,
}

#[derive(Debug, Clone)]
pub(super) enum SetExpr {
    Select(Box<Select>),
    Nested(Box<Query>),
    Set { operator: SetOperator, left: Box<SetExpr>, right: Box<SetExpr>, offset: usize },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SetOperator {
    Union,
    UnionAll,
    Intersect,
    Minus,
}

#[derive(Debug, Clone)]
pub(super) struct OrderItem {
    pub(super) expr: Expr,
    pub(super) descending: bool,
    pub(super) nulls_first: bool,
    pub(super) offset: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct ForUpdate {
    /// `Some(0)` is NOWAIT, `Some(n)` is WAIT n, in seconds.
    pub(super) wait: Option<u64>,
}

#[derive(Debug, Clone)]
pub(super) struct Select {
    pub(super) distinct: bool,
    pub(super) items: Vec<Item>,
    pub(super) from: Vec<TableRef>,
    pub(super) filter: Option<Expr>,
    /// `CONNECT BY` without PRIOR and START WITH: rows are generated while it holds.
    pub(super) connect_by: Option<Expr>,
    pub(super) group_by: Vec<Expr>,
    pub(super) having: Option<Expr>,
    pub(super) offset: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Item {
    Star { offset: usize },
    QualifiedStar { name: Vec<Ident>, offset: usize },
    Expr { expr: Expr, name: String },
}

#[derive(Debug, Clone)]
pub(super) enum TableRef {
    Table { table: TableName, as_of: Option<Expr>, alias: Option<Ident> },
    Query { query: Box<Query>, alias: Option<Ident> },
    Join { left: Box<TableRef>, right: Box<TableRef>, kind: JoinKind, on: Option<Expr>, using: Vec<Ident> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TrimSide {
    Both,
    Leading,
    Trailing,
}

#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) kind: Box<ExprKind>,
    pub(super) offset: usize,
}

/// Scalars and conditions alike: which of them may stand where is decided by the analysis.
#[derive(Debug, Clone)]
pub(super) enum ExprKind {
    Null,
    /// The word DEFAULT in VALUES and SET.
    Default,
    Number(Number),
    Float(f32),
    Double(f64),
    Text(String),
    Date(DateTime),
    Timestamp(DateTime, u8),
    TimestampTz(DateTime, UtcOffset, u8),
    IntervalYm(IntervalYm),
    IntervalDs(IntervalDs),
    Bind(usize),
    Name(Vec<Ident>),
    /// `(+)` after a column.
    OuterJoined(Expr),
    Negate(Expr),
    Concat(Vec<Expr>),
    /// From left to right, of one precedence.
    Arithmetic(Expr, Vec<(Arithmetic, Expr)>),
    Call(Call),
    Case {
        operand: Option<Expr>,
        whens: Vec<(Expr, Expr)>,
        otherwise: Option<Expr>,
    },
    Cast(Expr, OracleType),
    Extract(String, Expr),
    Trim(TrimSide, Option<Expr>, Expr),
    Subquery(Box<Query>),
    Tuple(Vec<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Expr),
    Compare(Comparison, Expr, Expr),
    /// `= ANY (…)`: the list or query, and whether ALL.
    Quantified(Comparison, Expr, Expr, bool),
    Between {
        value: Expr,
        low: Expr,
        high: Expr,
        negated: bool,
    },
    InList {
        value: Expr,
        list: Vec<Expr>,
        negated: bool,
    },
    InQuery {
        value: Expr,
        query: Box<Query>,
        negated: bool,
    },
    Like {
        value: Expr,
        pattern: Expr,
        escape: Option<Expr>,
        negated: bool,
    },
    IsNull {
        value: Expr,
        negated: bool,
    },
    /// `IS OF (ONLY type)`.
    IsOfOnly {
        value: Expr,
        ty: TableName,
        negated: bool,
    },
    Exists(Box<Query>),
}

#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) name: Vec<Ident>,
    pub(super) arguments: Vec<Expr>,
    pub(super) star: bool,
    pub(super) distinct: bool,
    /// `WITHIN GROUP (ORDER BY …)`.
    pub(super) within: Vec<OrderItem>,
}
