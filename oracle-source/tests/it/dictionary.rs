use crate::fixture::{Fixture, hr_scripts, ident};
use oracle_source::{ErrorKind, ObjectFilter, Session, read_catalog, read_dictionary};
use schema_map::{
    Catalog, CodeKind, ConstraintKind, Grant, Identity, Index, IndexKey, Privilege, TableKind, script::Script,
};
use type_convert::OracleType;

/// What the two readers may tell differently, made the same: order, and what a script leaves to Oracle.
fn normalised(mut catalog: Catalog) -> Catalog {
    let primary_keys: Vec<_> =
        catalog.tables.iter().filter_map(|t| Some((t.path.clone(), t.primary_key()?.to_vec()))).collect();
    for table in &mut catalog.tables {
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey { references, referenced_columns, .. } = &mut constraint.kind
                && referenced_columns.is_empty()
                && let Some((_, key)) = primary_keys.iter().find(|(path, _)| path == references)
            {
                referenced_columns.clone_from(key);
            }
        }
        table.constraints.sort_by_key(|c| format!("{c:?}"));
    }
    catalog.tables.sort_by(|a, b| a.path.cmp(&b.path));
    catalog.indexes.sort_by(|a, b| a.path.cmp(&b.path));
    catalog.sequences.sort_by(|a, b| a.path.cmp(&b.path));
    catalog.views.sort_by(|a, b| a.path.cmp(&b.path));
    catalog.synonyms.sort_by(|a, b| a.path.cmp(&b.path));
    catalog.stored_code.sort_by(|a, b| (&a.path, a.kind).cmp(&(&b.path, b.kind)));
    catalog.materialized_views.sort_by(|a, b| a.view.path.cmp(&b.view.path));
    // A script names the columns of a view, or leaves that to its query.
    let views = catalog.materialized_views.iter_mut().map(|m| &mut m.view).chain(&mut catalog.views);
    for view in views {
        view.columns.clear();
        view.column_comments.sort();
    }
    // A GRANT may be for several grantees, and a right of each is one to Oracle.
    let each = catalog.grants.iter().flat_map(|g| {
        let of = |grantee, privilege: &Privilege| Grant {
            privileges: vec![privilege.clone()],
            grantees: vec![grantee],
            ..g.clone()
        };
        g.grantees.iter().flat_map(move |grantee| g.privileges.iter().map(move |p| of(grantee.clone(), p)))
    });
    catalog.grants = each.collect();
    catalog.grants.sort_by_key(|g| format!("{g:?}"));
    // Which the dictionary alone knows.
    (catalog.other_objects, catalog.remarks, catalog.sizes) = Default::default();
    catalog
}

/// Reads a schema from its scripts, and from the dictionary that they made: both must tell the same.
fn both_ways(scripts: &[(&str, &str)], session: &Session) -> Catalog {
    let mut script = Script::default();
    for (file, text) in scripts {
        script.read(file, text, &ident("HR"));
    }
    assert_eq!(script.errors, []);
    let dictionary = read_dictionary(session, &[ident("HR")], &ObjectFilter::default()).unwrap();
    assert_eq!(dictionary.unread, []);
    let mut read = dictionary.catalog;
    // Indexes that Oracle makes for a constraint are in no script.
    let made = |index: &Index| !script.catalog.indexes.iter().any(|i| i.path == index.path);
    assert!(read.indexes.iter().all(|index| index.backs_constraint || !made(index)));
    read.indexes.retain(|index| !made(index));
    let (read, told) = (normalised(read), normalised(script.catalog));
    let names = |catalog: &Catalog| catalog.tables.iter().map(|t| t.path.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&read), names(&told));
    for (read, told) in read.tables.iter().zip(&told.tables) {
        for (read, told) in read.columns.iter().zip(&told.columns) {
            assert_eq!(read, told);
        }
        assert_eq!(read, told);
    }
    for (read, told) in read.indexes.iter().zip(&told.indexes) {
        assert_eq!(read, told);
    }
    assert_eq!(read.sequences, told.sequences);
    assert_eq!(read.views, told.views);
    assert_eq!(read.materialized_views, told.materialized_views);
    assert_eq!(read.synonyms, told.synonyms);
    assert_eq!(read.grants, told.grants);
    for (read, told) in read.stored_code.iter().zip(&told.stored_code) {
        assert_eq!(read, told);
    }
    assert_eq!(read, told);
    read
}

