//! DDL statements of every form, read into a catalog.

use crate::{ora, path};
use schema_map::script::{Applied, DdlAction, Script, ScriptErrorKind};
use schema_map::{
    Catalog, CodeKind, Column, Constraint, ConstraintKind, Identity, Index, IndexKey, IndexKind, ObjectKind, OnDelete,
    Table, TableKind,
};
use type_convert::{LengthUnit, OracleType};

fn read(text: &str) -> Script {
    let mut script = Script::default();
    script.read("s.sql", text, &ora("HR"));
    script
}

/// Reads a script that has no errors.
fn good(text: &str) -> Catalog {
    let script = read(text);
    assert_eq!(script.errors, [], "{text}");
    script.catalog
}

/// The only error of a script: line, column, message.
fn bad(text: &str) -> (usize, usize, String) {
    let script = read(text);
    assert_eq!(script.errors.len(), 1, "{text}: {:?}", script.errors);
    let error = script.errors.into_iter().next().unwrap();
    (error.line, error.column, error.message)
}

fn only_table(text: &str) -> Table {
    let catalog = good(text);
    assert_eq!(catalog.tables.len(), 1, "{text}");
    catalog.tables.into_iter().next().unwrap()
}

fn column(definition: &str) -> Column {
    only_table(&format!("CREATE TABLE t (c {definition});")).columns.remove(0)
}

fn idents(names: &[&str]) -> Vec<schema_map::OracleIdent> {
    names.iter().map(|name| ora(name)).collect()
}

fn constraint(kind: ConstraintKind) -> Constraint {
    Constraint { name: None, kind, enabled: true, validated: true, deferrable: false, initially_deferred: false }
}

#[test]
fn data_types() {
    use OracleType::*;
    let number = |precision, scale| Number { precision, scale };
    let byte = LengthUnit::Byte;
    let other = |owner: Option<&str>, name: &str| Other { owner: owner.map(str::to_owned), name: name.to_owned() };
    for (text, expected) in [
        ("NUMBER", number(None, None)),
        ("NUMBER(*)", number(None, None)),
        ("NUMBER(*,2)", number(None, Some(2))),
        ("NUMBER(5)", number(Some(5), Some(0))),
        ("number ( 10 , -3 )", number(Some(10), Some(-3))),
        ("INTEGER", number(None, Some(0))),
        ("INT", number(None, Some(0))),
        ("SMALLINT", number(None, Some(0))),
        ("DECIMAL", number(None, Some(0))),
        ("DEC(7)", number(Some(7), Some(0))),
        ("NUMERIC(7,3)", number(Some(7), Some(3))),
        ("FLOAT", Float { binary_precision: 126 }),
        ("FLOAT(24)", Float { binary_precision: 24 }),
        ("REAL", Float { binary_precision: 63 }),
        ("DOUBLE PRECISION", Float { binary_precision: 126 }),
        ("BINARY_FLOAT", BinaryFloat),
        ("BINARY_DOUBLE", BinaryDouble),
        ("CHAR", Char { length: 1, unit: byte }),
        ("CHAR(3 CHAR)", Char { length: 3, unit: LengthUnit::Char }),
        ("CHARACTER(4)", Char { length: 4, unit: byte }),
        ("CHARACTER VARYING(4)", Varchar2 { length: 4, unit: byte }),
        ("CHAR VARYING(4)", Varchar2 { length: 4, unit: byte }),
        ("VARCHAR(5 BYTE)", Varchar2 { length: 5, unit: byte }),
        ("VARCHAR2(32767)", Varchar2 { length: 32767, unit: byte }),
        ("NCHAR", NChar { length: 1 }),
        ("NCHAR(2)", NChar { length: 2 }),
        ("NATIONAL CHARACTER(2)", NChar { length: 2 }),
        ("NATIONAL CHAR VARYING(2)", NVarchar2 { length: 2 }),
        ("NCHAR VARYING(2)", NVarchar2 { length: 2 }),
        ("NVARCHAR2(2)", NVarchar2 { length: 2 }),
        ("LONG", Long),
        ("LONG RAW", LongRaw),
        ("LONG VARCHAR", Long),
        ("RAW(16)", Raw { length: 16 }),
        ("CLOB", Clob),
        ("NCLOB", NClob),
        ("BLOB", Blob),
        ("BFILE", BFile),
        ("CHARACTER LARGE OBJECT", Clob),
        ("DATE", Date),
        ("TIMESTAMP", Timestamp { precision: 6 }),
        ("TIMESTAMP(0)", Timestamp { precision: 0 }),
        ("TIMESTAMP (9) WITH TIME ZONE", TimestampTz { precision: 9 }),
        ("TIMESTAMP WITH LOCAL TIME ZONE", TimestampLtz { precision: 6 }),
        ("INTERVAL YEAR TO MONTH", IntervalYm { year_precision: 2 }),
        ("INTERVAL YEAR (4) TO MONTH", IntervalYm { year_precision: 4 }),
        ("INTERVAL DAY TO SECOND", IntervalDs { day_precision: 2, second_precision: 6 }),
        ("INTERVAL DAY(3) TO SECOND(0)", IntervalDs { day_precision: 3, second_precision: 0 }),
        ("ROWID", RowId),
        ("UROWID", URowId { length: 4000 }),
        ("UROWID(100)", URowId { length: 100 }),
        ("XMLTYPE", Xml),
        ("SYS.XMLTYPE", Xml),
        ("\"SYS\".\"XMLTYPE\"", Xml),
        ("JSON", Json),
        ("BOOLEAN", Boolean),
        ("VECTOR(3, FLOAT32)", "VECTOR(3, FLOAT32)".parse().unwrap()),
        ("address_t", other(None, "ADDRESS_T")),
        ("MDSYS.SDO_GEOMETRY", Geometry),
        ("sdo_geometry", Geometry),
        ("mdsys.sdo_topo_geometry", other(Some("MDSYS"), "SDO_TOPO_GEOMETRY")),
        ("REF person_t", other(None, "REF PERSON_T")),
    ] {
        assert_eq!(column(text).oracle_type, expected, "{text}");
        assert!(column(text).nullable, "{text}");
    }
}

