use super::{Ddl, Phase};
use crate::{ObjectKind, ObjectPath};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What the files hold and what they do not, to be kept beside them as JSON or any other form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// In the order in which they are loaded.
    pub files: Vec<ManifestFile>,
    /// Every object of the catalog, and what became of it.
    pub objects: Vec<ManifestObject>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its name.
    pub name: String,
    /// Its phase.
    pub phase: Phase,
    /// How many statements it has.
    pub statements: usize,
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestObject {
    /// What it is.
    pub kind: ObjectKind,
    /// The Oracle object; of a constraint without a name its table.
    pub source: ObjectPath,
    /// In a word.
    pub verdict: Verdict,
    /// The files with its statements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// What differs from the original, what is left out of it, why it is refused, or what covers it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Where it is in the scripts that it comes from, as `file:line`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// What became of an object, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// It means the same.
    Converted,
    /// It is there, and differs as its notes say.
    Changed,
    /// Another object does its work.
    Covered,
    /// It is not made.
    Refused,
}

/// One file for each phase that has statements, name and content, for psql in the order of the names.
pub fn files(ddl: &Ddl) -> Vec<(String, String)> {
    phases(ddl).map(|(phase, name)| (name.to_owned(), content(ddl, phase))).collect()
}

impl Ddl {
    /// What [`files`] writes and what it leaves out. `place` tells where an object is in the scripts that it comes from, for
    /// a catalog that comes from scripts.
    pub fn manifest(&self, place: &dyn Fn(ObjectKind, &ObjectPath) -> Option<String>) -> Manifest {
        let files = phases(self).map(|(phase, name)| ManifestFile {
            name: name.to_owned(),
            phase,
            statements: self.phase(phase).count(),
        });
        let mut objects: Vec<ManifestObject> = Vec::new();
        let mut known: HashMap<(ObjectKind, &ObjectPath), usize> = HashMap::new();
        let mut object = |objects: &mut Vec<ManifestObject>, kind, source, verdict| {
            *known.entry((kind, source)).or_insert_with(|| {
                let place = place(kind, source);
                let (files, notes) = (Vec::new(), Vec::new());
                objects.push(ManifestObject { kind, source: source.clone(), verdict, files, notes, place });
                objects.len() - 1
            })
        };
        for statement in &self.statements {
            let at = object(&mut objects, statement.kind, &statement.source, Verdict::Converted);
            let file = file_name(statement.phase);
            if !objects[at].files.iter().any(|f| f == file) {
                objects[at].files.push(file.to_owned());
            }
            if let Some(note) = &statement.note {
                objects[at].notes.push(note.clone());
                // What a sequence or a helper says of itself is no change of what was there.
                objects[at].verdict = Verdict::Changed;
            }
        }
        for refusal in &self.refusals {
            let at = object(&mut objects, refusal.kind, &refusal.source, Verdict::Refused);
            objects[at].notes.push(refusal.reason.clone());
            if objects[at].verdict != Verdict::Refused {
                objects[at].verdict = Verdict::Changed;
            }
        }
        for covered in &self.covered {
            let at = object(&mut objects, covered.kind, &covered.source, Verdict::Covered);
            objects[at].notes.push(covered.by.clone());
        }
        Manifest { files: files.collect(), objects }
    }
}

fn phases(ddl: &Ddl) -> impl Iterator<Item = (Phase, &'static str)> {
    let named = Phase::ALL.into_iter().map(|phase| (phase, file_name(phase)));
    named.filter(|(phase, _)| ddl.phase(*phase).next().is_some())
}

fn file_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Schemas => "10_schemas.sql",
        Phase::Types => "12_types.sql",
        Phase::Helpers => "15_helpers.sql",
        Phase::Tables => "20_tables.sql",
        Phase::Keys => "30_keys.sql",
        Phase::Indexes => "40_indexes_and_checks.sql",
        Phase::ForeignKeys => "50_foreign_keys.sql",
        Phase::Views => "60_views.sql",
        Phase::Synonyms => "65_synonyms.sql",
        Phase::Sequences => "70_sequences.sql",
        Phase::Comments => "80_comments.sql",
        Phase::Grants => "90_grants.sql",
    }
}

fn content(ddl: &Ddl, phase: Phase) -> String {
    let what = match phase {
        Phase::Schemas => "Schemas.",
        Phase::Types => "Object and collection types.",
        Phase::Helpers => "Functions for what PostgreSQL lacks, as far as something uses them.",
        Phase::Tables => "Tables. The rows are loaded after this file.",
        Phase::Keys => "Primary keys and unique constraints.",
        Phase::Indexes => "Indexes and check constraints.",
        Phase::ForeignKeys => "Foreign keys.",
        Phase::Views => "Views and materialized views.",
        Phase::Synonyms => "Views that stand for synonyms.",
        Phase::Sequences => "Sequences, and the columns that draw from them.",
        Phase::Comments => "Comments.",
        Phase::Grants => "Rights.",
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
