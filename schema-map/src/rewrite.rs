//! Oracle's expressions and queries to PostgreSQL.
//!
//! What is written here is a list of what is known to mean the same in both: by the types of the operands, by
//! whether they can be NULL, by where the expression stands. What means the same but for something that can be said in a
//! sentence is converted, and the sentence is a note on the statement. Everything else is refused with its place and the
//! reason; nothing is passed on in the hope that it works.
//!
//! One difference is accepted without a note: sums and products are exact in PostgreSQL, where Oracle rounds them to 38
//! digits or more.

pub(crate) mod ast;
mod compat;
mod format;
mod functions;
mod hierarchy;
mod outer_join;
pub(crate) mod parser;
mod query;
mod scope;
mod source;
mod translate;
mod view;
mod window;

use crate::{
    Column, NameMap, ObjectPath, OracleIdent, PgIdent, PgPath, Table,
    catalog::Relations,
    ddl::Options,
    pg_literal,
    sql::{Lexer, TokenKind},
};
use ast::{Expr, Node};
pub(crate) use compat::Helper;
use parser::Parser;
use query::Ctes;
use scope::{Declared, Kind, Relation, Scope, ScopeColumn};
use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    rc::Rc,
};
use translate::{Effects, NOW_TO_THE_SECOND, Piece, Place, Translator};
use type_convert::{OracleType, PgType};
pub(crate) use view::{sources, view_columns};

/// Why a text is not converted, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// In bytes from the start of the text.
    pub(crate) offset: usize,
    pub(crate) reason: String,
    /// A table or view that it names is not known.
    pub(crate) missing: bool,
}

impl Refused {
    pub(crate) fn new(offset: usize, reason: impl Into<String>) -> Self {
        Refused { offset, reason: reason.into(), missing: false }
    }

    fn missing(offset: usize, path: &ObjectPath) -> Self {
        Refused { missing: true, ..Refused::new(offset, format!("{path} is no table or view that is converted")) }
    }

    /// For people: the reason and the place in `source`.
    pub(crate) fn message(&self, source: &str) -> String {
        let before = source.get(..self.offset).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        match line {
            1 => format!("{} (character {column})", self.reason),
            _ => format!("{} (line {line}, character {column})", self.reason),
        }
    }
}

/// An expression of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rewritten {
    pub(crate) sql: String,
    pub(crate) notes: BTreeSet<String>,
    /// The sequences that it needs.
    pub(crate) sequences: BTreeSet<ObjectPath>,
    pub(crate) helpers: BTreeSet<Helper>,
}

/// An object or collection type that is made.
#[derive(Debug, Clone)]
pub(crate) struct ObjectInfo {
    /// Its name in SQL, complete and quoted.
    pub(crate) target: String,
    /// Name in Oracle, quoted name in PostgreSQL, kind.
    attributes: Vec<(OracleIdent, String, Kind)>,
    /// PostgreSQL's type of a collection's elements, and their kind.
    element: Option<(String, Kind)>,
    /// It, or a type that it is under, is only announced: it has more attributes in Oracle.
    announced: bool,
}

impl ObjectInfo {
    fn kind(&self, path: &ObjectPath) -> Kind {
        if self.element.is_some() { Kind::Collection(path.clone()) } else { Kind::Object(path.clone()) }
    }
}

/// Rewrites texts that name the tables that it was given.
pub(crate) struct Rewriter<'a> {
    names: &'a NameMap,
    catalog: &'a Relations<'a>,
    pg_version: u32,
    helper_schema: PgIdent,
    orafce: bool,
    relations: HashMap<ObjectPath, Rc<Relation>>,
    objects: HashMap<ObjectPath, ObjectInfo>,
}

impl<'a> Rewriter<'a> {
    pub(crate) fn new(names: &'a NameMap, catalog: &'a Relations<'a>, options: &Options) -> Self {
        Rewriter {
            names,
            catalog,
            pg_version: options.pg_version,
            helper_schema: options.helper_schema.clone(),
            orafce: options.orafce,
            relations: HashMap::new(),
            objects: HashMap::new(),
        }
    }

