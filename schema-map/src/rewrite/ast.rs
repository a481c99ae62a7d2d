//! Oracle's expressions and queries as trees.

use crate::OracleIdent;
use type_convert::OracleType;

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
    /// `INTERVAL '…' field [TO field]`: what is between the quotes, and the fields in upper case.
    Interval(String, String),
    /// One or more parts: a column, a sequence's NEXTVAL, a function without arguments.
    Name(Vec<Part>),
    Call(Box<Call>),
    CountAll(Option<Box<Window>>),
    /// `EXTRACT(field FROM value)`, the field in upper case.
    Extract {
        field: String,
        value: Box<Expr>,
    },
    /// `TRIM([side] [characters] FROM value)`, the side in upper case.
    Trim {
        side: String,
        characters: Option<Box<Expr>>,
        value: Box<Expr>,
    },
    Cast {
        value: Box<Expr>,
        to: OracleType,
    },
    /// `CAST(MULTISET(query) AS type)`.
    Multiset {
        query: Box<Query>,
        to: OracleType,
    },
    /// `value AT TIME ZONE zone`; no zone for AT LOCAL.
    AtZone {
        value: Box<Expr>,
        zone: Option<Box<Expr>>,
    },
    /// `value.method(arguments)`, the method's name in upper case.
    Method {
        value: Box<Expr>,
        method: String,
        arguments: Vec<Expr>,
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
    /// `left op ANY (…)`.
    Quantified {
        op: &'static str,
        all: bool,
        left: Box<Expr>,
        right: InList,
    },
    Between {
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    In {
        value: Box<Expr>,
        list: InList,
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
    /// `IS JSON`, `IS NAN`, `IS INFINITE`, `IS EMPTY` …: the word in upper case.
    Is {
        value: Box<Expr>,
        what: String,
        negated: bool,
    },
    Exists(Box<Query>),
    Subquery(Box<Query>),
    /// `(a, b)`.
    Row(Vec<Expr>),
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Case {
        operand: Option<Box<Expr>>,
        arms: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Prior(Box<Expr>),
    ConnectByRoot(Box<Expr>),
    /// `column (+)`.
    OuterJoined(Box<Expr>),
}

impl Part {
    /// One that is meant exactly so.
    pub(super) fn exact(name: OracleIdent) -> Self {
        Part { name, quoted: true, written: None }
    }
}

#[derive(Debug, Clone)]
pub(super) enum InList {
    Values(Vec<Expr>),
    Query(Box<Query>),
}

#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) name: Vec<Part>,
    pub(super) arguments: Vec<Argument>,
    pub(super) distinct: bool,
    /// What stands in the parentheses of SQL/JSON functions behind their arguments, as far as it changes the result.
    pub(super) returning: Option<OracleType>,
    /// `WITHIN GROUP (ORDER BY …)`, or the ORDER BY within the parentheses of XMLAGG.
    pub(super) within: Vec<Order>,
    /// `KEEP (DENSE_RANK FIRST | LAST ORDER BY …)`, `true` for FIRST.
    pub(super) keep: Option<(bool, Vec<Order>)>,
    pub(super) ignore_nulls: bool,
    /// NTH_VALUE counts FROM LAST.
    pub(super) from_last: bool,
    /// Of functions that make JSON: `ABSENT ON NULL`, or `NULL ON NULL`, where either is said.
    pub(super) absent_on_null: Option<bool>,
    /// JSON_QUERY: WITH WRAPPER, and whether only CONDITIONAL.
    pub(super) wrapper: Option<Wrapper>,
    pub(super) over: Option<Window>,
}

/// An argument, which may have a name: `name => value`, or `value AS "Name"` in XML functions.
#[derive(Debug, Clone)]
pub(super) struct Argument {
    pub(super) value: Expr,
    pub(super) alias: Option<OracleIdent>,
    /// `KEY key VALUE value` of JSON_OBJECT.
    pub(super) key: Option<Expr>,
    /// FORMAT JSON: the text is JSON itself.
    pub(super) json: bool,
}

impl Argument {
    /// Without a name.
    pub(super) fn of(value: Expr) -> Self {
        Argument { value, alias: None, key: None, json: false }
    }
}

impl Call {
    /// With nothing behind its arguments.
    pub(super) fn new(name: Vec<Part>, arguments: Vec<Argument>) -> Self {
        Call {
            name,
            arguments,
            distinct: false,
            returning: None,
            within: Vec::new(),
            keep: None,
            ignore_nulls: false,
            from_last: false,
            absent_on_null: None,
            wrapper: None,
            over: None,
        }
    }
}

/// What JSON_QUERY puts into an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrapper {
    /// Whatever is found.
    Always,
    /// What is found, unless it is one object or array.
    Conditional,
}

#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) partition: Vec<Expr>,
    pub(super) order: Vec<Order>,
    pub(super) frame: Option<Frame>,
}

