//! Going through a tree.

use super::ast::{
    Arm, Block, Clause, DataType, Declaration, DeclarationKind, Dynamic, Expr, Filter, ForOver, Handler, Insert, Merge,
    Name, Package, Parameter, Part, Pragma, Query, Relation, Returning, Routine, RoutineBody, Span, Statement,
    StatementKind, Targets, Trigger, TriggerBody, TypeDefinition, TypeSpecification, Unit, UnitKind, Unparsed,
};
use crate::rewrite::ast::{
    Argument, Body, Bound, Group, InList, Item, Node as Of, Op, Order, PathColumn, PathColumnKind, Select, SetOperator,
    Source, TableName, Window,
};

/// Is told what is in a tree: each node before and after what is in it, mostly in the order of the source.
pub trait Visitor<'t> {
    /// A node begins.
    fn enter(&mut self, node: Node<'t>);

    /// All that is in the node was told.
    fn leave(&mut self, node: Node<'t>) {
        let _ = node;
    }
}

/// A node of a tree.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Node<'t> {
    /// A whole unit.
    Unit(&'t Unit),
    /// A package, its body, or a type's body.
    Package(&'t Package),
    /// The specification of a type.
    Type(&'t TypeSpecification),
    /// A trigger.
    Trigger(&'t Trigger),
    /// A function or procedure, wherever it is declared.
    Routine(&'t Routine),
    /// A parameter of a routine or cursor.
    Parameter(&'t Parameter),
    /// A clause of a head.
    Clause(&'t Clause),
    /// A declaration.
    Declaration(&'t Declaration),
    /// How a type is made, and all of its declaration.
    TypeDefinition(&'t TypeDefinition, Span),
    /// A data type where it is used.
    DataType(&'t DataType),
    /// PRAGMA.
    Pragma(&'t Pragma),
    /// A block.
    Block(&'t Block),
    /// An exception handler.
    Handler(&'t Handler),
    /// A statement.
    Statement(&'t Statement),
    /// A query.
    Query(&'t Query),
    /// A part of SQL that has a name, and where it stands.
    Sql(Sql<'t>, Span),
    /// A table, view or other relation that is named in FROM or changed by a statement.
    Table(Table<'t>),
    /// INTO.
    Into(&'t Targets),
    /// RETURNING.
    Returning(&'t Returning),
    /// An expression or condition.
    Expr(&'t Expr),
    /// What could not be read.
    Unparsed(&'t Unparsed),
}

/// A relation that is named.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Table<'t> {
    /// Its name.
    pub parts: &'t [Part],
    /// The database link; mostly none.
    pub link: &'t [Part],
    /// The name, and its link.
    pub span: Span,
    /// What it is called in the statement, in upper case unless it is quoted.
    pub alias: Option<&'t str>,
}

/// Parts of SQL statements that are no expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sql<'t> {
    /// A hint.
    Hint,
    /// START WITH of a hierarchy.
    StartWith,
    /// CONNECT BY.
    ConnectBy,
    /// `UNION`, `UNION ALL`, `INTERSECT`, `MINUS` …; EXCEPT is MINUS.
    SetOperator(&'static str),
    /// FOR UPDATE.
    ForUpdate,
    /// The MODEL clause, whose rules are not read.
    Model,
    /// MATCH_RECOGNIZE, whose patterns are not read.
    MatchRecognize,
    /// PIVOT; PIVOT XML where `true`.
    Pivot(bool),
    /// UNPIVOT.
    Unpivot,
    /// `AS OF SCN`, `AS OF TIMESTAMP`, `VERSIONS BETWEEN SCN`, `VERSIONS BETWEEN TIMESTAMP`.
    Flashback(&'static str),
    /// `TABLE(collection)`.
    CollectionTable,
    /// XMLTABLE.
    XmlTable,
    /// JSON_TABLE.
    JsonTable,
    /// SAMPLE.
    Sample,
    /// PARTITION BY of an outer join.
    PartitionedJoin,
    /// A query of WITH, by its name.
    With(&'t str),
    /// What a column, a query in FROM or a collection is called.
    Alias(&'t str),
}

/// What an expression is.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum ExprKind<'t> {
    /// A column, variable, pseudo-column, sequence's NEXTVAL, or a function without parentheses: its parts.
    Name(&'t [Part]),
    /// The same across a database link.
    Remote(&'t [Part], &'t [Part]),
    /// A function, procedure or method is called, or an element of a collection is meant.
    Call(Called<'t>),
    /// `value.name`, where the value is no plain name; the name in upper case unless it is quoted.
    Member(&'t str),
    /// Arguments behind what is no plain name.
    Apply,
    /// A text literal: its value.
    Text(&'t str),
    /// A number as it is written.
    Number(&'t str),
    /// A bind variable or the row of a trigger, without its colon.
    Bind(&'t str),
    /// `cursor%FOUND` and the like: the attribute in upper case.
    Attribute(&'t str),
    /// `column (+)`.
    OuterJoined,
    /// PRIOR.
    Prior,
    /// CONNECT_BY_ROOT.
    ConnectByRoot,
    /// `CURSOR(query)`.
    Cursor,
    /// An operator between two values: `+`, `-`, `*`, `/`, `||`, `**`, `MOD`, `MEMBER OF`, `SUBMULTISET OF`, `MULTISET UNION` and the like.
    Operator(&'static str),
    /// `IS OF (types)`: the parts of their names.
    IsOf(&'t [Vec<Part>]),
    /// `(object AS supertype)`: the parts of the type's name.
    Upcast(&'t [Part]),
    /// EXTRACT, CAST, TRIM: functions with a syntax of their own, by their name.
    Function(&'static str),
    /// It could not be read: why.
    Unparsed(&'t str),
    /// All else: conditions, CASE, subqueries, NULL, literals of dates.
    Other,
}

/// A call.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Called<'t> {
    /// What is called.
    pub name: &'t [Part],
    /// How many arguments it is given.
    pub arguments: usize,
    /// `KEEP (DENSE_RANK …)` is behind it.
    pub keep: bool,
    /// OVER is behind it.
    pub over: bool,
}

impl Unit {
    /// Tells `visitor` all that is in the unit.
    pub fn visit<'t>(&'t self, visitor: &mut dyn Visitor<'t>) {
        visitor.enter(Node::Unit(self));
        match &self.kind {
            UnitKind::Routine(routine) => routine.visit(visitor),
            UnitKind::Package(package) | UnitKind::TypeBody(package) => package.visit(visitor),
            UnitKind::Type(specification) => {
                visitor.enter(Node::Type(specification));
                specification.clauses.iter().for_each(|clause| visitor.leaf(Node::Clause(clause)));
                specification.definition.visit(self.span, visitor);
                visitor.leave(Node::Type(specification));
            }
            UnitKind::Trigger(trigger) => trigger.visit(visitor),
            UnitKind::Block(block) => block.visit(visitor),
            UnitKind::Statement(statement) => statement.visit(visitor),
            UnitKind::Wrapped(_) => {}
            UnitKind::Unparsed(unparsed) => visitor.leaf(Node::Unparsed(unparsed)),
        }
        self.rest.iter().for_each(|rest| visitor.leaf(Node::Unparsed(rest)));
        visitor.leave(Node::Unit(self));
    }
}

/// Shorter names for what every node does.
trait Tell<'t> {
    fn leaf(&mut self, node: Node<'t>);
    fn exprs(&mut self, exprs: impl IntoIterator<Item = &'t Expr>);
    fn statements(&mut self, statements: &'t [Statement]);
    fn sql(&mut self, sql: Sql<'t>, start: usize);
    fn alias(&mut self, alias: Option<&'t crate::OracleIdent>, at: usize);
}

impl<'t> Tell<'t> for dyn Visitor<'t> + '_ {
    fn leaf(&mut self, node: Node<'t>) {
        self.enter(node);
        self.leave(node);
    }

    fn exprs(&mut self, exprs: impl IntoIterator<Item = &'t Expr>) {
        exprs.into_iter().for_each(|expr| expr.visit(self));
    }

    fn statements(&mut self, statements: &'t [Statement]) {
        statements.iter().for_each(|statement| statement.visit(self));
    }

    fn sql(&mut self, sql: Sql<'t>, start: usize) {
        self.leaf(Node::Sql(sql, Span { start, end: start }));
    }

    fn alias(&mut self, alias: Option<&'t crate::OracleIdent>, at: usize) {
        if let Some(alias) = alias {
            self.sql(Sql::Alias(alias.as_str()), at);
        }
    }
}

impl Package {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::Package(self));
        self.clauses.iter().for_each(|clause| visitor.leaf(Node::Clause(clause)));
        self.declarations.iter().for_each(|declaration| declaration.visit(visitor));
        self.initialization.iter().for_each(|block| block.visit(visitor));
        visitor.leave(Node::Package(self));
    }
}

impl Routine {
    /// Tells `visitor` all that is in the routine.
    pub fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::Routine(self));
        self.parameters.iter().for_each(|parameter| parameter.visit(visitor));
        self.returns.iter().for_each(|data_type| visitor.leaf(Node::DataType(data_type)));
        self.clauses.iter().for_each(|clause| visitor.leaf(Node::Clause(clause)));
        if let RoutineBody::Block(block) = &self.body {
            block.visit(visitor);
        }
        visitor.leave(Node::Routine(self));
    }
}

impl Parameter {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::Parameter(self));
        visitor.leaf(Node::DataType(&self.data_type));
        visitor.exprs(&self.default);
        visitor.leave(Node::Parameter(self));
    }
}

impl Trigger {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::Trigger(self));
        self.clauses.iter().for_each(|clause| visitor.leaf(Node::Clause(clause)));
        visitor.exprs(&self.when);
        match &self.body {
            TriggerBody::Block(block) => block.visit(visitor),
            TriggerBody::Compound(declarations) => {
                declarations.iter().for_each(|declaration| declaration.visit(visitor));
            }
            TriggerBody::Call(call) => call.visit(visitor),
        }
        visitor.leave(Node::Trigger(self));
    }
}

impl TypeDefinition {
    fn visit<'t>(&'t self, span: Span, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::TypeDefinition(self, span));
        match self {
            TypeDefinition::Incomplete | TypeDefinition::Enumeration(_) => {}
            TypeDefinition::Object(declarations) => {
                declarations.iter().for_each(|declaration| declaration.visit(visitor));
            }
            TypeDefinition::Record(fields) => {
                for field in fields {
                    visitor.leaf(Node::DataType(&field.data_type));
                    visitor.exprs(&field.default);
                }
            }
            TypeDefinition::Table { element, index } => {
                visitor.leaf(Node::DataType(element));
                index.iter().for_each(|data_type| visitor.leaf(Node::DataType(data_type)));
            }
            TypeDefinition::Varray { limit, element } => {
                limit.visit(visitor);
                visitor.leaf(Node::DataType(element));
            }
            TypeDefinition::RefCursor(returns) => {
                returns.iter().for_each(|data_type| visitor.leaf(Node::DataType(data_type)));
            }
            TypeDefinition::Subtype(data_type) => visitor.leaf(Node::DataType(data_type)),
        }
        visitor.leave(Node::TypeDefinition(self, span));
    }
}

impl Declaration {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::Declaration(self));
        match &self.kind {
            DeclarationKind::Variable { data_type, default, .. } => {
                visitor.leaf(Node::DataType(data_type));
                visitor.exprs(default);
            }
            DeclarationKind::Exception(_) => {}
            DeclarationKind::Cursor { parameters, returns, query, .. } => {
                parameters.iter().for_each(|parameter| parameter.visit(visitor));
                returns.iter().for_each(|data_type| visitor.leaf(Node::DataType(data_type)));
                query.iter().for_each(|query| query.visit(visitor));
            }
            DeclarationKind::Type { definition, .. } => definition.visit(self.span, visitor),
            DeclarationKind::Pragma(pragma) => visitor.leaf(Node::Pragma(pragma)),
            DeclarationKind::Routine(routine) => routine.visit(visitor),
            DeclarationKind::Section { block, .. } => block.visit(visitor),
            DeclarationKind::Conditional(arms) => {
                arms.iter().flat_map(|arm: &Arm<_>| &arm.body).for_each(|declaration| declaration.visit(visitor));
            }
            DeclarationKind::Unparsed(unparsed) => visitor.leaf(Node::Unparsed(unparsed)),
        }
        visitor.leave(Node::Declaration(self));
    }
}

impl Block {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::Block(self));
        self.declarations.iter().for_each(|declaration| declaration.visit(visitor));
        visitor.statements(&self.statements);
        for handler in &self.handlers {
            visitor.enter(Node::Handler(handler));
            visitor.statements(&handler.statements);
            visitor.leave(Node::Handler(handler));
        }
        visitor.leave(Node::Block(self));
    }
}

impl Statement {
    /// Tells `visitor` all that is in the statement.
    pub fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::Statement(self));
        match &self.kind {
            StatementKind::Assign { target, value } => visitor.exprs([target, value]),
            StatementKind::Call(expr)
            | StatementKind::Open(expr)
            | StatementKind::Close(expr)
            | StatementKind::PipeRow(expr)
            | StatementKind::SqlCall(expr) => expr.visit(visitor),
            StatementKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    condition.visit(visitor);
                    visitor.statements(body);
                }
                otherwise.iter().for_each(|body| visitor.statements(body));
            }
            StatementKind::Case { operand, arms, otherwise } => {
                visitor.exprs(operand);
                for (when, body) in arms {
                    when.visit(visitor);
                    visitor.statements(body);
                }
                otherwise.iter().for_each(|body| visitor.statements(body));
            }
            StatementKind::Loop(body) => visitor.statements(body),
            StatementKind::While { condition, body } => {
                condition.visit(visitor);
                visitor.statements(body);
            }
            StatementKind::For { over, body, .. } => {
                over.visit(visitor);
                visitor.statements(body);
            }
            StatementKind::Block(block) => block.visit(visitor),
            StatementKind::Exit { when, .. } | StatementKind::Continue { when, .. } => visitor.exprs(when),
            StatementKind::Return(value) => visitor.exprs(value),
            StatementKind::ExecuteImmediate(dynamic) => dynamic.visit(visitor),
            StatementKind::OpenQuery { cursor, query } => {
                cursor.visit(visitor);
                query.visit(visitor);
            }
            StatementKind::OpenDynamic { cursor, dynamic } => {
                cursor.visit(visitor);
                dynamic.visit(visitor);
            }
            StatementKind::Fetch { cursor, into, limit } => {
                cursor.visit(visitor);
                into.visit(visitor);
                visitor.exprs(limit);
            }
            StatementKind::ForAll { over, statement, .. } => {
                over.visit(visitor);
                statement.visit(visitor);
            }
            StatementKind::Select(query) => query.visit(visitor),
            StatementKind::Insert(insert) => insert.visit(visitor),
            StatementKind::Update(update) => {
                hint(update.hint, visitor);
                update.table.visit(visitor);
                update.set.iter().for_each(|(target, value)| visitor.exprs([target, value]));
                filter(&update.filter, visitor);
                update.returning.iter().for_each(|returning| returning.visit(visitor));
            }
            StatementKind::Delete(delete) => {
                hint(delete.hint, visitor);
                delete.table.visit(visitor);
                filter(&delete.filter, visitor);
                delete.returning.iter().for_each(|returning| returning.visit(visitor));
            }
            StatementKind::Merge(merge) => merge.visit(visitor),
            StatementKind::Pragma(pragma) => visitor.leaf(Node::Pragma(pragma)),
            StatementKind::Conditional(arms) => arms.iter().for_each(|arm| visitor.statements(&arm.body)),
            StatementKind::Unparsed(unparsed) => visitor.leaf(Node::Unparsed(unparsed)),
            StatementKind::Null
            | StatementKind::Goto(_)
            | StatementKind::Raise(_)
            | StatementKind::Commit
            | StatementKind::Rollback(_)
            | StatementKind::Savepoint(_)
            | StatementKind::Set
            | StatementKind::LockTable(_)
            | StatementKind::Ddl(_)
            | StatementKind::Error => {}
        }
        visitor.leave(Node::Statement(self));
    }
}

fn hint<'t>(span: Option<Span>, visitor: &mut (dyn Visitor<'t> + '_)) {
    if let Some(span) = span {
        visitor.leaf(Node::Sql(Sql::Hint, span));
    }
}

fn filter<'t>(filter: &'t Option<Filter>, visitor: &mut (dyn Visitor<'t> + '_)) {
    if let Some(Filter::Where(condition)) = filter {
        condition.visit(visitor);
    }
}

impl ForOver {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        match self {
            ForOver::Range { low, high, .. } => visitor.exprs([low, high]),
            ForOver::Cursor(cursor) => cursor.visit(visitor),
            ForOver::Query(query) => query.visit(visitor),
            ForOver::Elements { list, between, .. } => {
                list.visit(visitor);
                between.iter().for_each(|(low, high)| visitor.exprs([low, high]));
            }
            ForOver::Unparsed(unparsed) => visitor.leaf(Node::Unparsed(unparsed)),
        }
    }
}

impl Dynamic {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        self.text.visit(visitor);
        self.into.iter().for_each(|into| into.visit(visitor));
        visitor.exprs(&self.using);
        self.returning.iter().for_each(|into| into.visit(visitor));
    }
}

impl Targets {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::Into(self));
        visitor.exprs(&self.targets);
        visitor.leave(Node::Into(self));
    }
}

impl Returning {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::Returning(self));
        visitor.exprs(&self.values);
        self.into.iter().for_each(|into| into.visit(visitor));
        visitor.leave(Node::Returning(self));
    }
}

impl Relation {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        self.0.visit(visitor);
    }
}

impl Insert {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        hint(self.hint, visitor);
        for into in &self.into {
            visitor.exprs(&into.when);
            into.table.visit(visitor);
            visitor.exprs(&into.values);
        }
        self.query.iter().for_each(|query| query.visit(visitor));
        self.returning.iter().for_each(|returning| returning.visit(visitor));
    }
}

impl Merge {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        hint(self.hint, visitor);
        self.into.visit(visitor);
        self.using.visit(visitor);
        self.on.visit(visitor);
        self.set.iter().for_each(|(target, value)| visitor.exprs([target, value]));
        visitor.exprs(self.set_where.iter().chain(&self.delete_where).chain(&self.values).chain(&self.insert_where));
    }
}

impl Query {
    /// Tells `visitor` all that is in the query.
    pub fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::Query(self));
        for cte in &self.with {
            visitor.sql(Sql::With(cte.name.as_str()), cte.start);
            cte.query.visit(visitor);
        }
        self.body.visit(visitor);
        visitor.exprs(self.order_by.iter().map(|order| &order.value));
        visitor.exprs(self.offset.iter().chain(self.fetch.iter().flat_map(|fetch| &fetch.rows)));
        if let Some((start, of)) = &self.for_update {
            visitor.sql(Sql::ForUpdate, *start);
            visitor.exprs(of);
        }
        visitor.leave(Node::Query(self));
    }
}

impl Body {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        match self {
            Body::Select(select) => select.visit(visitor),
            Body::Nested(query) => query.visit(visitor),
            Body::Set { operator, start, left, right } => {
                left.visit(visitor);
                let operator = match operator {
                    SetOperator::Union => "UNION",
                    SetOperator::UnionAll => "UNION ALL",
                    SetOperator::Intersect => "INTERSECT",
                    SetOperator::IntersectAll => "INTERSECT ALL",
                    SetOperator::Minus => "MINUS",
                    SetOperator::MinusAll => "MINUS ALL",
                };
                visitor.sql(Sql::SetOperator(operator), *start);
                right.visit(visitor);
            }
        }
    }
}

impl Select {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        hint(self.hint, visitor);
        for item in &self.items {
            if let Item::One { value, alias } = item {
                value.visit(visitor);
                visitor.alias(alias.as_ref(), value.end);
            }
        }
        self.into.iter().for_each(|into| into.visit(visitor));
        self.from.iter().for_each(|source| source.visit(visitor));
        visitor.exprs(&self.filter);
        if let Some(hierarchy) = &self.hierarchy {
            if let Some(at) = hierarchy.start_with_at {
                visitor.sql(Sql::StartWith, at);
            }
            visitor.exprs(&hierarchy.start_with);
            visitor.sql(Sql::ConnectBy, hierarchy.start);
            hierarchy.connect_by.visit(visitor);
        }
        self.group_by.iter().for_each(|group| group.visit(visitor));
        visitor.exprs(&self.having);
        if let Some(model) = self.model {
            visitor.leaf(Node::Sql(Sql::Model, model));
        }
    }
}

impl Group {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        match self {
            Group::One(expr) => expr.visit(visitor),
            Group::Set(exprs) => visitor.exprs(exprs),
            Group::Rollup(groups) | Group::Cube(groups) | Group::Sets(groups) => {
                groups.iter().for_each(|group| group.visit(visitor));
            }
        }
    }
}

impl Source {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        match self {
            Source::Table(table) => table.visit(visitor),
            Source::Query { query, alias, .. } => {
                query.visit(visitor);
                visitor.alias(alias.as_ref(), query.end);
            }
            Source::Xml(table) => {
                visitor.sql(Sql::XmlTable, table.start);
                visitor.exprs(table.passing.iter().chain(table.more.iter().map(|argument| &argument.value)));
                table.columns.iter().for_each(|column| column.visit(visitor));
                visitor.alias(table.alias.as_ref(), table.start);
            }
            Source::Json(table) => {
                visitor.sql(Sql::JsonTable, table.start);
                table.document.visit(visitor);
                table.columns.iter().for_each(|column| column.visit(visitor));
                visitor.alias(table.alias.as_ref(), table.start);
            }
            Source::Collection { start, value, alias } => {
                // A table function is its value alone.
                if value.start != *start {
                    visitor.sql(Sql::CollectionTable, *start);
                }
                value.visit(visitor);
                visitor.alias(alias.as_ref(), value.end);
            }
            Source::Pivot { input, pivot, alias } => {
                input.visit(visitor);
                visitor.sql(Sql::Pivot(pivot.open), pivot.start);
                visitor.exprs(pivot.aggregates.iter().map(|(value, _)| value));
                visitor.exprs(pivot.values.iter().flat_map(|(values, _)| values));
                visitor.alias(alias.as_ref(), pivot.start);
            }
            Source::Unpivot { input, unpivot, alias } => {
                input.visit(visitor);
                visitor.sql(Sql::Unpivot, unpivot.start);
                visitor.exprs(unpivot.columns.iter().flat_map(|(_, labels)| labels));
                visitor.alias(alias.as_ref(), unpivot.start);
            }
            Source::Join { left, right, on, partitioned, .. } => {
                left.visit(visitor);
                if let Some(first) = partitioned.first() {
                    visitor.sql(Sql::PartitionedJoin, first.start);
                }
                visitor.exprs(partitioned);
                right.visit(visitor);
                visitor.exprs(on);
            }
            Source::Match { input, span, alias } => {
                input.visit(visitor);
                visitor.leaf(Node::Sql(Sql::MatchRecognize, *span));
                visitor.alias(alias.as_ref(), span.end);
            }
        }
    }
}

