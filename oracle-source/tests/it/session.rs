use crate::fixture::{Fixture, options};
use oracle_source::{ErrorKind, Session};
use std::{error::Error as _, process::Command};

#[test]
fn the_wrong_password_is_named_and_not_shown() {
    let fixture = Fixture::new("");
    let mut wrong = fixture.options();
    wrong.password = "wr0ng-secret".into();
    let error = Session::connect(&wrong).unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::WrongCredentials, Some(1017)));
    assert!(!error.is_transient());
    let all = format!("{error} {error:?} {} {wrong:?}", error.source().unwrap());
    assert!(!all.contains("wr0ng-secret"), "{all}");
    assert!(all.contains("password is wrong"), "{all}");
}

#[test]
fn no_database_is_transient() {
    let error = Session::connect(&options("hr", "x", "standin:/nowhere/at/all.db")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error:?}");
    assert!(error.is_transient());
}

#[test]
fn a_session_knows_its_user_and_server() {
    let fixture = Fixture::new("");
    let session = fixture.session();
    assert_eq!(session.user().as_str(), "HR");
    assert!(session.server_version().major >= 11);
    session.ping().unwrap();
}

#[test]
fn statements_and_their_errors() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER PRIMARY KEY, name VARCHAR2(20));");
    let session = fixture.session();
    assert_eq!(session.execute("INSERT INTO t (id, name) VALUES (1, 'a')").unwrap(), 1);
    assert_eq!(session.execute_with("INSERT INTO t (id, name) VALUES (:1, :2)", &[Some("2"), None]).unwrap(), 1);
    let error = session.execute("INSERT INTO t (id, name) VALUES (1, 'again')").unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::Oracle, Some(1)));
    assert!(!error.is_transient());
    let error = session.query_text("SELECT id FROM missing", &[]).unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::Privilege, Some(942)));
    let rows = session.query_text("SELECT id, name FROM t ORDER BY id", &[]).unwrap();
    assert_eq!(rows, [[Some("1".to_owned()), Some("a".to_owned())], [Some("2".to_owned()), None]]);
    assert_eq!(fixture.session().query_text("SELECT id FROM t", &[]).unwrap().len(), 0, "not committed yet");
    session.commit().unwrap();
    assert_eq!(fixture.session().query_text("SELECT id FROM t", &[]).unwrap().len(), 2);
    session.execute("DELETE FROM t").unwrap();
    session.rollback().unwrap();
    assert_eq!(session.query_text("SELECT id FROM t", &[]).unwrap().len(), 2);
}

#[test]
fn the_client_library_is_loaded_once() {
    let fixture = Fixture::new("");
    fixture.session();
    let mut other = fixture.options();
    other.client_lib_dir = Some("/another/folder".into());
    let error = Session::connect(&other).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClientLibraryConflict);
    assert!(error.to_string().contains("/another/folder"), "{error}");
    other.client_lib_dir = None;
    Session::connect(&other).unwrap();
}

/// In a process of its own: this one has the library already.
#[test]
fn a_missing_client_library_is_explained() {
    const FOLDER: &str = "ORACLE_SOURCE_TEST_EMPTY_FOLDER";
    if let Ok(folder) = std::env::var(FOLDER) {
        let mut options = options("hr", "x", "//localhost/x");
        options.client_lib_dir = Some(folder.into());
        let error = Session::connect(&options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ClientLibraryMissing, "{error:?}");
        println!("said: {error}");
        // Once it is there, the same process can go on.
        options.client_lib_dir = Some(clntsh::library_dir().unwrap());
        assert_eq!(Session::connect(&options).unwrap_err().kind(), ErrorKind::Connection);
        return;
    }
    let empty = tempfile::tempdir().unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "session::a_missing_client_library_is_explained", "--nocapture"])
        .env(FOLDER, empty.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    for part in ["said: ", "Instant Client", "client_lib_dir", &empty.path().display().to_string()] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}