#[test]
fn hr_both_ways() {
    let read = both_ways(&hr_scripts(), &Fixture::hr().session());
    assert_eq!(read.tables.len(), 7);
}

/// Every kind of object and property that the stand-in's DDL can make.
const WIDE: &str = include_str!("wide.sql");

#[test]
fn every_kind_both_ways() {
    let fixture = Fixture::new(WIDE);
    let read = both_ways(&[("wide.sql", WIDE)], &fixture.session());
    let counts = (read.tables.len(), read.indexes.len(), read.materialized_views.len(), read.grants.len());
    assert_eq!(counts, (30, 11, 3, 4), "something of the script is not there");
    // With the DBA_ views the same.
    assert_eq!(both_ways(&[("wide.sql", WIDE)], &fixture.system()), read);
}

#[test]
fn what_hr_does_not_have() {
    let fixture = Fixture::new(
        r#"CREATE TABLE "Mixed Case" ("Id" NUMBER(5) CONSTRAINT "Pk" PRIMARY KEY, "from" VARCHAR2(10 CHAR) DEFAULT 'x' NOT NULL);
           CREATE TABLE things (
             id NUMBER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
             price NUMBER(8,2) CHECK (price >= 0),
             made DATE DEFAULT SYSDATE,
             mixed NUMBER(5) REFERENCES "Mixed Case" ON DELETE SET NULL,
             note CLOB,
             CONSTRAINT things_u UNIQUE (made, price),
             CONSTRAINT things_c CHECK (price < 1000) DISABLE
           );
           CREATE GLOBAL TEMPORARY TABLE scratch (n NUMBER) ON COMMIT DELETE ROWS;
           CREATE INDEX things_i ON things (made DESC, price);
           CREATE INDEX things_j ON things (made, price, mixed);
           CREATE SEQUENCE s START WITH 100 INCREMENT BY -5 MAXVALUE 100 MINVALUE -1000 NOCACHE CYCLE;
           CREATE SYNONYM gadgets FOR things;"#,
    );
    let session = fixture.session();
    let catalog = read_catalog(&session, &[ident("HR")], &|_| true).unwrap();
    let table = |name: &str| catalog.tables.iter().find(|t| t.path.name.as_str() == name).unwrap();
    let mixed = table("Mixed Case");
    assert_eq!(mixed.primary_key().unwrap(), [ident("Id")]);
    assert_eq!(mixed.columns[1].default.as_deref(), Some("'x'"));
    assert!(!mixed.columns[1].nullable && mixed.constraints.len() == 1);
    assert_eq!(mixed.columns[1].oracle_type.to_string(), "VARCHAR2(10 CHAR)");
    let things = table("THINGS");
    assert_eq!(things.columns[0].identity, Some(Identity::Always));
    assert_eq!(things.columns[0].default, None);
    assert_eq!(things.columns[4].oracle_type, OracleType::Clob);
    let named: Vec<_> = things
        .constraints
        .iter()
        .map(|c| (c.name.as_ref().map(ToString::to_string).unwrap_or_default(), c.enabled))
        .collect();
    assert_eq!(named.iter().filter(|(name, _)| name.is_empty()).count(), 3, "{named:?}");
    assert!(named.contains(&("THINGS_U".to_owned(), true)) && named.contains(&("THINGS_C".to_owned(), false)));
    assert_eq!(table("SCRATCH").kind, TableKind::GlobalTemporary);
    let index: &Index = catalog.indexes.iter().find(|i| i.path.name.as_str() == "THINGS_I").unwrap();
    let columns: Vec<_> = index.columns.iter().map(|c| (c.key.clone(), c.descending)).collect();
    assert_eq!(columns, [(IndexKey::Column(ident("MADE")), true), (IndexKey::Column(ident("PRICE")), false)]);
    assert!(!index.unique && !index.backs_constraint, "{index:?}");
    let backing: Vec<_> = catalog.indexes.iter().map(|i| (i.path.name.as_str(), i.backs_constraint)).collect();
    assert!(backing.contains(&("THINGS_J", false)) && backing.contains(&("THINGS_U", true)), "{backing:?}");
    let sequence = &catalog.sequences[0];
    assert_eq!((sequence.increment, sequence.next_value, sequence.cycle, sequence.cache), (-5, 100, true, 0));
    assert_eq!(catalog.sequences.len(), 1, "the sequence of the identity column is its own");
    assert_eq!(catalog.synonyms[0].target.name, ident("THINGS"));

    let some = read_catalog(&session, &[ident("HR")], &|path| path.name.as_str() == "SCRATCH").unwrap();
    assert_eq!((some.tables.len(), some.indexes.len(), some.sequences.len()), (1, 0, 0));
}

