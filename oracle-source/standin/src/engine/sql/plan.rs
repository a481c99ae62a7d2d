//! A query with its names resolved and its joins arranged.

use super::ast::{JoinKind, SetOperator};
use super::convert::Kind;
use super::expr::{Cond, Expr, Typed};
use crate::engine::storage::{Relation, RelationKind};
use std::ops::Range;
use std::sync::Arc;
use type_convert::OracleType;

#[derive(Debug, Clone)]
pub(super) struct PlanColumn {
    pub(super) name: String,
    pub(super) ty: Option<OracleType>,
    pub(super) nullable: bool,
}

#[derive(Debug)]
pub(super) struct QueryPlan {
    pub(super) body: Body,
    pub(super) order: Vec<SortKey>,
    pub(super) skip: Option<Typed>,
    pub(super) fetch: Option<Typed>,
    pub(super) columns: Vec<PlanColumn>,
    pub(super) kinds: Vec<Kind>,
}

#[derive(Debug)]
pub(super) enum Body {
    Select(Arc<SelectPlan>),
    Set { operator: SetOperator, left: Arc<QueryPlan>, right: Arc<QueryPlan> },
}

/// A column of the projection (hidden ones included) to sort by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SortKey {
    pub(super) index: usize,
    pub(super) kind: Kind,
    pub(super) descending: bool,
    pub(super) nulls_first: bool,
}

#[derive(Debug)]
pub(super) struct SelectPlan {
    pub(super) node: Arc<Node>,
    /// Values in a row before projection.
    pub(super) width: usize,
    /// Conditions that no row decides: none is read where one does not hold.
    pub(super) guards: Vec<Cond>,
    /// Conditions on ROWNUM alone: the first row for which one does not hold ends the query.
    pub(super) stops: Vec<Cond>,
    pub(super) filter: Vec<Cond>,
    pub(super) group: Option<GroupPlan>,
    pub(super) having: Vec<Cond>,
    /// Visible columns first, then what only ORDER BY needs.
    pub(super) project: Vec<Typed>,
    pub(super) visible: usize,
    pub(super) distinct: bool,
    /// Stored tables of FROM: leaf, first column, number of columns.
    pub(super) tables: Vec<(usize, usize, usize)>,
}

