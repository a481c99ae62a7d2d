//! What stored code is made of.

use crate::rewrite::ast::Source;
pub use crate::rewrite::ast::{Expr, Part, Query, Span, Targets};

/// One unit of stored code, an anonymous block, or a statement of dynamic SQL.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The whole source without blanks and comments around it.
    pub span: Span,
    /// What it is.
    pub kind: UnitKind,
    /// What stands behind its end.
    pub rest: Option<Unparsed>,
    /// `$IF`, `$ELSIF`, `$ELSE`, `$END`, `$ERROR` and inquiries (`$$name`), in their order.
    pub directives: Vec<Span>,
    /// Arms of conditional compilation within a statement or declaration: the first one is read, the others are here.
    pub left_out: Vec<Span>,
}

/// Kinds of units.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum UnitKind {
    /// A function or procedure.
    Routine(Box<Routine>),
    /// The specification or the body of a package.
    Package(Box<Package>),
    /// The specification of a type.
    Type(Box<TypeSpecification>),
    /// The body of an object type: its methods.
    TypeBody(Box<Package>),
    /// A trigger.
    Trigger(Box<Trigger>),
    /// An anonymous block.
    Block(Box<Block>),
    /// A statement of SQL alone: what EXECUTE IMMEDIATE is given.
    Statement(Box<Statement>),
    /// The output of Oracle's wrap utility, which nobody can read.
    Wrapped(Name),
    /// It could not be read at all.
    Unparsed(Unparsed),
}

/// What could not be read. Reading went on behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unparsed {
    /// All of it.
    pub span: Span,
    /// Where reading ended, in bytes from the start of the source.
    pub offset: usize,
    /// What was expected, and what stands there.
    pub reason: String,
}

/// A name as it is written: `owner.package.routine@link`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// All of it.
    pub span: Span,
    /// Its parts, the widest first.
    pub parts: Vec<Part>,
    /// The database link, with the parts of its name; mostly none.
    pub link: Vec<Part>,
}

/// A function or procedure: of its own, in a package, in another one, or a method of a type.
#[derive(Debug, Clone)]
pub struct Routine {
    /// All of it, from FUNCTION or PROCEDURE (or MEMBER, STATIC …) to the semicolon.
    pub span: Span,
    /// Its name: for a unit with its owner, if that is said.
    pub name: Name,
    /// FUNCTION, not PROCEDURE.
    pub is_function: bool,
    /// Words before FUNCTION and PROCEDURE in type bodies, in upper case: `MEMBER`, `STATIC`, `MAP MEMBER`, `OVERRIDING CONSTRUCTOR` …
    pub method: String,
    /// In their order.
    pub parameters: Vec<Parameter>,
    /// What a function returns.
    pub returns: Option<DataType>,
    /// AUTHID, DETERMINISTIC, PIPELINED and the like.
    pub clauses: Vec<Clause>,
    /// What it does.
    pub body: RoutineBody,
}

/// What stands behind the head of a routine.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RoutineBody {
    /// Only announced.
    None,
    /// Written in PL/SQL.
    Block(Block),
    /// Written in another language: `LANGUAGE JAVA NAME '…'`, `EXTERNAL …`.
    External(Span),
    /// `AGGREGATE USING type`, `PIPELINED USING type`.
    Using(Name),
}

/// A clause of a head: its first word says what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// All of it.
    pub span: Span,
    /// In upper case: `AUTHID`, `DETERMINISTIC`, `PIPELINED`, `PARALLEL_ENABLE`, `RESULT_CACHE`, `ACCESSIBLE`, `DEFAULT`, `SHARING`,
    /// `SQL_MACRO`, `AGGREGATE`.
    pub word: String,
}

/// A parameter of a routine or cursor.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name: Part,
    /// OUT or IN OUT.
    pub is_out: bool,
    /// NOCOPY.
    pub no_copy: bool,
    /// Its type.
    pub data_type: DataType,
    /// What it is where nothing is given.
    pub default: Option<Expr>,
}

