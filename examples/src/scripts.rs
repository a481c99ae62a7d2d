//! A folder of Oracle scripts to a folder of PostgreSQL files, with no database at hand.
//!
//! Every `.sql` file of the folder and those below it is read, whatever the order of their names: a script that others
//! include is read where they include it, and a statement that needs what another file makes waits for it.

use crate::choices::Choices;
use anyhow::{Context, Result, bail};
use schema_map::{
    ByCase, CaseRule, Catalog, DefaultTypes, NameMap, ObjectKind, ObjectPath, OracleIdent, PgIdent, Renamed,
    TypeOverrides,
    ddl::{self, Ddl, Manifest, Verdict},
    script::{self, Encoding, Script},
    sql::{Lexer, TokenKind},
};
use serde::Serialize;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// What is to be converted, and how.
#[derive(Debug, Clone, Default)]
pub struct ScriptOptions {
    /// The Oracle schema of names that name none. Where it is not given, it is the one by which the scripts call their own
    /// tables elsewhere, else `APP` for the target schema `public`.
    pub schema: Option<OracleIdent>,
    /// Oracle schemas and the target schemas for them; others go to the schema of their own name.
    pub targets: Vec<(OracleIdent, PgIdent)>,
    /// The case rule; where absent, what the target schemas' names imply.
    pub case: Option<CaseRule>,
    /// Names that are decided already.
    pub names: NameMap,
    /// Types that are chosen.
    pub types: TypeOverrides,
    /// Values of substitution variables.
    pub defines: Vec<(String, String)>,
    /// What else is chosen.
    pub choices: Choices,
}

/// What became of a folder of scripts.
#[derive(Debug)]
pub struct ScriptConversion {
    /// The DDL.
    pub ddl: Ddl,
    /// The names.
    pub names: NameMap,
    /// What is written beside the files.
    pub report: ScriptReport,
}

/// The content of `manifest.json`.
#[derive(Debug, Serialize)]
pub struct ScriptReport {
    /// Files and objects.
    #[serde(flatten)]
    pub manifest: Manifest,
    /// The schema of names that name none.
    pub schema: OracleIdent,
    /// How many objects there are of each kind and verdict.
    pub summary: BTreeMap<&'static str, BTreeMap<Verdict, usize>>,
    /// What could not be read: `file:line:column: what was found and what was expected`.
    pub unread: Vec<String>,
    /// Statements that are no DDL of a schema: data, sessions, rights on the system.
    pub other_statements: Vec<OtherStatements>,
    /// Objects that a filter left out.
    pub left_out: Vec<String>,
    /// What is to be known about files and names.
    pub remarks: Vec<String>,
}

/// Statements of one sort in one script.
#[derive(Debug, Serialize)]
pub struct OtherStatements {
    /// Their first word.
    pub verb: String,
    /// How many.
    pub count: usize,
    /// The first of them, as `file:line`.
    pub first: String,
}

/// Converts the scripts in a folder. It fails where nothing can be done: no folder, no scripts, no object in them.
pub fn convert(dir: &Path, options: &ScriptOptions) -> Result<ScriptConversion> {
    let Folder { script, schema, mut unread, left_out, mut remarks, .. } = read_folder(dir, options)?;
    unread.extend(script.errors.iter().map(ToString::to_string));
    let catalog = &script.catalog;
    let schemas = schemas_of(catalog);
    if schemas.is_empty() {
        bail!(
            "{} has no script that makes an object{}",
            dir.display(),
            unread.first().map(|e| format!(": {e}")).unwrap_or_default()
        );
    }
    let version = options.choices.pg_version.unwrap_or(15);
    let (names, renamed) = plan_names(catalog, &schema, options)?;
    remarks.extend(renamed.iter().map(renamed_text));
    let types = options.types.clone().with_base(DefaultTypes::for_server(version));
    for column in types.unknown_columns(&catalog.tables) {
        remarks.push(format!("a type is given for {column}, which is not there"));
    }
    let mut how = options.choices.options(version);
    how.partial = true;
    let ddl = Ddl::with(catalog, &names, &types, &how)?;
    let manifest = ddl.manifest(&|kind, path| script.place(kind, path).map(|p| format!("{}:{}", p.file, p.line)));
    let mut summary: BTreeMap<&'static str, BTreeMap<Verdict, usize>> = BTreeMap::new();
    for object in manifest.objects.iter().filter(|o| o.kind != ObjectKind::Helper) {
        *summary.entry(object.kind.noun()).or_default().entry(object.verdict).or_default() += 1;
    }
    let other_statements = others(&script);
    let report = ScriptReport { manifest, schema, summary, unread, other_statements, left_out, remarks };
    Ok(ScriptConversion { ddl, names, report })
}