#[derive(Debug)]
pub(super) struct GroupPlan {
    pub(super) keys: Vec<Typed>,
    pub(super) aggregates: Vec<Aggregate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AggregateFunction {
    Count,
    Sum,
    Avg,
    Min,
    Max,
    ListAgg,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Aggregate {
    pub(super) function: AggregateFunction,
    pub(super) distinct: bool,
    /// `None` is `COUNT(*)`.
    pub(super) argument: Option<Typed>,
    pub(super) separator: Option<Typed>,
    pub(super) order: Vec<(Typed, SortKey)>,
}

/// A tree of sources and joins. Every node fills its own ranges of the row.
#[derive(Debug)]
pub(super) enum Node {
    /// DUAL.
    One {
        start: usize,
    },
    /// DUAL with CONNECT BY: its column, no ROWID, LEVEL.
    Levels {
        start: usize,
        condition: Cond,
    },
    Leaf {
        leaf: usize,
        start: usize,
        width: usize,
        filter: Vec<Cond>,
        probe: Option<Probe>,
    },
    View {
        plan: Arc<QueryPlan>,
        start: usize,
        width: usize,
    },
    Filter {
        input: Arc<Node>,
        filter: Vec<Cond>,
    },
    Join {
        /// Its place in the statement's list of what is built once.
        id: usize,
        kind: JoinKind,
        left: Arc<Node>,
        right: Arc<Node>,
        left_keys: Vec<Typed>,
        right_keys: Vec<Typed>,
        padded: Vec<bool>,
        on: Vec<Cond>,
    },
}

/// In a correlated subquery: columns of the leaf that equal values of the enclosing query.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) id: usize,
    pub(super) keys: Vec<Typed>,
    pub(super) values: Vec<Typed>,
    pub(super) padded: Vec<bool>,
}

#[derive(Debug)]
pub(super) struct LeafSpec {
    pub(super) relation: Arc<Relation>,
    pub(super) as_of: Option<Typed>,
    pub(super) lookup: LookupSpec,
    pub(super) virtuals: Vec<(usize, Typed)>,
}

#[derive(Debug)]
pub(super) enum LookupSpec {
    All,
    RowId(Typed),
    RowIdRange(Option<Typed>, Option<Typed>),
    Key(Vec<Typed>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct SequenceRef {
    pub(super) owner: Option<String>,
    pub(super) name: String,
    pub(super) next: bool,
}

/// What a statement needs besides its plan; plans refer to it by place.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) leaves: Vec<LeafSpec>,
    pub(super) subqueries: usize,
    pub(super) built: usize,
    /// Long lists of IN whose values are known before the first row.
    pub(super) lists: usize,
    /// Parameters of `SYS_CONTEXT('USERENV', …)`.
    pub(super) contexts: Vec<String>,
    pub(super) sequences: Vec<SequenceRef>,
    pub(super) current_scn: bool,
    /// Names as they were resolved: owner, name, what they are.
    pub(super) relations: Vec<(Option<String>, String, Arc<Relation>)>,
}

impl LeafSpec {
    /// Whether it has rows of its own, and their earlier versions.
    pub(super) fn is_stored(&self) -> bool {
        self.relation.kind == RelationKind::Table
    }
}

impl Node {
    pub(super) fn ranges(&self) -> Vec<Range<usize>> {
        match self {
            Node::One { start } => std::iter::once(*start..start + 2).collect(),
            Node::Levels { start, .. } => std::iter::once(*start..start + 3).collect(),
            Node::Leaf { start, width, .. } | Node::View { start, width, .. } => {
                std::iter::once(*start..start + width).collect()
            }
            Node::Filter { input, .. } => input.ranges(),
            Node::Join { left, right, .. } => {
                let mut ranges = left.ranges();
                ranges.extend(right.ranges());
                ranges
            }
        }
    }

    /// Whether anything in it depends on the enclosing query's row.
    pub(super) fn is_correlated(&self) -> bool {
        let conds = |list: &[Cond]| list.iter().any(|c| refs_of_cond(c).outer);
        match self {
            Node::One { .. } => false,
            Node::Levels { condition, .. } => refs_of_cond(condition).outer,
            Node::Leaf { filter, probe, .. } => probe.is_some() || conds(filter),
            Node::View { .. } => false,
            Node::Filter { input, filter } => conds(filter) || input.is_correlated(),
            Node::Join { left, right, left_keys, right_keys, on, .. } => {
                left.is_correlated()
                    || right.is_correlated()
                    || conds(on)
                    || left_keys.iter().chain(right_keys).any(|k| refs_of(k).outer)
            }
        }
    }
}

/// What an expression depends on.
#[derive(Debug, Default, Clone)]
pub(super) struct Refs {
    pub(super) columns: Vec<usize>,
    pub(super) outer: bool,
    pub(super) row_num: bool,
    pub(super) subquery: bool,
    pub(super) sequence: bool,
}

impl Refs {
    fn note(&mut self, expr: &Expr) {
        match expr {
            Expr::Column(i) => self.columns.push(*i),
            Expr::Outer(_) => self.outer = true,
            Expr::RowNum => self.row_num = true,
            Expr::Scalar(_) => self.subquery = true,
            Expr::Sequence(_) => self.sequence = true,
            _ => {}
        }
    }

    pub(super) fn within(&self, ranges: &[Range<usize>]) -> bool {
        self.columns.iter().all(|c| ranges.iter().any(|r| r.contains(c)))
    }
}

pub(super) fn refs_of(typed: &Typed) -> Refs {
    let mut refs = Refs::default();
    typed.walk(&mut |e| refs.note(e));
    refs
}

pub(super) fn refs_of_cond(cond: &Cond) -> Refs {
    let mut refs = Refs { subquery: cond.has_subquery(), ..Refs::default() };
    cond.walk(&mut |e| refs.note(e));
    refs
}
