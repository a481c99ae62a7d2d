//! Oracle DDL scripts to PostgreSQL files: `script_to_files HR hr out hr_tables.sql hr_code.sql`.

use schema_map::{Catalog, DefaultTypes, NameMap, OracleIdent, PgIdent, ddl::Ddl, script::Script};
use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [schema, target, directory, scripts @ ..] = arguments.as_slice() else {
        return Err("usage: script_to_files ORACLE_SCHEMA TARGET_SCHEMA DIRECTORY SCRIPT…".into());
    };
    let schema = OracleIdent::new(schema.as_str())?;
    let catalog = read(scripts, &schema)?;

    let names = NameMap::plan_by_case(&catalog, &[(schema, PgIdent::new_schema(target.as_str())?)], None)?;
    let ddl = Ddl::new(&catalog, &names, &DefaultTypes::default())?;

    let directory = Path::new(directory);
    fs::create_dir_all(directory)?;
    fs::write(directory.join("names.toml"), names.to_toml())?;
    for (name, content) in schema_map::ddl::files(&ddl) {
        fs::write(directory.join(name), content)?;
    }
    for refusal in &ddl.refusals {
        println!("not converted: {} {}: {}", refusal.kind.noun(), refusal.source, refusal.reason);
    }
    Ok(())
}

fn read(scripts: &[String], schema: &OracleIdent) -> Result<Catalog, Box<dyn Error>> {
    let mut script = Script::default();
    for file in scripts {
        script.read(file, &fs::read_to_string(file)?, schema);
    }
    match script.errors.is_empty() {
        true => Ok(script.catalog),
        false => Err(script.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n").into()),
    }
}
