use crate::sql::{
    ast::TypeDefinition,
    parser::{Context, type_attributes, type_definition},
};
use crate::{
    CaseRule, Catalog, CodeKind, Column, NameMap, ObjectKind, ObjectPath, OracleIdent, Table, TableKind, TypeError,
    TypePolicy, types,
};
use std::collections::BTreeMap;
use type_convert::{CollectionType, LengthUnit, ObjectType, OracleType, PgComposite, PgDomain, PgType};

/// What the object and collection types that columns name are made of.
///
/// A catalog names such a type ([`OracleType::Other`]) and keeps its source; a reader or a transcoder needs its attributes. They come from the
/// sources ([`of`](UserTypes::of)), or from `ALL_TYPE_ATTRS` and `ALL_COLL_TYPES` ([`insert`](UserTypes::insert)), which also know what `ALTER TYPE`
/// has changed, wrapped sources, and types of other schemas.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserTypes {
    types: BTreeMap<ObjectPath, UserType>,
}

/// A type of a user. Types that it uses are named, as columns name them: without an owner one of the type's own schema is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserType {
    /// `CREATE TYPE … AS OBJECT`, `… UNDER …`.
    Object {
        /// All attributes, those of its supertypes first.
        attributes: Vec<(OracleIdent, OracleType)>,
        /// The type that it is under.
        supertype: Option<ObjectPath>,
        /// NOT FINAL: a value may be of a type under it, and have more attributes.
        extensible: bool,
    },
    /// `CREATE TYPE … AS VARRAY (limit) OF …`, `… AS TABLE OF …`.
    Collection {
        /// The most elements of a VARRAY, `None` for a nested table.
        limit: Option<u32>,
        /// The type of its elements.
        element: OracleType,
    },
}

/// Types within types, and no deeper.
const MAX_DEPTH: usize = 16;

impl UserTypes {
    /// Those whose source the catalog has; incomplete and wrapped ones are left out.
    pub fn of(catalog: &Catalog) -> Self {
        let sources: BTreeMap<&ObjectPath, &str> = catalog
            .stored_code
            .iter()
            .filter(|code| code.kind == CodeKind::Type)
            .map(|code| (&code.path, code.source.as_str()))
            .collect();
        let mut types = BTreeMap::new();
        for (&path, source) in &sources {
            let context = Context { schema: path.schema.clone(), length_unit: LengthUnit::Byte };
            let defined = match type_definition(source, &context) {
                TypeDefinition::Object { supertype, extensible, .. } => {
                    type_attributes(path, &|path| sources.get(path).copied(), &context)
                        .map(|attributes| UserType::Object { attributes, supertype, extensible })
                }
                TypeDefinition::Collection { limit, element, .. } => Some(UserType::Collection { limit, element }),
                TypeDefinition::Announced | TypeDefinition::Opaque => None,
            };
            types.extend(defined.map(|defined| (path.clone(), defined)));
        }
        UserTypes { types }
    }

    /// Adds a type, or puts it in the place of what was known of it.
    pub fn insert(&mut self, path: ObjectPath, defined: UserType) {
        self.types.insert(path, defined);
    }

    /// What is known of a type.
    pub fn get(&self, path: &ObjectPath) -> Option<&UserType> {
        self.types.get(path)
    }

