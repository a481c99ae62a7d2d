//! Oracle's expressions and queries as trees.

use crate::OracleIdent;
use type_convert::OracleType;

/// An expression or condition, with the bytes of the source that it reaches over. [`Expr::kind`] tells what it is, and
/// a [`Visitor`](crate::plsql::Visitor) is told what is in it.
#[derive(Debug, Clone)]
pub struct Expr {
    pub(crate) start: usize,
    /// Behind its last byte; its start, where it is not in the source.
    pub(crate) end: usize,
    pub(crate) node: Node,
}

#[derive(Debug, Clone)]
pub(crate) enum Node {
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
    // What follows is of stored code, or is not converted: only the whole language has it (`Language::Whole`).
    /// `:name`: a bind variable, or the row of a trigger.
    Bind(String),
    /// `name@link`.
    Remote {
        name: Vec<Part>,
        link: Vec<Part>,
    },
    /// Arguments behind what is no plain name: `list(1)(2)`, `f@link(x)`, `value.method(name => x)`.
    Apply {
        value: Box<Expr>,
        arguments: Vec<Argument>,
    },
    /// `cursor%FOUND`: the attribute in upper case.
    Attribute {
        value: Box<Expr>,
        name: String,
    },
    /// `CURSOR(query)`.
    Cursor(Box<Query>),
    /// `a ** b`, `a MOD b`, `a MEMBER OF b`, `a SUBMULTISET OF b`, `a MULTISET UNION b`: the words in upper case.
    Operator {
        op: &'static str,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `IS OF (type, …)`.
    IsOf {
        value: Box<Expr>,
        types: Vec<Vec<Part>>,
    },
    /// `(object AS supertype)`: the name of the type.
    Upcast {
        value: Box<Expr>,
        to: Vec<Part>,
    },
    /// What could not be read, and why.
    Unparsed(String),
}

impl Expr {
    /// What is not in the source, but is said at this place of it.
    pub(crate) fn at(start: usize, node: Node) -> Self {
        Expr { start, end: start, node }
    }
}

impl Part {
    /// One that is meant exactly so.
    pub(crate) fn exact(name: OracleIdent) -> Self {
        Part { name, quoted: true, written: None }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum InList {
    Values(Vec<Expr>),
    Query(Box<Query>),
}

#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) name: Vec<Part>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) distinct: bool,
    /// What stands in the parentheses of SQL/JSON functions behind their arguments, as far as it changes the result.
    pub(crate) returning: Option<OracleType>,
    /// `WITHIN GROUP (ORDER BY …)`, or the ORDER BY within the parentheses of XMLAGG.
    pub(crate) within: Vec<Order>,
    /// `KEEP (DENSE_RANK FIRST | LAST ORDER BY …)`, `true` for FIRST.
    pub(crate) keep: Option<(bool, Vec<Order>)>,
    pub(crate) ignore_nulls: bool,
    /// NTH_VALUE counts FROM LAST.
    pub(crate) from_last: bool,
    /// Of functions that make JSON: `ABSENT ON NULL`, or `NULL ON NULL`, where either is said.
    pub(crate) absent_on_null: Option<bool>,
    /// JSON_QUERY: WITH WRAPPER, and whether only CONDITIONAL.
    pub(crate) wrapper: Option<Wrapper>,
    pub(crate) over: Option<Window>,
}

/// An argument, which may have a name: `name => value`, or `value AS "Name"` in XML functions.
#[derive(Debug, Clone)]
pub(crate) struct Argument {
    pub(crate) value: Expr,
    pub(crate) alias: Option<OracleIdent>,
    /// `KEY key VALUE value` of JSON_OBJECT.
    pub(crate) key: Option<Expr>,
    /// FORMAT JSON: the text is JSON itself.
    pub(crate) json: bool,
}

impl Argument {
    /// Without a name.
    pub(crate) fn of(value: Expr) -> Self {
        Argument { value, alias: None, key: None, json: false }
    }
}

impl Call {
    /// With nothing behind its arguments.
    pub(crate) fn new(name: Vec<Part>, arguments: Vec<Argument>) -> Self {
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
pub(crate) enum Wrapper {
    /// Whatever is found.
    Always,
    /// What is found, unless it is one object or array.
    Conditional,
}

#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) partition: Vec<Expr>,
    pub(crate) order: Vec<Order>,
    pub(crate) frame: Option<Frame>,
}

#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// `ROWS`, `RANGE` or `GROUPS`.
    pub(crate) unit: String,
    pub(crate) from: Bound,
    pub(crate) to: Option<Bound>,
}

#[derive(Debug, Clone)]
pub(crate) enum Bound {
    UnboundedPreceding,
    UnboundedFollowing,
    CurrentRow,
    Preceding(Expr),
    Following(Expr),
}

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub(crate) name: OracleIdent,
    pub(crate) quoted: bool,
    /// As it is written, where that is not the name: the names within JSON keep their case without quotes.
    pub(crate) written: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    Concat,
}

/// A query, with the bytes of the source that it reaches over. a [`Visitor`](crate::plsql::Visitor) is told what is in it.
#[derive(Debug, Clone)]
pub struct Query {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) with: Vec<Cte>,
    pub(crate) body: Body,
    pub(crate) order_by: Vec<Order>,
    /// ORDER SIBLINGS BY.
    pub(crate) siblings: bool,
    pub(crate) offset: Option<Expr>,
    pub(crate) fetch: Option<Fetch>,
    /// FOR UPDATE: where it begins, and the columns behind OF.
    pub(crate) for_update: Option<(usize, Vec<Expr>)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Fetch {
    /// Rows, one where none is said.
    pub(crate) rows: Option<Expr>,
    pub(crate) percent: bool,
    pub(crate) ties: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Cte {
    pub(crate) start: usize,
    pub(crate) name: OracleIdent,
    pub(crate) columns: Vec<OracleIdent>,
    pub(crate) query: Query,
    pub(crate) search: Option<Search>,
    pub(crate) cycle: Option<Cycle>,
}

/// `SEARCH DEPTH FIRST BY columns SET column`.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    /// Not BREADTH.
    pub(crate) depth: bool,
    pub(crate) by: Vec<Order>,
    pub(crate) set: OracleIdent,
}

/// `CYCLE columns SET column TO value DEFAULT value`.
#[derive(Debug, Clone)]
pub(crate) struct Cycle {
    pub(crate) columns: Vec<OracleIdent>,
    pub(crate) set: OracleIdent,
    pub(crate) to: Expr,
    pub(crate) default: Expr,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    Select(Box<Select>),
    /// All set operators bind equally in Oracle, from left to right.
    Set {
        operator: SetOperator,
        /// Of the operator.
        start: usize,
        left: Box<Body>,
        right: Box<Body>,
    },
    Nested(Box<Query>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetOperator {
    Union,
    UnionAll,
    Intersect,
    IntersectAll,
    Minus,
    MinusAll,
}

#[derive(Debug, Clone)]
pub(crate) struct Select {
    pub(crate) start: usize,
    /// Where the hint behind SELECT stands.
    pub(crate) hint: Option<Span>,
    pub(crate) distinct: bool,
    pub(crate) items: Vec<Item>,
    /// `[BULK COLLECT] INTO variables` of stored code.
    pub(crate) into: Option<Targets>,
    /// Comma-separated.
    pub(crate) from: Vec<Source>,
    pub(crate) filter: Option<Expr>,
    pub(crate) hierarchy: Option<Hierarchy>,
    pub(crate) group_by: Vec<Group>,
    pub(crate) having: Option<Expr>,
    /// The MODEL clause, which is kept as its text.
    pub(crate) model: Option<Span>,
}

/// Bytes of a source, from `start` up to and without `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Of its first byte.
    pub start: usize,
    /// Of the byte behind its last one.
    pub end: usize,
}

/// `[BULK COLLECT] INTO targets`.
#[derive(Debug, Clone)]
pub struct Targets {
    /// From its first word to its last target.
    pub span: Span,
    /// BULK COLLECT.
    pub bulk: bool,
    /// Variables, elements, fields, binds.
    pub targets: Vec<Expr>,
}

#[derive(Debug, Clone)]
pub(crate) struct Hierarchy {
    /// Of START WITH, where that is said.
    pub(crate) start_with_at: Option<usize>,
    /// Of CONNECT BY.
    pub(crate) start: usize,
    pub(crate) start_with: Option<Expr>,
    pub(crate) connect_by: Expr,
    pub(crate) nocycle: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Group {
    One(Expr),
    /// `(a, b)`, and `()`.
    Set(Vec<Expr>),
    Rollup(Vec<Group>),
    Cube(Vec<Group>),
    Sets(Vec<Group>),
}

#[derive(Debug, Clone)]
pub(crate) enum Item {
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
pub(crate) enum Source {
    Table(TableName),
    Query {
        start: usize,
        lateral: bool,
        query: Box<Query>,
        alias: Option<OracleIdent>,
    },
    Xml(Box<XmlTable>),
    Json(Box<JsonTable>),
    /// `TABLE(collection)`, or a table function.
    Collection {
        start: usize,
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
        /// PARTITION BY of partitioned outer joins.
        partitioned: Vec<Expr>,
    },
    /// MATCH_RECOGNIZE, which is kept as its text.
    Match {
        input: Box<Source>,
        span: Span,
        alias: Option<OracleIdent>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
}

#[derive(Debug, Clone)]
pub(crate) struct TableName {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// One or two.
    pub(crate) parts: Vec<Part>,
    /// The database link, with the parts of its name.
    pub(crate) link: Vec<Part>,
    /// AS OF or VERSIONS, with its first words in upper case.
    pub(crate) flashback: Option<Flashback>,
    pub(crate) alias: Option<OracleIdent>,
    pub(crate) sample: Option<Sample>,
}

/// `AS OF SCN value`, `VERSIONS BETWEEN TIMESTAMP a AND b`.
#[derive(Debug, Clone)]
pub(crate) struct Flashback {
    pub(crate) start: usize,
    /// `AS OF SCN` and the like.
    pub(crate) words: &'static str,
    pub(crate) values: Vec<Expr>,
}

/// Some of a table's rows.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Of blocks, not of rows.
    pub(crate) block: bool,
    /// As written, like the seed.
    pub(crate) percent: String,
    pub(crate) seed: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct XmlTable {
    pub(crate) start: usize,
    pub(crate) namespaces: Vec<Argument>,
    pub(crate) path: String,
    pub(crate) passing: Option<Expr>,
    /// Further values of PASSING.
    pub(crate) more: Vec<Argument>,
    pub(crate) columns: Vec<PathColumn>,
    pub(crate) alias: Option<OracleIdent>,
}

#[derive(Debug, Clone)]
pub(crate) struct JsonTable {
    pub(crate) start: usize,
    pub(crate) document: Expr,
    pub(crate) path: String,
    pub(crate) columns: Vec<PathColumn>,
    pub(crate) alias: Option<OracleIdent>,
}

/// A column of XMLTABLE or JSON_TABLE.
#[derive(Debug, Clone)]
pub(crate) struct PathColumn {
    pub(crate) start: usize,
    pub(crate) name: Option<OracleIdent>,
    pub(crate) kind: PathColumnKind,
    pub(crate) path: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum PathColumnKind {
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
pub(crate) struct Pivot {
    pub(crate) start: usize,
    pub(crate) aggregates: Vec<(Expr, Option<OracleIdent>)>,
    pub(crate) columns: Vec<Part>,
    /// Each has as many values as there are columns.
    pub(crate) values: Vec<(Vec<Expr>, Option<OracleIdent>)>,
    /// PIVOT XML, or IN (subquery).
    pub(crate) open: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Unpivot {
    pub(crate) start: usize,
    pub(crate) include_nulls: bool,
    pub(crate) values: Vec<OracleIdent>,
    pub(crate) names: Vec<OracleIdent>,
    /// Columns, and the values of `names` for them.
    pub(crate) columns: Vec<(Vec<Part>, Vec<Expr>)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) value: Expr,
    pub(crate) descending: bool,
    pub(crate) nulls_first: Option<bool>,
}

impl Expr {
    /// Calls `see` for this and everything in it, but not for what is in subqueries, as long as `see` says so.
    pub(crate) fn walk<'e>(&'e self, see: &mut dyn FnMut(&'e Expr) -> bool) {
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
            | Node::Multiset { .. }
            | Node::Bind(_)
            | Node::Remote { .. }
            | Node::Cursor(_)
            | Node::Unparsed(_) => {}
            Node::Apply { value, arguments } => {
                value.walk(see);
                arguments.iter().for_each(|a| a.value.walk(see));
            }
            Node::Operator { left, right, .. } => {
                left.walk(see);
                right.walk(see);
            }
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
            | Node::Attribute { value, .. }
            | Node::IsOf { value, .. }
            | Node::Upcast { value, .. }
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
    pub(crate) fn any(&self, is: &dyn Fn(&Expr) -> bool) -> bool {
        let mut found = false;
        self.walk(&mut |e| {
            found = found || is(e);
            !found
        });
        found
    }

    /// Whether this is an unquoted name of one part.
    pub(crate) fn is_name(&self, name: &str) -> bool {
        matches!(&self.node, Node::Name(parts) if matches!(parts.as_slice(), [p] if !p.quoted && p.name.as_str() == name))
    }

    /// The conditions that AND joins.
    pub(crate) fn conjuncts(&self) -> Vec<&Expr> {
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
    pub(crate) fn tables<'q>(&'q self, found: &mut Vec<&'q TableName>) {
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
            Source::Pivot { input, .. } | Source::Unpivot { input, .. } | Source::Match { input, .. } => {
                input.tables(found);
            }
            Source::Join { left, right, on, .. } => {
                left.tables(found);
                right.tables(found);
                on.iter().for_each(|e| tables_of(e, found));
            }
            Source::Xml(_) | Source::Json(_) | Source::Collection { .. } => {}
        }
    }
}