impl TableName {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        let span = Span { start: self.start, end: self.end };
        let alias = self.alias.as_ref().map(crate::OracleIdent::as_str);
        visitor.leaf(Node::Table(Table { parts: &self.parts, link: &self.link, span, alias }));
        if self.sample.is_some() {
            visitor.sql(Sql::Sample, self.end);
        }
        if let Some(flashback) = &self.flashback {
            visitor.sql(Sql::Flashback(flashback.words), flashback.start);
            visitor.exprs(&flashback.values);
        }
    }
}

impl PathColumn {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        match &self.kind {
            PathColumnKind::Value { default, .. } => visitor.exprs(default),
            PathColumnKind::Nested(columns) => columns.iter().for_each(|column| column.visit(visitor)),
            PathColumnKind::Ordinality | PathColumnKind::Json | PathColumnKind::Exists => {}
        }
    }
}

impl Window {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.exprs(&self.partition);
        orders(&self.order, visitor);
        for bound in self.frame.iter().flat_map(|frame| std::iter::once(&frame.from).chain(&frame.to)) {
            if let Bound::Preceding(value) | Bound::Following(value) = bound {
                value.visit(visitor);
            }
        }
    }
}

fn orders<'t>(orders: &'t [Order], visitor: &mut (dyn Visitor<'t> + '_)) {
    visitor.exprs(orders.iter().map(|order| &order.value));
}

