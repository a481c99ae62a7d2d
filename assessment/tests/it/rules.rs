//! Every rule finds what it is about, and not what it is not, and is in the list that people read.

use crate::schema::{ident, of_script};
use assessment::{
    Assessment, Check, CostModel, Effort, Example, Facts, Proof, ProofFailure, Rule, Rules, Scripts, Severity, Topic,
};
use schema_map::{NameError, ObjectKind, ObjectPath, plsql, script::Script};
use std::collections::BTreeSet;

/// The rules that find something in an example.
fn found(rule: &Rule, example: &Example) -> BTreeSet<String> {
    let app = ident("APP");
    let code = matches!(rule.check, Check::Code(_));
    let text = match code {
        true => procedure(&example.script),
        false => example.script.to_string(),
    };
    let mut script = Script::in_any_order();
    script.read("x.sql", &text, &app);
    script.finish();
    assert_eq!(script.errors, [], "{}: {text}", rule.id);
    let facts: Facts = match example.facts {
        "" => Facts::default(),
        facts => serde_json::from_str(facts).unwrap_or_else(|e| panic!("{}: {e}", rule.id)),
    };
    let mut scripts = Scripts::of(&script);
    scripts.read("x.sql", &text, &app);
    let model = CostModel::default();
    let assessment = Assessment::new(&script.catalog, &facts, &model).scripts(&scripts);
    // Code is looked into where a person writes it: with no names, that is everywhere.
    let error = NameError::MixedCase("App".to_owned());
    let report = if code { assessment.names(Err(&error)).run() } else { assessment.run() };
    report.findings.into_iter().map(|finding| finding.rule).collect()
}

/// A piece of code in a procedure: among its statements, or among its declarations where it is no statement.
fn procedure(piece: &str) -> String {
    let head = "PROCEDURE p IS";
    let places = [format!("{head} BEGIN {piece} END;"), format!("{head} {piece} BEGIN NULL; END;")];
    let whole = |source: &&String| {
        let mut gaps = Gaps(0);
        plsql::parse(source).visit(&mut gaps);
        gaps.0 == 0
    };
    let source = places.iter().find(whole).unwrap_or_else(|| panic!("no code: {piece}"));
    format!("CREATE {source}\n/\n")
}

struct Gaps(usize);

impl<'t> plsql::Visitor<'t> for Gaps {
    fn enter(&mut self, node: plsql::Node<'t>) {
        self.0 += usize::from(matches!(node, plsql::Node::Unparsed(_)));
    }
}

#[test]
fn every_rule_finds_its_example_and_not_the_other() {
    let rules = Rules::default();
    for rule in rules.iter() {
        let Some(examples) = &rule.examples else {
            // They have tests of their own below.
            let own = ["name.none", "conversion.unread", "conversion.duplicate", "conversion.not-proved"];
            assert!(own.contains(&rule.id.as_ref()), "{} has no examples", rule.id);
            continue;
        };
        let id = rule.id.as_ref();
        let (hit, miss) = (found(rule, &examples.hit), found(rule, &examples.miss));
        assert!(hit.contains(id), "{id} does not find its example: {hit:?}");
        assert!(!miss.contains(id), "{id} finds what it should not");
    }
}

#[test]
fn names_that_cannot_be_decided() {
    let (catalog, facts, model) =
        (crate::schema::catalog("CREATE TABLE t (a NUMBER(9) PRIMARY KEY);"), Facts::default(), CostModel::default());
    let error = NameError::MixedCase("Hr".to_owned());
    let report = Assessment::new(&catalog, &facts, &model).names(Err(&error)).run();
    assert_eq!((report.findings[0].rule.as_str(), report.findings[0].severity), ("name.none", Severity::Blocker));
    let report = Assessment::new(&catalog, &facts, &model).run();
    assert!(report.findings.iter().all(|finding| finding.rule != "name.none"));
}

#[test]
fn statements_that_cannot_be_read() {
    let report = of_script(
        "CREATE TABLE good (a NUMBER PRIMARY KEY);\n\nCREATE TABLE bad (a NUMBER,);\nCREATE TABLE v (a NUMBER DEFAULT &what);\n",
        &Facts::default(),
    );
    let unread: Vec<_> = report.findings.iter().filter(|f| f.rule == "conversion.unread").collect();
    let lines: Vec<_> = unread.iter().map(|f| (f.object.as_str(), f.place.as_ref().unwrap().line)).collect();
    assert_eq!(lines, [("HR.BAD", 3), ("HR.V", 4)]);
    let bad = report.objects.iter().find(|object| object.name == "HR.BAD").unwrap();
    assert!(bad.verdict.needs_a_person() && bad.reasons[0].contains("s.sql:3:"), "{bad:?}");
    let fine = of_script("CREATE TABLE good (a NUMBER PRIMARY KEY);", &Facts::default());
    assert!(fine.findings.iter().all(|finding| finding.rule != "conversion.unread"));
}

