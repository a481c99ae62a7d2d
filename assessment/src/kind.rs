//! Sorts of objects.

use schema_map::{CodeKind, ObjectKind};
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])+ $kind:ident, $noun:literal, $plural:literal;)+) => {
        /// Kinds of objects, as a report counts them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])+ $kind,)+
        }

        impl Kind {
            /// All of them, in the order in which a report has them.
            pub const ALL: &[Kind] = &[$(Kind::$kind,)+];

            /// The noun.
            pub fn noun(self) -> &'static str {
                match self { $(Kind::$kind => $noun,)+ }
            }

            /// The noun for several.
            pub fn plural(self) -> &'static str {
                match self { $(Kind::$kind => $plural,)+ }
            }
        }
    };
}

kinds! {
    /// A table.
    Table, "table", "tables";
    /// A primary key, unique, foreign key or check constraint.
    Constraint, "constraint", "constraints";
    /// An index.
    Index, "index", "indexes";
    /// A sequence.
    Sequence, "sequence", "sequences";
    /// A view.
    View, "view", "views";
    /// A materialized view.
    MaterializedView, "materialized view", "materialized views";
    /// A synonym.
    Synonym, "synonym", "synonyms";
    /// The rights on one object.
    Grant, "grants", "objects with grants";
    /// A type.
    Type, "type", "types";
    /// A type body.
    TypeBody, "type body", "type bodies";
    /// A procedure.
    Procedure, "procedure", "procedures";
    /// A function.
    Function, "function", "functions";
    /// A package specification.
    Package, "package", "packages";
    /// A package body.
    PackageBody, "package body", "package bodies";
    /// A trigger.
    Trigger, "trigger", "triggers";
    /// A job of DBMS_SCHEDULER or DBMS_JOB.
    Job, "job", "jobs";
    /// A database link.
    DatabaseLink, "database link", "database links";
    /// A queue of Advanced Queuing.
    Queue, "queue", "queues";
    /// A policy of DBMS_RLS (VPD), or of fine-grained auditing.
    Policy, "policy", "policies";
    /// An application context.
    Context, "context", "contexts";
    /// A directory of the server.
    Directory, "directory", "directories";
    /// A library of external procedures.
    Library, "library", "libraries";
    /// Java source, class or resource.
    JavaSource, "Java class", "Java classes";
    /// An operator or an index type.
    Operator, "operator", "operators";
    /// A cluster.
    Cluster, "cluster", "clusters";
    /// A dimension.
    Dimension, "dimension", "dimensions";
    /// Anything else.
    Other, "other object", "other objects";
}

impl Kind {
    /// Whether it is stored code.
    pub fn is_code(self) -> bool {
        matches!(
            self,
            Kind::Procedure
                | Kind::Function
                | Kind::Package
                | Kind::PackageBody
                | Kind::Trigger
                | Kind::Type
                | Kind::TypeBody
        )
    }

    /// By `ALL_OBJECTS.OBJECT_TYPE`; `None` for what is a part of another object. What has no kind of its own is [`Kind::Other`].
    pub fn of_object_type(object_type: &str) -> Option<Self> {
        Some(match object_type {
            "TABLE" => Kind::Table,
            "INDEX" => Kind::Index,
            "SEQUENCE" => Kind::Sequence,
            "VIEW" => Kind::View,
            "MATERIALIZED VIEW" => Kind::MaterializedView,
            "SYNONYM" => Kind::Synonym,
            "TYPE" => Kind::Type,
            "TYPE BODY" => Kind::TypeBody,
            "PROCEDURE" => Kind::Procedure,
            "FUNCTION" => Kind::Function,
            "PACKAGE" => Kind::Package,
            "PACKAGE BODY" => Kind::PackageBody,
            "TRIGGER" => Kind::Trigger,
            "JOB" => Kind::Job,
            "POLICY" => Kind::Policy,
            "DATABASE LINK" => Kind::DatabaseLink,
            "QUEUE" => Kind::Queue,
            "CONTEXT" => Kind::Context,
            "DIRECTORY" => Kind::Directory,
            "LIBRARY" => Kind::Library,
            "JAVA SOURCE" | "JAVA CLASS" | "JAVA RESOURCE" => Kind::JavaSource,
            "OPERATOR" | "INDEXTYPE" => Kind::Operator,
            "CLUSTER" => Kind::Cluster,
            "DIMENSION" => Kind::Dimension,
            "LOB" => return None,
            of_part if of_part.ends_with("PARTITION") => return None,
            _ => Kind::Other,
        })
    }

    pub(crate) fn of_code(kind: CodeKind) -> Self {
        match kind {
            CodeKind::Procedure => Kind::Procedure,
            CodeKind::Function => Kind::Function,
            CodeKind::Package => Kind::Package,
            CodeKind::PackageBody => Kind::PackageBody,
            CodeKind::Trigger => Kind::Trigger,
            CodeKind::Type => Kind::Type,
            CodeKind::TypeBody => Kind::TypeBody,
            _ => Kind::Other,
        }
    }

    /// The kind that `schema-map` has for it; none for what it does not know.
    pub(crate) fn object_kind(self) -> Option<ObjectKind> {
        Some(match self {
            Kind::Table => ObjectKind::Table,
            Kind::Constraint => ObjectKind::Constraint,
            Kind::Index => ObjectKind::Index,
            Kind::Sequence => ObjectKind::Sequence,
            Kind::View => ObjectKind::View,
            Kind::MaterializedView => ObjectKind::MaterializedView,
            Kind::Synonym => ObjectKind::Synonym,
            Kind::Grant => ObjectKind::Grant,
            Kind::Type => ObjectKind::Type,
            _ if self.is_code() => ObjectKind::Code,
            _ => return None,
        })
    }

    /// What takes the place of a kind that PostgreSQL has nothing like.
    pub(crate) fn instead(self) -> Option<&'static str> {
        Some(match self {
            Kind::Job => "a job of pg_cron, or of a scheduler outside the database, that calls the converted procedure",
            Kind::DatabaseLink => {
                "a foreign server: oracle_fdw to an Oracle that stays, postgres_fdw to one that moves too"
            }
            Kind::Queue => {
                "a table read with FOR UPDATE SKIP LOCKED, LISTEN and NOTIFY, the extension pgmq, or a broker outside"
            }
            Kind::Policy => {
                "row level security: ALTER TABLE … ENABLE ROW LEVEL SECURITY and CREATE POLICY; pgaudit for auditing"
            }
            Kind::Context => "settings of the session: set_config('app.key', …) and current_setting('app.key', true)",
            Kind::Directory => {
                "files are read and written by the application, by COPY from the client, or with file_fdw on the server"
            }
            Kind::Library => "an extension in C or Rust, or a service that the application calls",
            Kind::JavaSource => "PL/pgSQL, PL/Java, or the application",
            Kind::Operator => {
                "CREATE OPERATOR over a function, or the function itself; an operator class for an index type"
            }
            Kind::Cluster => "ordinary tables, each with an index; CLUSTER orders a table once",
            Kind::Dimension => "nothing: it only helps Oracle's optimizer to rewrite queries",
            Kind::Other => "to be decided: nothing is known about it here",
            _ => return None,
        })
    }
}