#[test]
fn length_semantics_of_the_session() {
    let text = "ALTER SESSION SET NLS_LENGTH_SEMANTICS = CHAR;\nCREATE TABLE t (a VARCHAR2(3), b CHAR(2 BYTE));\n";
    let types: Vec<_> = good(text).tables[0].columns.iter().map(|c| c.oracle_type.clone()).collect();
    let varchar2 = OracleType::Varchar2 { length: 3, unit: LengthUnit::Char };
    assert_eq!(types, [varchar2, OracleType::Char { length: 2, unit: LengthUnit::Byte }]);
}

#[test]
fn column_properties() {
    let default = |text: &str| column(text).default.unwrap();
    assert_eq!(default("NUMBER DEFAULT 0"), "0");
    assert_eq!(default("NUMBER DEFAULT -1.5e3 NOT NULL"), "-1.5e3");
    assert_eq!(default("DATE DEFAULT SYSDATE + 1 NULL"), "SYSDATE + 1");
    assert_eq!(default("VARCHAR2(9) DEFAULT 'a, (b' CONSTRAINT x CHECK (c > 'a')"), "'a, (b'");
    assert_eq!(default("DATE DEFAULT  TO_DATE('1, 2', 'DD, MM') /* x */ UNIQUE"), "TO_DATE('1, 2', 'DD, MM')");
    assert_eq!(default("NUMBER DEFAULT NULL NOT NULL"), "NULL");
    assert_eq!(
        default("NUMBER DEFAULT CASE WHEN SYSDATE IS NOT NULL THEN 1 ELSE NULL END PRIMARY KEY"),
        "CASE WHEN SYSDATE IS NOT NULL THEN 1 ELSE NULL END"
    );
    assert_eq!(default("NUMBER DEFAULT \"HR\".\"S\".\"NEXTVAL\" NOT NULL ENABLE"), "\"HR\".\"S\".\"NEXTVAL\"");

    let on_null = column("NUMBER DEFAULT ON NULL s.nextval");
    assert_eq!((on_null.default.as_deref(), on_null.nullable), (Some("s.nextval"), false));
    let on_null = column("NUMBER DEFAULT ON NULL FOR INSERT AND UPDATE 1 VISIBLE");
    assert_eq!((on_null.default.as_deref(), on_null.nullable), (Some("1"), false));

    for (text, identity) in [
        ("NUMBER GENERATED ALWAYS AS IDENTITY", Identity::Always),
        ("NUMBER GENERATED AS IDENTITY (START WITH 5 INCREMENT BY 2)", Identity::Always),
        ("NUMBER GENERATED BY DEFAULT AS IDENTITY NOT NULL", Identity::ByDefault),
        (
            "NUMBER GENERATED BY DEFAULT ON NULL AS IDENTITY MINVALUE 1 MAXVALUE 9999999999999999999999999999 \
             INCREMENT BY 1 START WITH 1 CACHE 20 NOORDER  NOCYCLE  NOKEEP  NOSCALE  NOT NULL ENABLE",
            Identity::ByDefault,
        ),
    ] {
        let column = column(text);
        assert_eq!((column.identity, column.nullable, column.default), (Some(identity), false, None), "{text}");
    }

    for text in ["NUMBER GENERATED ALWAYS AS (a * (b + 1)) VIRTUAL NOT NULL", "NUMBER AS (a * (b + 1))"] {
        assert_eq!(column(text).virtual_expression.as_deref(), Some("a * (b + 1)"), "{text}");
    }
    assert_eq!(column("AS (a) VIRTUAL").oracle_type, OracleType::Other { owner: None, name: "UNDEFINED".to_owned() });
    for text in [
        "VARCHAR2(5) COLLATE \"USING_NLS_COMP\"",
        "NUMBER INVISIBLE",
        "NUMBER ENCRYPT USING 'AES192' 'SHA-1' NO SALT",
        "NUMBER ANNOTATIONS (a 'b')",
        "NUMBER NULL",
        "NUMBER NOT NULL DISABLE",
        "NUMBER CONSTRAINT n NOT NULL ENABLE NOVALIDATE",
        "NUMBER NOT NULL DEFERRABLE INITIALLY DEFERRED",
    ] {
        assert!(column(text).nullable, "{text}");
    }
    for text in ["NUMBER NOT NULL", "NUMBER CONSTRAINT n NOT NULL ENABLE VALIDATE", "NUMBER PRIMARY KEY"] {
        assert!(!column(text).nullable, "{text}");
    }
}

#[test]
fn constraints_inline_and_out_of_line() {
    let inline = only_table(
        "CREATE TABLE t (a NUMBER CONSTRAINT p PRIMARY KEY, b NUMBER UNIQUE DISABLE CHECK (b > (0)) DEFERRABLE INITIALLY DEFERRED,
           c NUMBER(5) CONSTRAINT f REFERENCES x.y (z) ON DELETE CASCADE ENABLE NOVALIDATE)",
    );
    let apart = only_table(
        "CREATE TABLE t (a NUMBER, b NUMBER, c NUMBER(5), CONSTRAINT p PRIMARY KEY (a) USING INDEX PCTFREE 10 STORAGE (INITIAL 64K)
           TABLESPACE ENABLE ENABLE, UNIQUE (b) DISABLE, CHECK ( b > (0) ) INITIALLY DEFERRED DEFERRABLE,
           CONSTRAINT \"F\" FOREIGN KEY (c) REFERENCES \"X\".y(z) ON DELETE CASCADE NOVALIDATE)",
    );
    assert_eq!(inline, apart);
    assert_eq!(
        inline.constraints,
        [
            Constraint { name: Some(ora("P")), ..constraint(ConstraintKind::PrimaryKey { columns: idents(&["A"]) }) },
            Constraint {
                enabled: false,
                validated: false,
                ..constraint(ConstraintKind::Unique { columns: idents(&["B"]) })
            },
            Constraint {
                deferrable: true,
                initially_deferred: true,
                ..constraint(ConstraintKind::Check { condition: "b > (0)".to_owned() })
            },
            Constraint {
                name: Some(ora("F")),
                validated: false,
                ..constraint(ConstraintKind::ForeignKey {
                    columns: idents(&["C"]),
                    references: path("X", "Y"),
                    referenced_columns: idents(&["Z"]),
                    on_delete: OnDelete::Cascade,
                })
            },
        ]
    );
    assert_eq!(inline.columns.iter().map(|c| c.nullable).collect::<Vec<_>>(), [false, true, true]);
    assert!(only_table("CREATE TABLE t (a NUMBER, PRIMARY KEY (a) DISABLE)").columns[0].nullable);
    let odd = only_table("CREATE TABLE t (constraint VARCHAR2(3), key NUMBER, primary NUMBER)");
    assert_eq!(odd.columns.len(), 3);
}