#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// `ROWS`, `RANGE` or `GROUPS`.
    pub(super) unit: String,
    pub(super) from: Bound,
    pub(super) to: Option<Bound>,
}

#[derive(Debug, Clone)]
pub(super) enum Bound {
    UnboundedPreceding,
    UnboundedFollowing,
    CurrentRow,
    Preceding(Expr),
    Following(Expr),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: OracleIdent,
    pub(super) quoted: bool,
    /// As it is written, where that is not the name: the names within JSON keep their case without quotes.
    pub(super) written: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    Concat,
}

#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) start: usize,
    pub(super) with: Vec<Cte>,
    pub(super) body: Body,
    pub(super) order_by: Vec<Order>,
    /// ORDER SIBLINGS BY.
    pub(super) siblings: bool,
    pub(super) offset: Option<Expr>,
    pub(super) fetch: Option<Fetch>,
}

#[derive(Debug, Clone)]
pub(super) struct Fetch {
    /// Rows, one where none is said.
    pub(super) rows: Option<Expr>,
    pub(super) percent: bool,
    pub(super) ties: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Cte {
    pub(super) start: usize,
    pub(super) name: OracleIdent,
    pub(super) columns: Vec<OracleIdent>,
    pub(super) query: Query,
    pub(super) search: Option<Search>,
    pub(super) cycle: Option<Cycle>,
}

/// `SEARCH DEPTH FIRST BY columns SET column`.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// Not BREADTH.
    pub(super) depth: bool,
    pub(super) by: Vec<Order>,
    pub(super) set: OracleIdent,
}

