//! A disk that is really full: a small file system of its own, which takes root and a server on this machine.

use crate::database::{Database, connect, server, text};
use crate::load::{ledger, load};
use crate::source::{people, person};
use pg_sink::{BadRows, ErrorKind};
use std::{fs, os::unix::fs::MetadataExt, path::PathBuf, process::Command};
use tokio_postgres::Client;

/// A mounted tmpfs and a tablespace in it, both gone when dropped, after the database that uses them.
struct SmallDisk {
    folder: tempfile::TempDir,
    tablespace: String,
}

impl SmallDisk {
    /// What it lacks, where there is none to be had.
    async fn new(client: &Client, mib: u32) -> Result<Self, String> {
        let data = PathBuf::from(text(client, "SHOW data_directory").await);
        let owner = fs::metadata(&data).map_err(|_| "the server's files are not on this machine".to_owned())?;
        let folder = tempfile::tempdir_in("/tmp").map_err(|e| e.to_string())?;
        let options = format!("size={mib}m,mode=0700,uid={},gid={}", owner.uid(), owner.gid());
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path()).output();
        match mounted {
            Ok(output) if output.status.success() => {}
            Ok(output) => return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => return Err(format!("mount: {error}")),
        }
        let tablespace = format!("small_disk_{}", std::process::id());
        let disk = SmallDisk { folder, tablespace };
        let location = format!("CREATE TABLESPACE {} LOCATION '{}'", disk.tablespace, disk.folder.path().display());
        client.batch_execute(&location).await.unwrap();
        Ok(disk)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let sql = format!("DROP TABLESPACE IF EXISTS {}", self.tablespace);
        let drop = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { connect(&server()).await.batch_execute(&sql).await })
        };
        let dropped = std::thread::spawn(drop).join();
        let unmounted = Command::new("umount").arg(self.folder.path()).status();
        if !std::thread::panicking() {
            dropped.unwrap().unwrap();
            assert!(unmounted.unwrap().success());
        }
    }
}

#[tokio::test]
async fn a_full_disk_fails_the_chunk_and_says_what_to_do() {
    let admin = connect(&server()).await;
    let disk = match SmallDisk::new(&admin, 16).await {
        Ok(disk) => disk,
        Err(why) => return eprintln!("a_full_disk_fails_the_chunk_and_says_what_to_do: NOT RUN: {why}"),
    };
    // Made after the disk, so dropped before it.
    let database = Database::new().await;
    let (plan, mut client) = (people(), database.client().await);
    let ledger = ledger(&mut client, &plan, &["only"]).await;
    client.batch_execute(&format!("ALTER TABLE people SET TABLESPACE {}", disk.tablespace)).await.unwrap();
    let filler = disk.folder.path().join("filler");
    fs::write(&filler, vec![1; 14 << 20]).unwrap();

    let rows: Vec<_> = (0..100_000).map(|n| person(n, "Ada")).collect();
    let error = load(&ledger, &mut client, &plan, rows.clone(), BadRows::Quarantine).await.unwrap_err();
    assert_eq!((error.kind(), error.sql_state()), (ErrorKind::Postgres, Some("53100")), "{error}");
    assert_eq!((error.table(), error.copy_row(), error.is_transient()), (Some("public.people"), None, false));
    for part in ["public.people", "disk is full", "make room", "No space left on device"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    assert_eq!(text(&client, "SELECT state, rows FROM oracle_migration.load_chunk").await, "claimed|NULL");
    assert_eq!(text(&client, "SELECT count(*) FROM people").await, "0");
    assert_eq!(text(&client, "SELECT count(*) FROM oracle_migration.reject").await, "0");

    // The same again, once there is room.
    fs::remove_file(&filler).unwrap();
    let done = load(&ledger, &mut client, &plan, rows, BadRows::Quarantine).await.unwrap().unwrap();
    assert_eq!(done.rows, 100_000);
}