#[test]
fn references_without_columns_mean_the_primary_key() {
    let catalog = good(
        "CREATE TABLE child (a NUMBER, b NUMBER, c REFERENCES other, FOREIGN KEY (a, b) REFERENCES parent ON DELETE SET NULL);
         CREATE TABLE parent (x NUMBER, y NUMBER, up_x NUMBER, up_y NUMBER, PRIMARY KEY (y, x), FOREIGN KEY (up_x, up_y) REFERENCES parent);
         CREATE TABLE other (id RAW(16) PRIMARY KEY);
         CREATE TABLE orphan (a NUMBER REFERENCES nowhere);",
    );
    let referenced: Vec<_> = catalog
        .tables
        .iter()
        .flat_map(|t| &t.constraints)
        .filter_map(|c| match &c.kind {
            ConstraintKind::ForeignKey { referenced_columns, on_delete, .. } => {
                Some((referenced_columns.iter().map(|i| i.as_str()).collect::<Vec<_>>(), *on_delete))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        referenced,
        [
            (vec!["ID"], OnDelete::NoAction),
            (vec!["Y", "X"], OnDelete::SetNull),
            (vec!["Y", "X"], OnDelete::NoAction),
            (vec![], OnDelete::NoAction),
        ]
    );
    assert_eq!(catalog.tables[0].columns[2].oracle_type, OracleType::Raw { length: 16 });
}

#[test]
fn table_kinds_and_storage() {
    for (text, kind) in [
        ("CREATE TABLE t (a NUMBER) TABLESPACE x PCTFREE 5 STORAGE (INITIAL 1M NEXT 1M) NOLOGGING", TableKind::Heap),
        ("CREATE TABLE t (a NUMBER PRIMARY KEY) ORGANIZATION INDEX COMPRESS 1 OVERFLOW TABLESPACE y", TableKind::IndexOrganized),
        ("CREATE GLOBAL TEMPORARY TABLE t (a NUMBER) ON COMMIT PRESERVE ROWS", TableKind::GlobalTemporary),
        (
            "CREATE TABLE t (a NUMBER) ORGANIZATION EXTERNAL (TYPE ORACLE_LOADER DEFAULT DIRECTORY d ACCESS PARAMETERS
               (RECORDS DELIMITED BY NEWLINE FIELDS TERMINATED BY ',' (a CHAR(5), b) ) LOCATION ('a.csv')) REJECT LIMIT UNLIMITED",
            TableKind::External,
        ),
        (
            "CREATE TABLE t (a NUMBER, d DATE, x CLOB, SUPPLEMENTAL LOG GROUP g (a, d NO LOG) ALWAYS, SUPPLEMENTAL LOG DATA (ALL) COLUMNS)
               SEGMENT CREATION DEFERRED LOB (x) STORE AS SECUREFILE l (TABLESPACE u DISABLE STORAGE IN ROW)
               PARTITION BY RANGE (d) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH'))
               SUBPARTITION BY HASH (a) SUBPARTITIONS 4
               (PARTITION p1 VALUES LESS THAN (TO_DATE('2020-01-01', 'YYYY-MM-DD')), PARTITION p2 VALUES LESS THAN (MAXVALUE))
               ENABLE ROW MOVEMENT PARALLEL 4",
            TableKind::Heap,
        ),
    ] {
        assert_eq!(only_table(text).kind, kind, "{text}");
    }
}

#[test]
fn what_dbms_metadata_prints() {
    let catalog = good(
        r#"
  CREATE TABLE "HR"."Order Lines"
   (	"ID" NUMBER(6,0) DEFAULT "HR"."ORDER_SEQ"."NEXTVAL" NOT NULL ENABLE,
	"Kind" VARCHAR2(25) COLLATE "USING_NLS_COMP" CONSTRAINT "OL_KIND_NN" NOT NULL ENABLE,
	"TOTAL" NUMBER(8,2) GENERATED ALWAYS AS ("ID"*2) VIRTUAL ,
	"DOC" CLOB,
	 CONSTRAINT "OL_CHECK" CHECK ( "ID" > 0 ) ENABLE NOVALIDATE,
	 CONSTRAINT "OL_PK" PRIMARY KEY ("ID")
  USING INDEX (CREATE UNIQUE INDEX "HR"."OL_PK" ON "HR"."Order Lines" ("ID")
  PCTFREE 10 INITRANS 2 MAXTRANS 255
  TABLESPACE "USERS" )  ENABLE,
	 CONSTRAINT "OL_UK" UNIQUE ("Kind")
  USING INDEX PCTFREE 10 INITRANS 2 MAXTRANS 255 COMPUTE STATISTICS
  STORAGE(INITIAL 65536 NEXT 1048576 MINEXTENTS 1 MAXEXTENTS 2147483645
  PCTINCREASE 0 FREELISTS 1 FREELIST GROUPS 1
  BUFFER_POOL DEFAULT FLASH_CACHE DEFAULT CELL_FLASH_CACHE DEFAULT)
  TABLESPACE "USERS"  ENABLE,
	 CONSTRAINT "OL_FK" FOREIGN KEY ("ID")
	  REFERENCES "HR"."ORDERS" ("ID") ON DELETE SET NULL DISABLE
   )  DEFAULT COLLATION "USING_NLS_COMP" SEGMENT CREATION IMMEDIATE
  PCTFREE 10 PCTUSED 40 INITRANS 1 MAXTRANS 255
 NOCOMPRESS LOGGING
  STORAGE(INITIAL 65536)
  TABLESPACE "USERS"
 LOB ("DOC") STORE AS SECUREFILE (
  TABLESPACE "USERS" ENABLE STORAGE IN ROW CHUNK 8192
  NOCACHE LOGGING  NOCOMPRESS  KEEP_DUPLICATES ) ;

  ALTER TABLE "HR"."Order Lines" ADD CONSTRAINT "OL_UK2" UNIQUE ("DOC")
  USING INDEX "HR"."OL_PK"  ENABLE;
  ALTER TABLE "HR"."Order Lines" MODIFY ("TOTAL" NOT NULL ENABLE);
   COMMENT ON COLUMN "HR"."Order Lines"."Kind" IS 'it''s';
  CREATE INDEX "HR"."OL_IX" ON "HR"."Order Lines" ("Kind" DESC, UPPER("Kind"))
  PCTFREE 10 TABLESPACE "USERS" ;
"#,
    );
    let table = catalog.table(&path("HR", "Order Lines")).unwrap();
    let columns: Vec<_> = table.columns.iter().map(|c| (c.name.as_str(), c.nullable)).collect();
    assert_eq!(columns, [("ID", false), ("Kind", false), ("TOTAL", false), ("DOC", true)]);
    assert_eq!(table.columns[1].comment.as_deref(), Some("it's"));
    let states: Vec<_> =
        table.constraints.iter().map(|c| (c.name.as_ref().unwrap().as_str(), c.enabled, c.validated)).collect();
    assert_eq!(
        states,
        [
            ("OL_CHECK", true, false),
            ("OL_PK", true, true),
            ("OL_UK", true, true),
            ("OL_FK", false, false),
            ("OL_UK2", true, true),
        ]
    );
    let indexes: Vec<_> = catalog.indexes.iter().map(|i| (i.path.name.as_str(), i.backs_constraint)).collect();
    assert_eq!(indexes, [("OL_PK", true), ("OL_IX", false)]);
    assert_eq!(catalog.indexes[1].columns[1].key, IndexKey::Expression("UPPER(\"Kind\")".to_owned()));
    assert!(catalog.indexes[1].columns[0].descending && !catalog.indexes[1].columns[1].descending);
}

#[test]
fn indexes() {
    let index = |text: &str| -> Index {
        good(&format!("CREATE TABLE t (a NUMBER, b VARCHAR2(9), \"c d\" DATE);\n{text};")).indexes.remove(0)
    };
    let plain = index("CREATE INDEX i ON t (a)");
    assert_eq!((plain.path, plain.table, plain.unique, plain.bitmap), (path("HR", "I"), path("HR", "T"), false, false));
    assert!(index("create unique index X.i on HR.t (a, b asc) online tablespace z compress 1 reverse").unique);
    assert!(index("CREATE BITMAP INDEX i ON t (a) LOCAL (PARTITION p1, PARTITION p2)").bitmap);
    let keys = index("CREATE INDEX i ON t x (\"c d\" DESC, NVL(a, 0), a + 1 DESC, b || ',')").columns;
    assert_eq!(
        keys.into_iter().map(|c| (c.key, c.descending)).collect::<Vec<_>>(),
        [
            (IndexKey::Column(ora("c d")), true),
            (IndexKey::Expression("NVL(a, 0)".to_owned()), false),
            (IndexKey::Expression("a + 1".to_owned()), true),
            (IndexKey::Expression("b || ','".to_owned()), false),
        ]
    );
}

#[test]
fn indexes_that_back_a_constraint_in_either_order() {
    let backs = |text: &str| -> Vec<bool> { good(text).indexes.iter().map(|i| i.backs_constraint).collect() };
    let table = "CREATE TABLE t (a NUMBER, b NUMBER);";
    let pk = "ALTER TABLE t ADD CONSTRAINT p PRIMARY KEY (a, b);";
    let index = "CREATE UNIQUE INDEX i ON t (a, b);";
    assert_eq!(backs(&format!("{table}{index}{pk}")), [true]);
    assert_eq!(backs(&format!("{table}{pk}{index}")), [true]);
    assert_eq!(backs(&format!("{table}{pk}CREATE INDEX i ON t (b, a); CREATE INDEX j ON t (a);")), [false, false]);
    assert_eq!(backs(&format!("{table}{index}{pk}ALTER TABLE t DROP PRIMARY KEY;")), [false]);
    assert_eq!(backs(&format!("{table}{index}{pk}ALTER TABLE t DISABLE CONSTRAINT p;")), [false]);
    assert_eq!(backs(&format!("{table}CREATE INDEX i ON t (b); ALTER TABLE t ADD UNIQUE (b);")), [true]);
    assert!(backs(&format!("{table}{pk}")).is_empty());

    // A statement at a time gives the same.
    let mut catalog = Catalog::default();
    for statement in [table, index, pk] {
        catalog.apply_ddl(statement, &ora("HR")).unwrap();
    }
    assert!(catalog.indexes[0].backs_constraint);
}

#[test]
fn sequences() {
    let sequence = |options: &str| good(&format!("CREATE SEQUENCE s {options};")).sequences.remove(0);
    let s = sequence("");
    assert_eq!((s.min_value, s.max_value, s.increment, s.cycle, s.cache), (1, 10i128.pow(28) - 1, 1, false, 20));
    assert_eq!(s.next_value, 1);
    let s = sequence("INCREMENT BY -2");
    assert_eq!((s.min_value, s.max_value, s.next_value), (1 - 10i128.pow(27), -1, -1));
    let s = sequence(
        "MINVALUE -5 MAXVALUE 9999999999999999999999999999 INCREMENT BY 5 START WITH 10 CACHE 50 ORDER CYCLE NOKEEP NOSCALE GLOBAL",
    );
    assert_eq!((s.min_value, s.max_value, s.increment), (-5, 10i128.pow(28) - 1, 5));
    assert_eq!((s.next_value, s.cache, s.cycle), (10, 50, true));
    let s = sequence("start with 7 minvalue 3 nomaxvalue nocycle nocache noorder");
    assert_eq!((s.next_value, s.min_value, s.cache), (7, 3, 0));
    assert_eq!(sequence("minvalue 3").next_value, 3);
    let altered = good(
        "CREATE SEQUENCE s START WITH 9; ALTER SEQUENCE s INCREMENT BY 10 NOCACHE; ALTER SEQUENCE s RESTART START WITH 4;",
    );
    let s = &altered.sequences[0];
    assert_eq!((s.increment, s.cache, s.next_value), (10, 0, 4));
    assert_eq!(bad("CREATE SEQUENCE s INCREMENT BY 0;").2, "expected a number other than 0, found 0");
}

#[test]
fn views_synonyms_and_comments() {
    let catalog = good(
        "CREATE TABLE t (a NUMBER, b NUMBER);
         CREATE OR REPLACE FORCE EDITIONABLE VIEW v (x, \"y z\" CONSTRAINT u UNIQUE RELY DISABLE NOVALIDATE) BEQUEATH DEFINER AS
           SELECT a, b -- both
             FROM t WITH CHECK OPTION CONSTRAINT cc;
         CREATE VIEW w AS WITH q AS (SELECT 1 c FROM dual) SELECT * FROM q\nWITH READ ONLY CONSTRAINT ro;
         COMMENT ON TABLE t IS 'table';
         COMMENT ON COLUMN hr.t.a IS q'[it's a]';
         COMMENT ON TABLE v IS N'view';
         COMMENT ON COLUMN v.x IS 'kept as a statement';
         COMMENT ON TABLE w IS 'gone'; COMMENT ON TABLE w IS '';
         CREATE PUBLIC SYNONYM s FOR hr.t;
         CREATE OR REPLACE SYNONYM r FOR far.away@link.world;",
    );
    let v = &catalog.views[0];
    assert_eq!((v.columns.clone(), v.read_only, v.comment.as_deref()), (idents(&["X", "y z"]), false, Some("view")));
    assert!(v.query.starts_with("SELECT a, b -- both") && v.query.ends_with("FROM t WITH CHECK OPTION"), "{}", v.query);
    let w = &catalog.views[1];
    assert_eq!(w.query, "WITH q AS (SELECT 1 c FROM dual) SELECT * FROM q");
    assert!(w.read_only && w.columns.is_empty() && w.comment.is_none());
    assert_eq!(catalog.tables[0].comment.as_deref(), Some("table"));
    assert_eq!(catalog.tables[0].columns[0].comment.as_deref(), Some("it's a"));
    let synonyms: Vec<_> =
        catalog.synonyms.iter().map(|s| (s.path.clone(), s.target.clone(), s.db_link.as_deref())).collect();
    assert_eq!(
        synonyms,
        [(path("PUBLIC", "S"), path("HR", "T"), None), (path("HR", "R"), path("FAR", "AWAY"), Some("LINK.WORLD")),]
    );
}

#[test]
fn stored_code_keeps_its_source() {
    let package = "PACKAGE  k AS\n  -- it's; /\n  PROCEDURE p;\nEND k;";
    let body = "PACKAGE BODY k AS\n  PROCEDURE p IS BEGIN NULL; END;\nEND;";
    let trigger =
        "TRIGGER g\n  BEFORE INSERT OR UPDATE OF a, b ON x.t\n  FOR EACH ROW WHEN (new.a > 0)\nBEGIN :new.a := 1; END;";
    let system = "TRIGGER sys_g AFTER LOGON ON DATABASE BEGIN NULL; END;";
    let compound =
        "TRIGGER c FOR UPDATE ON t COMPOUND TRIGGER AFTER STATEMENT IS BEGIN NULL; END AFTER STATEMENT; END;";
    let catalog = good(&format!(
        "CREATE OR REPLACE {package}\n/\ncreate or replace editionable {body}\n/\nCREATE {trigger}\n/\nshow errors\n\
         CREATE {system}\n/\nCREATE {compound}\n/\nCREATE TYPE y;\n/\nCREATE TYPE y AS OBJECT (a NUMBER);\n/\n\
         CREATE FUNCTION f RETURN NUMBER IS BEGIN RETURN 1; END;\n/\nCREATE OR REPLACE FUNCTION f RETURN DATE IS BEGIN RETURN NULL; END;\n/\n"
    ));
    let code: Vec<_> = catalog.stored_code.iter().map(|c| (c.kind, c.source.as_str(), c.table.clone())).collect();
    assert_eq!(
        code,
        [
            (CodeKind::Package, package, None),
            (CodeKind::PackageBody, body, None),
            (CodeKind::Trigger, trigger, Some(path("X", "T"))),
            (CodeKind::Trigger, system, None),
            (CodeKind::Trigger, compound, Some(path("HR", "T"))),
            (CodeKind::Type, "TYPE y AS OBJECT (a NUMBER);", None),
            (CodeKind::Function, "FUNCTION f RETURN DATE IS BEGIN RETURN NULL; END;", None),
        ]
    );
}

#[test]
fn alter_table() {
    let table = only_table(
        "CREATE TABLE t (a NUMBER CONSTRAINT a_nn NOT NULL, b VARCHAR2(5), c DATE, d NUMBER, e NUMBER CONSTRAINT e_ck CHECK (e > 0));
         ALTER TABLE t ADD (f NUMBER DEFAULT 1 NOT NULL, CONSTRAINT p PRIMARY KEY (a), CONSTRAINT u UNIQUE (b) DISABLE);
         ALTER TABLE t ADD g CLOB LOB (g) STORE AS (TABLESPACE x);
         ALTER TABLE t ADD h NUMBER DEFAULT 2 ADD i DATE MODIFY c DEFAULT SYSDATE NOT NULL;
         ALTER TABLE t MODIFY (b VARCHAR2(50 CHAR), f NULL DEFAULT NULL);
         ALTER TABLE t ENABLE NOVALIDATE CONSTRAINT u;
         ALTER TABLE t MODIFY CONSTRAINT p DISABLE;
         ALTER TABLE t DROP COLUMN d CASCADE CONSTRAINTS;
         ALTER TABLE t DROP (h, i);
         ALTER TABLE t SET UNUSED (g);
         ALTER TABLE t RENAME COLUMN e TO \"e e\";
         ALTER TABLE t RENAME CONSTRAINT e_ck TO e_check;
         ALTER TABLE t DROP CONSTRAINT a_nn;
         ALTER TABLE t RENAME TO t2;",
    );
    assert_eq!(table.path, path("HR", "T2"));
    let columns: Vec<_> = table.columns.iter().map(|c| (c.name.as_str(), c.nullable, c.default.as_deref())).collect();
    assert_eq!(
        columns,
        [("A", true, None), ("B", true, None), ("C", false, Some("SYSDATE")), ("e e", true, None), ("F", true, None),]
    );
    assert_eq!(table.columns[1].oracle_type, OracleType::Varchar2 { length: 50, unit: LengthUnit::Char });
    assert_eq!(
        table.constraints,
        [
            Constraint {
                name: Some(ora("E_CHECK")),
                ..constraint(ConstraintKind::Check { condition: "\"e e\" > 0".to_owned() })
            },
            Constraint {
                name: Some(ora("P")),
                enabled: false,
                validated: false,
                ..constraint(ConstraintKind::PrimaryKey { columns: idents(&["A"]) })
            },
            Constraint {
                name: Some(ora("U")),
                validated: false,
                ..constraint(ConstraintKind::Unique { columns: idents(&["B"]) })
            },
        ]
    );
}

#[test]
fn drop_and_rename() {
    let catalog = good(
        "DROP TABLE never_there CASCADE CONSTRAINTS PURGE; DROP SEQUENCE nor_this;
         CREATE TABLE a (x NUMBER PRIMARY KEY); CREATE TABLE b (x NUMBER REFERENCES a); CREATE TABLE c (x NUMBER REFERENCES b(x));
         CREATE INDEX i ON b (x); CREATE INDEX j ON c (x); CREATE SEQUENCE s; CREATE VIEW v AS SELECT * FROM a;
         CREATE TRIGGER g BEFORE INSERT ON b BEGIN NULL; END;\n/
         CREATE PACKAGE k IS END;\n/\nCREATE PACKAGE BODY k IS END;\n/\nDROP PACKAGE k;
         DROP TABLE b CASCADE CONSTRAINTS; DROP SEQUENCE s; RENAME a TO a2; ALTER INDEX j RENAME TO j2;
         CREATE TABLE b (y NUMBER REFERENCES a2);
         COMMENT ON TABLE c IS 'found where it now is'; DROP VIEW v; CREATE SEQUENCE s;",
    );
    let tables: Vec<_> = catalog.tables.iter().map(|t| (t.path.name.as_str(), t.constraints.len())).collect();
    assert_eq!(tables, [("A2", 1), ("C", 0), ("B", 1)]);
    assert_eq!(catalog.tables[1].comment.as_deref(), Some("found where it now is"));
    assert_eq!(catalog.indexes.iter().map(|i| i.path.name.as_str()).collect::<Vec<_>>(), ["J2"]);
    assert_eq!((catalog.sequences.len(), catalog.views.len(), catalog.stored_code.len()), (1, 0, 0));
}

#[test]
fn schemas() {
    let catalog = good(
        "CREATE TABLE t (a NUMBER); ALTER SESSION SET CURRENT_SCHEMA = other; CREATE TABLE t (a NUMBER);
         CONNECT \"Third\"/secret\nCREATE TABLE t (a NUMBER); CREATE TABLE hr.u (a NUMBER REFERENCES t);",
    );
    let tables: Vec<_> = catalog.tables.iter().map(|t| t.path.to_string()).collect();
    assert_eq!(tables, ["HR.T", "OTHER.T", "Third.T", "HR.U"]);
    let ConstraintKind::ForeignKey { references, .. } = &catalog.tables[3].constraints[0].kind else { panic!() };
    assert_eq!(*references, path("Third", "T"));
}

#[test]
fn other_statements_are_kept_in_order() {
    let script = read(
        "CREATE USER u IDENTIFIED BY p;\nGRANT SELECT ON t TO u;\nINSERT INTO t VALUES (1);\nBEGIN NULL; END;\n/\n\
         ALTER TABLE t MOVE TABLESPACE x;\n",
    );
    // The table is not there, and MOVE changes nothing that a catalog says.
    assert_eq!(script.errors, []);
    let others: Vec<_> = script.statements.iter().map(|s| (s.line, s.text.as_str())).collect();
    assert_eq!(
        others,
        [
            (1, "CREATE USER u IDENTIFIED BY p"),
            (2, "GRANT SELECT ON t TO u"),
            (3, "INSERT INTO t VALUES (1)"),
            (4, "BEGIN NULL; END;"),
            (6, "ALTER TABLE t MOVE TABLESPACE x"),
        ]
    );
    let script = read(
        "CREATE MATERIALIZED VIEW m AS SELECT 1 a FROM dual;\nCOMMENT ON COLUMN m.a IS 'x';\nCREATE INDEX i ON m (a);\n\
         CREATE MATERIALIZED VIEW LOG ON t;\n",
    );
    assert_eq!((script.errors.len(), script.statements.len()), (0, 1));
    let view = &script.catalog.materialized_views[0].view;
    assert_eq!(
        (view.query.as_str(), &view.column_comments),
        ("SELECT 1 a FROM dual", &vec![(ora("A"), "x".to_owned())])
    );
    assert_eq!(script.catalog.indexes[0].table, view.path);
    for text in [
        "ALTER TABLE t ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS",
        "ALTER TABLE t ENABLE ROW MOVEMENT",
        "ALTER TABLE t DISABLE ALL TRIGGERS",
        "ALTER INDEX i REBUILD",
        "ALTER VIEW v COMPILE",
        "ALTER DATABASE ADD SUPPLEMENTAL LOG DATA",
        "CREATE PUBLIC DATABASE LINK l",
        "DROP USER u CASCADE",
        "SELECT 1 FROM dual",
        "TRUNCATE TABLE t",
    ] {
        let mut catalog = Catalog::default();
        assert_eq!(catalog.apply_ddl(text, &ora("HR")).unwrap(), Applied::NotDdl, "{text}");
        assert_eq!(catalog, Catalog::default(), "{text}");
    }
}

#[test]
fn one_statement_at_a_time() {
    let hr = ora("HR");
    let mut catalog = Catalog::default();
    let mut apply = |text: &str| catalog.apply_ddl(text, &hr);
    let ddl = |action, kind, name: &str| Applied::Ddl { action, kind, path: path("HR", name) };
    assert_eq!(apply("CREATE TABLE t (a NUMBER)").unwrap(), ddl(DdlAction::Create, ObjectKind::Table, "T"));
    assert_eq!(apply("ALTER TABLE t ADD b NUMBER").unwrap(), ddl(DdlAction::Alter, ObjectKind::Table, "T"));
    assert_eq!(apply("COMMENT ON COLUMN t.b IS 'x'").unwrap(), ddl(DdlAction::Comment, ObjectKind::Table, "T"));
    assert_eq!(apply("CREATE INDEX i ON t (b)").unwrap(), ddl(DdlAction::Create, ObjectKind::Index, "I"));
    assert_eq!(apply("ALTER TABLE t RENAME TO u").unwrap(), ddl(DdlAction::Rename, ObjectKind::Table, "U"));
    assert_eq!(
        apply("CREATE OR REPLACE PROCEDURE p IS BEGIN NULL; END;").unwrap(),
        ddl(DdlAction::Create, ObjectKind::Code, "P")
    );
    assert_eq!(apply("DROP TABLE u").unwrap(), ddl(DdlAction::Drop, ObjectKind::Table, "U"));
    for (text, kind, message) in [
        ("DROP TABLE u", ScriptErrorKind::NotFound, "1:1: HR.U is not there"),
        ("CREATE SEQUENCE p", ScriptErrorKind::Exists, "1:1: the name HR.P is already used"),
        ("CREATE INDEX i ON t (b)", ScriptErrorKind::NotFound, "1:1: table HR.T is not there"),
        (
            "CREATE TABLE t AS SELECT * FROM u",
            ScriptErrorKind::NotFound,
            "1:1: the columns of HR.T follow from its query: HR.U is no table",
        ),
        (
            "CREATE TABLE t AS SELECT my_function(1) x FROM dual",
            ScriptErrorKind::Unsupported,
            "1:1: the columns of HR.T follow from its query: the function MY_FUNCTION",
        ),
        (
            "CREATE\nTABLE t (a\n NUMBRE(3))",
            ScriptErrorKind::Syntax,
            "3:8: expected a constraint, DEFAULT, \",\" or \")\", found \"(\"",
        ),
    ] {
        let error = apply(text).unwrap_err();
        assert_eq!(error.kind, kind, "{text}");
        assert!(error.to_string().starts_with(message), "{text}: {error}");
    }
    let before = catalog.clone();
    catalog.apply_ddl("CREATE TABLE t (a NUMBER)", &hr).unwrap();
    let made = catalog.clone();
    assert!(catalog.apply_ddl("ALTER TABLE t ADD b NUMBER DROP CONSTRAINT nope", &hr).is_err());
    assert_eq!(catalog, made, "an error changes nothing");
    assert_ne!(catalog, before);
}

#[test]
fn errors_say_where_and_what() {
    for (text, line, column, message) in [
        ("CREAT TABLE t (a NUMBER);", 1, 1, "expected a statement, found CREAT"),
        (
            "commit; CREATE TABEL t (a NUMBER);",
            1,
            16,
            "expected TABLE, INDEX, SEQUENCE, VIEW, SYNONYM, PROCEDURE or another kind of object, found TABEL",
        ),
        ("CREATE TABLE t (\n  é NUMBER, b,\n c NUMBER);", 2, 14, "expected a data type, found \",\""),
        ("CREATE TABLE t (a NUMBER, );", 1, 27, "expected a column or a constraint, found \")\""),
        ("CREATE TABLE t (a VARCHAR2, b NUMBER);", 1, 27, "expected \"(\" and a length, found \",\""),
        ("CREATE TABLE t (a VARCHAR2(40000));", 1, 28, "expected a length from 1 to 32767, found 40000"),
        ("CREATE TABLE t (a NUMBER(39));", 1, 26, "expected a precision from 1 to 38, found 39"),
        ("CREATE TABLE t (a NUMBER NOT NUL);", 1, 26, "expected a constraint, DEFAULT, \",\" or \")\", found NOT"),
        (
            "CREATE TABLE t (a NUMBER CONSTRAINT p PRIMARY);",
            1,
            39,
            "expected NOT NULL, PRIMARY KEY, UNIQUE, CHECK or REFERENCES, found PRIMARY",
        ),
        ("CREATE TABLE t (a NUMBER, PRIMARY KEY a);", 1, 39, "expected \"(\", found a"),
        ("CREATE TABLE t (a NUMBER, a DATE);", 1, 32, "expected another name: column A is there twice"),
        (
            "CREATE TABLE t (a NUMBER",
            1,
            25,
            "expected a constraint, DEFAULT, \",\" or \")\", found the end of the statement",
        ),
        (
            "CREATE TABLE t (a NUMBER, CHECK (a > 0);",
            1,
            40,
            "expected a constraint, DEFAULT, \",\" or \")\", found the end of the statement",
        ),
        ("CREATE TABLE t (a NUMBER));", 1, 26, "expected the end of the statement, found \")\""),
        ("CREATE TABLE t (a NUMBER DEFAULT, b DATE);", 1, 33, "expected a default value, found \",\""),
        ("CREATE TABLE select (a NUMBER);", 1, 14, "expected a table name, found select"),
        ("CREATE TABLE \"\" (a NUMBER);", 1, 14, "\"\" cannot be an identifier: it is empty"),
        ("CREATE TABLE t (a NUMBER, PRIMARY KEY (b));", 1, 1, "table HR.T has no column B"),
        ("CREATE TABLE t (a # NUMBER);", 1, 21, "expected a constraint, DEFAULT, \",\" or \")\", found NUMBER"),
        ("set define off\nCREATE TABLE t (a & NUMBER);", 2, 19, "expected no such character here: &"),
        ("CREATE INDEX i ON t a;", 1, 22, "expected \"(\", found the end of the statement"),
        ("CREATE VIEW v;", 1, 14, "expected AS, found the end of the statement"),
        ("CREATE VIEW v AS DELETE FROM t;", 1, 18, "expected a query, found DELETE"),
        ("CREATE SEQUENCE s START 5;", 1, 19, "expected the end of the statement, found START"),
        ("CREATE SYNONYM s t;", 1, 18, "expected FOR, found t"),
        ("COMMENT ON TABLE t IS nothing;", 1, 23, "expected a string literal, found nothing"),
        ("COMMENT ON TABLE t IS 'x';", 1, 1, "table or view HR.T is not there"),
        ("ALTER TABLE t AD (a NUMBER);", 1, 15, "expected ADD, MODIFY, DROP, RENAME or another clause, found AD"),
        (
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (x, y);",
            1,
            66,
            "expected as many columns as refer to them (1), found \")\"",
        ),
        (
            "CREATE TRIGGER g BEFORE INSERT BEGIN NULL; END;\n/",
            1,
            32,
            "expected ON and the trigger's table, found BEGIN",
        ),
        (
            "CREATE TABLE t OF person_t;",
            1,
            1,
            "object type HR.PERSON_T, or a type that it is under, is not there or not defined",
        ),
    ] {
        let (l, c, m) = bad(text);
        if message.starts_with("expected another name") {
            assert!(m.starts_with(message), "{text}: {m}");
        } else {
            assert_eq!(((l, c), m.as_str()), ((line, column), message), "{text}");
        }
    }
    let error = read("\n  CREATE TABLE t (\na NUMBER(x));").errors.remove(0);
    assert_eq!(error.to_string(), "s.sql:3:10: expected a precision from 1 to 38, found x");
    assert_eq!(error.kind, ScriptErrorKind::Syntax);
}

#[test]
fn what_oracle_makes_by_itself_and_rarer_forms() {
    // The index of a LOB, as DBMS_METADATA prints it; a synonym that means its own object once its schema is the one read.
    let script = read(
        "CREATE TABLE t (a CLOB, v VECTOR(3, FLOAT32), w VECTOR);\n\
         CREATE UNIQUE INDEX \"HR\".\"SYS_IL0000175398C00018$$\" ON \"HR\".\"T\" (\n PCTFREE 10 PARALLEL (DEGREE 0 INSTANCES 0));\n\
         CREATE SYNONYM t2 FOR t2;\nGRANT ALTER, ON COMMIT REFRESH, SELECT ON t TO x;\n",
    );
    assert_eq!(script.errors, []);
    assert!(script.catalog.indexes.is_empty() && script.catalog.synonyms.is_empty());
    let types: Vec<String> = script.catalog.tables[0].columns.iter().map(|c| c.oracle_type.to_string()).collect();
    assert_eq!(types, ["CLOB", "VECTOR(3, FLOAT32)", "VECTOR"]);
    let rights: Vec<&str> = script.catalog.grants[0].privileges.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(rights, ["ALTER", "ON COMMIT REFRESH", "SELECT"]);

    let script = read(
        "CREATE TABLE p (id NUMBER(4) PRIMARY KEY);\nCREATE TABLE c (p NOT NULL CONSTRAINT c_fk REFERENCES p (id));\n\
         CREATE TABLE docs OF XMLTYPE XMLSCHEMA \"http://x\" ELEMENT \"e\";\n\
         CREATE SEARCH INDEX s ON docs (object_value);\nCREATE VECTOR INDEX v ON p (id) ORGANIZATION INMEMORY NEIGHBOR GRAPH;\n\
         CREATE JSON RELATIONAL DUALITY VIEW d AS SELECT JSON {'a': id} FROM p;\n",
    );
    assert_eq!(script.catalog.tables[1].columns[0].oracle_type.to_string(), "NUMBER(4)");
    let docs = &script.catalog.tables[2].columns;
    assert_eq!((docs[0].name.as_str(), &docs[0].oracle_type), ("OBJECT_VALUE", &OracleType::Xml));
    let kinds: Vec<_> = script.catalog.indexes.iter().map(|i| &i.kind).collect();
    assert_eq!(kinds, [&IndexKind::Domain("SEARCH_INDEX".to_owned()), &IndexKind::Domain("VECTOR".to_owned())]);
    assert_eq!(script.errors.len(), 1);
    assert_eq!(script.errors[0].kind, ScriptErrorKind::Unsupported);
}

#[test]
fn one_bad_statement_never_hides_the_next() {
    for bad in [
        "CREATE TABLE b (x NUMBER,, y NUMBER);",
        "CREATE TABLE b (x NUMBER",
        "CREATE TABLE b (x NUMBER)",
        "CREATE TABLE b (x VARCHAR2(5) DEFAULT 'dont);",
        "COMMENT ON TABLE a IS 'it's';",
        "CREATE VIEW b;",
        "ALTER TABLE nowhere ADD x NUMBER;",
        "CREATE INDEX i ON a (x) \"broken;",
        "CREATE PROCEDURE (x);\n/",
        "@@include_me",
        "COMMENT ON TABLE a IS '&who';",
    ] {
        let script = read(&format!(
            "CREATE TABLE a (x NUMBER);\n{bad}\nCREATE TABLE c (x NUMBER);\nCOMMENT ON TABLE c IS 'c''s';\nINSERT INTO c VALUES (1);\n"
        ));
        assert!(!script.errors.is_empty(), "{bad}");
        // In the bad statement, or at the word behind it where something was missing at its end.
        assert!([2, 3].contains(&script.errors[0].line), "{bad}: {:?}", script.errors);
        let c = script.catalog.table(&path("HR", "C"));
        assert_eq!(c.and_then(|t| t.comment.as_deref()), Some("c's"), "{bad}: {:?}", script.errors);
        assert_eq!(script.statements.last().map(|s| s.text.as_str()), Some("INSERT INTO c VALUES (1)"), "{bad}");
    }
}

#[test]
fn several_scripts_make_one_catalog() {
    let mut script = Script::default();
    script.read("a.sql", "CREATE TABLE child (p REFERENCES parent);", &ora("HR"));
    script.read("b.sql", "CREATE TABLE parent (id NUMBER(5) PRIMARY KEY);\nCREATE TABLE child (x NUMBER);", &ora("HR"));
    let ConstraintKind::ForeignKey { referenced_columns, .. } = &script.catalog.tables[0].constraints[0].kind else {
        panic!()
    };
    assert_eq!(*referenced_columns, idents(&["ID"]));
    assert_eq!(script.errors.len(), 1);
    assert_eq!(script.errors[0].to_string(), "b.sql:2:1: the name HR.CHILD is already used");
}

#[test]
fn encrypted_columns_are_remarked() {
    let remarks = |text: &str| crate::catalog("HR", text).tables.remove(0).remarks;
    let made = "CREATE TABLE t (a NUMBER, b NUMBER ENCRYPT USING 'AES256' NO SALT, c VARCHAR2(9) ENCRYPT IDENTIFIED BY secret);";
    let (b, c) = ("column B is encrypted (AES256): here it is not", "column C is encrypted: here it is not");
    assert_eq!(remarks(made), [b, c]);
    let changed = "ALTER TABLE t MODIFY (c DECRYPT); ALTER TABLE t ADD (d DATE ENCRYPT); ALTER TABLE t MODIFY b ENCRYPT USING '3DES168';";
    let changed = remarks(&format!("{made} {changed}"));
    assert_eq!(changed, ["column D is encrypted: here it is not", "column B is encrypted (3DES168): here it is not"]);
}