    fn relation(&self, path: &ObjectPath) -> Option<&Rc<Relation>> {
        self.relations.get(path)
    }

    fn object(&self, path: &ObjectPath) -> Option<&ObjectInfo> {
        self.objects.get(path)
    }

    fn resolve_synonym(&self, path: &ObjectPath) -> ObjectPath {
        if self.objects.contains_key(path) { path.clone() } else { self.catalog.resolve(path) }
    }

    /// The kind of a value of this type, which `schema` names.
    fn kind(&self, oracle: &OracleType, pg_type: &PgType, schema: &OracleIdent) -> Kind {
        if let OracleType::Other { owner, name } = oracle {
            let owner = owner.clone().and_then(|o| OracleIdent::new(o).ok()).unwrap_or_else(|| schema.clone());
            if let Ok(name) = OracleIdent::new(name.clone()) {
                let path = ObjectPath::new(owner, name);
                if let Some(object) = self.objects.get(&path) {
                    return object.kind(&path);
                }
            }
            if name.starts_with("REF ") && matches!(pg_type, PgType::Text) {
                return Kind::Text;
            }
        }
        Kind::of(oracle, pg_type)
    }

    /// Makes an object type known.
    pub(crate) fn add_object(
        &mut self,
        path: &ObjectPath,
        target: String,
        attributes: &[(OracleIdent, String, OracleType, PgType)],
    ) {
        let attributes = attributes
            .iter()
            .map(|(name, target, oracle, pg_type)| {
                (name.clone(), target.clone(), self.kind(oracle, pg_type, &path.schema))
            })
            .collect();
        self.objects.insert(path.clone(), ObjectInfo { target, attributes, element: None, announced: false });
    }

    /// Of this object type not all attributes are known.
    pub(crate) fn announced(&mut self, path: &ObjectPath) {
        if let Some(object) = self.objects.get_mut(path) {
            object.announced = true;
        }
    }

    /// Makes a collection type known.
    pub(crate) fn add_collection(&mut self, path: &ObjectPath, target: String, oracle: &OracleType, pg_type: &PgType) {
        let kind = self.kind(oracle, pg_type, &path.schema);
        let element = Some((pg_type.to_string(), kind));
        self.objects.insert(path.clone(), ObjectInfo { target, attributes: Vec::new(), element, announced: false });
    }

    /// The name in SQL of an object or collection type that is made.
    pub(crate) fn object_target(&self, path: &ObjectPath) -> Option<&str> {
        self.objects.get(path).map(|o| o.target.as_str())
    }

    /// Makes a table known, with those of its columns that PostgreSQL will have.
    pub(crate) fn add_table(&mut self, table: &Table, target: &PgPath, columns: &[(&Column, PgType)]) {
        let made: std::collections::HashSet<&OracleIdent> = columns.iter().map(|(made, _)| &made.name).collect();
        let lacks = table.columns.iter().find(|c| !made.contains(&c.name)).map(|c| c.name.clone());
        let columns = columns
            .iter()
            .filter_map(|(column, pg_type)| {
                Some(ScopeColumn {
                    name: column.name.clone(),
                    target: self.names.column(&table.path, &column.name)?.quoted(),
                    kind: self.kind(&column.oracle_type, pg_type, &table.path.schema),
                    nullable: column.nullable,
                    generated: column.virtual_expression.is_some(),
                    hidden: column.invisible,
                    declared: Some(Declared { oracle_type: column.oracle_type.clone(), not_null: !column.nullable }),
                })
            })
            .collect();
        let relation = Relation {
            path: Some(table.path.clone()),
            target: target.quoted(),
            name: target.name.quoted(),
            columns,
            lacks,
        };
        self.relations.insert(table.path.clone(), Rc::new(relation));
    }