#[test]
fn code_is_read_whole() {
    let session = Fixture::hr().session();
    let catalog = read_catalog(&session, &[ident("HR")], &|_| true).unwrap();
    let trigger = catalog.stored_code.iter().find(|c| c.path.name.as_str() == "UPDATE_JOB_HISTORY").unwrap();
    assert_eq!(trigger.kind, CodeKind::Trigger);
    assert_eq!(trigger.table.as_ref().unwrap().name.as_str(), "EMPLOYEES");
    assert!(trigger.source.to_uppercase().starts_with("TRIGGER UPDATE_JOB_HISTORY"), "{}", trigger.source);
    assert!(trigger.source.ends_with("END;"), "{}", trigger.source);
}

#[test]
fn what_scripts_do_not_tell() {
    let fixture =
        Fixture::new(&format!("{WIDE}\nALTER TRIGGER child_trigger DISABLE;\nINSERT INTO long_ago (id) VALUES (1);"));
    let read = read_dictionary(&fixture.session(), &[ident("HR")], &ObjectFilter::default()).unwrap();
    let remarks: Vec<_> =
        read.catalog.remarks.iter().map(|r| (r.kind.as_str(), r.path.name.as_str(), &*r.text)).collect();
    assert_eq!(remarks, [("TRIGGER", "CHILD_TRIGGER", "it is disabled")]);
    let others: Vec<_> = read.catalog.other_objects.iter().map(|o| o.path.to_string()).collect();
    assert_eq!(others, ["HR.C"], "the cluster");
    let size = |table: &str| read.catalog.sizes.iter().find(|s| s.table.name.as_str() == table).unwrap();
    assert_eq!((size("LONG_AGO").segment_bytes, size("LONG_AGO").rows), (Some(65_536), None));
    assert_eq!((size("LONG_RAW_AGO").segment_bytes, size("LONG_RAW_AGO").lob_bytes), (Some(0), Some(0)));
    assert_eq!(read.catalog.sizes.len(), read.catalog.tables.len());
}

