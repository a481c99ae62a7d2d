//! What stands in FROM.

use super::{
    Refused,
    ast::{
        Expr, JoinKind, JsonTable, Node, Part, PathColumn, PathColumnKind, Pivot, Sample, Source, TableName, Unpivot,
        XmlTable,
    },
    functions::{json_document, json_path},
    query::{Naming, lower},
    scope::{Kind, Relation, Scope, ScopeColumn, ScopeSource},
    translate::{Piece, Translator, text_literal},
};
use crate::{ObjectPath, OracleIdent, pg_literal};
use std::rc::Rc;

impl Translator<'_> {
    /// One element of FROM; its relations go into `scope`, conditions of its own into `conditions`.
    pub(super) fn source(
        &self,
        source: &Source,
        scope: &mut Scope<'_>,
        conditions: &mut Vec<String>,
    ) -> Result<String, Refused> {
        match source {
            Source::Table(table) => self.table(table, scope),
            Source::Query { query, alias, lateral, start } => {
                let visible = Scope { sources: scope.sources.clone(), outer: Some(self.scope) };
                let inner = match lateral {
                    true => Translator { scope: &visible, hierarchy: None, marks: false, ..*self },
                    false => Translator { hierarchy: None, marks: false, ..*self },
                };
                let sql = inner.query(query, Naming::Own, None)?;
                let name = self.alias(alias.as_ref(), "q", *start, scope)?;
                scope.sources.push(source_of(sql.relation(&name), alias.clone(), &name));
                let word = if *lateral { "LATERAL " } else { "" };
                Ok(format!("{word}(\n{}\n) AS {name}", sql.sql))
            }
            Source::Xml(table) => self.xml_table(table, scope),
            Source::Json(table) => self.json_table(table, scope),
            Source::Collection { value, alias, .. } => self.collection(value, alias.as_ref(), scope),
            Source::Pivot { input, pivot, alias } => self.pivot(input, pivot, alias.as_ref(), scope, conditions),
            Source::Unpivot { input, unpivot, alias } => {
                self.unpivot(input, unpivot, alias.as_ref(), scope, conditions)
            }
            Source::Join { .. } => self.join(source, scope, conditions),
            Source::Match { span, .. } => Err(Refused::new(span.start, "MATCH_RECOGNIZE is not converted")),
        }
    }

    /// Whether this is Oracle's table of one row.
    pub(super) fn is_dual(&self, table: &TableName) -> bool {
        let dual = match table.parts.as_slice() {
            [name] => name.name.as_str() == "DUAL" && self.ctes.find(&name.name).is_none(),
            [schema, name] => schema.name.as_str() == "SYS" && name.name.as_str() == "DUAL",
            _ => false,
        };
        dual && self.rewriter.relation(&self.path(&table.parts)).is_none()
    }

    fn path(&self, parts: &[Part]) -> ObjectPath {
        let path = match parts {
            [schema, name] => ObjectPath::new(schema.name.clone(), name.name.clone()),
            [.., name] => ObjectPath::new(self.schema.clone(), name.name.clone()),
            [] => ObjectPath::new(self.schema.clone(), self.schema.clone()),
        };
        self.rewriter.resolve_synonym(&path)
    }

    fn table(&self, table: &TableName, scope: &mut Scope<'_>) -> Result<String, Refused> {
        if self.is_dual(table) {
            let name = self.alias(table.alias.as_ref(), "dual", table.start, scope)?;
            let dummy = OracleIdent::new("DUMMY").map_err(|e| Refused::new(table.start, e.to_string()))?;
            let column = plain_column(dummy, "\"dummy\"".to_owned(), Kind::Text);
            let relation = Relation {
                path: None,
                target: name.clone(),
                name: name.clone(),
                columns: vec![ScopeColumn { nullable: false, ..column }],
                lacks: None,
            };
            let own = table.parts.last().map(|p| p.name.clone());
            scope.sources.push(source_of(relation, table.alias.clone().or(own), &name));
            return Ok(format!("(SELECT CAST('X' AS text) AS \"dummy\") AS {name}"));
        }
        let cte = match table.parts.as_slice() {
            [name] => self.ctes.find(&name.name).cloned(),
            _ => None,
        };
        let (relation, own_name) = match cte {
            Some(relation) => {
                let own = table.parts.last().map(|p| p.name.clone());
                (relation, own)
            }
            None => {
                let path = self.path(&table.parts);
                let relation = self.rewriter.relation(&path);
                let relation = relation.ok_or_else(|| Refused::missing(table.start, &path))?;
                // A synonym is a name of its own in Oracle.
                let own = table.parts.last().filter(|p| p.name != path.name).map(|p| p.name.clone());
                (Rc::clone(relation), own)
            }
        };
        let plain = table.alias.is_none();
        let mut name = match &table.alias {
            Some(alias) => lower(alias, table.start)?,
            None => relation.name.clone(),
        };
        let taken = |name: &str| scope.sources.iter().any(|s| s.prefix == format!("{name}."));
        let renamed = taken(&name);
        if renamed {
            if table.alias.is_some() {
                return Err(Refused::new(table.start, "two tables here would get one name: give each another alias"));
            }
            name = self.fresh(relation.name.trim_matches('"'));
        }
        let target = relation.target.clone();
        let alias = table.alias.clone().or(own_name);
        scope.sources.push(ScopeSource {
            relation,
            alias,
            prefix: format!("{name}."),
            outer: false,
            merged: Vec::new(),
        });
        let mut sql = if plain && !renamed { target } else { format!("{target} AS {name}") };
        if let Some(Sample { block, percent, seed }) = &table.sample {
            let method = if *block { "SYSTEM" } else { "BERNOULLI" };
            sql.push_str(&format!(" TABLESAMPLE {method} ({percent})"));
            if let Some(seed) = seed {
                sql.push_str(&format!(" REPEATABLE ({seed})"));
            }
        }
        Ok(sql)
    }

    /// The name of something in FROM that has none of its own, quoted.
    fn alias(&self, alias: Option<&OracleIdent>, what: &str, at: usize, scope: &Scope<'_>) -> Result<String, Refused> {
        let name = match alias {
            Some(alias) => lower(alias, at)?,
            None => return Ok(self.fresh(what)),
        };
        if scope.sources.iter().any(|s| s.prefix == format!("{name}.")) {
            return Err(Refused::new(at, "two tables here would get one name: give each another alias"));
        }
        Ok(name)
    }

    fn join(&self, source: &Source, scope: &mut Scope<'_>, conditions: &mut Vec<String>) -> Result<String, Refused> {
        let Source::Join { kind, natural, left, right, on, using, lateral, .. } = source else {
            return self.source(source, scope, conditions);
        };
        let first = scope.sources.len();
        // A join that is the right side of another one keeps its parentheses; conditions within joins stay with them.
        let mut own = Vec::new();
        let left_sql = self.join(left, scope, &mut own)?;
        let middle = scope.sources.len();
        let right_sql = match (&**right, lateral) {
            (Source::Query { start, query, alias, .. }, true) => {
                let right = Source::Query { start: *start, lateral: true, query: query.clone(), alias: alias.clone() };
                self.source(&right, scope, &mut own)?
            }
            _ => self.source(right, scope, &mut own)?,
        };
        let right_sql = if matches!(**right, Source::Join { .. }) { format!("({right_sql})") } else { right_sql };
        if !own.is_empty() {
            if *kind != JoinKind::Inner && *kind != JoinKind::Cross {
                return Err(Refused::new(0, "UNPIVOT within an outer join is not converted"));
            }
            conditions.append(&mut own);
        }
        if matches!(kind, JoinKind::Left | JoinKind::Full) {
            scope.sources[middle..].iter_mut().for_each(|s| s.outer = true);
        }
        if matches!(kind, JoinKind::Right | JoinKind::Full) {
            scope.sources[first..middle].iter_mut().for_each(|s| s.outer = true);
        }
        let word = match kind {
            JoinKind::Inner => "JOIN",
            JoinKind::Left => "LEFT JOIN",
            JoinKind::Right => "RIGHT JOIN",
            JoinKind::Full => "FULL JOIN",
            JoinKind::Cross => "CROSS JOIN",
        };
        let mut sql = format!("{left_sql}\n    {word} {right_sql}");
        let using = if *natural {
            common_columns(&scope.sources[first..middle], &scope.sources[middle..])
        } else {
            using.clone()
        };
        if !using.is_empty() {
            sql.push_str(&format!(" ON {}", self.using(&using, scope, first, middle)?));
            if *kind == JoinKind::Full {
                return Err(Refused::new(0, "FULL JOIN with USING is not converted: write ON"));
            }
            // Unqualified, the column is that of the side whose rows are all there.
            let hidden = if *kind == JoinKind::Right { first..middle } else { middle..scope.sources.len() };
            scope.sources[hidden].iter_mut().for_each(|s| s.merged.extend(using.iter().cloned()));
        } else if *natural && *kind != JoinKind::Cross {
            sql.push_str(" ON true");
        }
        if *natural {
            self.note("NATURAL JOIN is written out: it does not change with new columns");
        }
        if let Some(on) = on {
            let visible = Scope { sources: scope.sources[first..].to_vec(), outer: Some(self.scope) };
            let inner = Translator { scope: &visible, hierarchy: None, ..*self };
            sql.push_str(&format!(" ON {}", inner.condition(on)?.sql));
        } else if *lateral && *kind == JoinKind::Left {
            sql.push_str(" ON true");
        }
        Ok(sql)
    }

    fn using(
        &self,
        columns: &[OracleIdent],
        scope: &Scope<'_>,
        first: usize,
        middle: usize,
    ) -> Result<String, Refused> {
        let at = Expr::at(0, Node::Null);
        let mut sql = Vec::with_capacity(columns.len());
        let side = |sources: &[ScopeSource], name: &OracleIdent| -> Result<Piece, Refused> {
            let scope = Scope { sources: sources.to_vec(), outer: None };
            let found = scope.column(&[Part::exact(name.clone())], 0)?;
            let found = found.ok_or_else(|| Refused::new(0, format!("USING names {name}, which is no column")))?;
            Ok(Piece::atom(found.sql, found.column.kind, found.nullable))
        };
        for column in columns {
            let (l, r) = (side(&scope.sources[first..middle], column)?, side(&scope.sources[middle..], column)?);
            let (l, r) = self.comparable(&at, &l, &r)?;
            sql.push(format!("{} = {}", l.operand(), r.operand()));
        }
        Ok(sql.join(" AND "))
    }

    /// `TABLE(collection)`.
    fn collection(&self, value: &Expr, alias: Option<&OracleIdent>, scope: &mut Scope<'_>) -> Result<String, Refused> {
        let visible = Scope { sources: scope.sources.clone(), outer: Some(self.scope) };
        let inner = Translator { scope: &visible, hierarchy: None, ..*self };
        let piece = inner.value(value)?;
        let Kind::Collection(path) = &piece.kind else {
            return self.refuse(value, format!("TABLE of {} is not converted", piece.kind.noun()));
        };
        let Some((_, element)) = self.rewriter.object(path).and_then(|o| o.element.clone()) else {
            return self.refuse(value, format!("the elements of {path} are not converted"));
        };
        let name = self.alias(alias, "elements", value.start, scope)?;
        let columns = match &element {
            Kind::Object(of) => {
                let attributes = self.rewriter.object(of).map(|o| o.attributes.clone()).unwrap_or_default();
                attributes.into_iter().map(|(name, target, kind)| plain_column(name, target, kind)).collect()
            }
            _ => {
                let column = OracleIdent::new("COLUMN_VALUE").map_err(|e| Refused::new(value.start, e.to_string()))?;
                vec![plain_column(column, "\"column_value\"".to_owned(), element.clone())]
            }
        };
        let relation = Relation { path: None, target: name.clone(), name: name.clone(), columns, lacks: None };
        scope.sources.push(source_of(relation, alias.cloned(), &name));
        Ok(match element {
            Kind::Object(_) => format!("unnest({}) AS {name}", piece.sql),
            _ => format!("unnest({}) AS {name}(\"column_value\")", piece.sql),
        })
    }

    // --- XMLTABLE

    fn xml_table(&self, table: &XmlTable, scope: &mut Scope<'_>) -> Result<String, Refused> {
        let refused = |reason: &str| Err(Refused::new(table.start, reason));
        if [" for ", " let ", " return ", "{", ":="].iter().any(|word| format!(" {} ", table.path).contains(word)) {
            return refused("XQuery in XMLTABLE is not converted, only XPath is");
        }
        let Some(passing) = &table.passing else {
            return refused("XMLTABLE without PASSING is not converted");
        };
        let visible = Scope { sources: scope.sources.clone(), outer: Some(self.scope) };
        let inner = Translator { scope: &visible, hierarchy: None, ..*self };
        let document = inner.value(passing)?;
        let document = match document.kind {
            Kind::Xml => document.sql,
            Kind::Text | Kind::Clob => format!("CAST({} AS xml)", document.sql),
            _ => return self.refuse(passing, format!("XMLTABLE of {} is not converted", document.kind.noun())),
        };
        let name = self.alias(table.alias.as_ref(), "xml", table.start, scope)?;
        let mut columns = Vec::new();
        let mut list = Vec::new();
        if table.columns.is_empty() {
            return refused("XMLTABLE without COLUMNS is not converted");
        }
        for column in &table.columns {
            let (oracle, target) = column_name(column)?;
            let path = column.path.as_ref().map(|p| format!(" PATH {}", pg_literal(p))).unwrap_or_default();
            let (sql, kind) = match &column.kind {
                PathColumnKind::Ordinality => (format!("{target} FOR ORDINALITY"), Kind::Int),
                PathColumnKind::Value { to, default } => {
                    let at = Expr::at(column.start, Node::Null);
                    let (pg_type, kind) = match to {
                        Some(to) => self.target_type(&at, to)?,
                        None => ("text".to_owned(), Kind::Text),
                    };
                    let path = if path.is_empty() { format!(" PATH {}", pg_literal(oracle.as_str())) } else { path };
                    let default = match default {
                        Some(default) => format!(" DEFAULT {}", inner.value(default)?.sql),
                        None => String::new(),
                    };
                    (format!("{target} {pg_type}{path}{default}"), kind)
                }
                _ => return Err(Refused::new(column.start, "this column of XMLTABLE is not converted")),
            };
            list.push(sql);
            columns.push(plain_column(oracle, target, kind));
        }
        let mut namespaces = String::new();
        if !table.namespaces.is_empty() {
            let mut all = Vec::new();
            for namespace in &table.namespaces {
                let Some(prefix) = &namespace.alias else {
                    return refused("an XML namespace without a prefix is not converted");
                };
                all.push(format!(
                    "{} AS {}",
                    inner.value(&namespace.value)?.sql,
                    crate::ident::quoted(prefix.as_str())
                ));
            }
            namespaces = format!("XMLNAMESPACES({}), ", all.join(", "));
        }
        let relation = Relation { path: None, target: name.clone(), name: name.clone(), columns, lacks: None };
        scope.sources.push(source_of(relation, table.alias.clone(), &name));
        Ok(format!(
            "XMLTABLE({namespaces}{} PASSING {document} COLUMNS {}) AS {name}",
            pg_literal(&table.path),
            list.join(", ")
        ))
    }

    // --- JSON_TABLE

    fn json_table(&self, table: &JsonTable, scope: &mut Scope<'_>) -> Result<String, Refused> {
        let visible = Scope { sources: scope.sources.clone(), outer: Some(self.scope) };
        let inner = Translator { scope: &visible, hierarchy: None, ..*self };
        let document = json_document(&inner, &table.document)?;
        let name = self.alias(table.alias.as_ref(), "json", table.start, scope)?;
        self.note("a text that is no JSON is an error, where JSON_TABLE may give no row");
        let row = self.fresh("row");
        let mut from = format!(
            "jsonb_path_query({document}, {}) WITH ORDINALITY AS {row}(\"value\", \"position\")",
            pg_literal(&json_path(&table.path))
        );
        let mut list = Vec::new();
        let mut columns = Vec::new();
        inner.json_columns(&table.columns, &row, &mut from, &mut list, &mut columns)?;
        let relation = Relation { path: None, target: name.clone(), name: name.clone(), columns, lacks: None };
        scope.sources.push(source_of(relation, table.alias.clone(), &name));
        Ok(format!("LATERAL (\nSELECT\n    {}\nFROM {from}\n) AS {name}", list.join(",\n    ")))
    }

    fn json_columns(
        &self,
        of: &[PathColumn],
        row: &str,
        from: &mut String,
        list: &mut Vec<String>,
        columns: &mut Vec<ScopeColumn>,
    ) -> Result<(), Refused> {
        if of.iter().filter(|c| matches!(c.kind, PathColumnKind::Nested(_))).count() > 1 {
            let start = of.first().map_or(0, |c| c.start);
            return Err(Refused::new(start, "JSON_TABLE with several NESTED paths side by side is not converted"));
        }
        for column in of {
            let at = Expr::at(column.start, Node::Null);
            if let PathColumnKind::Nested(nested) = &column.kind {
                let inner = self.fresh("row");
                let path = column.path.clone().unwrap_or_default();
                from.push_str(&format!(
                    "\n    LEFT JOIN LATERAL jsonb_path_query({row}.\"value\", {}) WITH ORDINALITY AS {inner}(\"value\", \"position\") ON true",
                    pg_literal(&json_path(&path))
                ));
                self.json_columns(nested, &inner, from, list, columns)?;
                continue;
            }
            let (oracle, target) = column_name(column)?;
            let path = column.path.clone().unwrap_or_else(|| format!("$.{}", crate::ident::quoted(oracle.as_str())));
            let found = format!("jsonb_path_query_first({row}.\"value\", {})", pg_literal(&json_path(&path)));
            let text = format!("({found} #>> '{{}}')");
            let (sql, kind) = match &column.kind {
                PathColumnKind::Ordinality => (format!("{row}.\"position\""), Kind::Int),
                PathColumnKind::Json => (format!("CAST({found} AS text)"), Kind::Text),
                PathColumnKind::Exists => {
                    let exists = format!("jsonb_path_exists({row}.\"value\", {})", pg_literal(&json_path(&path)));
                    (format!("CASE WHEN {exists} THEN 'true' ELSE 'false' END"), Kind::Text)
                }
                PathColumnKind::Nested(_) => continue,
                PathColumnKind::Value { to, default } => {
                    let (pg_type, kind) = match to {
                        Some(to) => self.target_type(&at, to)?,
                        None => ("text".to_owned(), Kind::Text),
                    };
                    let value = match kind {
                        Kind::Text if pg_type == "text" => text,
                        Kind::Json => found,
                        _ => format!("CAST({text} AS {pg_type})"),
                    };
                    let value = match default {
                        Some(default) => {
                            let default = self.convert(&at, &self.value(default)?, &kind)?;
                            format!("COALESCE({value}, {})", default.sql)
                        }
                        None => value,
                    };
                    (value, kind)
                }
            };
            list.push(format!("{sql} AS {target}"));
            columns.push(plain_column(oracle, target, kind));
        }
        Ok(())
    }

    // --- PIVOT, UNPIVOT

    fn pivot(
        &self,
        input: &Source,
        pivot: &Pivot,
        alias: Option<&OracleIdent>,
        scope: &mut Scope<'_>,
        conditions: &mut Vec<String>,
    ) -> Result<String, Refused> {
        if pivot.open {
            return Err(Refused::new(
                pivot.start,
                "PIVOT over values that only the rows tell (XML, ANY, a query) has no counterpart",
            ));
        }
        let mut of_input = Scope { sources: Vec::new(), outer: Some(self.scope) };
        let mut own = Vec::new();
        let from = self.source(input, &mut of_input, &mut own)?;
        conditions.append(&mut own);
        let inner = Translator {
            scope: &of_input,
            hierarchy: None,
            place: super::translate::Place { aggregates: true, ..self.place },
            ..*self
        };
        // Every column that PIVOT does not name groups.
        let mut used: Vec<OracleIdent> = pivot.columns.iter().map(|p| p.name.clone()).collect();
        for (aggregate, _) in &pivot.aggregates {
            columns_named(aggregate, &mut used);
        }
        let mut list = Vec::new();
        let mut groups = Vec::new();
        let mut columns = Vec::new();
        for source in &of_input.sources {
            for column in source.relation.columns.iter().filter(|c| !c.hidden && !used.contains(&c.name)) {
                let sql = format!("{}{}", source.prefix, column.target);
                list.push(format!("{sql} AS {}", column.target));
                groups.push(sql);
                columns.push(column.clone());
            }
        }
        let keys: Vec<Piece> = pivot
            .columns
            .iter()
            .map(|part| inner.value(&Expr::at(pivot.start, Node::Name(vec![part.clone()]))))
            .collect::<Result<_, _>>()?;
        let names = pivoted_names(pivot).ok_or_else(|| Refused::new(pivot.start, "a column of PIVOT has no name"))?;
        let mut names = names.into_iter();
        for (values, _) in &pivot.values {
            if values.len() != keys.len() {
                return Err(Refused::new(pivot.start, "PIVOT has another number of values than of columns"));
            }
            let mut matches = Vec::with_capacity(keys.len());
            for (key, value) in keys.iter().zip(values) {
                let (l, r) = inner.comparable(value, key, &inner.value(value)?)?;
                matches.push(format!("{} = {}", l.operand(), r.operand()));
            }
            for (aggregate, _) in &pivot.aggregates {
                let piece = inner.value(aggregate)?;
                let name = names.next().ok_or_else(|| Refused::new(pivot.start, "a column of PIVOT has no name"))?;
                let target = lower(&name, pivot.start)?;
                list.push(format!("{} FILTER (WHERE {}) AS {target}", piece.sql, matches.join(" AND ")));
                columns.push(plain_column(name, target, piece.kind));
            }
        }
        let name = self.alias(alias, "pivot", pivot.start, scope)?;
        let group = if groups.is_empty() { String::new() } else { format!("\nGROUP BY {}", groups.join(", ")) };
        let relation = Relation { path: None, target: name.clone(), name: name.clone(), columns, lacks: None };
        scope.sources.push(source_of(relation, alias.cloned(), &name));
        Ok(format!("(\nSELECT\n    {}\nFROM {from}{group}\n) AS {name}", list.join(",\n    ")))
    }

    fn unpivot(
        &self,
        input: &Source,
        unpivot: &Unpivot,
        alias: Option<&OracleIdent>,
        scope: &mut Scope<'_>,
        conditions: &mut Vec<String>,
    ) -> Result<String, Refused> {
        let mut of_input = Scope { sources: Vec::new(), outer: Some(self.scope) };
        let mut own = Vec::new();
        let from = self.source(input, &mut of_input, &mut own)?;
        conditions.append(&mut own);
        let inner = Translator { scope: &of_input, hierarchy: None, ..*self };
        let at = Expr::at(unpivot.start, Node::Null);
        let used: Vec<&OracleIdent> = unpivot.columns.iter().flat_map(|(c, _)| c.iter().map(|p| &p.name)).collect();
        let mut columns: Vec<ScopeColumn> = Vec::new();
        let mut list = Vec::new();
        for source in &of_input.sources {
            for column in source.relation.columns.iter().filter(|c| !c.hidden && !used.contains(&&c.name)) {
                list.push(format!("{}{} AS {}", source.prefix, column.target, column.target));
                columns.push(column.clone());
            }
        }
        let mut rows = Vec::new();
        let width = unpivot.names.len() + unpivot.values.len();
        let mut by_column: Vec<Vec<Piece>> = vec![Vec::new(); width];
        for (of_row, labels) in &unpivot.columns {
            if of_row.len() != unpivot.values.len() || !(labels.is_empty() || labels.len() == unpivot.names.len()) {
                return Err(Refused::new(unpivot.start, "UNPIVOT has rows of different lengths"));
            }
            let mut row = Vec::with_capacity(width);
            for position in 0..unpivot.names.len() {
                row.push(match labels.get(position) {
                    Some(label) => inner.value(label)?,
                    None => {
                        let text: Vec<&str> = of_row.iter().map(|p| p.name.as_str()).collect();
                        text_literal(&text.join("_"))
                    }
                });
            }
            for part in of_row {
                row.push(inner.value(&Expr::at(unpivot.start, Node::Name(vec![part.clone()])))?);
            }
            for (column, piece) in by_column.iter_mut().zip(&row) {
                column.push(piece.clone());
            }
            rows.push(row);
        }
        let kinds: Vec<Kind> = by_column
            .into_iter()
            .map(|pieces| inner.unify(&at, pieces).map(|(_, kind)| kind))
            .collect::<Result<_, _>>()?;
        let values = self.fresh("unpivot");
        let mut names = Vec::new();
        for (position, oracle) in unpivot.names.iter().chain(&unpivot.values).enumerate() {
            let target = lower(oracle, unpivot.start)?;
            list.push(format!("{values}.{target} AS {target}"));
            names.push(target.clone());
            columns.push(plain_column(oracle.clone(), target, kinds[position].clone()));
        }
        let mut sql_rows = Vec::with_capacity(rows.len());
        for row in rows {
            let mut cells = Vec::with_capacity(width);
            for (piece, kind) in row.iter().zip(&kinds) {
                cells.push(inner.convert(&at, piece, kind)?.sql);
            }
            sql_rows.push(format!("({})", cells.join(", ")));
        }
        let nulls: Vec<String> =
            names[unpivot.names.len()..].iter().map(|n| format!("{values}.{n} IS NOT NULL")).collect();
        let filter = if unpivot.include_nulls { String::new() } else { format!("\nWHERE {}", nulls.join(" OR ")) };
        let name = self.alias(alias, "unpivoted", unpivot.start, scope)?;
        let relation = Relation { path: None, target: name.clone(), name: name.clone(), columns, lacks: None };
        scope.sources.push(source_of(relation, alias.cloned(), &name));
        Ok(format!(
            "(\nSELECT\n    {}\nFROM {from}\n    CROSS JOIN LATERAL (VALUES {}) AS {values}({}){filter}\n) AS {name}",
            list.join(",\n    "),
            sql_rows.join(", "),
            names.join(", ")
        ))
    }
}