/// A folder of scripts, read.
pub(crate) struct Folder {
    /// In the order of their names.
    pub(crate) files: Vec<File>,
    /// What they make, without what a filter left out.
    pub(crate) script: Script,
    /// The schema of names that name none.
    pub(crate) schema: OracleIdent,
    /// Files that could not be read, and why.
    pub(crate) unread: Vec<String>,
    /// Objects that a filter left out.
    pub(crate) left_out: Vec<String>,
    /// What is to be known about files and schemas.
    pub(crate) remarks: Vec<String>,
}

/// Reads the scripts in a folder. It fails where there is no folder, or no script in it.
pub(crate) fn read_folder(dir: &Path, options: &ScriptOptions) -> Result<Folder> {
    let mut remarks = Vec::new();
    let mut unread = Vec::new();
    let files = read_files(dir, &mut unread, &mut remarks)?;
    let own = own_schemas(&files);
    let schema = match &options.schema {
        Some(schema) => schema.clone(),
        None => own.schemas.first().cloned().map_or_else(|| OracleIdent::new("APP"), OracleIdent::new)?,
    };
    if own.schemas.len() > 1 {
        remarks.push(format!(
            "objects without a schema are called by several elsewhere, {}: they are all taken for those of {schema}",
            own.schemas.join(", ")
        ));
    }
    let mut script = read_scripts(&files, &schema, own, options);
    remarks.extend(script.kept_variables.iter().map(|kept| format!("{kept}; it is kept as it stands")));
    let gone = script.catalog.retain(&|path| options.choices.filter.passes(path));
    let left_out = gone.iter().map(|(kind, path)| format!("{} {path}", kind.noun())).collect();
    Ok(Folder { files, script, schema, unread, left_out, remarks })
}

/// The names that the options give a catalog whose names without a schema are of `schema`.
pub(crate) fn plan_names(
    catalog: &Catalog,
    schema: &OracleIdent,
    options: &ScriptOptions,
) -> Result<(NameMap, Vec<Renamed>)> {
    let targets = targets(&schemas_of(catalog), schema, options)?;
    Ok(NameMap::plan_apart(catalog, &ByCase::new(&targets, options.case), &options.names)?)
}

impl ScriptConversion {
    /// Writes the files, the name map and the manifest into a folder.
    pub fn write(&self, out: &Path) -> Result<()> {
        fs::create_dir_all(out).with_context(|| format!("the folder {} cannot be made", out.display()))?;
        let write = |name: &str, content: &str| {
            let path = out.join(name);
            fs::write(&path, content).with_context(|| format!("{} cannot be written", path.display()))
        };
        for (name, content) in ddl::files(&self.ddl) {
            write(&name, &content)?;
        }
        write("names.toml", &self.names.to_toml())?;
        write("manifest.json", &serde_json::to_string_pretty(&self.report)?)
    }
}

impl ScriptReport {
    /// A summary for people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let verdict = |of: &BTreeMap<Verdict, usize>, verdict| of.get(&verdict).copied().unwrap_or_default();
        let _ = writeln!(text, "{:<18} {:>9} {:>9} {:>9} {:>9}", "", "converted", "changed", "covered", "refused");
        for (kind, of) in &self.summary {
            let _ = writeln!(
                text,
                "{kind:<18} {:>9} {:>9} {:>9} {:>9}",
                verdict(of, Verdict::Converted),
                verdict(of, Verdict::Changed),
                verdict(of, Verdict::Covered),
                verdict(of, Verdict::Refused)
            );
        }
        let refused: Vec<_> = self.manifest.objects.iter().filter(|o| o.verdict == Verdict::Refused).collect();
        if !refused.is_empty() {
            let _ = writeln!(text, "\nnot converted:");
        }
        for object in refused {
            let place = object.place.as_deref().map(|p| format!("{p}: ")).unwrap_or_default();
            for note in &object.notes {
                let _ = writeln!(text, "  {place}{} {}: {note}", object.kind.noun(), object.source);
            }
        }
        let mut list = |title: &str, lines: &[String]| {
            if !lines.is_empty() {
                let _ = writeln!(text, "\n{title}:");
            }
            for line in lines {
                let _ = writeln!(text, "  {line}");
            }
        };
        list("not understood", &self.unread);
        list("left out, as it is asked for", &self.left_out);
        list("remarks", &self.remarks);
        let others: Vec<String> =
            self.other_statements.iter().map(|o| format!("{} {}, first at {}", o.count, o.verb, o.first)).collect();
        list("statements that make no object of a schema", &others);
        text
    }
}

