use crate::{ora, path, pg};
use schema_map::{
    DefaultTypes, NameMap, ObjectKind, TablePlan,
    ddl::{Ddl, Phase, files},
    script::Script,
};
use std::{fs, path::PathBuf};

fn script(name: &str) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/hr").join(name);
    fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

#[test]
fn hr_is_converted_whole_but_for_its_code() {
    let mut hr = Script::default();
    for file in ["hr_tables.sql", "hr_code.sql"] {
        hr.read(file, &script(file), &ora("HR"));
    }
    assert!(hr.errors.is_empty(), "{:?}", hr.errors);
    let names = NameMap::plan_by_case(&hr.catalog, &[(ora("HR"), pg("hr"))], None).unwrap();
    let ddl = Ddl::new(&hr.catalog, &names, &DefaultTypes::default()).unwrap();
    let count = |phase| ddl.phase(phase).count();
    assert_eq!(count(Phase::Schemas), 1);
    assert_eq!(count(Phase::Tables), 7);
    assert_eq!(count(Phase::Keys), 8);
    assert_eq!(count(Phase::Indexes), 11 + 2);
    assert_eq!(count(Phase::ForeignKeys), 10);
    assert_eq!(count(Phase::Views), 1);
    assert_eq!(count(Phase::Sequences), 3);
    assert!(ddl.refusals.iter().all(|r| r.kind == ObjectKind::Code), "{:?}", ddl.refusals);
    assert_eq!(ddl.refusals.len(), 4);
    let plans = TablePlan::all(&hr.catalog, &names, &DefaultTypes::default()).unwrap();
    assert!(plans.iter().all(|p| !p.key.is_empty()));
    let countries = plans.iter().find(|p| p.source == path("HR", "COUNTRIES")).unwrap();
    assert_eq!(countries.target.quoted(), "\"hr\".\"countries\"");
    let files: Vec<String> = files(&ddl).into_iter().map(|(name, _)| name).collect();
    assert_eq!(files.len(), 8);
    assert!(files.is_sorted());
}