fn source_of(relation: Relation, alias: Option<OracleIdent>, name: &str) -> ScopeSource {
    ScopeSource { relation: Rc::new(relation), alias, prefix: format!("{name}."), outer: false, merged: Vec::new() }
}

fn plain_column(name: OracleIdent, target: String, kind: Kind) -> ScopeColumn {
    ScopeColumn { name, target, kind, nullable: true, generated: false, hidden: false, declared: None }
}

fn column_name(column: &PathColumn) -> Result<(OracleIdent, String), Refused> {
    let name = column.name.clone().ok_or_else(|| Refused::new(column.start, "this column has no name"))?;
    let target = lower(&name, column.start)?;
    Ok((name, target))
}

/// The names that both sides of a NATURAL JOIN have.
fn common_columns(left: &[ScopeSource], right: &[ScopeSource]) -> Vec<OracleIdent> {
    let has = |sources: &[ScopeSource], name: &OracleIdent| {
        sources.iter().any(|s| s.relation.columns.iter().any(|c| c.name == *name))
    };
    let mut common: Vec<OracleIdent> = Vec::new();
    for column in right.iter().flat_map(|s| &s.relation.columns).filter(|c| !c.hidden) {
        if has(left, &column.name) && !common.contains(&column.name) {
            common.push(column.name.clone());
        }
    }
    common
}

