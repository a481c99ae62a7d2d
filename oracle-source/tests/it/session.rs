use crate::fixture::{Fixture, options};
use oracle_source::{AdminPrivilege, Backoff, ConnectOptions, ErrorKind, Secret, Session, SessionPool};
use std::{
    error::Error as _,
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

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
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");
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
        options.connect_string = free_address();
        assert_eq!(Session::connect(&options).unwrap_err().kind(), ErrorKind::Unreachable);
        return;
    }
    let empty = tempfile::tempdir().unwrap();
    let said = in_a_process_of_its_own("a_missing_client_library_is_explained", FOLDER, empty.path());
    for part in ["said: ", "Instant Client", "client_lib_dir", &empty.path().display().to_string()] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}

/// Runs one test of this file again in a child process, with a folder in its environment; what it printed.
fn in_a_process_of_its_own(test: &str, variable: &str, folder: &Path) -> String {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("session::{test}"), "--nocapture"])
        .env(variable, folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    said
}

/// Where nobody listens, or did not a moment ago.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("//{}/orcl", listener.local_addr().unwrap())
}

/// Libraries that are there and of no use: of other bits, and of a client that is too old.
#[test]
fn a_client_library_that_cannot_be_used_is_explained() {
    const FOLDER: &str = "ORACLE_SOURCE_TEST_BAD_LIBRARY";
    if let Ok(folder) = std::env::var(FOLDER) {
        let mut options = options("hr", "x", "//localhost/x");
        options.client_lib_dir = Some(folder.into());
        let error = Session::connect(&options).unwrap_err();
        println!("said: {:?} {error}", error.kind());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libclntsh.so");
    let test = "a_client_library_that_cannot_be_used_is_explained";
    let mut header = [0_u8; 64];
    header[..5].copy_from_slice(b"\x7fELF\x01");
    fs::write(&library, header).unwrap();
    let said = in_a_process_of_its_own(test, FOLDER, folder.path());
    for part in ["said: ClientLibraryUnusable", "32-bit library", "64-bit one", "Instant Client", "libclntsh.so"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    // Release 10.2: all that ODPI-C asks before it looks at the number.
    let source = folder.path().join("old.c");
    let code = "void OCIClientVersion(int *a, int *b, int *c, int *d, int *e) { *a = 10; *b = 2; *c = *d = *e = 0; }";
    fs::write(&source, code).unwrap();
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status().unwrap();
    assert!(built.success());
    let said = in_a_process_of_its_own(test, FOLDER, folder.path());
    for part in ["said: ClientLibraryUnusable", "too old", "Instant Client 19c"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}

#[test]
fn a_listener_that_is_down() {
    let error = Session::connect(&options("hr", "x", &free_address())).unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::Unreachable, Some(12541)), "{error:?}");
    assert!(error.to_string().contains("no listener") && error.is_transient(), "{error}");
}

/// It accepts, and says nothing: without a limit a client waits for ever.
#[test]
fn a_listener_that_says_nothing_ends_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let descriptor = format!(
        "(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=127.0.0.1)(PORT={}))(CONNECT_DATA=(SERVICE_NAME=orcl)))",
        address.port()
    );
    fs::write(folder.path().join("tnsnames.ora"), format!("SILENT =\n  {descriptor}\n")).unwrap();
    let easy = format!("//{address}/orcl");
    let started = Instant::now();
    for connect_string in [&easy, &descriptor] {
        let mut options = options("hr", "x", connect_string);
        options.connect_timeout = Some(Duration::from_millis(700));
        let error = Session::connect(&options).unwrap_err();
        assert_eq!((error.kind(), error.ora_code()), (ErrorKind::Timeout, Some(12170)), "{error:?}");
        assert!(error.to_string().contains("connect timeout") && error.is_transient(), "{error}");
    }
    // The limit goes up to whole seconds.
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    // An alias in a process of its own: the folder of the configuration is the process's.
    let said = in_a_process_of_its_own("an_alias_has_the_limit_too", TNS_ADMIN, folder.path());
    assert!(said.contains("said: Timeout"), "{said}");
    drop(listener);
}

const TNS_ADMIN: &str = "ORACLE_SOURCE_TEST_TNS_ADMIN";

/// No test of its own: what the other process does.
#[test]
fn an_alias_has_the_limit_too() {
    let Ok(folder) = std::env::var(TNS_ADMIN) else { return };
    let mut options = options("hr", "x", "silent");
    options.connect_timeout = Some(Duration::from_secs(1));
    options.config_dir = Some(folder.into());
    println!("said: {:?}", Session::connect(&options).unwrap_err().kind());
}

#[test]
fn a_wrong_service_is_told_from_no_listener() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answers = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 256];
        let n = stream.read(&mut asked).unwrap();
        stream.write_all(b"(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=12514))").unwrap();
        String::from_utf8_lossy(&asked[..n]).into_owned()
    });
    let error = Session::connect(&options("hr", "x", &format!("//{address}/nosuch"))).unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::UnknownService, Some(12514)), "{error:?}");
    assert!(error.to_string().contains("lsnrctl status"), "{error}");
    assert!(answers.join().unwrap().contains("nosuch"));
}

#[test]
fn accounts_that_cannot_be_used() {
    let fixture = Fixture::new("");
    let system = fixture.system();
    system.execute("ALTER USER hr ACCOUNT LOCK").unwrap();
    let error = Session::connect(&fixture.options()).unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::AccountLocked, Some(28000)), "{error:?}");
    assert!(error.to_string().contains("ACCOUNT UNLOCK") && !error.is_transient(), "{error}");
    system.execute("ALTER USER hr ACCOUNT UNLOCK").unwrap();
    system.execute("CREATE USER nologin IDENTIFIED BY x1").unwrap();
    let mut options = fixture.options();
    (options.user, options.password) = ("nologin".to_owned(), "x1".into());
    let error = Session::connect(&options).unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::Privilege, Some(1045)), "{error:?}");
    assert!(error.to_string().contains("GRANT CREATE SESSION"), "{error}");
}