    /// All of them, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectPath, &UserType)> {
        self.types.iter()
    }

    /// The path of the type that `oracle` names, where it names one; `schema` is that of the table or type that names it.
    pub fn path(oracle: &OracleType, schema: &OracleIdent) -> Option<ObjectPath> {
        named_type(oracle, schema)
    }

    /// `oracle` with what it is made of in place of each name that is known: [`OracleType::Object`], [`OracleType::Collection`],
    /// [`OracleType::Geometry`]. What is not known stays a name.
    pub fn resolve(&self, oracle: &OracleType, schema: &OracleIdent) -> OracleType {
        self.resolved(oracle, schema, 0)
    }

    fn resolved(&self, oracle: &OracleType, schema: &OracleIdent, depth: usize) -> OracleType {
        let Some((path, defined)) = self.named(oracle, schema).filter(|_| depth < MAX_DEPTH) else {
            return oracle.clone();
        };
        let (owner, name) = (path.schema.as_str().to_owned(), path.name.as_str().to_owned());
        match defined {
            UserType::Object { attributes, .. } => OracleType::Object(Box::new(ObjectType {
                attributes: attributes
                    .iter()
                    .map(|(name, of)| (name.as_str().to_owned(), self.resolved(of, &path.schema, depth + 1)))
                    .collect(),
                owner,
                name,
            })),
            UserType::Collection { limit, element } => OracleType::Collection(Box::new(CollectionType {
                element: self.resolved(element, &path.schema, depth + 1),
                limit: *limit,
                owner,
                name,
            })),
        }
    }

    fn named(&self, oracle: &OracleType, schema: &OracleIdent) -> Option<(ObjectPath, &UserType)> {
        let path = named_type(oracle, schema)?;
        self.types.get_key_value(&path).map(|(path, defined)| (path.clone(), defined))
    }

    /// The PostgreSQL type that [`Ddl`](crate::ddl::Ddl) makes of the type that `oracle` names: a row type, or a domain over an array. `None` where
    /// it names none that is known and has a name in the target.
    ///
    /// What OIDs it has is only known in the target; until then they are 0.
    pub(crate) fn pg_type(
        &self,
        oracle: &OracleType,
        schema: &OracleIdent,
        names: &NameMap,
        policy: &dyn TypePolicy,
    ) -> Result<Option<PgType>, TypeError> {
        self.pg_type_at(oracle, schema, names, policy, 0)
    }

    fn pg_type_at(
        &self,
        oracle: &OracleType,
        schema: &OracleIdent,
        names: &NameMap,
        policy: &dyn TypePolicy,
        depth: usize,
    ) -> Result<Option<PgType>, TypeError> {
        let Some((path, defined)) = self.named(oracle, schema).filter(|_| depth < MAX_DEPTH) else { return Ok(None) };
        let Some(target) = names.object(ObjectKind::Type, &path) else { return Ok(None) };
        let inner =
            |name: &OracleIdent, of: &OracleType| match self.pg_type_at(of, &path.schema, names, policy, depth + 1)? {
                Some(pg_type) => Ok(pg_type),
                None => of_attribute(policy, &path, name, of),
            };
        Ok(Some(match defined {
            UserType::Object { attributes, .. } => {
                let fields =
                    attributes.iter().map(|(name, of)| Ok((attribute_name(names, &path, name), inner(name, of)?)));
                PgType::Composite(Box::new(PgComposite {
                    name: target.quoted(),
                    oid: Some(0),
                    array_oid: Some(0),
                    fields: fields.collect::<Result<_, TypeError>>()?,
                }))
            }
            UserType::Collection { element, .. } => PgType::Domain(Box::new(PgDomain {
                name: target.quoted(),
                oid: Some(0),
                array_oid: Some(0),
                base: PgType::Array(Box::new(inner(&path.name, element)?)),
            })),
        }))
    }
}

/// The path of a type that is named, not built in.
pub(crate) fn named_type(oracle: &OracleType, schema: &OracleIdent) -> Option<ObjectPath> {
    let OracleType::Other { owner, name } = oracle else { return None };
    let owner = match owner {
        Some(owner) => OracleIdent::new(owner.clone()).ok()?,
        None => schema.clone(),
    };
    Some(ObjectPath::new(owner, OracleIdent::new(name.clone()).ok()?))
}

/// The type of an attribute, or of the elements of a collection, of a type that is no user's.
pub(crate) fn of_attribute(
    policy: &dyn TypePolicy,
    owner: &ObjectPath,
    name: &OracleIdent,
    oracle: &OracleType,
) -> Result<PgType, TypeError> {
    // The policy knows columns of tables only.
    let table = Table {
        path: owner.clone(),
        kind: TableKind::Heap,
        columns: Vec::new(),
        constraints: Vec::new(),
        comment: None,
        partitioning: None,
        remarks: Vec::new(),
    };
    types::decide(policy, &table, &Column::plain(name.clone(), oracle.clone()))
}

/// In the case of the type's own name.
pub(crate) fn attribute_name(names: &NameMap, path: &ObjectPath, name: &OracleIdent) -> String {
    let upper = names.object(ObjectKind::Type, path).is_some_and(|t| {
        t.name.as_str().bytes().any(|b| b.is_ascii_uppercase()) && t.name.as_str() == path.name.as_str()
    });
    let rule = if upper { CaseRule::Upper } else { CaseRule::Lower };
    rule.apply(name).map_or_else(|_| name.as_str().to_owned(), |n| n.as_str().to_owned())
}
