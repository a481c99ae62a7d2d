//! What stands in FROM.

use super::{Parsed, Parser};
use crate::OracleIdent;
use crate::rewrite::ast::{
    Expr, Flashback, JoinKind, JsonTable, Node, PathColumn, PathColumnKind, Pivot, Sample, Source, TableName, Unpivot,
    XmlTable,
};
use crate::sql::TokenKind;

impl Parser<'_> {
    /// Tables with the joins behind them.
    pub(super) fn joined(&mut self) -> Parsed<Source> {
        self.deeper()?;
        let mut left = self.source()?;
        for links in 0.. {
            let mut partitioned = self.partition_by()?;
            let natural = self.take_word("NATURAL");
            let mut lateral = false;
            let kind = if self.take_word("JOIN") {
                JoinKind::Inner
            } else if self.is_word("INNER") && self.is_word_at(1, "JOIN") {
                self.at += 2;
                JoinKind::Inner
            } else if self.is_word("CROSS") && self.is_word_at(1, "JOIN") {
                self.at += 2;
                JoinKind::Cross
            } else if self.is_word("CROSS") && self.is_word_at(1, "APPLY") {
                self.at += 2;
                lateral = true;
                JoinKind::Cross
            } else if self.is_word("OUTER") && self.is_word_at(1, "APPLY") {
                self.at += 2;
                lateral = true;
                JoinKind::Left
            } else if self.is_word("PARTITION") && self.is_word_at(1, "BY") {
                return Err(self.refuse("this PARTITION BY has no join behind it"));
            } else if let Some(kind) = [("LEFT", JoinKind::Left), ("RIGHT", JoinKind::Right), ("FULL", JoinKind::Full)]
                .into_iter()
                .find_map(|(word, kind)| self.is_word(word).then_some(kind))
            {
                self.at += 1;
                self.take_word("OUTER");
                self.need_word("JOIN")?;
                kind
            } else {
                self.depth -= 1;
                return Ok(left);
            };
            if self.is_whole() && !self.may_link(links) {
                break;
            }
            let right = self.source()?;
            partitioned.extend(self.partition_by()?);
            let mut on = None;
            let mut using = Vec::new();
            if kind != JoinKind::Cross && !natural && !lateral {
                if self.take_word("USING") {
                    self.need_symbol("(")?;
                    using = self.names()?;
                } else {
                    self.need_word("ON")?;
                    on = Some(self.or()?);
                }
            }
            let (l, right) = (Box::new(left), Box::new(right));
            left = Source::Join { kind, natural, left: l, right, on, using, lateral, partitioned };
        }
        Err(self.refuse("more joins than are read here"))
    }

    /// `PARTITION BY (…)` of a partitioned outer join.
    fn partition_by(&mut self) -> Parsed<Vec<Expr>> {
        if !(self.is_word("PARTITION") && self.is_word_at(1, "BY")) {
            return Ok(Vec::new());
        }
        self.unless_whole("partitioned outer joins are not converted")?;
        self.at += 2;
        if self.take_symbol("(") {
            return self.list();
        }
        let mut by = vec![self.sum()?];
        while self.take_symbol(",") {
            by.push(self.sum()?);
        }
        Ok(by)
    }

    /// Names up to the closing parenthesis.
    fn names(&mut self) -> Parsed<Vec<OracleIdent>> {
        let mut names = vec![self.part()?.name];
        while self.take_symbol(",") {
            names.push(self.part()?.name);
        }
        self.need_symbol(")")?;
        Ok(names)
    }

    fn alias(&mut self) -> Parsed<Option<OracleIdent>> {
        // Words that Oracle lets nobody use here without quotes are few; those that go on with FROM are told apart.
        let goes_on = (self.is_word("PARTITION") && self.is_word_at(1, "BY"))
            || (self.is_word("MATCH_RECOGNIZE") && self.is_symbol_at(1, "("));
        if goes_on || !self.may_be_alias() {
            return Ok(None);
        }
        Ok(Some(self.part()?.name))
    }

    fn source(&mut self) -> Parsed<Source> {
        let mut source = self.plain_source()?;
        for links in 0.. {
            if self.is_whole() && !self.may_link(links) {
                break;
            }
            if self.is_word("PIVOT") {
                let pivot = Box::new(self.pivot()?);
                let alias = self.alias()?;
                source = Source::Pivot { input: Box::new(source), pivot, alias };
            } else if self.is_word("UNPIVOT") {
                let unpivot = Box::new(self.unpivot()?);
                let alias = self.alias()?;
                source = Source::Unpivot { input: Box::new(source), unpivot, alias };
            } else if self.is_word("MATCH_RECOGNIZE") {
                self.unless_whole("MATCH_RECOGNIZE is not converted")?;
                let start = self.offset();
                self.at += 1;
                if !self.is_symbol("(") {
                    return Err(self.expected("("));
                }
                self.skip_parentheses();
                let span = self.span(start);
                let alias = self.alias()?;
                source = Source::Match { input: Box::new(source), span, alias };
            } else {
                return Ok(source);
            }
        }
        Err(self.refuse("more pivots than are read here"))
    }

    fn plain_source(&mut self) -> Parsed<Source> {
        self.one_source(self.is_whole())
    }

    /// What a statement changes: parentheses behind its name are columns.
    pub(crate) fn changed_source(&mut self) -> Parsed<Source> {
        self.one_source(false)
    }

    fn one_source(&mut self, may_call: bool) -> Parsed<Source> {
        let start = self.offset();
        let lateral = self.is_word("LATERAL") && self.is_symbol_at(1, "(");
        self.at += usize::from(lateral);
        let only = self.is_word("ONLY") && self.is_symbol_at(1, "(");
        self.at += usize::from(only);
        if self.is_symbol("(") {
            if self.at_query_ahead(1) {
                // `((SELECT …) UNION …)` is a query, `((SELECT …) a JOIN b ON …)` a join.
                let before = (self.at, self.depth);
                self.at += 1;
                match self.query() {
                    Ok(query) if self.take_symbol(")") => {
                        let alias = self.alias()?;
                        return Ok(Source::Query { start, lateral, query: Box::new(query), alias });
                    }
                    Err(refused) if !self.tokens.get(before.0 + 1).is_some_and(|t| t.is_symbol("(")) => {
                        return Err(refused);
                    }
                    Ok(_) if !self.tokens.get(before.0 + 1).is_some_and(|t| t.is_symbol("(")) => {
                        return Err(self.expected(")"));
                    }
                    _ => (self.at, self.depth) = before,
                }
            }
            self.need_symbol("(")?;
            let inner = self.joined()?;
            self.need_symbol(")")?;
            if self.is_whole() && self.alias()?.is_some() && matches!(inner, Source::Join { .. }) {
                return Err(self.refuse("a join has no name"));
            }
            return Ok(inner);
        }
        if self.is_word("XMLTABLE") && self.is_symbol_at(1, "(") {
            return self.xml_table();
        }
        if self.is_word("JSON_TABLE") && self.is_symbol_at(1, "(") {
            return self.json_table();
        }
        if (self.is_word("TABLE") || self.is_word("THE")) && self.is_symbol_at(1, "(") {
            self.at += 2;
            let value = if self.at_query() {
                let start = self.offset();
                let query = Box::new(self.query()?);
                self.expr(start, Node::Subquery(query))
            } else {
                self.or()?
            };
            self.need_symbol(")")?;
            if self.is_symbol("(") {
                self.unless_whole("the outer join operator (+) behind TABLE is not converted")?;
                self.need_symbol("(")?;
                self.need_symbol("+")?;
                self.need_symbol(")")?;
            }
            let alias = self.alias()?;
            return Ok(Source::Collection { start, value, alias });
        }
        if self.is_whole() && !self.may_be_name() {
            return Err(self.expected("a table"));
        }
        let parts = self.name(if self.is_whole() { 4 } else { 2 })?;
        if self.is_symbol("(") && (may_call || !self.is_whole()) {
            self.unless_whole("table functions are stored code, which is not converted yet")?;
            self.at += 1;
            let value = self.call(start, parts)?;
            let alias = self.alias()?;
            return Ok(Source::Collection { start, value, alias });
        }
        let link = self.link()?;
        for word in ["PARTITION", "SUBPARTITION", "VERSIONS"] {
            let of_table = self.is_symbol_at(1, "(") || self.is_word_at(1, "FOR") && self.is_symbol_at(2, "(");
            if self.is_word(word) && (of_table || word == "VERSIONS") {
                self.unless_whole(format!("{word} behind a table is not converted"))?;
                if word != "VERSIONS" {
                    self.at += if self.is_symbol_at(1, "(") { 1 } else { 2 };
                    self.skip_parentheses();
                }
            }
        }
        let end = self.end();
        let sample = self.sample()?;
        if self.is_word("AS") && self.is_word_at(1, "OF") {
            self.unless_whole("flashback queries (AS OF) are not converted")?;
        }
        let flashback = if self.is_whole() { self.flashback()? } else { None };
        let alias = self.alias()?;
        Ok(Source::Table(TableName { start, end, parts, link, flashback, alias, sample }))
    }

    /// `AS OF SCN value`, `VERSIONS BETWEEN TIMESTAMP value AND value`.
    fn flashback(&mut self) -> Parsed<Option<Flashback>> {
        let start = self.offset();
        let versions = self.take_words(&["VERSIONS", "BETWEEN"]);
        if !versions && !self.take_words(&["AS", "OF"]) {
            return Ok(None);
        }
        let scn = self.take_word("SCN");
        if !scn {
            self.need_word("TIMESTAMP")?;
        }
        let words = match (versions, scn) {
            (true, true) => "VERSIONS BETWEEN SCN",
            (true, false) => "VERSIONS BETWEEN TIMESTAMP",
            (false, true) => "AS OF SCN",
            (false, false) => "AS OF TIMESTAMP",
        };
        let mut values = Vec::new();
        if !(versions && self.take_word("MINVALUE")) {
            values.push(self.sum()?);
        }
        if versions {
            self.need_word("AND")?;
            if !self.take_word("MAXVALUE") {
                values.push(self.sum()?);
            }
        }
        Ok(Some(Flashback { start, words, values }))
    }

    /// `SAMPLE [BLOCK] (percent) [SEED (number)]`.
    fn sample(&mut self) -> Parsed<Option<Sample>> {
        let block = self.is_word("SAMPLE") && self.is_word_at(1, "BLOCK") && self.is_symbol_at(2, "(");
        if !(block || self.is_word("SAMPLE") && self.is_symbol_at(1, "(")) {
            return Ok(None);
        }
        self.at += if block { 2 } else { 1 };
        let percent = self.number_in_parentheses()?;
        let seed = if self.take_word("SEED") { Some(self.number_in_parentheses()?) } else { None };
        Ok(Some(Sample { block, percent, seed }))
    }

    fn number_in_parentheses(&mut self) -> Parsed<String> {
        self.need_symbol("(")?;
        let Some(token) = self.peek().filter(|t| t.kind == TokenKind::Number) else {
            return Err(self.expected("a number"));
        };
        self.at += 1;
        self.need_symbol(")")?;
        Ok(token.text.to_owned())
    }

    // --- XMLTABLE, JSON_TABLE

    fn xml_table(&mut self) -> Parsed<Source> {
        let start = self.offset();
        self.at += 2;
        let mut namespaces = Vec::new();
        if self.is_word("XMLNAMESPACES") && self.is_symbol_at(1, "(") {
            self.at += 2;
            loop {
                if self.is_word("DEFAULT") {
                    self.unless_whole("a default XML namespace is not converted")?;
                    self.at += 1;
                }
                namespaces.push(self.argument()?);
                if !self.take_symbol(",") {
                    break;
                }
            }
            self.need_symbol(")")?;
            self.need_symbol(",")?;
        }
        let path = self.need_text()?;
        let mut passing = None;
        let mut more = Vec::new();
        if self.take_word("PASSING") {
            self.take_words(&["BY", "VALUE"]);
            passing = Some(self.or()?);
            if self.is_symbol(",") || self.is_word("AS") {
                self.unless_whole("XMLTABLE that passes several or named values is not converted")?;
                if self.take_word("AS") {
                    self.part()?;
                }
                while self.take_symbol(",") {
                    more.push(self.argument()?);
                }
            }
        }
        self.take_words(&["RETURNING", "SEQUENCE", "BY", "REF"]);
        let mut columns = Vec::new();
        if self.take_word("COLUMNS") {
            loop {
                columns.push(self.xml_column()?);
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        self.need_symbol(")")?;
        let alias = self.alias()?;
        Ok(Source::Xml(Box::new(XmlTable { start, namespaces, path, passing, more, columns, alias })))
    }

    fn xml_column(&mut self) -> Parsed<PathColumn> {
        let start = self.offset();
        let name = Some(self.part()?.name);
        if self.take_words(&["FOR", "ORDINALITY"]) {
            return Ok(PathColumn { start, name, kind: PathColumnKind::Ordinality, path: None });
        }
        let typed = !(self.is_symbol(",") || self.is_symbol(")") || self.is_any(&["PATH", "DEFAULT"]));
        let to = if typed { Some(self.data_type()?) } else { None };
        if self.is_symbol("(") {
            // (SEQUENCE) BY REF
            while self.peek().is_some() && !self.take_symbol(")") {
                self.at += 1;
            }
            self.take_words(&["BY", "REF"]);
        }
        let (mut path, mut default) = (None, None);
        loop {
            if self.take_word("PATH") {
                path = Some(self.need_text()?);
            } else if self.take_word("DEFAULT") {
                default = Some(self.sum()?);
            } else {
                return Ok(PathColumn { start, name, kind: PathColumnKind::Value { to, default }, path });
            }
        }
    }

    fn json_table(&mut self) -> Parsed<Source> {
        let start = self.offset();
        self.at += 2;
        let document = self.or()?;
        self.take_words(&["FORMAT", "JSON"]);
        let path = if self.take_symbol(",") { self.need_text()? } else { "$".to_owned() };
        self.json_on_clauses();
        let columns = self.json_columns()?;
        self.need_symbol(")")?;
        let alias = self.alias()?;
        Ok(Source::Json(Box::new(JsonTable { start, document, path, columns, alias })))
    }

    fn json_on_clauses(&mut self) {
        while self.is_any(&["NULL", "ERROR", "EMPTY", "TRUE", "FALSE"]) && self.json_on_clause() {}
    }

    fn json_columns(&mut self) -> Parsed<Vec<PathColumn>> {
        self.need_word("COLUMNS")?;
        let parenthesized = self.take_symbol("(");
        let mut columns = Vec::new();
        loop {
            columns.push(self.json_column()?);
            if !self.take_symbol(",") {
                break;
            }
        }
        if parenthesized {
            self.need_symbol(")")?;
        }
        Ok(columns)
    }

    fn json_column(&mut self) -> Parsed<PathColumn> {
        self.deeper()?;
        let start = self.offset();
        let nested = self.is_word("NESTED")
            && (self.is_word_at(1, "PATH") || self.peek_at(1).is_some_and(|t| t.kind == TokenKind::Text));
        if nested {
            self.at += 1;
            self.take_word("PATH");
            let path = Some(self.need_text()?);
            let kind = PathColumnKind::Nested(self.json_columns()?);
            self.depth -= 1;
            return Ok(PathColumn { start, name: None, kind, path });
        }
        let name = Some(self.part()?.name);
        self.depth -= 1;
        if self.take_words(&["FOR", "ORDINALITY"]) {
            return Ok(PathColumn { start, name, kind: PathColumnKind::Ordinality, path: None });
        }
        let typed =
            !(self.is_symbol(",") || self.is_symbol(")") || self.is_any(&["PATH", "EXISTS", "FORMAT", "TRUNCATE"]));
        let mut kind = PathColumnKind::Value { to: if typed { Some(self.data_type()?) } else { None }, default: None };
        let mut path = None;
        loop {
            if self.take_words(&["FORMAT", "JSON"]) {
                kind = PathColumnKind::Json;
            } else if self.take_word("EXISTS") {
                kind = PathColumnKind::Exists;
            } else if self.take_word("PATH") {
                path = Some(self.need_text()?);
            } else if self.take_word("DEFAULT") {
                let value = self.sum()?;
                if !self.take_words(&["ON", "EMPTY"]) {
                    self.need_word("ON")?;
                    self.need_word("ERROR")?;
                }
                if let PathColumnKind::Value { default, .. } = &mut kind {
                    *default = Some(value);
                }
            } else if self.is_any(&["WITH", "WITHOUT"]) && !self.is_symbol_at(1, ",") {
                if self.is_word("WITH") {
                    self.unless_whole("JSON_TABLE columns WITH WRAPPER are not converted")?;
                }
                self.at += 1;
                let _ = self.is_whole() && (self.take_word("CONDITIONAL") || self.take_word("UNCONDITIONAL"));
                self.take_word("ARRAY");
                self.need_word("WRAPPER")?;
            } else if !((self.is_any(&["NULL", "ERROR", "EMPTY", "TRUE", "FALSE"]) && self.json_on_clause())
                || self.take_word("TRUNCATE")
                || self.take_words(&["ALLOW", "SCALARS"])
                || self.take_words(&["DISALLOW", "SCALARS"]))
            {
                return Ok(PathColumn { start, name, kind, path });
            }
        }
    }

    // --- PIVOT, UNPIVOT

    fn pivot(&mut self) -> Parsed<Pivot> {
        let start = self.offset();
        self.at += 1;
        let mut open = self.take_word("XML");
        self.need_symbol("(")?;
        let mut aggregates = Vec::new();
        loop {
            let value = self.sum()?;
            let alias = if self.take_word("AS") || (self.may_be_alias() && !self.is_word("FOR")) {
                Some(self.part()?.name)
            } else {
                None
            };
            aggregates.push((value, alias));
            if !self.take_symbol(",") {
                break;
            }
        }
        self.need_word("FOR")?;
        let columns = if self.take_symbol("(") {
            let mut columns = vec![self.part()?];
            while self.take_symbol(",") {
                columns.push(self.part()?);
            }
            self.need_symbol(")")?;
            columns
        } else {
            vec![self.part()?]
        };
        self.need_word("IN")?;
        self.need_symbol("(")?;
        let mut values = Vec::new();
        if self.is_any(&["SELECT", "ANY", "WITH"]) {
            open = true;
            let mut depth = 0usize;
            while let Some(token) = self.peek() {
                if token.is_symbol("(") {
                    depth += 1;
                } else if token.is_symbol(")") {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                }
                self.at += 1;
            }
        } else {
            loop {
                let value = self.sum()?;
                let row = match value.node {
                    Node::Row(all) => all,
                    _ => vec![value],
                };
                let alias = if self.take_word("AS") || self.may_be_alias() { Some(self.part()?.name) } else { None };
                values.push((row, alias));
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        self.need_symbol(")")?;
        self.need_symbol(")")?;
        Ok(Pivot { start, aggregates, columns, values, open })
    }

    fn unpivot(&mut self) -> Parsed<Unpivot> {
        let start = self.offset();
        self.at += 1;
        let include_nulls = self.take_words(&["INCLUDE", "NULLS"]);
        if !include_nulls {
            self.take_words(&["EXCLUDE", "NULLS"]);
        }
        self.need_symbol("(")?;
        let values = if self.take_symbol("(") { self.names()? } else { vec![self.part()?.name] };
        self.need_word("FOR")?;
        let names = if self.take_symbol("(") { self.names()? } else { vec![self.part()?.name] };
        self.need_word("IN")?;
        self.need_symbol("(")?;
        let mut columns = Vec::new();
        loop {
            let of_row = if self.take_symbol("(") {
                let mut parts = vec![self.part()?];
                while self.take_symbol(",") {
                    parts.push(self.part()?);
                }
                self.need_symbol(")")?;
                parts
            } else {
                vec![self.part()?]
            };
            let labels = if self.take_word("AS") {
                let value = self.sum()?;
                match value.node {
                    Node::Row(all) => all,
                    _ => vec![value],
                }
            } else {
                Vec::new()
            };
            columns.push((of_row, labels));
            if !self.take_symbol(",") {
                break;
            }
        }
        self.need_symbol(")")?;
        self.need_symbol(")")?;
        Ok(Unpivot { start, include_nulls, values, names, columns })
    }
}