#[test]
fn administrators_and_external_users() {
    let fixture = Fixture::new("");
    let mut options = fixture.options();
    options.privilege = Some(AdminPrivilege::Sysdba);
    assert_eq!(Session::connect(&options).unwrap_err().ora_code(), Some(1031));
    options.user = "sys".to_owned();
    options.password = fixture.system_password().into();
    assert_eq!(Session::connect(&options).unwrap().user().as_str(), "SYS");
    options.privilege = None;
    let error = Session::connect(&options).unwrap_err();
    assert_eq!((error.kind(), error.ora_code()), (ErrorKind::WrongCredentials, Some(28009)), "{error:?}");
    assert!(error.to_string().contains("SYSDBA"), "{error}");
    // The stand-in has no external users; that it is asked for one shows in what it says.
    let external = ConnectOptions {
        client_lib_dir: options.client_lib_dir.clone(),
        ..ConnectOptions::external(options.connect_string.as_str())
    };
    let error = Session::connect(&external).unwrap_err();
    assert!(error.source().unwrap().to_string().contains("external authentication"), "{error:?}");
    assert!(error.to_string().contains("externally"), "{error}");
}

#[test]
fn passwords_from_elsewhere() {
    let fixture = Fixture::new("");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), format!("{}\n", crate::fixture::PASSWORD)).unwrap();
    let mut options = fixture.options();
    options.password = Secret::from_file(file.path());
    Session::connect(&options).unwrap();
    // It is fetched for each login.
    fs::write(file.path(), "changed").unwrap();
    assert_eq!(Session::connect(&options).unwrap_err().kind(), ErrorKind::WrongCredentials);
    options.password = Secret::from_fn(|| Err("the vault is sealed".into()));
    let error = Session::connect(&options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SecretUnavailable);
    assert!(!error.is_transient());
}

#[test]
fn settings_that_were_changed_are_found() {
    let fixture = Fixture::new("");
    let session = fixture.session();
    session.check_settings().unwrap();
    for (sql, named) in [
        ("ALTER SESSION SET NLS_DATE_FORMAT = 'DD.MM.YYYY'", "NLS_DATE_FORMAT"),
        ("ALTER SESSION SET TIME_ZONE = '+02:00'", "TIME_ZONE"),
    ] {
        let session = fixture.session();
        session.execute(sql).unwrap();
        let error = session.check_settings().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings);
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[test]
fn a_session_shows_who_it_is() {
    let fixture = Fixture::new("");
    let mut options = fixture.options();
    options.module = "Überweisungen, die länger als achtundvierzig Byte sind".to_owned();
    options.action = "load".to_owned();
    let session = Session::connect(&options).unwrap();
    let rows = fixture.system().query_text("SELECT module, action FROM v$session WHERE username = 'HR'", &[]).unwrap();
    let [Some(module), Some(action)] = &rows[0][..] else { panic!("{rows:?}") };
    assert!(options.module.starts_with(module.as_str()) && (45..=48).contains(&module.len()), "{module}");
    assert_eq!(action, "load");
    let other = session.another().unwrap();
    assert_eq!(other.user(), session.user());
}

#[test]
fn sessions_of_a_pool() {
    let fixture = Fixture::new("CREATE TABLE t (id NUMBER);");
    let pool = SessionPool::new(fixture.options(), 2);
    assert_eq!(pool.counts(), (0, 0));
    let first = pool.get().unwrap();
    first.execute("INSERT INTO t VALUES (1)").unwrap();
    let second = pool.get().unwrap();
    assert_eq!(pool.counts(), (0, 2));
    // A third waits until one is given back.
    let third = thread::scope(|scope| {
        let waiting = scope.spawn(|| pool.get().unwrap());
        thread::sleep(Duration::from_millis(100));
        assert!(!waiting.is_finished());
        drop(first);
        waiting.join().unwrap()
    });
    let count = third.query_text("SELECT COUNT(*) FROM t", &[]).unwrap();
    assert_eq!(count, [[Some("0".to_owned())]], "what was not committed is gone");
    // One that something still holds is not given to others.
    let breaker = second.breaker();
    drop(second);
    assert_eq!(pool.counts(), (0, 1));
    drop(breaker);
    drop(third);
    assert_eq!(pool.counts(), (1, 0));
    // A place is free again where no session came of it.
    let broken = SessionPool::new(options("hr", "x", "standin:/nowhere/at/all.db"), 1);
    for _ in 0..2 {
        assert_eq!(broken.get().unwrap_err().kind(), ErrorKind::Unreachable);
    }
    assert_eq!(broken.counts(), (0, 0));
}

#[test]
fn what_passes_is_tried_again() {
    let fixture = Fixture::new("");
    let gone = fixture.file().with_extension("away");
    fs::rename(fixture.file(), &gone).unwrap();
    let mut backoff = Backoff::new(Duration::from_millis(10), Duration::from_millis(50), 5);
    let mut waits = 0;
    let session = loop {
        match Session::connect(&fixture.options()) {
            Ok(session) => break session,
            Err(error) => {
                thread::sleep(backoff.after(&error).unwrap());
                waits += 1;
                if waits == 2 {
                    fs::rename(&gone, fixture.file()).unwrap();
                }
            }
        }
    };
    assert_eq!((waits, session.user().as_str()), (2, "HR"));
    let mut wrong = fixture.options();
    wrong.password = "wrong".into();
    assert_eq!(Backoff::default().after(&Session::connect(&wrong).unwrap_err()), None);
}
