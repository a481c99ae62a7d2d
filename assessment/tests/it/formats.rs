//! Every form of a report, by validators that are not ours.

use crate::schema::{hr, rich};
use assessment::{CostModel, CsvTable, Facts, Kind, Portfolio, Severity, assess};
use html5ever::{parse_document, tendril::TendrilSink};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use schema_map::Catalog;
use std::collections::{BTreeMap, HashSet};

fn portfolios() -> Vec<(&'static str, Portfolio)> {
    let (facts, model) = (Facts::default(), CostModel::default());
    let empty = assess(&Catalog::default(), &facts, &model);
    let hr = assess(&hr().1, &facts, &model);
    vec![
        ("none", Portfolio::default()),
        ("empty", Portfolio { reports: vec![empty.clone()] }),
        ("hr", Portfolio { reports: vec![hr.clone()] }),
        ("rich", Portfolio { reports: vec![rich()] }),
        ("several", Portfolio { reports: vec![rich(), empty, hr] }),
    ]
}

fn parsed(html: &str) -> RcDom {
    parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(html)
}

fn walk(node: &Handle, each: &mut dyn FnMut(&str, &BTreeMap<String, String>)) {
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let attrs = attrs.borrow();
        let attributes = attrs.iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
        each(&name.local, &attributes);
    }
    for child in node.children.borrow().iter() {
        walk(child, each);
    }
}

#[test]
fn html_is_html_and_its_links_lead_somewhere() {
    for (name, portfolio) in portfolios() {
        let html = portfolio.html().unwrap();
        let dom = parsed(&html);
        assert!(dom.errors.borrow().is_empty(), "{name}: {:?}", dom.errors.borrow());
        let (mut ids, mut links, mut tags) = (HashSet::new(), Vec::new(), HashSet::new());
        walk(&dom.document, &mut |tag, attributes| {
            tags.insert(tag.to_owned());
            if let Some(id) = attributes.get("id") {
                assert!(ids.insert(id.clone()), "{name}: {id} is there twice");
            }
            if let Some(href) = attributes.get("href") {
                links.push(href.clone());
            }
            // One file, that needs nothing else.
            assert!(!attributes.contains_key("src") && !matches!(tag, "link" | "iframe" | "img"), "{name}: {tag}");
        });
        for link in links {
            match link.strip_prefix('#') {
                Some(id) => assert!(ids.contains(id), "{name}: {link} leads nowhere"),
                None => assert!(link.contains("#L") && !link.contains(['<', ' ', '"']), "{name}: {link}"),
            }
        }
        assert!(tags.contains("main"));
    }
}

#[test]
fn html_shows_texts_and_runs_none() {
    let html = Portfolio { reports: vec![rich()] }.html().unwrap();
    assert!(!html.contains("<script>alert") && html.contains("script&#62;alert"), "names are escaped");
    assert!(!html.contains("<b>done</b>") && !html.contains("tiger"));
    let dom = parsed(&html);
    let mut scripts = 0;
    walk(&dom.document, &mut |tag, _| scripts += usize::from(tag == "script"));
    assert_eq!(scripts, 1);
    for part in ["HR.PEOPLE", "dir/rich%20schema.sql#L", "PRAGMA AUTONOMOUS_TRANSACTION", "Oracle Database 19c"] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn json_fits_its_schema() {
    let path = format!("{}/assessment.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (name, portfolio) in portfolios() {
        let json = portfolio.json().unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let errors: Vec<_> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        assert_eq!(Portfolio::from_json(&json).unwrap(), portfolio, "{name}");
        value["surprise"] = serde_json::json!(1);
        assert!(!validator.is_valid(&value), "a schema that takes anything proves nothing");
    }
    let other = r#"{"format": "oracle-assessment", "version": 99, "summary": [], "reports": []}"#;
    assert!(Portfolio::from_json(other).unwrap_err().to_string().contains("version 99"));
}

#[cfg(feature = "json-schema")]
#[test]
fn the_schema_is_that_of_the_types() {
    let path = format!("{}/assessment.schema.json", env!("CARGO_MANIFEST_DIR"));
    let written = std::fs::read_to_string(path).unwrap_or_default();
    let now = Portfolio::json_schema().unwrap();
    assert_eq!(written, now, "it is old: cargo run -p oracle-assessment --features json-schema --example documents");
}

#[test]
fn sarif_is_sarif() {
    for (name, portfolio) in portfolios() {
        let text = portfolio.sarif().unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        // The types are generated from the standard's schema: what it does not know would be gone, what it demands would be missing.
        let typed: serde_sarif::sarif::Sarif =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(serde_json::to_value(&typed).unwrap(), value, "{name}");
        for (run, report) in typed.runs.iter().zip(&portfolio.reports) {
            let rules = run.tool.driver.rules.as_deref().unwrap_or_default();
            let results = run.results.as_deref().unwrap_or_default();
            assert!(results.len() >= report.findings.len(), "{name}");
            for result in results {
                let at = usize::try_from(result.rule_index.unwrap()).unwrap();
                assert_eq!(Some(&rules[at].id), result.rule_id.as_ref(), "{name}");
            }
        }
    }
    let sarif: serde_json::Value = serde_json::from_str(&Portfolio { reports: vec![rich()] }.sarif().unwrap()).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let autonomous = results.iter().find(|result| result["ruleId"] == "code.autonomous-transaction").unwrap();
    let place = &autonomous["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "dir/rich%20schema.sql");
    assert_eq!(place["region"]["startLine"], 28);
}

#[test]
fn csv_has_a_row_for_each() {
    for (name, portfolio) in portfolios() {
        let rows = |table| {
            let text = portfolio.csv(table).unwrap();
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let width = reader.headers().unwrap().len();
            let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
            assert!(width > 5 && rows.iter().all(|row| row.len() == width), "{name}");
            rows.len()
        };
        let sum = |of: fn(&assessment::Report) -> usize| portfolio.reports.iter().map(of).sum::<usize>();
        assert_eq!(rows(CsvTable::Summary), portfolio.reports.len(), "{name}");
        assert_eq!(rows(CsvTable::Inventory), sum(|r| r.inventory.len()), "{name}");
        assert_eq!(rows(CsvTable::Objects), sum(|r| r.objects.len()), "{name}");
        assert_eq!(rows(CsvTable::Findings), sum(|r| r.findings.len()), "{name}");
    }
}

#[test]
fn text_has_a_line_for_each_source() {
    for (name, portfolio) in portfolios() {
        let text = portfolio.text();
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{name}: {text}");
        if portfolio.reports.len() == 3 {
            assert!(text.starts_with("3 sources\n") && text.contains("an empty schema"), "{text}");
        }
    }
}

#[test]
fn kinds_and_severities_read_back() {
    for kind in Kind::ALL {
        let text = serde_json::to_string(kind).unwrap();
        assert_eq!(serde_json::from_str::<Kind>(&text).unwrap(), *kind);
    }
    for severity in Severity::ALL {
        assert_eq!(serde_json::to_string(severity).unwrap(), format!("\"{}\"", severity.noun()));
    }
}