/// The columns that an expression names.
pub(super) fn columns_named(expr: &Expr, names: &mut Vec<OracleIdent>) {
    expr.walk(&mut |e| {
        if let Node::Name(parts) = &e.node
            && let Some(last) = parts.last()
        {
            names.push(last.name.clone());
        }
        true
    });
}

/// The names of the columns that PIVOT makes: for each value one for each aggregate.
pub(super) fn pivoted_names(pivot: &Pivot) -> Option<Vec<OracleIdent>> {
    let mut names = Vec::new();
    for (values, label) in &pivot.values {
        let label = match label {
            Some(label) => label.as_str().to_owned(),
            None => values.iter().map(written).collect::<Vec<_>>().join("_"),
        };
        for (_, aggregate) in &pivot.aggregates {
            let full = match aggregate {
                Some(name) => format!("{label}_{name}"),
                None => label.clone(),
            };
            names.push(OracleIdent::new(full).ok()?);
        }
    }
    Some(names)
}

/// A value of PIVOT as Oracle makes a column's name of it.
fn written(value: &Expr) -> String {
    match &value.node {
        Node::Text(text) => format!("'{text}'"),
        Node::Number(text) => text.clone(),
        Node::Null => "NULL".to_owned(),
        Node::Name(parts) => parts.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join("."),
        _ => "VALUE".to_owned(),
    }
}
