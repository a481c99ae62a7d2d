use crate::control::statement;
use crate::database::{Database, text};
use crate::source::pg_path;
use pg_sink::{ConstraintGuard, Control, ErrorKind, ForeignKeysRun, Restored, TakenDown};
use schema_map::PgIdent;
use schema_map::ddl::{Addition, Ddl, Phase};

const TABLES: &str = r#"
CREATE TABLE departments (id int PRIMARY KEY, manager int);
CREATE TABLE "Employees" (id int PRIMARY KEY, department int);
CREATE TABLE outside (id int PRIMARY KEY, employee int REFERENCES "Employees" ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE elsewhere (id int PRIMARY KEY, other int REFERENCES outside);
ALTER TABLE "Employees" ADD CONSTRAINT "Dept FK" FOREIGN KEY (department) REFERENCES departments ON DELETE SET NULL;
ALTER TABLE departments ADD CONSTRAINT manager_fk FOREIGN KEY (manager) REFERENCES "Employees" NOT VALID;
COMMENT ON CONSTRAINT "Dept FK" ON "Employees" IS 'it''s a comment';
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER plain BEFORE INSERT ON departments FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER always BEFORE INSERT ON departments FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER replica BEFORE INSERT ON departments FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER off BEFORE INSERT ON departments FOR EACH ROW EXECUTE FUNCTION stamp();
ALTER TABLE departments ENABLE ALWAYS TRIGGER always;
ALTER TABLE departments ENABLE REPLICA TRIGGER replica;
ALTER TABLE departments DISABLE TRIGGER off;
"#;

const STATE: &str = "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated, obj_description(oid, 'pg_constraint') \
     FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 2; \
     SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1";

#[tokio::test]
async fn what_was_taken_down_comes_back_as_it_was() {
    let database = Database::new().await;
    let mut client = database.client().await;
    client.batch_execute(TABLES).await.unwrap();
    let control = Control::default();
    control.install(&client).await.unwrap();
    let before = text(&client, STATE).await;
    assert!(before.contains("Dept FK") && before.contains("always|A"), "{before}");

    let guard = ConstraintGuard::new(control.clone());
    let tables = [pg_path("departments"), pg_path("Employees")];
    let taken = guard.take_down(&mut client, &tables).await.unwrap();
    assert_eq!(taken, TakenDown { foreign_keys: 3, triggers: 3 });
    assert_eq!(guard.take_down(&mut client, &tables).await.unwrap(), TakenDown::default());
    let down = text(&client, STATE).await;
    assert_eq!(
        down,
        "elsewhere|elsewhere_other_fkey|FOREIGN KEY (other) REFERENCES outside(id)|t|NULL\nalways|D\noff|D\nplain|D\nreplica|D"
    );

    // Another process, after a crash, with rows that break one of the keys.
    client.batch_execute(r#"INSERT INTO "Employees" VALUES (1, 99)"#).await.unwrap();
    let mut client = database.client().await;
    let guard = ConstraintGuard::new(control);
    let error = guard.restore(&mut client).await.unwrap_err();
    assert_eq!((error.kind(), error.sql_state()), (ErrorKind::Postgres, Some("23503")), "{error}");
    assert_eq!(error.table(), Some("public.Employees"));
    assert!(error.to_string().contains("Dept FK"), "{error}");
    // The key is there now, but not validated. Taken down again, it is still remembered as it once was.
    assert_eq!(guard.take_down(&mut client, &tables).await.unwrap().foreign_keys, 1);

    client.batch_execute("INSERT INTO departments VALUES (99)").await.unwrap();
    guard.restore(&mut client).await.unwrap();
    assert_eq!(text(&client, STATE).await, before);
    assert_eq!(guard.restore(&mut client).await.unwrap(), Restored::default());
}

#[tokio::test]
async fn keys_of_partitioned_tables_come_back_too() {
    let database = Database::new().await;
    let mut client = database.client().await;
    client
        .batch_execute(
            "CREATE TABLE parent (id int PRIMARY KEY); \
             CREATE TABLE parted (id int, parent int REFERENCES parent) PARTITION BY RANGE (id); \
             CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10)",
        )
        .await
        .unwrap();
    let control = Control::default();
    control.install(&client).await.unwrap();
    let before = text(&client, STATE).await;
    let guard = ConstraintGuard::new(control);
    let tables = [pg_path("parent"), pg_path("parted"), pg_path("parted_1")];
    assert_eq!(guard.take_down(&mut client, &tables).await.unwrap().foreign_keys, 1);
    assert_eq!(text(&client, STATE).await, "");
    assert_eq!(guard.restore(&mut client).await.unwrap().foreign_keys, 1);
    assert_eq!(text(&client, STATE).await, before);
}

/// Added without a look at the rows, then checked one by one, again and again until all are.
#[tokio::test]
async fn foreign_keys_are_added_first_and_validated_then() {
    let database = Database::new().await;
    let mut client = database.client().await;
    client
        .batch_execute(
            "CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (a int, b int, c int); INSERT INTO child VALUES (NULL, 7, 8)",
        )
        .await
        .unwrap();
    let control = Control::default();
    control.install(&client).await.unwrap();
    let mut ddl = Ddl::default();
    for (column, end) in [("a", ";"), ("b", ";"), ("c", " NOT VALID;")] {
        let sql =
            format!("ALTER TABLE child ADD CONSTRAINT \"{column} FK\" FOREIGN KEY ({column}) REFERENCES parent{end}");
        let mut statement = statement(Phase::ForeignKeys, &sql);
        let name = PgIdent::new(format!("{column} FK")).unwrap();
        statement.adds = Some(Addition { table: pg_path("child"), name });
        ddl.statements.push(statement);
    }
    let error = control.run_foreign_keys(&mut client, &ddl).await.unwrap_err();
    assert_eq!((error.table(), error.object(), error.sql_state()), (Some("public.child"), Some("b FK"), Some("23503")));
    let valid = "SELECT conname, convalidated FROM pg_constraint WHERE contype = 'f' AND conrelid = 'child'::regclass ORDER BY 1";
    assert_eq!(text(&client, valid).await, "a FK|t\nb FK|f\nc FK|f");
    client.batch_execute("INSERT INTO parent VALUES (7)").await.unwrap();
    let run = control.run_foreign_keys(&mut client, &ddl).await.unwrap();
    assert_eq!(run, ForeignKeysRun { added: 0, validated: 1 });
    assert_eq!(text(&client, valid).await, "a FK|t\nb FK|t\nc FK|f");
    assert_eq!(control.run_foreign_keys(&mut client, &ddl).await.unwrap(), ForeignKeysRun::default());
}
