use super::{Covered, Ddl, Phase, Refusal};
use crate::{ObjectKind, ObjectPath};
use serde::{Deserialize, Serialize};

/// What the files hold and what they do not, to be kept beside them as JSON or any other form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// In the order in which they are loaded.
    pub files: Vec<ManifestFile>,
    /// What is left out, and why.
    pub refusals: Vec<Refusal>,
    /// What needs no statement of its own.
    pub covered: Vec<Covered>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its name.
    pub name: String,
    /// Its phase.
    pub phase: Phase,
    /// What its statements make, in order.
    pub statements: Vec<ManifestStatement>,
}

/// One statement of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestStatement {
    /// What it makes.
    pub kind: ObjectKind,
    /// The Oracle object.
    pub source: ObjectPath,
    /// What differs from the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One file for each phase that has statements, name and content, for psql in the order of the names.
pub fn files(ddl: &Ddl) -> Vec<(String, String)> {
    phases(ddl).map(|(phase, name)| (name.to_owned(), content(ddl, phase))).collect()
}

impl Ddl {
    /// What [`files`] writes and what it leaves out.
    pub fn manifest(&self) -> Manifest {
        let files = phases(self).map(|(phase, name)| ManifestFile {
            name: name.to_owned(),
            phase,
            statements: self
                .phase(phase)
                .map(|s| ManifestStatement { kind: s.kind, source: s.source.clone(), note: s.note.clone() })
                .collect(),
        });
        Manifest { files: files.collect(), refusals: self.refusals.clone(), covered: self.covered.clone() }
    }
}

fn phases(ddl: &Ddl) -> impl Iterator<Item = (Phase, &'static str)> {
    let named = Phase::ALL.into_iter().map(|phase| (phase, file_name(phase)));
    named.filter(|(phase, _)| ddl.phase(*phase).next().is_some())
}

fn file_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Schemas => "10_schemas.sql",
        Phase::Tables => "20_tables.sql",
        Phase::Keys => "30_keys.sql",
        Phase::Indexes => "40_indexes_and_checks.sql",
        Phase::ForeignKeys => "50_foreign_keys.sql",
        Phase::Views => "60_views.sql",
        Phase::Sequences => "70_sequences.sql",
        Phase::Comments => "80_comments.sql",
    }
}

fn content(ddl: &Ddl, phase: Phase) -> String {
    let what = match phase {
        Phase::Schemas => "Schemas.",
        Phase::Tables => "Tables. The rows are loaded after this file.",
        Phase::Keys => "Primary keys and unique constraints.",
        Phase::Indexes => "Indexes and check constraints.",
        Phase::ForeignKeys => "Foreign keys.",
        Phase::Views => "Views.",
        Phase::Sequences => "Sequences, and the columns that draw from them.",
        Phase::Comments => "Comments.",
    };
    let mut text = format!(
        "-- {what}\n-- Made from an Oracle catalog; load the files in the order of their names.\n\
         \\set ON_ERROR_STOP on\nSET client_encoding = 'UTF8';\n"
    );
    let mut before = None;
    for statement in ddl.phase(phase) {
        if before.replace((statement.kind, &statement.source)) != Some((statement.kind, &statement.source)) {
            let source = match statement.kind {
                ObjectKind::Schema => statement.source.schema.to_string(),
                _ => statement.source.to_string(),
            };
            text.push_str(&format!("\n-- {} {}\n", statement.kind.noun(), one_line(&source)));
        }
        if let Some(note) = &statement.note {
            text.push_str(&format!("-- {}\n", one_line(note)));
        }
        text.push_str(&statement.sql);
        text.push('\n');
    }
    text
}

/// A comment ends with its line, whatever a name has in it.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