/// One script.
pub(crate) struct File {
    /// Relative to the folder, with `/` between its parts.
    pub(crate) name: String,
    pub(crate) text: String,
}

fn read_files(dir: &Path, unread: &mut Vec<String>, remarks: &mut Vec<String>) -> Result<Vec<File>> {
    let mut paths = Vec::new();
    scripts_below(dir, &mut paths).with_context(|| format!("the folder {} cannot be read", dir.display()))?;
    paths.sort();
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let name = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                unread.push(format!("{name}: {error}"));
                continue;
            }
        };
        match script::decode(&bytes) {
            Ok(decoded) => {
                if decoded.encoding != Encoding::Utf8 {
                    remarks.push(format!("{name} is read as {}", decoded.encoding));
                }
                files.push(File { name, text: decoded.text.into_owned() });
            }
            Err(error) => unread.push(format!("{name}: {error}")),
        }
    }
    if files.is_empty() {
        bail!(
            "{} has no script (.sql and the like) that can be read{}",
            dir.display(),
            unread.first().map(|e| format!(": {e}")).unwrap_or_default()
        );
    }
    Ok(files)
}

/// How the names of files with Oracle's DDL end.
#[rustfmt::skip]
const EXTENSIONS: &[&str] = &[
    "sql", "ddl", "tab", "tbl", "pks", "pkb", "pkg", "pck", "pkh", "plb", "pls", "plsql", "prc", "fnc", "fun", "trg", "vw",
    "mvw", "typ", "tps", "tpb", "syn", "seq", "idx", "con", "mv", "spc", "bdy", "grt",
];

fn scripts_below(dir: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            // A link to a folder above would never end.
            if !path.is_symlink() {
                scripts_below(&path, found)?;
            }
        } else if path.extension().is_some_and(|e| EXTENSIONS.iter().any(|known| e.eq_ignore_ascii_case(known))) {
            found.push(path);
        }
    }
    Ok(())
}

/// Reads all files, included ones where they are included.
fn read_scripts(files: &[File], schema: &OracleIdent, own: OwnSchemas, options: &ScriptOptions) -> Script {
    let by_name: HashMap<&str, &File> = files.iter().map(|f| (f.name.as_str(), f)).collect();
    let included: HashSet<&str> = files.iter().flat_map(|f| includes(f, files, &by_name)).collect();
    let read: RefCell<HashSet<String>> = RefCell::new(HashSet::new());
    let others = own.schemas.into_iter().filter(|name| name != schema.as_str()).collect();
    let mut script = Script::in_any_order().with_own_schemas(others, own.names);
    // Scripts that nothing includes come first; what is left then includes itself in a circle.
    let roots = files.iter().filter(|f| !included.contains(f.name.as_str()));
    for file in roots.chain(files.iter().filter(|f| included.contains(f.name.as_str()))) {
        if !read.borrow_mut().insert(file.name.clone()) {
            continue;
        }
        let mut statements = script::split(&file.name, &file.text).keeping_unknown().includes(|path| {
            let Some(found) = find_included(path, files, &by_name) else {
                return Err(io::Error::new(io::ErrorKind::NotFound, "it is not in the folder"));
            };
            // A script that is there twice is read once: its objects would be duplicates.
            let first = read.borrow_mut().insert(found.name.clone());
            Ok(if first { found.text.clone() } else { String::new() })
        });
        for (name, value) in &options.defines {
            statements = statements.define(name, value);
        }
        script.read_statements(statements, schema);
    }
    script.finish();
    script
}