/// A data type as it is written.
#[derive(Debug, Clone)]
pub struct DataType {
    /// With length, character set and NOT NULL.
    pub span: Span,
    /// Its name: `VARCHAR2`, `hr.employees.salary`, `TIMESTAMP WITH TIME ZONE` by its first word.
    pub name: Name,
    /// `%TYPE`, `%ROWTYPE`, `%CHARSET`: the word in upper case.
    pub anchor: Option<String>,
    /// REF before it.
    pub is_ref: bool,
}

/// A package or type body.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name.
    pub name: Name,
    /// A body, not a specification.
    pub is_body: bool,
    /// AUTHID, ACCESSIBLE BY, SERIALLY_REUSABLE stands among the declarations.
    pub clauses: Vec<Clause>,
    /// What it declares.
    pub declarations: Vec<Declaration>,
    /// What runs when it is first used.
    pub initialization: Option<Block>,
}

/// The specification of a type.
#[derive(Debug, Clone)]
pub struct TypeSpecification {
    /// Its name.
    pub name: Name,
    /// AUTHID and the like.
    pub clauses: Vec<Clause>,
    /// What it is.
    pub definition: TypeDefinition,
    /// The supertype of `UNDER`.
    pub under: Option<Name>,
}

/// How a type is made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TypeDefinition {
    /// Only announced.
    Incomplete,
    /// `OBJECT (…)`: attributes and the heads of methods.
    Object(Vec<Declaration>),
    /// `RECORD (…)`.
    Record(Vec<Field>),
    /// `TABLE OF element`, with its index in PL/SQL.
    Table {
        /// What it has.
        element: DataType,
        /// `INDEX BY type`.
        index: Option<DataType>,
    },
    /// `VARRAY (n) OF element`.
    Varray {
        /// How many at most.
        limit: Expr,
        /// What it has.
        element: DataType,
    },
    /// `REF CURSOR [RETURN type]`.
    RefCursor(Option<DataType>),
    /// `SUBTYPE name IS type`.
    Subtype(DataType),
    /// `(a, b, …)`: an enumeration of Oracle's own packages.
    Enumeration(Vec<Part>),
}

/// A field of a record, an attribute of an object type.
#[derive(Debug, Clone)]
pub struct Field {
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name: Part,
    /// Its type.
    pub data_type: DataType,
    /// Its value where none is given.
    pub default: Option<Expr>,
}

/// Something that is declared.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// From its first word to its semicolon.
    pub span: Span,
    /// What it is.
    pub kind: DeclarationKind,
}

/// Kinds of declarations.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DeclarationKind {
    /// A variable or constant, an attribute of an object type.
    Variable {
        /// Its name.
        name: Part,
        /// CONSTANT.
        is_constant: bool,
        /// Its type.
        data_type: DataType,
        /// Its first value.
        default: Option<Expr>,
    },
    /// `name EXCEPTION`.
    Exception(Part),
    /// `CURSOR name (parameters) RETURN type IS query`; without a query it is only announced.
    Cursor {
        /// Its name.
        name: Part,
        /// Of the cursor.
        parameters: Vec<Parameter>,
        /// What it returns, where that is said.
        returns: Option<DataType>,
        /// Its query.
        query: Option<Box<Query>>,
    },
    /// `TYPE name IS …`, `SUBTYPE name IS …`.
    Type {
        /// Its name.
        name: Part,
        /// How it is made.
        definition: TypeDefinition,
    },
    /// `PRAGMA name (…)`.
    Pragma(Pragma),
    /// A function or procedure, with or without its body.
    Routine(Box<Routine>),
    /// A timing section of a compound trigger: `BEFORE EACH ROW IS BEGIN … END`, the words in upper case.
    Section {
        /// `BEFORE STATEMENT`, `AFTER EACH ROW`, `INSTEAD OF EACH ROW` …
        timing: String,
        /// What it does.
        block: Block,
    },
    /// Declarations that `$IF` chooses from.
    Conditional(Vec<Arm<Declaration>>),
    /// What could not be read.
    Unparsed(Unparsed),
}

/// `PRAGMA name (arguments)`.
#[derive(Debug, Clone)]
pub struct Pragma {
    /// All of it.
    pub span: Span,
    /// In upper case.
    pub name: String,
    /// What is in its parentheses.
    pub arguments: Vec<Expr>,
}