#[test]
fn objects_that_no_other_list_has() {
    let fixture = Fixture::new(
        "CREATE TABLE t (id NUMBER, pay NUMBER, name VARCHAR2(9));
         CREATE CLUSTER c (id NUMBER);
         CREATE DATABASE LINK far.example.com CONNECT TO someone IDENTIFIED BY hidden4711 USING 'far:1521/orcl';
         CREATE VIEW broken AS SELECT * FROM t;
         GRANT SELECT, UPDATE (pay, name) ON t TO system;
         BEGIN DBMS_SCHEDULER.CREATE_JOB('NIGHTLY', 'PLSQL_BLOCK', 'BEGIN clean; END;', repeat_interval => 'FREQ=DAILY'); END;
         /
         BEGIN DBMS_RLS.ADD_POLICY(NULL, 't', 'only_own', 'hr', 'own_rows'); END;
         /
         DROP TABLE t;
         CREATE TABLE u (id NUMBER, pay NUMBER, name VARCHAR2(9));
         GRANT INSERT, UPDATE (pay, name), REFERENCES (id) ON u TO system;",
    );
    fixture.system().execute("CREATE DIRECTORY files AS '/data/files'").unwrap();
    let read = read_dictionary(&fixture.session(), &[ident("HR")], &ObjectFilter::default()).unwrap();
    let others: Vec<_> = read
        .catalog
        .other_objects
        .iter()
        .map(|o| (&*o.kind, o.path.to_string(), o.detail.as_deref().unwrap_or_default()))
        .collect();
    let expected = [
        ("POLICY", "HR.ONLY_OWN", "on HR.T for SELECT, UPDATE, DELETE, by the function HR.OWN_ROWS"),
        ("CLUSTER", "HR.C", ""),
        ("JOB", "HR.NIGHTLY", "PLSQL_BLOCK repeated FREQ=DAILY, disabled: BEGIN clean; END;"),
        ("DATABASE LINK", "HR.FAR.EXAMPLE.COM", "to far:1521/orcl as SOMEONE"),
        ("DIRECTORY", "SYS.FILES", "/data/files"),
    ];
    assert_eq!(others, expected.map(|(kind, path, detail)| (kind, path.to_owned(), detail)));
    let remarks: Vec<_> = read.catalog.remarks.iter().map(|r| (&*r.kind, r.path.to_string(), &*r.text)).collect();
    assert_eq!(remarks, [("VIEW", "HR.BROKEN".to_owned(), "it is invalid")]);
    assert_eq!(read.catalog.views[0].columns, [], "nobody knows its columns");
    let grants: Vec<_> = read.catalog.grants.iter().map(|g| (g.object.to_string(), &g.privileges)).collect();
    let privilege = |name: &str, columns: &[&str]| Privilege {
        name: name.to_owned(),
        columns: columns.iter().map(|c| ident(c)).collect(),
    };
    let expected =
        vec![privilege("INSERT", &[]), privilege("REFERENCES", &["ID"]), privilege("UPDATE", &["NAME", "PAY"])];
    assert_eq!(grants, [("HR.U".to_owned(), &expected)]);
}

#[test]
fn the_number_of_queries_does_not_follow_the_size() {
    let all = ObjectFilter::default();
    let queries = |session: &Session, schema: &str| read_dictionary(session, &[ident(schema)], &all).unwrap().queries;
    let wide = Fixture::new(WIDE);
    let (of_wide, of_hr) = (queries(&wide.session(), "HR"), queries(&Fixture::hr().session(), "HR"));
    assert!(of_hr <= of_wide && of_wide <= 40, "{of_hr} and {of_wide} queries");
    // A schema without anything, and one that is not there.
    let session = Fixture::new("").session();
    for schema in ["HR", "NOBODY"] {
        let read = read_dictionary(&session, &[ident(schema)], &all).unwrap();
        assert_eq!((read.catalog, read.queries <= 40), (Catalog::default(), true), "{schema}");
    }
}

#[test]
fn fifty_thousand_objects() {
    let mut script = "CREATE TABLE t (id NUMBER PRIMARY KEY);\n".to_owned();
    for n in 0..20_000 {
        script.push_str(&format!("CREATE SEQUENCE sequence_{n};\nCREATE SYNONYM synonym_{n} FOR t;\n"));
    }
    for n in 0..10_000 {
        script.push_str(&format!("CREATE PROCEDURE procedure_{n} IS\nBEGIN\n  NULL;\nEND;\n/\n"));
    }
    let fixture = Fixture::new("");
    fixture.offline(|database| database.make_objects("HR", &script).unwrap());
    let read = read_dictionary(&fixture.session(), &[ident("HR")], &ObjectFilter::default()).unwrap();
    let catalog = &read.catalog;
    let counts = (catalog.tables.len(), catalog.sequences.len(), catalog.synonyms.len(), catalog.stored_code.len());
    assert_eq!((counts, read.queries <= 40), ((1, 20_000, 20_000, 10_000), true));
}