    /// A CHECK condition.
    pub(crate) fn check(&self, table: &ObjectPath, condition: &str) -> Result<Rewritten, Refused> {
        let expr = Parser::new(condition)?.expression()?;
        self.of_table(table, |t| t.condition(&expr)).map(|(rewritten, _)| rewritten)
    }

    /// An expression that an index is on.
    pub(crate) fn index_expression(&self, table: &ObjectPath, text: &str) -> Result<Rewritten, Refused> {
        let expr = Parser::new(text)?.expression()?;
        let typed = |piece: Piece| match piece.literal {
            // A constant, which has rows indexed that have NULL in other columns.
            _ if piece.kind == Kind::Null => Piece::atom("CAST(NULL AS text)", Kind::Null, true),
            Some(_) => Piece::atom(format!("CAST({} AS text)", piece.sql), piece.kind, piece.nullable),
            None => piece,
        };
        self.of_table(table, |t| t.value(&expr).map(typed)).map(|(rewritten, _)| rewritten)
    }

    /// The expression of a virtual column, whose values are of type `pg_type`.
    pub(crate) fn virtual_column(
        &self,
        table: &ObjectPath,
        column: &Column,
        pg_type: &PgType,
    ) -> Result<Rewritten, Refused> {
        let text = column.virtual_expression.as_deref().unwrap_or_default();
        let expr = Parser::new(text)?.expression()?;
        let (rewritten, generated) = self.of_table(table, |t| {
            let piece = t.value(&expr)?;
            assigned(t, &expr, piece, column, pg_type)
        })?;
        if generated {
            return Err(Refused::new(expr.start, "a generated column cannot be made from another one in PostgreSQL"));
        }
        Ok(rewritten)
    }

    /// What kind of value a virtual column without a type has, as a type of Oracle.
    pub(crate) fn virtual_type(&self, table: &ObjectPath, text: &str) -> Option<OracleType> {
        let expr = Parser::new(text).ok()?.expression().ok()?;
        let mut kind = Kind::Null;
        self.of_table(table, |t| {
            let piece = t.value(&expr)?;
            kind = piece.kind.clone();
            Ok(piece)
        })
        .ok()?;
        match kind {
            Kind::Int | Kind::Numeric | Kind::Float | Kind::Text | Kind::Date | Kind::Timestamp => kind.oracle_type(),
            Kind::Char(_) => Kind::Text.oracle_type(),
            _ => None,
        }
    }

    /// A value of a partition's bounds, which names nothing; of a column of this type.
    pub(crate) fn partition_value(&self, column: &Column, pg_type: &PgType, text: &str) -> Result<String, Refused> {
        let column = Column { default: Some(text.to_owned()), ..column.clone() };
        let schema = OracleIdent::new("PUBLIC").map_err(|e| Refused::new(0, e.to_string()))?;
        let rewritten = self.default(&ObjectPath::new(schema.clone(), schema), &column, pg_type)?;
        Ok(rewritten.map_or_else(|| "NULL".to_owned(), |r| r.sql))
    }

    /// The DEFAULT of a column of type `pg_type`; `None` for NULL, which needs no default.
    pub(crate) fn default(
        &self,
        table: &ObjectPath,
        column: &Column,
        pg_type: &PgType,
    ) -> Result<Option<Rewritten>, Refused> {
        let text = column.default.as_deref().unwrap_or_default();
        let expr = Parser::new(text)?.expression()?;
        // A default cannot name columns.
        let scope = Scope::default();
        let place = Place { immutable: false, default: true, aggregates: false };
        let effects = RefCell::new(Effects::default());
        let ctes = Ctes::default();
        let t = self.translator(&scope, &table.schema, place, &effects, &ctes);
        let piece = t.value(&expr)?;
        let piece = assigned(&t, &expr, piece, column, pg_type)?;
        if piece.kind == Kind::Null {
            return Ok(None);
        }
        let effects = effects.into_inner();
        Ok(Some(Rewritten {
            sql: piece.sql,
            notes: effects.notes,
            sequences: effects.sequences,
            helpers: effects.helpers,
        }))
    }