/// An arm of `$IF … $THEN … $ELSIF … $ELSE … $END` with whole statements or declarations.
#[derive(Debug, Clone)]
pub struct Arm<T> {
    /// What stands between `$IF` or `$ELSIF` and `$THEN`; nothing for `$ELSE`.
    pub condition: Option<Span>,
    /// What is compiled then.
    pub body: Vec<T>,
}

/// `[DECLARE …] BEGIN … [EXCEPTION …] END`.
#[derive(Debug, Clone)]
pub struct Block {
    /// From its first declaration or BEGIN to END.
    pub span: Span,
    /// What it declares.
    pub declarations: Vec<Declaration>,
    /// What it does.
    pub statements: Vec<Statement>,
    /// Where EXCEPTION stands.
    pub exception: Option<Span>,
    /// What it does with exceptions.
    pub handlers: Vec<Handler>,
}

/// `WHEN a OR b THEN …`.
#[derive(Debug, Clone)]
pub struct Handler {
    /// All of it.
    pub span: Span,
    /// Exceptions; none is WHEN OTHERS.
    pub exceptions: Vec<Name>,
    /// What is done.
    pub statements: Vec<Statement>,
}

/// A trigger.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// Its name.
    pub name: Name,
    /// `BEFORE`, `AFTER`, `INSTEAD OF`, `FOR` of compound triggers.
    pub timing: String,
    /// `INSERT`, `UPDATE`, `DELETE`, `LOGON`, `CREATE` …, in upper case.
    pub events: Vec<String>,
    /// Columns of `UPDATE OF`.
    pub columns: Vec<Part>,
    /// The table or view, the schema; `None` for DATABASE.
    pub on: Option<Name>,
    /// FOR EACH ROW.
    pub each_row: bool,
    /// REFERENCING and other names of the rows, FOLLOWS, ENABLE, DISABLE …
    pub clauses: Vec<Clause>,
    /// The condition of WHEN.
    pub when: Option<Expr>,
    /// What it does.
    pub body: TriggerBody,
}

/// What a trigger does.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TriggerBody {
    /// A block.
    Block(Block),
    /// `COMPOUND TRIGGER`: declarations with sections among them.
    Compound(Vec<Declaration>),
    /// `CALL routine(…)`.
    Call(Expr),
}

/// A statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// From its label or first word to its semicolon.
    pub span: Span,
    /// `<<label>>`s before it.
    pub labels: Vec<Part>,
    /// What it is.
    pub kind: StatementKind,
}