/// The scripts of the folder that a script includes, as far as their names stand there.
fn includes<'f>(file: &File, files: &'f [File], by_name: &HashMap<&str, &'f File>) -> Vec<&'f str> {
    let mut found = Vec::new();
    for line in file.text.lines() {
        let line = line.trim();
        let lower = line.to_ascii_lowercase();
        let named = line.strip_prefix('@').or_else(|| lower.starts_with("start ").then(|| &line[6..]));
        let Some(named) = named else { continue };
        let beside = named.starts_with('@');
        let named = named.trim_start_matches('@').trim().trim_matches('"').trim_end_matches(';');
        let mut path = named.split_whitespace().next().unwrap_or_default().replace('\\', "/");
        if !path.rsplit('/').next().unwrap_or_default().contains('.') {
            path.push_str(".sql");
        }
        if beside && let Some((folder, _)) = file.name.rsplit_once('/') {
            path = format!("{folder}/{path}");
        }
        found.extend(find_included(&path, files, by_name).map(|f| f.name.as_str()));
    }
    found
}

/// By its path from the folder, else by the end of one, if it is the only one.
fn find_included<'f>(path: &str, files: &'f [File], by_name: &HashMap<&str, &'f File>) -> Option<&'f File> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|p| !p.is_empty() && *p != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let path = parts.join("/");
    if let Some(file) = by_name.get(path.as_str()) {
        return Some(file);
    }
    let ending = format!("/{}", path.to_ascii_lowercase());
    let mut alike = files.iter().filter(|f| format!("/{}", f.name.to_ascii_lowercase()).ends_with(&ending));
    match (alike.next(), alike.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// The schemas by which scripts call objects that others make without one (`CREATE TABLE sales` here, `sh.sales` there), the one
/// most used first, and the names of objects that are made.
struct OwnSchemas {
    schemas: Vec<String>,
    names: HashSet<String>,
}

/// Words behind which the name of a table, view, sequence or type stands. SYNONYM is none of them: `a.t` that stands for
/// `b.t` says nothing about where `t` is made.
#[rustfmt::skip]
const BEFORE_TABLES: &[&str] = &[
    "TABLE", "VIEW", "SEQUENCE", "TYPE", "INDEX", "TRIGGER", "REFERENCES", "FROM", "JOIN", "INTO", "UPDATE", "FOR",
];

/// A token as the search for schemas sees it.
#[derive(Default)]
struct Word {
    text: String,
    /// A name, quoted or not.
    is_name: bool,
    /// Not quoted.
    is_plain: bool,
}

fn own_schemas(files: &[File]) -> OwnSchemas {
    let mut created: HashSet<String> = HashSet::new();
    let mut qualified: HashMap<String, BTreeSet<String>> = HashMap::new();
    for file in files {
        // The words before, the last one last; of a symbol its text.
        let mut before: [Word; 3] = Default::default();
        let mut creating = 0usize;
        // Behind GRANT or INDEX a table is behind ON, in a query a condition is.
        let mut on_table = false;
        for token in Lexer::new(&file.text).filter(|t| t.kind != TokenKind::Comment) {
            let word = match token.kind {
                TokenKind::Word => Word { text: token.text.to_uppercase(), is_name: true, is_plain: true },
                TokenKind::QuotedIdent => {
                    Word { text: token.text.trim_matches('"').to_owned(), is_name: true, is_plain: false }
                }
                _ => Word { text: token.text.to_owned(), ..Word::default() },
            };
            creating = if word.is_plain && word.text == "CREATE" { 8 } else { creating.saturating_sub(1) };
            let [place, owner, dot] = &before;
            let names_table =
                place.is_plain && (BEFORE_TABLES.contains(&place.text.as_str()) || (on_table && place.text == "ON"));
            if word.is_name && dot.text == "." && owner.is_name && names_table {
                qualified.entry(owner.text.clone()).or_default().insert(word.text.clone());
            }
            let made = dot.is_plain && matches!(dot.text.as_str(), "TABLE" | "VIEW" | "SEQUENCE" | "TYPE");
            if word.is_name && made && creating > 0 {
                created.insert(word.text.clone());
            }
            on_table = match word.text.as_str() {
                ";" => false,
                "GRANT" | "INDEX" if word.is_plain => true,
                _ => on_table,
            };
            before.rotate_left(1);
            before[2] = word;
        }
    }
    let mut schemas: Vec<(usize, String)> = qualified
        .into_iter()
        .map(|(owner, names)| (names.iter().filter(|n| created.contains(*n)).count(), owner))
        .filter(|(count, _)| *count > 0)
        .collect();
    schemas.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    OwnSchemas { schemas: schemas.into_iter().map(|(_, owner)| owner).collect(), names: created }
}

/// Every Oracle schema that has an object.
pub(crate) fn schemas_of(catalog: &Catalog) -> BTreeSet<OracleIdent> {
    let mut schemas = BTreeSet::new();
    let mut add = |path: &ObjectPath| {
        if path.schema.as_str() != "PUBLIC" {
            schemas.insert(path.schema.clone());
        }
    };
    catalog.tables.iter().for_each(|t| add(&t.path));
    catalog.views.iter().for_each(|v| add(&v.path));
    catalog.materialized_views.iter().for_each(|v| add(&v.view.path));
    catalog.indexes.iter().for_each(|i| {
        add(&i.path);
        add(&i.table);
    });
    catalog.sequences.iter().for_each(|s| add(&s.path));
    catalog.synonyms.iter().for_each(|s| add(&s.path));
    catalog.stored_code.iter().for_each(|c| add(&c.path));
    schemas
}

fn targets(
    schemas: &BTreeSet<OracleIdent>,
    own: &OracleIdent,
    options: &ScriptOptions,
) -> Result<Vec<(OracleIdent, PgIdent)>> {
    let mut targets = Vec::with_capacity(schemas.len());
    for schema in schemas {
        let given = options.targets.iter().find(|(source, _)| source == schema).map(|(_, target)| target.clone());
        let target = match given {
            Some(target) => target,
            None if schema == own && options.schema.is_none() && own.as_str() == "APP" => PgIdent::new("public")?,
            None => {
                let name = options.case.unwrap_or(CaseRule::Lower).apply(schema)?;
                // `pg_…` is PostgreSQL's own.
                PgIdent::new_schema(name.as_str()).or_else(|_| PgIdent::new_schema(format!("ora_{name}")))?
            }
        };
        targets.push((schema.clone(), target));
    }
    Ok(targets)
}

fn renamed_text(renamed: &Renamed) -> String {
    let Renamed { kind, source, from, to } = renamed;
    format!("{} {source}: the name {from} is taken, it is called {to}", kind.noun())
}

fn others(script: &Script) -> Vec<OtherStatements> {
    let mut by_verb: BTreeMap<String, OtherStatements> = BTreeMap::new();
    for statement in &script.statements {
        let verb = Lexer::new(&statement.text).find(|t| t.kind != TokenKind::Comment).map(|t| t.text.to_uppercase());
        let verb = verb.unwrap_or_default();
        // Rights on objects are objects of the manifest.
        if verb == "GRANT" && Lexer::new(&statement.text).any(|t| t.is_word("ON")) {
            continue;
        }
        let entry = by_verb.entry(verb.clone()).or_insert_with(|| OtherStatements {
            verb,
            count: 0,
            first: format!("{}:{}", statement.file, statement.line),
        });
        entry.count += 1;
    }
    by_verb.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_that_scripts_mean() {
        let file = |text: &str| vec![File { name: "x.sql".to_owned(), text: text.to_owned() }];
        let schema = |text: &str| own_schemas(&file(text)).schemas.first().cloned();
        assert_eq!(
            schema("CREATE TABLE sales (id NUMBER); CREATE VIEW v AS SELECT s.id FROM sh.sales s;").as_deref(),
            Some("SH")
        );
        assert_eq!(
            schema(
                "CREATE TABLE t (id NUMBER); CREATE SYNONYM reader.t FOR owner.t; GRANT SELECT ON owner.t TO reader;"
            )
            .as_deref(),
            Some("OWNER")
        );
        // A variable of PL/SQL, an alias in a condition.
        assert_eq!(
            schema("CREATE TABLE id (t NUMBER); CREATE VIEW v AS SELECT 1 x FROM id a JOIN id b ON b.id = a.t;"),
            None
        );
        assert_eq!(schema("CREATE TYPE extend AS OBJECT (a NUMBER);\n/\nBEGIN l_value.extend; END;\n/\n"), None);
        assert_eq!(schema("CREATE TABLE sales (id NUMBER);"), None);
        assert_eq!(schema("CREATE TABLE a.sales (id NUMBER); CREATE VIEW v AS SELECT sales.id FROM a.sales;"), None);
    }
}