/// `CYCLE columns SET column TO value DEFAULT value`.
#[derive(Debug, Clone)]
pub(super) struct Cycle {
    pub(super) columns: Vec<OracleIdent>,
    pub(super) set: OracleIdent,
    pub(super) to: Expr,
    pub(super) default: Expr,
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    Select(Box<Select>),
    /// All set operators bind equally in Oracle, from left to right.
    Set {
        operator: SetOperator,
        left: Box<Body>,
        right: Box<Body>,
    },
    Nested(Box<Query>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SetOperator {
    Union,
    UnionAll,
    Intersect,
    IntersectAll,
    Minus,
    MinusAll,
}

#[derive(Debug, Clone)]
pub(super) struct Select {
    pub(super) start: usize,
    pub(super) distinct: bool,
    pub(super) items: Vec<Item>,
    /// Comma-separated.
    pub(super) from: Vec<Source>,
    pub(super) filter: Option<Expr>,
    pub(super) hierarchy: Option<Hierarchy>,
    pub(super) group_by: Vec<Group>,
    pub(super) having: Option<Expr>,
}

#[derive(Debug, Clone)]
pub(super) struct Hierarchy {
    pub(super) start_with: Option<Expr>,
    pub(super) connect_by: Expr,
    pub(super) nocycle: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Group {
    One(Expr),
    /// `(a, b)`, and `()`.
    Set(Vec<Expr>),
    Rollup(Vec<Group>),
    Cube(Vec<Group>),
    Sets(Vec<Group>),
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

/// An element of FROM.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Table(TableName),
    Query {
        start: usize,
        lateral: bool,
        query: Box<Query>,
        alias: Option<OracleIdent>,
    },
    Xml(Box<XmlTable>),
    Json(Box<JsonTable>),
    /// `TABLE(collection)`.
    Collection {
        value: Expr,
        alias: Option<OracleIdent>,
    },
    Pivot {
        input: Box<Source>,
        pivot: Box<Pivot>,
        alias: Option<OracleIdent>,
    },
    Unpivot {
        input: Box<Source>,
        unpivot: Box<Unpivot>,
        alias: Option<OracleIdent>,
    },
    Join {
        kind: JoinKind,
        natural: bool,
        left: Box<Source>,
        right: Box<Source>,
        /// Absent for cross and natural joins and for those with USING.
        on: Option<Expr>,
        using: Vec<OracleIdent>,
        /// CROSS APPLY and OUTER APPLY: the right side may name the left one's columns.
        lateral: bool,
    },
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
    pub(super) sample: Option<Sample>,
}

/// Some of a table's rows.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// Of blocks, not of rows.
    pub(super) block: bool,
    /// As written, like the seed.
    pub(super) percent: String,
    pub(super) seed: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct XmlTable {
    pub(super) start: usize,
    pub(super) namespaces: Vec<Argument>,
    pub(super) path: String,
    pub(super) passing: Option<Expr>,
    pub(super) columns: Vec<PathColumn>,
    pub(super) alias: Option<OracleIdent>,
}

#[derive(Debug, Clone)]
pub(super) struct JsonTable {
    pub(super) start: usize,
    pub(super) document: Expr,
    pub(super) path: String,
    pub(super) columns: Vec<PathColumn>,
    pub(super) alias: Option<OracleIdent>,
}

/// A column of XMLTABLE or JSON_TABLE.
#[derive(Debug, Clone)]
pub(super) struct PathColumn {
    pub(super) start: usize,
    pub(super) name: Option<OracleIdent>,
    pub(super) kind: PathColumnKind,
    pub(super) path: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) enum PathColumnKind {
    Ordinality,
    /// No type is a text.
    Value {
        to: Option<OracleType>,
        default: Option<Expr>,
    },
    /// `FORMAT JSON`.
    Json,
    Exists,
    Nested(Vec<PathColumn>),
}

#[derive(Debug, Clone)]
pub(super) struct Pivot {
    pub(super) start: usize,
    pub(super) aggregates: Vec<(Expr, Option<OracleIdent>)>,
    pub(super) columns: Vec<Part>,
    /// Each has as many values as there are columns.
    pub(super) values: Vec<(Vec<Expr>, Option<OracleIdent>)>,
    /// PIVOT XML, or IN (subquery).
    pub(super) open: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Unpivot {
    pub(super) start: usize,
    pub(super) include_nulls: bool,
    pub(super) values: Vec<OracleIdent>,
    pub(super) names: Vec<OracleIdent>,
    /// Columns, and the values of `names` for them.
    pub(super) columns: Vec<(Vec<Part>, Vec<Expr>)>,
}

#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) value: Expr,
    pub(super) descending: bool,
    pub(super) nulls_first: Option<bool>,
}

impl Expr {
    /// Calls `see` for this and everything in it, but not for what is in subqueries, as long as `see` says so.
    pub(super) fn walk<'e>(&'e self, see: &mut dyn FnMut(&'e Expr) -> bool) {
        if !see(self) {
            return;
        }
        match &self.node {
            Node::Null
            | Node::Number(_)
            | Node::Text(_)
            | Node::Date(_)
            | Node::Timestamp(_)
            | Node::Interval(..)
            | Node::Name(_)
            | Node::Exists(_)
            | Node::Subquery(_)
            | Node::Multiset { .. } => {}
            Node::CountAll(window) => window.iter().for_each(|w| w.walk(see)),
            Node::Call(call) => {
                call.arguments.iter().for_each(|a| a.value.walk(see));
                call.within.iter().for_each(|o| o.value.walk(see));
                call.keep.iter().flat_map(|(_, order)| order).for_each(|o| o.value.walk(see));
                call.over.iter().for_each(|w| w.walk(see));
            }
            Node::Extract { value, .. }
            | Node::Cast { value, .. }
            | Node::IsNull { value, .. }
            | Node::Is { value, .. }
            | Node::Negate(value)
            | Node::Not(value)
            | Node::Prior(value)
            | Node::ConnectByRoot(value)
            | Node::OuterJoined(value) => value.walk(see),
            Node::Trim { characters, value, .. } => {
                characters.iter().for_each(|c| c.walk(see));
                value.walk(see);
            }
            Node::AtZone { value, zone } => {
                value.walk(see);
                zone.iter().for_each(|z| z.walk(see));
            }
            Node::Method { value, arguments, .. } => {
                value.walk(see);
                arguments.iter().for_each(|a| a.walk(see));
            }
            Node::Binary { left, right, .. } | Node::Compare { left, right, .. } => {
                left.walk(see);
                right.walk(see);
            }
            Node::Quantified { left, right, .. } => {
                left.walk(see);
                right.walk(see);
            }
            Node::Between { value, low, high, .. } => [value, low, high].into_iter().for_each(|e| e.walk(see)),
            Node::In { value, list, .. } => {
                value.walk(see);
                list.walk(see);
            }
            Node::Like { value, pattern, escape, .. } => {
                value.walk(see);
                pattern.walk(see);
                escape.iter().for_each(|e| e.walk(see));
            }
            Node::Row(all) | Node::And(all) | Node::Or(all) => all.iter().for_each(|e| e.walk(see)),
            Node::Case { operand, arms, otherwise } => {
                operand.iter().for_each(|e| e.walk(see));
                for (when, then) in arms {
                    when.walk(see);
                    then.walk(see);
                }
                otherwise.iter().for_each(|e| e.walk(see));
            }
        }
    }

    /// Whether this or something in it, subqueries excepted, is so.
    pub(super) fn any(&self, is: &dyn Fn(&Expr) -> bool) -> bool {
        let mut found = false;
        self.walk(&mut |e| {
            found = found || is(e);
            !found
        });
        found
    }

    /// Whether this is an unquoted name of one part.
    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(&self.node, Node::Name(parts) if matches!(parts.as_slice(), [p] if !p.quoted && p.name.as_str() == name))
    }

    /// The conditions that AND joins.
    pub(super) fn conjuncts(&self) -> Vec<&Expr> {
        match &self.node {
            Node::And(all) => all.iter().flat_map(Expr::conjuncts).collect(),
            _ => vec![self],
        }
    }
}

impl InList {
    fn walk<'e>(&'e self, see: &mut dyn FnMut(&'e Expr) -> bool) {
        if let InList::Values(values) = self {
            values.iter().for_each(|v| v.walk(see));
        }
    }
}

impl Window {
    fn walk<'e>(&'e self, see: &mut dyn FnMut(&'e Expr) -> bool) {
        self.partition.iter().for_each(|e| e.walk(see));
        self.order.iter().for_each(|o| o.value.walk(see));
    }
}

impl Query {
    /// The tables that it names, subqueries included.
    pub(super) fn tables<'q>(&'q self, found: &mut Vec<&'q TableName>) {
        self.with.iter().for_each(|cte| cte.query.tables(found));
        self.body.tables(found);
    }
}

impl Body {
    fn tables<'q>(&'q self, found: &mut Vec<&'q TableName>) {
        match self {
            Body::Nested(query) => query.tables(found),
            Body::Set { left, right, .. } => {
                left.tables(found);
                right.tables(found);
            }
            Body::Select(select) => {
                select.from.iter().for_each(|source| source.tables(found));
                let mut exprs: Vec<&Expr> = Vec::new();
                exprs.extend(select.items.iter().filter_map(|item| match item {
                    Item::One { value, .. } => Some(value),
                    Item::All { .. } => None,
                }));
                exprs.extend(&select.filter);
                exprs.extend(&select.having);
                exprs.extend(select.hierarchy.iter().flat_map(|h| h.start_with.iter().chain([&h.connect_by])));
                exprs.into_iter().for_each(|e| tables_of(e, found));
            }
        }
    }
}

fn tables_of<'q>(expr: &'q Expr, found: &mut Vec<&'q TableName>) {
    expr.walk(&mut |e| {
        match &e.node {
            Node::Exists(query)
            | Node::Subquery(query)
            | Node::Multiset { query, .. }
            | Node::In { list: InList::Query(query), .. }
            | Node::Quantified { right: InList::Query(query), .. } => query.tables(found),
            _ => {}
        }
        true
    });
}

impl Source {
    fn tables<'q>(&'q self, found: &mut Vec<&'q TableName>) {
        match self {
            Source::Table(table) => found.push(table),
            Source::Query { query, .. } => query.tables(found),
            Source::Pivot { input, .. } | Source::Unpivot { input, .. } => input.tables(found),
            Source::Join { left, right, on, .. } => {
                left.tables(found);
                right.tables(found);
                on.iter().for_each(|e| tables_of(e, found));
            }
            Source::Xml(_) | Source::Json(_) | Source::Collection { .. } => {}
        }
    }
}