    /// The SQL, and whether a generated column was used.
    fn of_table(
        &self,
        table: &ObjectPath,
        translate: impl FnOnce(&Translator<'_>) -> Result<Piece, Refused>,
    ) -> Result<(Rewritten, bool), Refused> {
        let relation = self.relations.get(table);
        let relation = relation.ok_or_else(|| Refused::new(0, format!("the table {table} is not converted")))?;
        let scope = Scope::of_table(relation);
        let place = Place { immutable: true, default: false, aggregates: false };
        let effects = RefCell::new(Effects::default());
        let ctes = Ctes::default();
        let translator = self.translator(&scope, &table.schema, place, &effects, &ctes);
        let piece = translate(&translator)?;
        let Effects { notes, sequences, helpers, generated, .. } = effects.into_inner();
        Ok((Rewritten { sql: piece.sql, notes, sequences, helpers }, generated))
    }

    fn translator<'t>(
        &'t self,
        scope: &'t Scope<'t>,
        schema: &'t OracleIdent,
        place: Place,
        effects: &'t RefCell<Effects>,
        ctes: &'t Ctes<'t>,
    ) -> Translator<'t> {
        Translator { rewriter: self, scope, schema, place, effects, ctes, hierarchy: None, marks: false }
    }
}

/// The value as Oracle converts it when it is stored in the column.
fn assigned(
    t: &Translator<'_>,
    expr: &Expr,
    piece: Piece,
    column: &Column,
    pg_type: &PgType,
) -> Result<Piece, Refused> {
    let to = t.rewriter.kind(&column.oracle_type, pg_type, t.schema);
    if piece.sql == NEW_GUID {
        match (&column.oracle_type, pg_type, &to) {
            (OracleType::Raw { .. }, PgType::Uuid, _) => return Ok(Piece::atom("gen_random_uuid()", to, false)),
            (_, _, Kind::Text | Kind::Char(_)) => {
                return Ok(Piece::atom("upper(replace(CAST(gen_random_uuid() AS text), '-', ''))", to, false));
            }
            _ => {}
        }
    }
    let is_now = piece.sql.contains("statement_timestamp()");
    match (&piece.kind, &to) {
        (Kind::Null, _) => Ok(piece),
        (Kind::Int | Kind::Numeric, to) if to.is_number() => Ok(piece),
        (Kind::Float, Kind::Float)
        | (Kind::Text, Kind::Text | Kind::Char(_) | Kind::Clob)
        | (Kind::Char(_), Kind::Char(_))
        | (Kind::Clob, Kind::Clob)
        | (Kind::Date, Kind::Date | Kind::Timestamp)
        | (Kind::Timestamp, Kind::Timestamp)
        | (Kind::TimestampTz, Kind::TimestampTz)
        | (Kind::Raw, Kind::Raw)
        | (Kind::Boolean, Kind::Boolean) => Ok(piece),
        (Kind::Date | Kind::Timestamp, Kind::TimestampTz) | (Kind::TimestampTz, Kind::Timestamp)
            if !t.place.immutable =>
        {
            Ok(piece)
        }
        // A literal to the second.
        (Kind::Timestamp, Kind::Date) if piece.sql.starts_with("TIMESTAMP '") && !piece.sql.contains('.') => Ok(piece),
        // Stored in a DATE, a timestamp loses its fraction; PostgreSQL would round it.
        (Kind::Timestamp | Kind::TimestampTz, Kind::Date) if is_now => {
            Ok(Piece::atom(NOW_TO_THE_SECOND, Kind::Date, false))
        }
        (Kind::IntervalYm, Kind::IntervalYm) | (Kind::IntervalDs, Kind::IntervalDs) => Ok(piece),
        (Kind::Object(a), Kind::Object(b)) | (Kind::Collection(a), Kind::Collection(b)) if a == b => Ok(piece),
        (Kind::Text, to) if to.is_exact_number() => match &piece.literal {
            Some(text) if is_plain_number(text.trim()) => Ok(Piece::atom(text.trim(), Kind::Numeric, false)),
            _ => t.refuse(expr, "a text for a number needs a conversion that depends on the session"),
        },
        (Kind::Int, Kind::Text | Kind::Char(_)) if matches!(expr.node, Node::Number(_)) => {
            Ok(Piece::atom(pg_literal(plain_integer(&piece.sql)), Kind::Text, false))
        }
        (from, Kind::Other(what)) => {
            let reason = format!("{} for a column that moves as {what} is not converted", from.noun());
            t.refuse(expr, reason)
        }
        (from, to) => {
            let reason = format!("{} for a column that is {} is not converted", from.noun(), to.noun());
            t.refuse(expr, reason)
        }
    }
}

