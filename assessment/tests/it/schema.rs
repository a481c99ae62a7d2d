//! Schemas out of scripts, and what every report must be.

use assessment::{Assessment, CostModel, Effort, Facts, Portfolio, Report, Scripts, Verdict, assess};
use schema_map::{Catalog, NameError, OracleIdent, script::Script};

pub(crate) fn ident(name: &str) -> OracleIdent {
    OracleIdent::new(name).unwrap()
}

pub(crate) fn script(text: &str) -> Script {
    let mut script = Script::in_any_order();
    script.read("s.sql", text, &ident("HR"));
    script.finish();
    script
}

pub(crate) fn catalog(text: &str) -> Catalog {
    let script = script(text);
    assert_eq!(script.errors, []);
    script.catalog
}

pub(crate) fn of(text: &str) -> Report {
    assess(&catalog(text), &Facts::default(), &CostModel::default())
}

/// With places, and with what could not be read.
pub(crate) fn of_script(text: &str, facts: &Facts) -> Report {
    let script = script(text);
    let mut scripts = Scripts::of(&script);
    scripts.read("s.sql", text, &ident("HR"));
    scripts.unread_of(&script);
    Assessment::new(&script.catalog, facts, &CostModel::default()).scripts(&scripts).run()
}

/// Nothing converts, so that a person writes everything, whatever the conversion has learnt.
pub(crate) fn by_hand(text: &str, model: &CostModel) -> Report {
    let (catalog, facts) = (catalog(text), Facts::default());
    let error = NameError::MixedCase("Hr".to_owned());
    Assessment::new(&catalog, &facts, model).names(Err(&error)).run()
}

pub(crate) fn hr() -> (String, Catalog) {
    let mut text = String::new();
    for file in ["hr_tables.sql", "hr_code.sql"] {
        let path = format!("{}/../examples/hr/{file}", env!("CARGO_MANIFEST_DIR"));
        text.push_str(&std::fs::read_to_string(path).unwrap());
        text.push('\n');
    }
    let catalog = catalog(&text);
    (text, catalog)
}

/// A schema with something of everything, and facts about it.
pub(crate) fn rich() -> Report {
    let text = include_str!("probes/rich.sql");
    let facts: Facts = serde_json::from_str(include_str!("probes/rich.facts.json")).unwrap();
    let script = script(text);
    let mut scripts = Scripts::of(&script);
    scripts.read("dir/rich schema.sql", text, &ident("HR"));
    scripts.unread_of(&script);
    let model = CostModel { team: 3, ..CostModel::default() };
    let assessment = Assessment::new(&script.catalog, &facts, &model).scripts(&scripts).source("rich <b>&\"schema\"");
    assessment.reference_score(true).run()
}

/// What every report must be, whatever the schema.
pub(crate) fn assert_sound(report: &Report) {
    let text = report.text();
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
    let counted: usize = report.inventory.iter().map(|line| line.total).sum();
    assert_eq!(counted, report.objects.len());
    for line in &report.inventory {
        assert_eq!(line.verdicts.values().sum::<usize>(), line.total);
    }
    let units = report.objects.iter().map(|o| o.cost.units).sum::<Effort>() + report.estimate.database.units;
    assert!((units.high - report.estimate.units.high).abs() < 1e-6);
    for object in &report.objects {
        let items = object.cost.items.iter().map(|item| item.units).sum::<Effort>();
        assert!((items.expected - object.cost.units.expected).abs() < 1e-6, "{object:?}");
        assert!(items.low <= items.expected && items.expected <= items.high, "{object:?}");
        assert!(!object.verdict.needs_a_person() || !object.reasons.is_empty(), "{object:?}");
        assert!(object.verdict != Verdict::Changed || !object.reasons.is_empty(), "{object:?}");
        assert!((1..=report.steps.len()).contains(&object.step), "{object:?}");
    }
    for finding in &report.findings {
        assert!(report.rules.iter().any(|rule| rule.id == finding.rule), "{finding:?}");
        let known = |name: &str| report.objects.iter().any(|o| o.name == name && Some(o.kind) == finding.kind);
        assert!(finding.line_of.is_empty() || known(&finding.line_of), "{finding:?}");
    }
    let in_steps: usize = report.steps.iter().map(|step| step.objects).sum();
    assert_eq!(in_steps, report.objects.len());
    let portfolio = Portfolio { reports: vec![report.clone()] };
    assert_eq!(Portfolio::from_json(&portfolio.json().unwrap()).unwrap(), portfolio);
}