/// Kinds of statements.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StatementKind {
    /// NULL.
    Null,
    /// `target := value`.
    Assign {
        /// A variable, field, element, bind.
        target: Expr,
        /// What it becomes.
        value: Expr,
    },
    /// A procedure is called, or a method of a collection or object.
    Call(Expr),
    /// IF, ELSIF, ELSE.
    If {
        /// Conditions and what is done.
        arms: Vec<(Expr, Vec<Statement>)>,
        /// ELSE.
        otherwise: Option<Vec<Statement>>,
    },
    /// CASE.
    Case {
        /// What is compared; absent where each arm has its condition.
        operand: Option<Expr>,
        /// Values or conditions and what is done.
        arms: Vec<(Expr, Vec<Statement>)>,
        /// ELSE.
        otherwise: Option<Vec<Statement>>,
    },
    /// LOOP.
    Loop(Vec<Statement>),
    /// WHILE.
    While {
        /// As long as this holds.
        condition: Expr,
        /// What is done.
        body: Vec<Statement>,
    },
    /// FOR.
    For {
        /// The loop's variables; one before Oracle 21c.
        variables: Vec<Part>,
        /// What it goes through.
        over: ForOver,
        /// What is done.
        body: Vec<Statement>,
    },
    /// A block in the block.
    Block(Block),
    /// GOTO.
    Goto(Part),
    /// EXIT.
    Exit {
        /// The loop that ends; absent for the innermost.
        label: Option<Part>,
        /// Its condition.
        when: Option<Expr>,
    },
    /// CONTINUE.
    Continue {
        /// The loop that goes on; absent for the innermost.
        label: Option<Part>,
        /// Its condition.
        when: Option<Expr>,
    },
    /// RAISE; without a name what is being handled.
    Raise(Option<Name>),
    /// RETURN.
    Return(Option<Expr>),
    /// EXECUTE IMMEDIATE.
    ExecuteImmediate(Dynamic),
    /// `OPEN cursor`, `OPEN cursor(arguments)`: a call of the cursor.
    Open(Expr),
    /// `OPEN cursor FOR query`.
    OpenQuery {
        /// The cursor.
        cursor: Expr,
        /// Its query.
        query: Query,
    },
    /// `OPEN cursor FOR text USING …`.
    OpenDynamic {
        /// The cursor.
        cursor: Expr,
        /// Its query as a text.
        dynamic: Dynamic,
    },
    /// FETCH.
    Fetch {
        /// The cursor.
        cursor: Expr,
        /// Where rows go.
        into: Targets,
        /// LIMIT.
        limit: Option<Expr>,
    },
    /// CLOSE.
    Close(Expr),
    /// FORALL.
    ForAll {
        /// Its variable.
        variable: Part,
        /// What it goes through: bounds or `INDICES OF`, `VALUES OF`.
        over: ForOver,
        /// SAVE EXCEPTIONS.
        save_exceptions: bool,
        /// The one statement.
        statement: Box<Statement>,
    },
    /// PIPE ROW.
    PipeRow(Expr),
    /// COMMIT.
    Commit,
    /// ROLLBACK, to a savepoint or of all.
    Rollback(Option<Part>),
    /// SAVEPOINT.
    Savepoint(Part),
    /// SET TRANSACTION, SET ROLE, SET CONSTRAINTS.
    Set,
    /// LOCK TABLE.
    LockTable(Vec<Name>),
    /// SELECT, with INTO in stored code.
    Select(Query),
    /// INSERT.
    Insert(Box<Insert>),
    /// UPDATE.
    Update(Box<Update>),
    /// DELETE.
    Delete(Box<Delete>),
    /// MERGE.
    Merge(Box<Merge>),
    /// PRAGMA among statements.
    Pragma(Pragma),
    /// `CALL routine(…)`, of dynamic SQL.
    SqlCall(Expr),
    /// CREATE, ALTER, DROP, TRUNCATE, GRANT …: the first word in upper case. Only dynamic SQL has it; it is kept as text.
    Ddl(String),
    /// Statements that `$IF` chooses from.
    Conditional(Vec<Arm<Statement>>),
    /// `$ERROR … $END`.
    Error,
    /// What could not be read.
    Unparsed(Unparsed),
}

/// What FOR and FORALL go through.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ForOver {
    /// `low .. high`.
    Range {
        /// REVERSE.
        reverse: bool,
        /// From here.
        low: Expr,
        /// To here.
        high: Expr,
    },
    /// `cursor` or `cursor(arguments)`; any other single value of Oracle 21c.
    Cursor(Expr),
    /// `(query)`.
    Query(Query),
    /// `INDICES OF list [BETWEEN low AND high]`, `VALUES OF list`, `PAIRS OF list`.
    Elements {
        /// `INDICES`, `VALUES` or `PAIRS`.
        what: String,
        /// The collection.
        list: Expr,
        /// BETWEEN.
        between: Option<(Expr, Expr)>,
    },
    /// Several of these, with steps and conditions, of Oracle 21c; or what could not be read.
    Unparsed(Unparsed),
}

/// SQL as a text.
#[derive(Debug, Clone)]
pub struct Dynamic {
    /// The text.
    pub text: Expr,
    /// Where the row goes.
    pub into: Option<Targets>,
    /// USING: values of bind variables.
    pub using: Vec<Expr>,
    /// RETURNING … INTO.
    pub returning: Option<Targets>,
}

/// `RETURNING expressions [BULK COLLECT] INTO targets`.
#[derive(Debug, Clone)]
pub struct Returning {
    /// All of it.
    pub span: Span,
    /// What is returned.
    pub values: Vec<Expr>,
    /// Where it goes.
    pub into: Option<Targets>,
}