fn arguments<'t>(arguments: &'t [Argument], visitor: &mut (dyn Visitor<'t> + '_)) {
    for argument in arguments {
        visitor.exprs(&argument.key);
        argument.value.visit(visitor);
    }
}

impl InList {
    fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        match self {
            InList::Values(values) => visitor.exprs(values),
            InList::Query(query) => query.visit(visitor),
        }
    }
}

impl Expr {
    /// What it is.
    pub fn kind(&self) -> ExprKind<'_> {
        match &self.node {
            Of::Name(parts) => ExprKind::Name(parts),
            Of::Remote { name, link } => ExprKind::Remote(name, link),
            Of::Call(call) => ExprKind::Call(Called {
                name: &call.name,
                arguments: call.arguments.len(),
                keep: call.keep.is_some(),
                over: call.over.is_some(),
            }),
            Of::Method { method, .. } => ExprKind::Member(method),
            Of::Apply { .. } => ExprKind::Apply,
            Of::Text(text) => ExprKind::Text(text),
            Of::Number(number) => ExprKind::Number(number),
            Of::Bind(name) => ExprKind::Bind(name),
            Of::Attribute { name, .. } => ExprKind::Attribute(name),
            Of::OuterJoined(_) => ExprKind::OuterJoined,
            Of::Prior(_) => ExprKind::Prior,
            Of::ConnectByRoot(_) => ExprKind::ConnectByRoot,
            Of::Cursor(_) => ExprKind::Cursor,
            Of::Binary { op, .. } => ExprKind::Operator(match op {
                Op::Add => "+",
                Op::Subtract => "-",
                Op::Multiply => "*",
                Op::Divide => "/",
                Op::Concat => "||",
            }),
            Of::Operator { op, .. } => ExprKind::Operator(op),
            Of::IsOf { types, .. } => ExprKind::IsOf(types),
            Of::Extract { .. } => ExprKind::Function("EXTRACT"),
            Of::Trim { .. } => ExprKind::Function("TRIM"),
            Of::Cast { .. } | Of::Multiset { .. } => ExprKind::Function("CAST"),
            Of::CountAll(_) => ExprKind::Function("COUNT"),
            Of::Upcast { to, .. } => ExprKind::Upcast(to),
            Of::Unparsed(reason) => ExprKind::Unparsed(reason),
            _ => ExprKind::Other,
        }
    }

    /// Tells `visitor` all that is in the expression, subqueries included.
    pub fn visit<'t>(&'t self, visitor: &mut (dyn Visitor<'t> + '_)) {
        visitor.enter(Node::Expr(self));
        match &self.node {
            Of::Null
            | Of::Number(_)
            | Of::Text(_)
            | Of::Date(_)
            | Of::Timestamp(_)
            | Of::Interval(..)
            | Of::Name(_)
            | Of::Remote { .. }
            | Of::Bind(_)
            | Of::Unparsed(_) => {}
            Of::CountAll(window) => window.iter().for_each(|window| window.visit(visitor)),
            Of::Call(call) => {
                arguments(&call.arguments, visitor);
                orders(&call.within, visitor);
                call.keep.iter().for_each(|(_, order)| orders(order, visitor));
                call.over.iter().for_each(|window| window.visit(visitor));
            }
            Of::Apply { value, arguments: given } => {
                value.visit(visitor);
                arguments(given, visitor);
            }
            Of::Extract { value, .. }
            | Of::Cast { value, .. }
            | Of::IsNull { value, .. }
            | Of::Is { value, .. }
            | Of::IsOf { value, .. }
            | Of::Upcast { value, .. }
            | Of::Negate(value)
            | Of::Not(value)
            | Of::Prior(value)
            | Of::ConnectByRoot(value)
            | Of::Attribute { value, .. }
            | Of::OuterJoined(value) => value.visit(visitor),
            Of::Trim { characters, value, .. } => {
                characters.iter().for_each(|characters| characters.visit(visitor));
                value.visit(visitor);
            }
            Of::AtZone { value, zone } => {
                value.visit(visitor);
                zone.iter().for_each(|zone| zone.visit(visitor));
            }
            Of::Method { value, arguments, .. } => {
                value.visit(visitor);
                visitor.exprs(arguments);
            }
            Of::Binary { left, right, .. } | Of::Compare { left, right, .. } | Of::Operator { left, right, .. } => {
                visitor.exprs([left.as_ref(), right])
            }
            Of::Quantified { left, right, .. } => {
                left.visit(visitor);
                right.visit(visitor);
            }
            Of::Between { value, low, high, .. } => visitor.exprs([value.as_ref(), low, high]),
            Of::In { value, list, .. } => {
                value.visit(visitor);
                list.visit(visitor);
            }
            Of::Like { value, pattern, escape, .. } => {
                visitor.exprs([value.as_ref(), pattern]);
                escape.iter().for_each(|escape| escape.visit(visitor));
            }
            Of::Row(all) | Of::And(all) | Of::Or(all) => visitor.exprs(all),
            Of::Case { operand, arms, otherwise } => {
                operand.iter().for_each(|operand| operand.visit(visitor));
                arms.iter().for_each(|(when, then)| visitor.exprs([when, then]));
                otherwise.iter().for_each(|otherwise| otherwise.visit(visitor));
            }
            Of::Exists(query) | Of::Subquery(query) | Of::Multiset { query, .. } | Of::Cursor(query) => {
                query.visit(visitor);
            }
        }
        visitor.leave(Node::Expr(self));
    }
}

impl Name {
    /// Whether it is this one word, not quoted.
    pub fn is(&self, word: &str) -> bool {
        matches!(self.parts.as_slice(), [part] if self.link.is_empty() && !part.is_quoted() && part.name() == word)
    }
}