const NEW_GUID: &str = "uuid_send(gen_random_uuid())";

fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |s: &str| !s.is_empty() && s.len() <= 38 && s.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

/// As Oracle writes an integer: without zeros in front.
fn plain_integer(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    }
}

/// The columns of `table` that a text names, each once, in the order of their first use.
pub(crate) fn columns_in(text: &str, table: &Table) -> Vec<OracleIdent> {
    let mut columns: Vec<OracleIdent> = Vec::new();
    for token in Lexer::new(text) {
        let name = match token.kind {
            TokenKind::Word => token.text.to_uppercase(),
            TokenKind::QuotedIdent => token.text.trim_matches('"').to_owned(),
            _ => continue,
        };
        if let Some(column) = table.columns.iter().find(|c| c.name.as_str() == name)
            && !columns.contains(&column.name)
        {
            columns.push(column.name.clone());
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, DefaultTypes, script::Script};

    const TABLE: &str = "CREATE TABLE t (
        i NUMBER(6) NOT NULL, n NUMBER(8,2), big NUMBER, f BINARY_DOUBLE, v VARCHAR2(20), w VARCHAR2(20) NOT NULL,
        c CHAR(2), d DATE NOT NULL, d2 DATE, ts TIMESTAMP(6), tz TIMESTAMP(6) WITH TIME ZONE, r RAW(16), l CLOB,
        x XMLTYPE, \"user\" NUMBER(3), ym INTERVAL YEAR TO MONTH)";

    fn with_rewriter<T>(run: impl FnOnce(&Rewriter<'_>, &Table) -> T) -> T {
        let schema = OracleIdent::new("HR").unwrap();
        let mut script = Script::default();
        script.read("t.sql", &format!("{TABLE};\nCREATE SEQUENCE s;\n"), &schema);
        assert!(script.errors.is_empty(), "{:?}", script.errors);
        let catalog: Catalog = script.catalog;
        let target = crate::PgIdent::new("hr").unwrap();
        let names = NameMap::plan_by_case(&catalog, &[(schema, target)], None).unwrap();
        let table = &catalog.tables[0];
        let columns: Vec<(&Column, PgType)> = table
            .columns
            .iter()
            .map(|c| (c, crate::types::decide(&DefaultTypes::default(), table, c).unwrap()))
            .collect();
        let relations = Relations::of(&catalog);
        let mut rewriter = Rewriter::new(&names, &relations, &Options::default());
        let path = names.object(crate::ObjectKind::Table, &table.path).unwrap();
        rewriter.add_table(table, path, &columns);
        run(&rewriter, table)
    }

    #[test]
    fn conditions_that_mean_the_same() {
        for (oracle, pg) in [
            ("i > 0", "\"i\" > 0"),
            ("t.i != -5", "\"i\" <> (-5)"),
            ("HR.T.I ^= 1", "\"i\" <> 1"),
            ("\"user\" = 1", "\"user\" = 1"),
            ("(i = 1 OR i = 2) AND n IS NOT NULL", "(\"i\" = 1 OR \"i\" = 2) AND \"n\" IS NOT NULL"),
            ("NOT i = 1", "NOT \"i\" = 1"),
            ("NOT (i = 1 AND i = 2)", "NOT (\"i\" = 1 AND \"i\" = 2)"),
            ("i NOT IN (1, 2, NULL)", "\"i\" NOT IN (1, 2, NULL)"),
            ("i + i * 2 > n", "(CAST(\"i\" AS numeric) + (CAST(\"i\" AS numeric) * 2)) > \"n\""),
            ("v = 'it''s'", "\"v\" = 'it''s'"),
            ("v = q'[a\\b]'", "\"v\" = E'a\\\\b'"),
            ("v < w", "\"v\" COLLATE \"C\" < \"w\""),
            ("v BETWEEN 'A' AND 'B'", "\"v\" COLLATE \"C\" BETWEEN 'A' AND 'B'"),
            ("v LIKE 'a\\%'", "\"v\" LIKE E'a\\\\%' ESCAPE ''"),
            ("v NOT LIKE 'a!_%' ESCAPE '!'", "\"v\" NOT LIKE 'a!_%' ESCAPE '!'"),
            ("v = ''", "\"v\" = NULL"),
            ("c = 'X'", "\"c\" = 'X'"),
            ("c IN ('A', 'B')", "\"c\" IN ('A', 'B')"),
            ("d2 > d", "\"d2\" > \"d\""),
            ("d > DATE '2020-02-29'", "\"d\" > TIMESTAMP '2020-02-29 00:00:00'"),
            ("d > TO_DATE('29.02.2020 13', 'DD.MM.YYYY HH24')", "\"d\" > TIMESTAMP '2020-02-29 13:00:00'"),
            ("d > TO_DATE('01-JAN-20', 'DD-MON-RR')", "\"d\" > TIMESTAMP '2020-01-01 00:00:00'"),
            (
                "d > TO_DATE('2020/02/29', 'YYYY/MM/DD', 'NLS_DATE_LANGUAGE = American')",
                "\"d\" > TIMESTAMP '2020-02-29 00:00:00'",
            ),
            ("ts > TIMESTAMP '2020-01-01 10:00:00.250'", "\"ts\" > TIMESTAMP '2020-01-01 10:00:00.25'"),
            ("d2 < d + 30", "\"d2\" < (\"d\" + 30 * INTERVAL '1 day')"),
            ("UPPER(v) = v", "upper(\"v\") = \"v\""),
            ("LENGTH(v) <= 5", "length(\"v\") <= 5"),
            ("v || w = 'x'", "(COALESCE(\"v\", '') || \"w\") = 'x'"),
            ("v || v = 'x'", "NULLIF(COALESCE(\"v\", '') || COALESCE(\"v\", ''), '') = 'x'"),
            ("w || i = 'x'", "(\"w\" || CAST(\"i\" AS text)) = 'x'"),
            ("SUBSTR(w, 1, 2) = 'ab'", "substr(\"w\", 1, 2) = 'ab'"),
            ("SUBSTR(w, 3) = 'ab'", "NULLIF(substr(\"w\", 3), '') = 'ab'"),
            ("TRIM(w) IS NULL", "NULLIF(btrim(\"w\"), '') IS NULL"),
            ("INSTR(v, '@') > 1", "strpos(\"v\", '@') > 1"),
            ("NVL(n, 0) >= 0", "COALESCE(\"n\", 0) >= 0"),
            ("NVL2(v, 1, 2) = 1", "CASE WHEN \"v\" IS NOT NULL THEN 1 ELSE 2 END = 1"),
            ("DECODE(n, i, 1, NULL, 2) = 1", "CASE WHEN \"n\" = \"i\" THEN 1 WHEN \"n\" IS NULL THEN 2 END = 1"),
            ("DECODE(i, n, 1, 0) = 1", "CASE WHEN \"i\" IS NOT DISTINCT FROM \"n\" THEN 1 ELSE 0 END = 1"),
            ("CASE i WHEN 1 THEN 'a' ELSE v END = 'b'", "CASE \"i\" WHEN 1 THEN 'a' ELSE \"v\" END = 'b'"),
            ("MOD(i, 3) = 0", "mod(CAST(\"i\" AS numeric), 3) = 0"),
            ("ROUND(n, 1) = TRUNC(n)", "round(\"n\", 1) = trunc(\"n\")"),
            ("TRUNC(d) = d", "date_trunc('day', \"d\") = \"d\""),
            ("EXTRACT(YEAR FROM d) > 1999", "EXTRACT(YEAR FROM \"d\") > 1999"),
            ("GREATEST(i, 5) < 10", "GREATEST(\"i\", 5) < 10"),
            ("r = HEXTORAW('FF00')", "\"r\" = CAST(E'\\\\xff00' AS bytea)"),
            ("x IS NOT NULL -- a comment", "\"x\" IS NOT NULL"),
            ("i / 2 > 1", "(CAST(\"i\" AS numeric) / 2) > 1"),
            ("c = v", "rpad(CAST(\"c\" AS text), 2) = \"v\""),
            ("v = 5", "CAST(\"v\" AS numeric) = 5"),
            ("d - d2 > 1", "(CAST(EXTRACT(EPOCH FROM \"d\" - \"d2\") AS numeric) / 86400) > 1"),
            ("d > d2 + 0.5", "\"d\" > CAST(\"d2\" + 0.5 * INTERVAL '1 day' AS timestamp(0))"),
            ("SUBSTR(v, -1) = 'x'", "\"oracle_compat\".\"substr\"(\"v\", -1) = 'x'"),
            ("REGEXP_LIKE(v, '^a', 'i')", "\"v\" ~ '(?ip)^a'"),
            ("i > ANY (1, 2)", "\"i\" > 1 OR \"i\" > 2"),
            ("v IS JSON", "\"oracle_compat\".\"is_json\"(\"v\")"),
            ("ym = ym", "\"ym\" = \"ym\""),
        ] {
            let rewritten = with_rewriter(|r, table| r.check(&table.path, oracle));
            assert_eq!(rewritten.map(|r| r.sql).map_err(|e| e.message(oracle)), Ok(pg.to_owned()), "{oracle}");
        }
    }

    #[test]
    fn what_could_mean_another_thing_is_refused_at_its_place() {
        for (oracle, character, reason) in [
            ("c < 'X'", 1, "order of CHAR"),
            ("v = 'x '", 1, "blank padding"),
            ("d > '01-JAN-20'", 1, "depends on the session"),
            ("d > TO_DATE('10', 'MM')", 5, "depends on the day"),
            ("d > TO_DATE('01-JAN', 'DD-MON')", 5, "depends on the day"),
            ("d > TO_DATE('2020-13-01', 'YYYY-MM-DD')", 5, "not understood"),
            ("d > TO_DATE(v, 'YYYY-MM-DD')", 5, "literals with their format only"),
            ("d > SYSDATE", 5, "changes"),
            ("v = USER", 5, "in defaults and queries only"),
            ("n = 1.5F", 5, "floating-point"),
            ("f + 1 > 2", 1, "arithmetic"),
            ("l = 'x'", 1, "depends on the session"),
            ("v LIKE 'a' ESCAPE 'ab'", 1, "one character"),
            ("MOD(i, n) = 0", 1, "whole numbers from 1"),
            ("GREATEST(n, i) > 0", 1, "cannot be NULL"),
            ("NVL(n, 'x') = 1", 1, "results of one expression"),
            ("NVL(c, 'x') = 'x'", 1, "not converted"),
            ("TO_CHAR(n) = '1'", 1, "TO_CHAR"),
            ("hr.my_function(i) = 1", 1, "stored code"),
            ("i = (SELECT 1 FROM dual)", 6, "subqueries"),
            ("i IN (SELECT 1 FROM dual)", 7, "subqueries"),
            ("i = :b", 5, "bind"),
            ("i = 1 XOR i = 2", 7, "XOR"),
            ("i", 1, "a condition is expected"),
            ("i = ", 5, "expected an expression"),
            ("nothing = 1", 1, "no column"),
            ("s.NEXTVAL = 1", 1, "NEXTVAL in a default"),
            ("v = 'x", 5, "no token"),
            ("ROWNUM = 1", 1, "ROWNUM"),
        ] {
            let refused = with_rewriter(|r, table| r.check(&table.path, oracle)).expect_err(oracle);
            let message = refused.message(oracle);
            assert!(message.contains(reason), "{oracle}: {message}");
            assert!(message.ends_with(&format!("(character {character})")), "{oracle}: {message}");
        }
    }

    #[test]
    fn deep_and_long_expressions_end_in_a_refusal() {
        let deep = format!("{}1{} = 1", "(".repeat(5000), ")".repeat(5000));
        let long = format!("i{} = 1", " + 1".repeat(5000));
        let negated = format!("{} i = 1", "NOT ".repeat(5000));
        for text in [deep, long, negated] {
            assert!(with_rewriter(|r, table| r.check(&table.path, &text)).is_err());
        }
    }

    #[test]
    fn defaults() {
        for (column, default, pg) in [
            ("N", "0", Some("0")),
            ("N", "-1.5", Some("-1.5")),
            ("N", "'12.50'", Some("12.50")),
            ("V", "7", Some("'7'")),
            ("V", "'a'", Some("'a'")),
            ("V", "''", None),
            ("V", "NULL", None),
            ("V", "'a' || 'b'", Some("'a' || 'b'")),
            ("D", "SYSDATE", Some(NOW_TO_THE_SECOND)),
            ("D", "SYSTIMESTAMP", Some(NOW_TO_THE_SECOND)),
            (
                "D",
                "SYSDATE + 30",
                Some("CAST(date_trunc('second', statement_timestamp()) AS timestamp(0)) + 30 * INTERVAL '1 day'"),
            ),
            (
                "D",
                "TRUNC(SYSDATE)",
                Some("date_trunc('day', CAST(date_trunc('second', statement_timestamp()) AS timestamp(0)))"),
            ),
            ("TS", "SYSTIMESTAMP", Some("statement_timestamp()")),
            ("TZ", "CURRENT_TIMESTAMP", Some("statement_timestamp()")),
            ("I", "s.NEXTVAL", Some("nextval('\"hr\".\"s\"'::regclass)")),
            ("R", "SYS_GUID()", Some("uuid_send(gen_random_uuid())")),
            ("V", "SYS_GUID()", Some("upper(replace(CAST(gen_random_uuid() AS text), '-', ''))")),
            ("L", "EMPTY_CLOB()", Some("''")),
            ("V", "USER", Some("CAST(SESSION_USER AS text)")),
        ] {
            let rewritten = with_default(column, default);
            assert_eq!(rewritten, Ok(pg.map(str::to_owned)), "{column} {default}");
        }
        for (column, default) in
            [("N", "'abc'"), ("D", "'01-JAN-20'"), ("N", "i + 1"), ("C", "i"), ("I", "other.NEXTVAL")]
        {
            assert!(with_default(column, default).is_err(), "{column} {default}");
        }
    }

    fn with_default(column: &str, default: &str) -> Result<Option<String>, String> {
        with_rewriter(|r, table| {
            let (_, column) = table.column(&OracleIdent::new(column).unwrap()).unwrap();
            let column = Column { default: Some(default.to_owned()), ..column.clone() };
            let pg_type = crate::types::decide(&DefaultTypes::default(), table, &column).unwrap();
            r.default(&table.path, &column, &pg_type).map(|d| d.map(|d| d.sql)).map_err(|e| e.message(default))
        })
    }
}
