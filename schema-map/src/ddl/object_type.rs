use super::{Builder, Phase};
use crate::sql::{
    ast::TypeDefinition,
    parser::{Context, type_attributes, type_definition},
};
use crate::user_types::{attribute_name, named_type, of_attribute};
use crate::{ObjectKind, ObjectPath, OracleIdent, PgIdent, PlanError, StoredCode};
use std::collections::{HashMap, HashSet};
use type_convert::{LengthUnit, OracleType, PgComposite, PgType};

/// An attribute or element with its type here.
enum Resolved {
    Type(PgType, Option<String>),
    Refused(String),
}

impl Builder<'_> {
    /// Object types as composite types, collection types as domains over arrays, each behind those that it uses.
    pub(super) fn object_types(&mut self) -> Result<(), PlanError> {
        let catalog = self.catalog;
        let codes: Vec<&StoredCode> = catalog.stored_code.iter().filter(|c| c.kind == crate::CodeKind::Type).collect();
        let by_path: HashMap<&ObjectPath, &StoredCode> = codes.iter().map(|c| (&c.path, *c)).collect();
        let mut done = HashSet::new();
        for code in &codes {
            let mut way = Vec::new();
            self.object_type(code, &by_path, &mut done, &mut way)?;
        }
        Ok(())
    }

    fn object_type(
        &mut self,
        code: &StoredCode,
        by_path: &HashMap<&ObjectPath, &StoredCode>,
        done: &mut HashSet<ObjectPath>,
        way: &mut Vec<ObjectPath>,
    ) -> Result<(), PlanError> {
        if done.contains(&code.path) || way.contains(&code.path) {
            return Ok(());
        }
        let context = context(&code.path);
        let definition = type_definition(&code.source, &context);
        way.push(code.path.clone());
        let attributes = match &definition {
            TypeDefinition::Object { .. } => {
                let source = |path: &ObjectPath| by_path.get(path).map(|c| c.source.as_str());
                type_attributes(&code.path, &source, &context)
            }
            _ => None,
        };
        let needed: Vec<&OracleType> = match (&attributes, &definition) {
            (Some(attributes), _) => attributes.iter().map(|(_, of)| of).collect(),
            (None, TypeDefinition::Collection { element, .. }) => vec![element],
            _ => Vec::new(),
        };
        for oracle in needed {
            if let Some(path) = named_type(oracle, &code.path.schema)
                && let Some(other) = by_path.get(&path)
            {
                self.object_type(other, by_path, done, way)?;
            }
        }
        if let TypeDefinition::Object { supertype: Some(supertype), .. } = &definition
            && let Some(other) = by_path.get(supertype)
        {
            self.object_type(other, by_path, done, way)?;
        }
        way.pop();
        done.insert(code.path.clone());
        let target = self.target(ObjectKind::Type, &code.path)?.quoted();
        match definition {
            TypeDefinition::Announced => {
                // References to it are possible in Oracle, and nothing else.
                let sql = format!("CREATE TYPE {target} AS ();");
                let note = "it is only announced (CREATE TYPE name), never defined: a type without attributes";
                self.push(Phase::Types, ObjectKind::Type, &code.path, sql, vec![note.to_owned()]);
                self.types_made.insert(code.path.clone());
                self.rewriter.add_object(&code.path, target, &[]);
                self.rewriter.announced(&code.path);
            }
            TypeDefinition::Opaque => {
                self.refuse(ObjectKind::Type, &code.path, "its definition is wrapped or of a form that is not known");
            }
            TypeDefinition::Object { supertype, methods, attributes: own, .. } => {
                match attributes {
                    Some(attributes) => self.composite(code, &target, &attributes, supertype.as_ref(), &methods),
                    None if supertype.as_ref().is_some_and(|s| self.types_made.contains(s)) => {
                        self.composite(code, &target, &own, supertype.as_ref(), &methods);
                        if let Some(statement) = self.ddl.statements.last_mut() {
                            let note = statement.note.get_or_insert_default();
                            note.push_str("; a type that it is under is only announced, so it has no more than its own attributes");
                        }
                        self.rewriter.announced(&code.path);
                    }
                    None => {
                        let reason = "a type that it is under is not there or not defined";
                        self.refuse(ObjectKind::Type, &code.path, reason);
                    }
                }
            }
            TypeDefinition::Collection { limit, element, not_null } => {
                self.collection(code, &target, limit, &element, not_null);
            }
        }
        Ok(())
    }

    fn composite(
        &mut self,
        code: &StoredCode,
        target: &str,
        attributes: &[(OracleIdent, OracleType)],
        supertype: Option<&ObjectPath>,
        methods: &[String],
    ) {
        let mut notes = Vec::new();
        if let Some(supertype) = supertype {
            notes.push(format!(
                "the attributes of {supertype}, which it is under, are its own: there is no inheritance"
            ));
        }
        if !methods.is_empty() {
            notes.push(format!("its methods are stored code, which is not converted yet: {}", methods.join(", ")));
        }
        let mut made = Vec::with_capacity(attributes.len());
        let mut lines = Vec::with_capacity(attributes.len());
        for (name, oracle) in attributes {
            let quoted = match PgIdent::new(attribute_name(self.names, &code.path, name)) {
                Ok(name) => name.quoted(),
                Err(_) => name.quoted(),
            };
            match self.resolved(&code.path, name, oracle) {
                Resolved::Type(pg_type, note) => {
                    notes.extend(note.map(|note| format!("{name}: {note}")));
                    lines.push(format!("{quoted} {pg_type}"));
                    made.push((name.clone(), quoted, oracle.clone(), pg_type));
                }
                Resolved::Refused(reason) => {
                    self.refuse(ObjectKind::Type, &code.path, format!("the attribute {name}: {reason}"));
                    return;
                }
            }
        }
        let sql = format!("CREATE TYPE {target} AS (\n    {}\n);", lines.join(",\n    "));
        self.push(Phase::Types, ObjectKind::Type, &code.path, sql, notes);
        self.types_made.insert(code.path.clone());
        self.rewriter.add_object(&code.path, target.to_owned(), &made);
    }

    fn collection(
        &mut self,
        code: &StoredCode,
        target: &str,
        limit: Option<u32>,
        element: &OracleType,
        not_null: bool,
    ) {
        let Ok(name) = OracleIdent::new("ELEMENT") else { return };
        let (pg_type, note) = match self.resolved(&code.path, &name, element) {
            Resolved::Type(pg_type, note) => (pg_type, note),
            Resolved::Refused(reason) => {
                self.refuse(ObjectKind::Type, &code.path, format!("its elements: {reason}"));
                return;
            }
        };
        let mut notes: Vec<String> = note.into_iter().collect();
        if matches!(pg_type, PgType::Array(_)) {
            self.refuse(ObjectKind::Type, &code.path, "PostgreSQL has no arrays of arrays");
            return;
        }
        if limit.is_none() {
            notes.push("a nested table is an array: its elements keep their order".to_owned());
        }
        if not_null {
            notes.push("NOT NULL of its elements has no counterpart".to_owned());
        }
        let check = limit.map(|limit| format!(" CHECK (cardinality(VALUE) <= {limit})")).unwrap_or_default();
        let sql = format!("CREATE DOMAIN {target} AS {pg_type}[]{check};");
        self.push(Phase::Types, ObjectKind::Type, &code.path, sql, notes);
        self.types_made.insert(code.path.clone());
        self.rewriter.add_collection(&code.path, target.to_owned(), element, &pg_type);
    }

    fn resolved(&self, owner: &ObjectPath, name: &OracleIdent, oracle: &OracleType) -> Resolved {
        if let Some((pg_type, note)) = self.user_type(oracle, &owner.schema) {
            return Resolved::Type(pg_type, note);
        }
        match of_attribute(self.types, owner, name, oracle) {
            Ok(pg_type) => Resolved::Type(pg_type, None),
            Err(error) if self.options.partial => {
                Resolved::Type(PgType::Text, Some(format!("{}: a text here", error.reason)))
            }
            Err(error) => Resolved::Refused(error.reason),
        }
    }

    /// The type of a column or attribute that is of a type of the schema, or a reference.
    pub(super) fn user_type(&self, oracle: &OracleType, schema: &OracleIdent) -> Option<(PgType, Option<String>)> {
        let OracleType::Other { name, .. } = oracle else { return None };
        if let Some(of) = name.strip_prefix("REF ") {
            let note = format!("a REF has no counterpart: a text, for the key of the {of} that it refers to");
            return Some((PgType::Text, Some(note)));
        }
        let path = named_type(oracle, schema)?;
        let path = if self.types_made.contains(&path) { path } else { self.relations.resolve(&path) };
        let target = self.types_made.contains(&path).then(|| self.rewriter.object_target(&path)).flatten()?;
        let composite = PgComposite { name: target.to_owned(), oid: None, array_oid: None, fields: Vec::new() };
        Some((PgType::Composite(Box::new(composite)), None))
    }
}

fn context(path: &ObjectPath) -> Context {
    Context { schema: path.schema.clone(), length_unit: LengthUnit::Byte }
}
