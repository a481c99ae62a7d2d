//! Stored code as a tree.

use proptest::prelude::*;
use schema_map::plsql::{
    DeclarationKind, Expr, ExprKind, ForOver, Node, RoutineBody, Span, Sql, Statement, StatementKind, TriggerBody,
    TypeDefinition, Unit, UnitKind, Unparsed, Visitor, parse, parse_expression, parse_query,
};
use std::collections::BTreeMap;

const EVERYTHING: &str = include_str!("fixtures/plsql.sql");

/// The units of the fixture; a `/` on a line of its own is between them.
fn units() -> Vec<&'static str> {
    EVERYTHING.split("\n/\n").map(str::trim).filter(|unit| !unit.is_empty()).collect()
}

/// What a visitor saw.
#[derive(Default)]
struct Seen {
    kinds: BTreeMap<String, usize>,
    spans: Vec<Span>,
    unparsed: Vec<Unparsed>,
    depth: usize,
}

impl Seen {
    fn of(unit: &Unit) -> Seen {
        let mut seen = Seen::default();
        unit.visit(&mut seen);
        assert_eq!(seen.depth, 0, "what is entered is left");
        seen
    }

    fn count(&mut self, kind: &dyn std::fmt::Debug) {
        *self.kinds.entry(word_of(kind)).or_default() += 1;
    }
}