/// The table, view, query or collection that a statement changes.
#[derive(Debug, Clone)]
pub struct Relation(pub(crate) Source);

/// INSERT.
#[derive(Debug, Clone)]
pub struct Insert {
    /// The hint behind INSERT.
    pub hint: Option<Span>,
    /// INSERT ALL or INSERT FIRST: from its first word to ALL or FIRST.
    pub multiple: Option<Span>,
    /// One, or those of INSERT ALL.
    pub into: Vec<InsertInto>,
    /// Where rows come from, if not from VALUES.
    pub query: Option<Query>,
    /// What is returned.
    pub returning: Option<Returning>,
    /// LOG ERRORS.
    pub log_errors: Option<Span>,
}

/// `INTO table (columns) VALUES (…)`.
#[derive(Debug, Clone)]
pub struct InsertInto {
    /// The condition of INSERT ALL before it.
    pub when: Option<Expr>,
    /// The table.
    pub table: Relation,
    /// In the order of the values.
    pub columns: Vec<Name>,
    /// In one row; a record alone where `VALUES record` is written. More rows from Oracle 23ai on.
    pub values: Vec<Expr>,
}

/// UPDATE.
#[derive(Debug, Clone)]
pub struct Update {
    /// The hint behind UPDATE.
    pub hint: Option<Span>,
    /// The table.
    pub table: Relation,
    /// Columns, or a row of them, and what they become; `ROW` is a name.
    pub set: Vec<(Expr, Expr)>,
    /// WHERE.
    pub filter: Option<Filter>,
    /// What is returned.
    pub returning: Option<Returning>,
    /// LOG ERRORS.
    pub log_errors: Option<Span>,
}

/// DELETE.
#[derive(Debug, Clone)]
pub struct Delete {
    /// The hint behind DELETE.
    pub hint: Option<Span>,
    /// The table.
    pub table: Relation,
    /// WHERE.
    pub filter: Option<Filter>,
    /// What is returned.
    pub returning: Option<Returning>,
    /// LOG ERRORS.
    pub log_errors: Option<Span>,
}

/// Which rows are changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Filter {
    /// Those for which it holds.
    Where(Expr),
    /// `CURRENT OF cursor`.
    CurrentOf(Name),
}

/// MERGE.
#[derive(Debug, Clone)]
pub struct Merge {
    /// The hint behind MERGE.
    pub hint: Option<Span>,
    /// The table.
    pub into: Relation,
    /// What is compared with it.
    pub using: Relation,
    /// When rows are the same.
    pub on: Expr,
    /// WHEN MATCHED: SET.
    pub set: Vec<(Expr, Expr)>,
    /// WHEN MATCHED: WHERE.
    pub set_where: Option<Expr>,
    /// WHEN MATCHED: DELETE WHERE.
    pub delete_where: Option<Expr>,
    /// WHEN NOT MATCHED: columns.
    pub columns: Vec<Name>,
    /// WHEN NOT MATCHED: values.
    pub values: Vec<Expr>,
    /// WHEN NOT MATCHED: WHERE.
    pub insert_where: Option<Expr>,
    /// LOG ERRORS.
    pub log_errors: Option<Span>,
}

impl Part {
    /// The name as the dictionary has it: in upper case, unless it is quoted.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Whether it is written in quotes: then it is never a keyword.
    pub fn is_quoted(&self) -> bool {
        self.quoted
    }
}

impl Name {
    /// The last part: the name without what qualifies it.
    pub fn last(&self) -> Option<&Part> {
        self.parts.last()
    }
}

impl Span {
    /// The text that it reaches over, of the source that was read.
    pub fn of(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or_default()
    }
}

impl Expr {
    /// The bytes of the source that it reaches over.
    pub fn span(&self) -> Span {
        Span { start: self.start, end: self.end }
    }
}

impl Query {
    /// The bytes of the source that it reaches over.
    pub fn span(&self) -> Span {
        Span { start: self.start, end: self.end }
    }
}