#[test]
fn patterns_choose_objects() {
    let session = Fixture::new(WIDE).session();
    let read = |include: &[&str], exclude: &[&str]| {
        let filter = ObjectFilter::new(include.iter().copied(), exclude.iter().copied()).unwrap();
        read_dictionary(&session, &[ident("HR")], &filter).unwrap().catalog
    };
    let names = |catalog: &Catalog| catalog.tables.iter().map(|t| t.path.name.to_string()).collect::<Vec<_>>();
    let some = read(&["hr.by_*", "\"Mixed Case.With Dot\""], &["*_hash", "by_t?o"]);
    assert_eq!(
        names(&some),
        [
            "BY_INTERVAL",
            "BY_LIST",
            "BY_LIST_ITSELF",
            "BY_RANGE",
            "BY_REFERENCE",
            "BY_SYSTEM",
            "BY_TEMPLATE",
            "Mixed Case.With Dot"
        ]
    );
    let indexes: Vec<_> =
        some.indexes.iter().filter(|i| !i.backs_constraint).map(|i| i.path.name.to_string()).collect();
    assert_eq!(indexes, ["BY_LIST_U", "BY_RANGE_I", "Upper"], "indexes go with their tables");
    assert_eq!((some.views.len(), some.stored_code.len(), some.sizes.len()), (0, 0, 8));
    // A trigger goes with its table, and so does a right.
    let child = read(&["child*"], &["child"]);
    assert_eq!((child.tables.len(), child.stored_code.len()), (0, 0));
    assert_eq!(read(&["parent"], &[]).grants.len(), 1);
    assert_eq!(names(&read(&["sh.*"], &[])), Vec::<String>::new());
}

#[test]
fn what_a_user_without_rights_sees() {
    let fixture = Fixture::new(WIDE);
    {
        let system = fixture.system();
        system.execute("CREATE USER looker IDENTIFIED BY \"looker-password\"").unwrap();
        system.execute("GRANT CREATE SESSION TO looker").unwrap();
        system.execute("GRANT SELECT ON hr.parent TO looker").unwrap();
    }
    let mut options = fixture.options();
    options.user = "looker".to_owned();
    options.password = "looker-password".into();
    let session = Session::connect(&options).unwrap();
    let read = read_dictionary(&session, &[ident("HR")], &ObjectFilter::default()).unwrap();
    let names: Vec<_> = read.catalog.tables.iter().map(|t| t.path.name.as_str()).collect();
    assert_eq!(names, ["PARENT"]);
    let lacking: Vec<_> = read.unread.iter().map(|u| (u.view.as_str(), u.grant.as_str())).collect();
    assert_eq!(
        lacking,
        [
            ("DBA_SEGMENTS", "GRANT SELECT ON SYS.DBA_SEGMENTS TO \"LOOKER\";"),
            ("ALL_OBJECTS", "GRANT SELECT_CATALOG_ROLE TO \"LOOKER\";")
        ]
    );
    assert_eq!(read.catalog.sizes[0].segment_bytes, None, "not known is not 0");
    // A foreign key to what cannot be seen is no table without it, unless nobody wants the table.
    fixture.system().execute("REVOKE SELECT ON hr.parent FROM looker").unwrap();
    fixture.system().execute("GRANT SELECT ON hr.child TO looker").unwrap();
    let error = read_dictionary(&session, &[ident("HR")], &ObjectFilter::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().contains("foreign key HR.CHILD_FK of table CHILD"), "{error}");
    let others = ObjectFilter::new([], ["child"]).unwrap();
    assert_eq!(read_dictionary(&session, &[ident("HR")], &others).unwrap().catalog.tables, []);
    // What the grants that are named give.
    drop(session);
    fixture.system().execute("GRANT SELECT_CATALOG_ROLE TO looker").unwrap();
    let session = Session::connect(&options).unwrap();
    let read = read_dictionary(&session, &[ident("HR")], &ObjectFilter::default()).unwrap();
    assert_eq!((read.unread, read.catalog.tables.len()), (Vec::new(), 30));
}