/// `If` of `If { … }`.
fn word_of(kind: &dyn std::fmt::Debug) -> String {
    let text = format!("{kind:?}");
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

impl<'t> Visitor<'t> for Seen {
    fn enter(&mut self, node: Node<'t>) {
        self.depth += 1;
        match node {
            Node::Statement(statement) => {
                self.count(&statement.kind);
                self.spans.push(statement.span);
            }
            Node::Declaration(declaration) => {
                self.count(&declaration.kind);
                self.spans.push(declaration.span);
            }
            Node::Sql(sql, span) => {
                self.count(&sql);
                self.spans.push(span);
            }
            Node::Expr(expr) => {
                self.count(&expr.kind());
                self.spans.push(expr.span());
                if let ExprKind::Unparsed(reason) = expr.kind() {
                    let offset = expr.span().start;
                    self.unparsed.push(Unparsed { span: expr.span(), offset, reason: reason.to_owned() });
                }
            }
            Node::Unparsed(unparsed) => self.unparsed.push(unparsed.clone()),
            _ => {}
        }
    }

    fn leave(&mut self, _: Node<'t>) {
        self.depth -= 1;
    }
}

#[test]
fn everything_is_read() {
    let mut all = Seen::default();
    for source in units() {
        let unit = parse(source);
        let seen = Seen::of(&unit);
        assert_eq!(seen.unparsed, []);
        assert_eq!((unit.span.start, unit.span.end), (0, source.len()), "{source}");
        for (kind, count) in seen.kinds {
            *all.kinds.entry(kind).or_default() += count;
        }
    }
    #[rustfmt::skip]
    let expected = [
        "Null", "Assign", "Call", "If", "Case", "Loop", "While", "For", "Block", "Goto", "Exit", "Continue", "Raise", "Return",
        "ExecuteImmediate", "Open", "OpenQuery", "OpenDynamic", "Fetch", "Close", "ForAll", "PipeRow", "Commit", "Rollback", "Savepoint",
        "Set", "LockTable", "Select", "Insert", "Update", "Delete", "Merge", "Conditional", "Error",
        "Variable", "Exception", "Cursor", "Type", "Pragma", "Routine", "Section",
        "Name", "Remote", "Member", "Apply", "Text", "Number", "Bind", "Attribute", "OuterJoined", "Prior", "Operator", "IsOf", "Upcast",
        "Function", "Other",
        "Hint", "StartWith", "ConnectBy", "SetOperator", "ForUpdate", "Model", "Pivot", "Flashback", "CollectionTable", "Alias",
    ];
    // The fixture opens its cursors by queries and texts only.
    let missing: Vec<_> = expected.iter().filter(|kind| !all.kinds.contains_key(**kind)).collect();
    assert_eq!(missing, [&"Open"]);
}

fn statements(source: &str) -> Vec<Statement> {
    let text = format!("BEGIN {source} END;");
    match parse(&text).kind {
        UnitKind::Block(block) => block.statements,
        other => panic!("{other:?}"),
    }
}

fn kinds(source: &str) -> Vec<String> {
    statements(source).iter().map(|statement| word_of(&statement.kind)).collect()
}

#[test]
fn words_that_are_names_elsewhere() {
    for (source, expected) in [
        ("commit := 1;", "Assign"),
        ("open(f);", "Call"),
        ("close(f); ", "Call"),
        ("merge(a, b);", "Call"),
        ("x.commit;", "Call"),
        ("exit.now(1);", "Call"),
        ("OPEN c;", "Open"),
        ("OPEN c(1);", "Open"),
        ("COMMIT COMMENT 'x';", "Commit"),
        ("offset := model + left.right;", "Assign"),
        ("RETURN (1);", "Return"),
        ("RETURN;", "Return"),
        ("IF (a) THEN b; END IF;", "If"),
        ("(o AS t).m();", "Call"),
        ("raise_application_error(-20000, 'x');", "Call"),
        ("set_it;", "Call"),
        ("EXECUTE IMMEDIATE x;", "ExecuteImmediate"),
        ("execute(x);", "Call"),
        ("WITH a AS (SELECT 1 x FROM dual) SELECT x INTO y FROM a;", "Select"),
        ("SELECT a bulk INTO y FROM a;", "Select"),
        ("INSERT INTO log (a) VALUES (1);", "Insert"),
        ("INSERT INTO a.log VALUES r;", "Insert"),
        ("UPDATE log SET a = 1;", "Update"),
        ("DELETE FROM returning RETURNING a INTO b;", "Delete"),
    ] {
        assert_eq!(kinds(source), [expected], "{source}");
    }
}

#[test]
fn what_cannot_be_read_is_told_and_reading_goes_on() {
    for (source, expected, unparsed) in [
        ("a := ; b := 1;", vec!["Unparsed", "Assign"], "a := ;"),
        ("a := f(1; b(2);", vec!["Unparsed", "Call"], "a := f(1;"),
        ("x y z; COMMIT;", vec!["Unparsed", "Commit"], "x y z;"),
        ("'text'; COMMIT;", vec!["Unparsed", "Commit"], "'text';"),
        ("ELSE a; COMMIT;", vec!["Unparsed", "Commit"], "ELSE a;"),
        ("IF a = THEN b; END IF; c;", vec!["If", "Call"], "a ="),
        ("IF a b; c; END IF; d;", vec!["If", "Call"], "a"),
        ("IF a THEN b := END IF; c;", vec!["If", "Call"], "b :="),
        ("LOOP a b; END LOOP; c;", vec!["Loop", "Call"], "a b;"),
        ("FOR i IN 1 .. LOOP a; END LOOP; c;", vec!["For", "Call"], "1 .."),
        ("FOR i IN a b c LOOP a; END LOOP; c;", vec!["For", "Call"], "a b c"),
        ("WHILE LOOP a; END LOOP; c;", vec!["While", "Call"], ""),
        ("CASE a WHEN THEN b; END CASE; c;", vec!["Case", "Call"], ""),
        ("LOOP a; END IF; c;", vec!["Loop", "Call"], ""),
        ("SELECT a FROM WHERE x; c;", vec!["Unparsed", "Call"], "SELECT a FROM WHERE x;"),
        ("BEGIN a; EXCEPTION WHEN x y THEN b; END; c;", vec!["Block", "Call"], "WHEN x y"),
    ] {
        let text = format!("BEGIN {source} END;");
        let unit = parse(&text);
        let seen = Seen::of(&unit);
        assert_eq!(kinds(source), expected, "{source}");
        assert_eq!(seen.unparsed.len(), 1, "{source}: {:?}", seen.unparsed);
        assert_eq!(seen.unparsed[0].span.of(&text).trim(), unparsed, "{source}");
    }
}

#[test]
fn a_head_that_cannot_be_read_leaves_its_body() {
    let source = "PROCEDURE p(a b c) IS x NUMBER; BEGIN COMMIT; END;";
    let unit = parse(source);
    let seen = Seen::of(&unit);
    assert_eq!(seen.unparsed[0].span.of(source), "PROCEDURE p(a b c)");
    assert!(seen.unparsed[0].reason.contains("found c"), "{:?}", seen.unparsed);
    assert_eq!((seen.unparsed.len(), seen.kinds["Commit"], seen.kinds["Variable"]), (1, 1, 1));

    let source =
        "PACKAGE BODY p IS a b c d; PROCEDURE q IS BEGIN NULL; END; x NUMBER PROCEDURE r IS BEGIN NULL; END; END;";
    let seen = Seen::of(&parse(source));
    assert_eq!((seen.unparsed.len(), seen.kinds["Routine"]), (2, 2), "{:?}", seen.unparsed);

    let unit = parse("PROCEDURE p IS BEGIN NULL; END; more of it");
    assert_eq!(unit.rest.unwrap().span, Span { start: 32, end: 42 });
    assert!(matches!(parse("nothing that is known").kind, UnitKind::Unparsed(_)));
    assert!(matches!(parse("").kind, UnitKind::Unparsed(_)));
}

#[test]
fn units_and_their_parts() {
    let read: Vec<(Unit, &str)> = units().into_iter().map(|source| (parse(source), source)).collect();
    let UnitKind::Package(specification) = &read[0].0.kind else { panic!() };
    assert!(!specification.is_body && specification.clauses.len() == 2);
    let DeclarationKind::Type { definition: TypeDefinition::Record(fields), .. } = &specification.declarations[3].kind
    else {
        panic!("{:?}", specification.declarations[3])
    };
    assert_eq!(fields[2].data_type.span.of(read[0].1), "INTERVAL DAY(3) TO SECOND(6)");

    let UnitKind::Package(body) = &read[1].0.kind else { panic!() };
    assert!(body.is_body && body.initialization.as_ref().unwrap().handlers[0].exceptions.is_empty());
    let DeclarationKind::Routine(total) = &body.declarations[3].kind else { panic!() };
    assert_eq!((total.name.last().unwrap().name(), total.parameters.len()), ("TOTAL", 3));
    assert!(total.parameters[1].is_out && total.parameters[1].no_copy && total.is_function);
    let clauses: Vec<_> = total.clauses.iter().map(|clause| clause.word.as_str()).collect();
    assert_eq!(clauses, ["DETERMINISTIC", "PARALLEL_ENABLE", "RESULT_CACHE", "RELIES_ON"]);
    let RoutineBody::Block(block) = &total.body else { panic!() };
    assert_eq!(block.statements[0].labels[0].name(), "OUTER");
    assert!(matches!(&block.statements[0].kind, StatementKind::For { over: ForOver::Range { reverse: true, .. }, .. }));
    let names: Vec<_> = block.handlers[0].exceptions.iter().map(|name| name.last().unwrap().name()).collect();
    assert_eq!((names, block.handlers.len()), (vec!["NO_DATA_FOUND", "TOO_MANY_ROWS"], 2));
    assert_eq!(read[1].0.directives.len(), 23);
    let left_out: Vec<_> = read[1].0.left_out.iter().map(|span| span.of(read[1].1)).collect();
    assert_eq!(left_out, ["|| 'f'"]);

    assert!(
        matches!(&read[2].0.kind, UnitKind::Routine(r) if matches!(&r.body, RoutineBody::Using(n) if n.is("T_TOTAL")))
    );
    assert!(matches!(&read[3].0.kind, UnitKind::Type(t) if t.under.is_some() && t.clauses.len() == 5));
    assert!(matches!(&read[6].0.kind, UnitKind::TypeBody(b) if b.declarations.len() == 3));
    let UnitKind::Trigger(trigger) = &read[7].0.kind else { panic!() };
    assert_eq!((trigger.timing.as_str(), trigger.events.join(" ").as_str()), ("BEFORE", "INSERT UPDATE DELETE"));
    assert!(trigger.each_row && trigger.when.is_some() && trigger.columns.len() == 2);
    assert!(matches!(&read[8].0.kind, UnitKind::Trigger(t) if matches!(t.body, TriggerBody::Compound(_))));
    assert!(
        matches!(&read[9].0.kind, UnitKind::Trigger(t) if matches!(t.body, TriggerBody::Call(_)) && t.on.is_none())
    );
}

#[test]
fn wrapped_code_is_named_as_such() {
    for source in [
        "PACKAGE BODY hr.p wrapped\na000000\n1\nabcd'ef",
        "CREATE OR REPLACE FUNCTION f WRAPPED\na000000",
        "TYPE t OID '93A0' wrapped\na000000",
    ] {
        assert!(matches!(parse(source).kind, UnitKind::Wrapped(_)), "{source}");
    }
    assert!(!matches!(parse("PROCEDURE wrapped IS BEGIN NULL; END;").kind, UnitKind::Wrapped(_)));
}

#[test]
fn statements_of_dynamic_sql() {
    for (source, expected) in [
        ("SELECT 1 FROM dual", "Select"),
        ("UPDATE t SET a = :1", "Update"),
        ("TRUNCATE TABLE t", "Ddl"),
        ("CREATE TABLE t AS SELECT 1 a FROM dual", "Ddl"),
        ("CALL p(1) INTO :x", "SqlCall"),
        ("COMMIT", "Commit"),
        ("ALTER SESSION SET x = 'y; z'", "Ddl"),
    ] {
        let UnitKind::Statement(statement) = parse(source).kind else { panic!("{source}") };
        assert_eq!(word_of(&statement.kind), expected, "{source}");
        assert_eq!(statement.span.of(source), source);
    }
    assert!(matches!(parse("BEGIN p; END;").kind, UnitKind::Block(_)));
    assert!(matches!(parse("CREATE OR REPLACE PROCEDURE p IS BEGIN NULL; END;").kind, UnitKind::Routine(_)));
    // In stored code DDL is no statement.
    assert_eq!(kinds("DROP TABLE t;"), ["Unparsed"]);
}

#[test]
fn queries_and_expressions_alone() {
    let source = "SELECT a(+) x FROM t@far WHERE ROWNUM < 3 WITH READ ONLY";
    let query = parse_query(source).unwrap();
    assert_eq!(query.span().of(source), "SELECT a(+) x FROM t@far WHERE ROWNUM < 3");
    let wrong = parse_query("SELECT FROM").unwrap_err();
    assert_eq!((wrong.offset, wrong.reason.contains("found FROM")), (7, true), "{wrong:?}");
    let text = |source: &'static str| parse_expression(source).map(|expr| expr.span().of(source).to_owned());
    assert_eq!(text(" a + b "), Ok("a + b".to_owned()));
    assert!(text("a b").is_err() && text("").is_err() && text("'x").is_err());
}

#[test]
fn links_tables_and_hints_have_their_places() {
    struct Places<'s>(&'s str, Vec<String>);
    impl<'t> Visitor<'t> for Places<'_> {
        fn enter(&mut self, node: Node<'t>) {
            match node {
                Node::Table(table) => self.1.push(format!("table {}", table.span.of(self.0))),
                Node::Sql(Sql::Hint, span) => self.1.push(span.of(self.0).to_owned()),
                Node::Sql(sql, span) => self.1.push(format!("{} {}", word_of(&sql), &self.0[span.start..][..3])),
                Node::Into(into) => self.1.push(into.span.of(self.0).to_owned()),
                _ => {}
            }
        }
    }
    let source = "SELECT /*+ FULL(t) */ id BULK COLLECT INTO v FROM app.t@hq.b.c t, (SELECT /* x */ 1 FROM u) CONNECT BY PRIOR a = b";
    let mut places = Places(source, Vec::new());
    parse(source).visit(&mut places);
    assert_eq!(places.1, ["/*+ FULL(t) */", "BULK COLLECT INTO v", "table app.t@hq.b.c", "table u", "ConnectBy CON"]);
}