#[test]
fn objects_that_are_made_twice() {
    let found = |text: &str| {
        let report = of_script(text, &Facts::default());
        assert_eq!(report.objects.iter().filter(|object| object.name == "HR.T").count(), 1);
        let twice = report.findings.iter().filter(|f| f.rule == "conversion.duplicate");
        twice.map(|f| (f.object.clone(), f.place.as_ref().unwrap().line)).collect::<Vec<_>>()
    };
    let twice = "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);\nCREATE TABLE t (b NUMBER(9) PRIMARY KEY);\n";
    assert_eq!(found(twice), [("HR.T".to_owned(), 2)]);
    assert_eq!(found("CREATE TABLE t (a NUMBER(9) PRIMARY KEY);"), []);
}

#[test]
fn objects_that_the_target_refuses() {
    let catalog =
        crate::schema::catalog("CREATE TABLE t (a NUMBER(9) PRIMARY KEY); CREATE TABLE u (a NUMBER(9) PRIMARY KEY);");
    let (facts, model) = (Facts::default(), CostModel::default());
    let failure = ProofFailure {
        kind: ObjectKind::Table,
        source: ObjectPath::new(ident("HR"), ident("T")),
        error: "no room".to_owned(),
    };
    let proof = Proof { server: "17.1".to_owned(), taken: 3, failures: vec![failure] };
    let report = Assessment::new(&catalog, &facts, &model).proof(&proof).run();
    let of = |name: &str| report.objects.iter().find(|object| object.name == name).unwrap();
    assert_eq!((of("HR.T").proved, of("HR.U").proved), (Some(false), Some(true)));
    assert!(of("HR.T").verdict.needs_a_person() && of("HR.T").reasons[0].contains("no room"));
    let found: Vec<_> = report.findings.iter().filter(|f| f.rule == "conversion.not-proved").collect();
    assert_eq!((found.len(), found[0].object.as_str()), (1, "HR.T"));
    assert_eq!(report.proof.unwrap().refused, 1);
}

#[test]
fn the_list_is_the_rules() {
    let path = format!("{}/RULES.md", env!("CARGO_MANIFEST_DIR"));
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let rules = Rules::default();
    for rule in rules.iter() {
        assert!(
            written.contains(&format!("| `{}` |", rule.id)),
            "RULES.md lacks {}: cargo run -p oracle-assessment --example documents",
            rule.id
        );
    }
    assert_eq!(written, rules.markdown(), "RULES.md is old: cargo run -p oracle-assessment --example documents");
}

#[test]
fn ids_and_words_are_fit_for_people() {
    let mut ids = BTreeSet::new();
    for rule in Rules::default().iter() {
        assert!(ids.insert(rule.id.to_string()), "{} is there twice", rule.id);
        assert!(rule.id.split('.').count() == 2 && !rule.id.contains(' '), "{}", rule.id);
        assert!(rule.doc.ends_with('.') && rule.doc.len() > 6, "{}: {}", rule.id, rule.doc);
        let Effort { low, expected, high } = rule.units;
        assert!(0.0 <= low && low <= expected && expected <= high, "{}", rule.id);
    }
}

#[test]
fn rules_can_be_switched_off_and_added() {
    let catalog = crate::schema::catalog("CREATE TABLE t (a NUMBER);");
    let (facts, model) = (Facts::default(), CostModel::default());
    let mut rules = Rules::default();
    assert!(rules.remove("key.missing") && !rules.remove("key.missing"));
    rules.add(Rule::new(
        "acme.table",
        "a table",
        "Every table.",
        Severity::Risk,
        Topic::Table,
        Effort::new(1.0, 2.0, 3.0),
        Check::with(|scope, found| scope.catalog.tables.iter().for_each(|t| found.table(&t.path, "seen"))),
    ));
    let report = Assessment::new(&catalog, &facts, &model).rules(&rules).run();
    let ids: Vec<_> = report.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(ids, ["acme.table", "type.number"]);
    let with = report.estimate.units.expected;
    let without = Assessment::new(&catalog, &facts, &model).rules(&Rules::none()).run().estimate.units.expected;
    assert!((with - without - 2.1).abs() < 1e-9, "{with} {without}");
}
