//! Connecting, and what goes wrong with it.

use crate::{PASSWORD, SYSTEM_PASSWORD, Standin, code, load_client, shared};
use oracle::{Connection, Connector, Privilege, Version, pool::PoolBuilder};
use std::time::Duration;

#[test]
fn connect_errors_name_what_is_wrong() {
    load_client();
    let standin = shared();
    let connect = |user: &str, password: &str, dsn: &str| Connection::connect(user, password, dsn);
    assert_eq!(code(connect("hr", PASSWORD, "")), 12162);
    assert_eq!(code(connect("hr", PASSWORD, "db.example.org/ORCLPDB1")), 12154);
    assert_eq!(code(connect("hr", PASSWORD, "standin:")), 12154);
    assert_eq!(code(connect("hr", PASSWORD, "standin:/no/such/file.db")), 12541);
    assert_eq!(code(connect("hr", PASSWORD, "/no/such/file.db")), 12541);
    assert_eq!(code(connect("hr", "wrong", &standin.dsn())), 1017);
    assert_eq!(code(connect("nobody", PASSWORD, &standin.dsn())), 1017);
    assert_eq!(code(Connector::new("hr", PASSWORD, standin.dsn()).privilege(Privilege::Sysdba).connect()), 1031);
}

#[test]
fn a_path_alone_connects_too() {
    let standin = shared();
    let connection = Connection::connect("HR", PASSWORD, standin.file.to_str().unwrap()).unwrap();
    assert_eq!(connection.query_row_as::<String>("SELECT USER FROM DUAL", &[]).unwrap(), "HR");
}

#[test]
fn versions_and_info() {
    let connection = shared().connect();
    let (version, banner) = connection.server_version().unwrap();
    assert_eq!((version.major(), Version::client().unwrap().major()), (19, 19));
    assert!(banner.contains("not Oracle Database"), "{banner}");
    assert_eq!(connection.info().unwrap().max_identifier_length, 128);
    assert_eq!(connection.status().unwrap(), oracle::ConnStatus::Normal);
    connection.ping().unwrap();
}

#[test]
fn settings_of_a_session() {
    let connection = shared().connect();
    connection.set_call_timeout(Some(Duration::from_millis(1500))).unwrap();
    assert_eq!(connection.call_timeout().unwrap(), Some(Duration::from_millis(1500)));
    connection.set_call_timeout(None).unwrap();
    assert_eq!(connection.call_timeout().unwrap(), None);
    connection.set_module("it").unwrap();
    connection.set_action("settings").unwrap();
    connection.set_client_identifier("me").unwrap();
    connection.break_execution().unwrap();
    assert_eq!(connection.query_row_as::<i64>("SELECT 1 FROM DUAL", &[]).unwrap(), 1);
}

#[test]
fn the_current_schema_can_be_another() {
    let standin = Standin::new("CREATE TABLE t (n NUMBER); INSERT INTO t VALUES (7);");
    let connection = standin.connect_system();
    assert_eq!(connection.current_schema().unwrap(), "SYSTEM");
    connection.set_current_schema("hr").unwrap();
    assert_eq!(connection.current_schema().unwrap(), "HR");
    assert_eq!(connection.query_row_as::<i64>("SELECT n FROM t", &[]).unwrap(), 7);
}

#[test]
fn the_rust_api_and_the_client_library_never_share_a_file() {
    let standin = Standin::new("CREATE TABLE t (n NUMBER);");
    let connection = standin.connect();
    assert_eq!(clntsh::Database::open(&standin.file).unwrap_err().code, 27086);
    connection.close().unwrap();
    drop(connection);
    let database = clntsh::Database::open(&standin.file).unwrap();
    assert_eq!(code(Connection::connect("hr", PASSWORD, standin.dsn())), 27086);
    drop(database);
    standin.connect();
}

#[test]
fn sessions_from_a_pool() {
    let standin = Standin::new("CREATE TABLE t (n NUMBER);");
    let pool = PoolBuilder::new("system", SYSTEM_PASSWORD, standin.dsn())
        .min_connections(1)
        .max_connections(2)
        .build()
        .unwrap();
    let first = pool.get().unwrap();
    let second = pool.get().unwrap();
    assert_eq!((pool.open_count().unwrap(), pool.busy_count().unwrap()), (2, 2));
    assert_eq!(code(pool.get()), 24418);
    first.execute("INSERT INTO hr.t VALUES (1)", &[]).unwrap();
    drop(first);
    // What was not committed is rolled back before another gets the session.
    assert_eq!(second.query_row_as::<i64>("SELECT COUNT(*) FROM hr.t", &[]).unwrap(), 0);
    drop(second);
    assert_eq!(pool.busy_count().unwrap(), 0);
}

#[test]
fn connections_work_in_threads_of_their_own() {
    let standin = Standin::new("CREATE TABLE t (thread NUMBER(4), n NUMBER(4));");
    std::thread::scope(|scope| {
        for thread in 0..4_i64 {
            let standin = &standin;
            scope.spawn(move || {
                let connection = standin.connect();
                for n in 0..10_i64 {
                    connection.execute("INSERT INTO t VALUES (:1, :2)", &[&thread, &n]).unwrap();
                    connection.commit().unwrap();
                }
            });
        }
    });
    let sums: Vec<(i64, i64, i64)> = standin
        .connect()
        .query_as::<(i64, i64, i64)>("SELECT thread, COUNT(*), SUM(n) FROM t GROUP BY thread ORDER BY thread", &[])
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(sums, (0..4).map(|t| (t, 10, 45)).collect::<Vec<_>>());
}

#[test]
fn sysdba_is_sys() {
    let standin = shared();
    let connect = |privilege: Option<Privilege>, password: &str| {
        let mut connector = Connector::new("sys", password, standin.dsn());
        if let Some(privilege) = privilege {
            connector.privilege(privilege);
        }
        connector.connect()
    };
    let connection = connect(Some(Privilege::Sysdba), SYSTEM_PASSWORD).unwrap();
    assert_eq!(connection.query_row_as::<String>("SELECT USER FROM DUAL", &[]).unwrap(), "SYS");
    assert_eq!(code(connect(Some(Privilege::Sysdba), "wrong")), 1017);
    assert_eq!(code(connect(Some(Privilege::Sysoper), SYSTEM_PASSWORD)), 1031);
    assert_eq!(code(connect(None, SYSTEM_PASSWORD)), 28009);
}