/// Nested and long sources end, on a thread's usual stack.
#[test]
fn no_source_is_too_deep_or_too_long() {
    let deep = 20_000;
    for source in [
        format!("BEGIN x := {}1{}; END;", "(".repeat(deep), ")".repeat(deep)),
        format!("BEGIN x := {}; END;", vec!["1"; deep].join(" || ")),
        format!("BEGIN x := {}; END;", vec!["(a + 1)"; deep].join(" * ")),
        format!("{} NULL; {}", "BEGIN ".repeat(deep), "END; ".repeat(deep)),
        format!("BEGIN {} NULL; {} END;", "IF a THEN ".repeat(deep), "END IF; ".repeat(deep)),
        format!("BEGIN {} NULL; {} END;", "LOOP ".repeat(deep), "END LOOP; ".repeat(deep)),
        format!("{} BEGIN NULL; END; {}", "PROCEDURE p IS ".repeat(deep), "BEGIN NULL; END; ".repeat(deep)),
        format!("BEGIN x := {}a; END;", "NOT ".repeat(deep)),
        format!("BEGIN x := a{}; END;", ".b(1)".repeat(deep)),
        format!("BEGIN x := a{}; END;", " ** b".repeat(deep)),
        format!("BEGIN x := {}1; END;", "- ".repeat(deep)),
        format!("SELECT 1 FROM {}", "((SELECT 1 FROM ".repeat(deep)),
        format!("SELECT 1 FROM t {}", "UNION SELECT 1 FROM t ".repeat(deep)),
        format!("SELECT 1 FROM t {}", "JOIN t ON a = b ".repeat(deep)),
        format!("SELECT 1 FROM t {}", "PIVOT (SUM(a) FOR b IN (1)) ".repeat(deep)),
        format!("BEGIN {} END;", "$IF a $THEN ".repeat(deep)),
        format!("BEGIN {}", "CASE WHEN a THEN ".repeat(deep)),
        format!("BEGIN x := {}", "CASE WHEN a THEN ".repeat(deep)),
        format!("BEGIN f({}", "f(a => ".repeat(deep)),
        format!("BEGIN {}", "FOR i IN (SELECT ".repeat(deep)),
        format!("BEGIN {} f({}", "IF a THEN ".repeat(50), "f(a => ".repeat(deep)),
        format!("BEGIN {} x := {}", "BEGIN ".repeat(95), "CASE WHEN a THEN ".repeat(deep)),
        format!("{} BEGIN f({}", "PROCEDURE p IS ".repeat(50), "f(a => ".repeat(deep)),
        format!("TYPE t AS OBJECT ({}", "MEMBER FUNCTION f(a NUMBER) RETURN NUMBER, ".repeat(deep)),
    ] {
        let unit = parse(&source);
        Seen::of(&unit);
        drop(unit.clone());
    }
}

#[test]
fn time_grows_with_the_size() {
    let body = units()[1];
    let (head, rest) = body.split_once("IS\n").unwrap();
    let (declarations, end) = rest.split_once("\nBEGIN\n  g_count := 0;").unwrap();
    let seconds = |times: usize| {
        let source = format!("{head}IS\n{}\nBEGIN\n  g_count := 0;{end}", declarations.repeat(times));
        let start = std::time::Instant::now();
        let seen = Seen::of(&parse(&source));
        assert_eq!((seen.unparsed.len(), seen.kinds["Merge"]), (0, times));
        start.elapsed().as_secs_f64()
    };
    seconds(4);
    let small = (0..3).map(|_| seconds(10)).fold(f64::INFINITY, f64::min);
    // Quadratic it would be a hundred times.
    assert!(seconds(100) < small * 40.0);
}

/// What is wrong in a source, made at a random place.
fn broken() -> impl Strategy<Value = String> {
    let units = units();
    let pieces = [
        "(", ")", ";", "'", "\"", "END", "IF", "LOOP", "BEGIN", "$IF", "$END", "$THEN", "CASE", ",", "@", "SELECT",
        "/*", "é", ".", "%",
    ];
    let cut = (0..units.len(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..pieces.len());
    cut.prop_map(move |(unit, from, length, piece)| {
        let source = units[unit];
        let mut from = from.index(source.len());
        let mut to = (from + length.index(60)).min(source.len());
        while !source.is_char_boundary(from) {
            from -= 1;
        }
        while !source.is_char_boundary(to) {
            to += 1;
        }
        format!("{} {} {}", &source[..from], pieces[piece], &source[to..])
    })
}

proptest! {
    #[test]
    fn no_text_panics(source in any::<String>()) {
        Seen::of(&parse(&source));
        let _ = parse_query(&source);
        let _ = parse_expression(&source);
    }

    #[test]
    fn broken_sources_are_read_as_far_as_they_can(source in prop::collection::vec(broken(), 1..3)) {
        for source in source {
            let unit = parse(&source);
            let seen = Seen::of(&unit);
            for span in seen.spans.iter().chain(seen.unparsed.iter().map(|unparsed| &unparsed.span)) {
                prop_assert!(span.start <= span.end && span.end <= source.len(), "{:?} in {}", span, source);
                prop_assert!(source.is_char_boundary(span.start) && source.is_char_boundary(span.end));
            }
        }
    }
}

#[test]
fn an_expression_knows_its_bytes() {
    fn check(expr: &Expr, source: &str) {
        struct Inner<'s>(&'s str, Vec<Span>);
        impl<'t> Visitor<'t> for Inner<'_> {
            fn enter(&mut self, node: Node<'t>) {
                if let Node::Expr(expr) = node {
                    let span = expr.span();
                    assert!(!span.of(self.0).trim().is_empty(), "{span:?} in {}", self.0);
                    assert!(self.1.last().is_none_or(|outer| outer.start <= span.start && span.end <= outer.end));
                    self.1.push(span);
                }
            }
            fn leave(&mut self, node: Node<'t>) {
                if let Node::Expr(_) = node {
                    self.1.pop();
                }
            }
        }
        expr.visit(&mut Inner(source, Vec::new()));
        assert_eq!(expr.span().of(source), source.trim());
    }
    for source in [
        "a + b * -c",
        "f(x => 1, y => g(2))(3).h",
        "CASE WHEN a IS NULL OR b LIKE 'x' THEN 1 ELSE (2) END",
        "x IN (SELECT y FROM t WHERE z = 1)",
        "c%ROWCOUNT + SQL%BULK_ROWCOUNT(i)",
        "TRIM(LEADING '0' FROM a) || EXTRACT(YEAR FROM d)",
        "LISTAGG(a, ',') WITHIN GROUP (ORDER BY b) OVER (PARTITION BY c)",
        "NOT (a < = 1)",
        "p.q@link(1)",
    ] {
        check(&parse_expression(source).unwrap(), source);
    }
}
