//! `V$` and `GV$` views, DUAL, and what describes the database as a whole.

use super::{Access, Columns, D, Kind, N, NULL, R, Registry, Scope, Source, V, Values, count, number, text, yes_no};
use crate::{
    OraError,
    engine::{
        storage::Storage,
        store::{
            self, Log, Model, Object, RESETLOGS_SCN, ROOT, SUPPLEMENTAL_ALL, SUPPLEMENTAL_FK, SUPPLEMENTAL_MIN,
            SUPPLEMENTAL_PK, SUPPLEMENTAL_UI, Store, archive_name, date, group_of, online_name,
        },
    },
};
use type_convert::Value;

const VERSION: &str = "19.0.0.0.0";
const VERSION_FULL: &str = "19.10.0.0.0";
const BANNER: &str = "Oracle stand-in (SQLite), compatible in parts with Oracle Database 19c";
/// `NEXT_CHANGE#` of the current log.
const NO_SCN: &str = "9295429630892703743";
const BLOCK: i64 = 512;
const STATISTIC_PGA: i64 = 25;
const STATISTIC_SYNCH: i64 = 193;
/// What `V$MYSTAT` says that a session takes: it is not measured.
const PGA: i64 = 2 << 20;

pub(super) fn register(registry: &mut Registry) {
    let mut add = |name: &str, access, columns: Columns, rows| {
        registry.add(name, access, columns, Source::Rows(rows, Scope::Dba))
    };
    use Access::{Catalog, Everyone};
    add("DUAL", Everyone, &[("DUMMY", V(1))], |_, _, _| Ok(vec![vec![text("X")]]));
    add(
        "V$DATABASE",
        Catalog,
        &[
            ("DBID", N),
            ("NAME", V(9)),
            ("CREATED", D),
            ("RESETLOGS_CHANGE#", N),
            ("RESETLOGS_TIME", D),
            ("PRIOR_RESETLOGS_CHANGE#", N),
            ("LOG_MODE", V(12)),
            ("CHECKPOINT_CHANGE#", N),
            ("ARCHIVE_CHANGE#", N),
            ("OPEN_RESETLOGS", V(11)),
            ("OPEN_MODE", V(20)),
            ("DATABASE_ROLE", V(16)),
            ("ARCHIVELOG_CHANGE#", N),
            ("SUPPLEMENTAL_LOG_DATA_MIN", V(8)),
            ("SUPPLEMENTAL_LOG_DATA_PK", V(3)),
            ("SUPPLEMENTAL_LOG_DATA_UI", V(3)),
            ("FORCE_LOGGING", V(39)),
            ("PLATFORM_ID", N),
            ("PLATFORM_NAME", V(101)),
            ("CURRENT_SCN", N),
            ("FLASHBACK_ON", V(18)),
            ("SUPPLEMENTAL_LOG_DATA_FK", V(3)),
            ("SUPPLEMENTAL_LOG_DATA_ALL", V(3)),
            ("DB_UNIQUE_NAME", V(30)),
            ("CDB", V(3)),
            ("CON_ID", N),
        ],
        database,
    );
    add(
        "V$DATABASE_INCARNATION",
        Catalog,
        &[
            ("INCARNATION#", N),
            ("RESETLOGS_CHANGE#", N),
            ("RESETLOGS_TIME", D),
            ("PRIOR_RESETLOGS_CHANGE#", N),
            ("PRIOR_RESETLOGS_TIME", D),
            ("STATUS", V(7)),
            ("RESETLOGS_ID", N),
            ("PRIOR_INCARNATION#", N),
            ("FLASHBACK_DATABASE_ALLOWED", V(26)),
            ("CON_ID", N),
        ],
        |store, _, _| {
            let created = meta(store, "created")?;
            Ok(vec![vec![
                number(1),
                number(RESETLOGS_SCN),
                date(created),
                number(0),
                NULL,
                text("CURRENT"),
                number(created),
                number(0),
                text("NO"),
                number(0),
            ]])
        },
    );
    for name in ["V$INSTANCE", "GV$INSTANCE"] {
        let columns: Columns = &[
            ("INST_ID", N),
            ("INSTANCE_NUMBER", N),
            ("INSTANCE_NAME", V(16)),
            ("HOST_NAME", V(64)),
            ("VERSION", V(17)),
            ("VERSION_FULL", V(17)),
            ("STARTUP_TIME", D),
            ("STATUS", V(12)),
            ("PARALLEL", V(3)),
            ("THREAD#", N),
            ("ARCHIVER", V(7)),
            ("LOGINS", V(10)),
            ("DATABASE_STATUS", V(17)),
            ("INSTANCE_ROLE", V(18)),
            ("ACTIVE_STATE", V(9)),
            ("EDITION", V(7)),
        ];
        without_instance(registry, name, columns, |store, _, _| {
            Ok(vec![vec![
                number(1),
                number(1),
                text(super::database_name(store)?),
                text("localhost"),
                text(VERSION),
                text(VERSION_FULL),
                date(meta(store, "created")?),
                text("OPEN"),
                text("NO"),
                number(1),
                text("STARTED"),
                text("ALLOWED"),
                text("ACTIVE"),
                text("PRIMARY_INSTANCE"),
                text("NORMAL"),
                text("EE"),
            ]])
        });
    }
    let mut add = |name: &str, access, columns: Columns, rows| {
        registry.add(name, access, columns, Source::Rows(rows, Scope::Dba))
    };
    add(
        "V$VERSION",
        Everyone,
        &[("BANNER", V(80)), ("BANNER_FULL", V(160)), ("BANNER_LEGACY", V(80)), ("CON_ID", N)],
        |_, _, _| {
            Ok(vec![vec![text(BANNER), text(format!("{BANNER}\nVersion {VERSION_FULL}")), text(BANNER), number(0)]])
        },
    );
    add(
        "PRODUCT_COMPONENT_VERSION",
        Everyone,
        &[("PRODUCT", V(80)), ("VERSION", V(80)), ("VERSION_FULL", V(80)), ("STATUS", V(80))],
        |_, _, _| {
            Ok(vec![vec![text("Oracle stand-in (SQLite) "), text(VERSION), text(VERSION_FULL), text("Production")]])
        },
    );
    add(
        "V$THREAD",
        Catalog,
        &[
            ("THREAD#", N),
            ("STATUS", V(6)),
            ("ENABLED", V(8)),
            ("GROUPS", N),
            ("INSTANCE", V(80)),
            ("OPEN_TIME", D),
            ("CURRENT_GROUP#", N),
            ("SEQUENCE#", N),
            ("CHECKPOINT_CHANGE#", N),
            ("CHECKPOINT_TIME", D),
            ("ENABLE_CHANGE#", N),
            ("ENABLE_TIME", D),
            ("DISABLE_CHANGE#", N),
            ("DISABLE_TIME", D),
            ("LAST_REDO_SEQUENCE#", N),
            ("LAST_REDO_BLOCK", N),
            ("LAST_REDO_CHANGE#", N),
            ("LAST_REDO_TIME", D),
            ("CON_ID", N),
        ],
        thread,
    );
    add(
        "V$LOG",
        Catalog,
        &[
            ("GROUP#", N),
            ("THREAD#", N),
            ("SEQUENCE#", N),
            ("BYTES", N),
            ("BLOCKSIZE", N),
            ("MEMBERS", N),
            ("ARCHIVED", V(3)),
            ("STATUS", V(16)),
            ("FIRST_CHANGE#", N),
            ("FIRST_TIME", D),
            ("NEXT_CHANGE#", N),
            ("NEXT_TIME", D),
            ("CON_ID", N),
        ],
        online_logs,
    );
    add(
        "V$LOGFILE",
        Catalog,
        &[
            ("GROUP#", N),
            ("STATUS", V(7)),
            ("TYPE", V(7)),
            ("MEMBER", V(513)),
            ("IS_RECOVERY_DEST_FILE", V(3)),
            ("CON_ID", N),
        ],
        |store, _, _| {
            Ok((1..=3 * store.scene()?.threads())
                .map(|g| vec![number(g), NULL, text("ONLINE"), text(online_name(g)), text("NO"), number(0)])
                .collect())
        },
    );
    add(
        "V$ARCHIVED_LOG",
        Catalog,
        &[
            ("RECID", N),
            ("STAMP", N),
            ("NAME", V(513)),
            ("DEST_ID", N),
            ("THREAD#", N),
            ("SEQUENCE#", N),
            ("RESETLOGS_CHANGE#", N),
            ("RESETLOGS_TIME", D),
            ("RESETLOGS_ID", N),
            ("FIRST_CHANGE#", N),
            ("FIRST_TIME", D),
            ("NEXT_CHANGE#", N),
            ("NEXT_TIME", D),
            ("BLOCKS", N),
            ("BLOCK_SIZE", N),
            ("CREATOR", V(7)),
            ("REGISTRAR", V(7)),
            ("STANDBY_DEST", V(3)),
            ("ARCHIVED", V(3)),
            ("APPLIED", V(9)),
            ("DELETED", V(3)),
            ("STATUS", V(1)),
            ("COMPLETION_TIME", D),
            ("DICTIONARY_BEGIN", V(3)),
            ("DICTIONARY_END", V(3)),
            ("END_OF_REDO", V(3)),
            ("CON_ID", N),
        ],
        archived_logs,
    );
    const DESTINATIONS: Columns = &[
        ("DEST_ID", N),
        ("DEST_NAME", V(256)),
        ("STATUS", V(9)),
        ("TYPE", V(16)),
        ("BINDING", V(9)),
        ("TARGET", V(16)),
        ("SCHEDULE", V(8)),
        ("DESTINATION", V(256)),
        ("ERROR", V(256)),
        ("DATABASE_MODE", V(15)),
        ("ARCHIVED_THREAD#", N),
        ("ARCHIVED_SEQ#", N),
        ("GAP_STATUS", V(24)),
        ("DB_UNIQUE_NAME", V(30)),
    ];
    for name in ["V$ARCHIVE_DEST", "V$ARCHIVE_DEST_STATUS"] {
        add(name, Catalog, DESTINATIONS, |store, _, _| {
            let current = state(store)?;
            Ok(vec![vec![
                number(1),
                text("LOG_ARCHIVE_DEST_1"),
                text(if current.archivelog { "VALID" } else { "INACTIVE" }),
                text("LOCAL"),
                text("OPTIONAL"),
                text("PRIMARY"),
                text("ACTIVE"),
                text("/standin/archive"),
                NULL,
                text("OPEN"),
                number(1),
                number(current.log - 1),
                NULL,
                text(super::database_name(store)?),
            ]])
        });
    }
    for name in ["V$TRANSACTION", "GV$TRANSACTION"] {
        const COLUMNS: Columns = &[
            ("INST_ID", N),
            ("ADDR", R(8)),
            ("XIDUSN", N),
            ("XIDSLOT", N),
            ("XIDSQN", N),
            ("UBAFIL", N),
            ("STATUS", V(16)),
            ("START_TIME", V(20)),
            ("START_SCNB", N),
            ("START_SCNW", N),
            ("SES_ADDR", R(8)),
            ("USED_UBLK", N),
            ("USED_UREC", N),
            ("XID", R(8)),
            ("START_DATE", D),
            ("START_SCN", N),
            ("CON_ID", N),
        ];
        without_instance(registry, name, COLUMNS, transactions);
    }
    for name in ["V$SESSION", "GV$SESSION"] {
        const COLUMNS: Columns = &[
            ("INST_ID", N),
            ("SADDR", R(8)),
            ("SID", N),
            ("SERIAL#", N),
            ("AUDSID", N),
            ("PADDR", R(8)),
            ("USER#", N),
            ("USERNAME", V(128)),
            ("TADDR", V(16)),
            ("STATUS", V(8)),
            ("SERVER", V(9)),
            ("SCHEMANAME", V(128)),
            ("PROCESS", V(24)),
            ("TYPE", V(10)),
            ("LOGON_TIME", D),
            ("MODULE", V(64)),
            ("ACTION", V(64)),
            ("CON_ID", N),
        ];
        without_instance(registry, name, COLUMNS, sessions);
    }
    for name in ["V$PARAMETER", "V$SYSTEM_PARAMETER", "GV$PARAMETER"] {
        const COLUMNS: Columns = &[
            ("INST_ID", N),
            ("NUM", N),
            ("NAME", V(80)),
            ("TYPE", N),
            ("VALUE", V(4000)),
            ("DISPLAY_VALUE", V(4000)),
            ("ISDEFAULT", V(9)),
            ("DESCRIPTION", V(255)),
            ("CON_ID", N),
        ];
        without_instance(registry, name, COLUMNS, parameters);
    }
    let mut add = |name: &str, access, columns: Columns, rows| {
        registry.add(name, access, columns, Source::Rows(rows, Scope::Dba))
    };
    const NLS: Columns = &[("PARAMETER", V(128)), ("VALUE", V(64))];
    add("NLS_SESSION_PARAMETERS", Everyone, NLS, |store, _, _| {
        Ok(store.nls().iter().map(|(n, v)| vec![text(n), text(v)]).collect())
    });
    add("V$NLS_PARAMETERS", Everyone, NLS, |store, _, _| {
        let session = store.nls().iter().map(|(n, v)| vec![text(n), text(v)]);
        Ok(session.chain(CHARACTER_SETS.iter().map(|(n, v)| vec![text(*n), text(*v)])).collect())
    });
    for name in ["NLS_DATABASE_PARAMETERS", "NLS_INSTANCE_PARAMETERS"] {
        add(name, Everyone, NLS, |_, _, _| {
            let defaults = store::NLS_DEFAULTS.iter().chain(CHARACTER_SETS);
            Ok(defaults.map(|(n, v)| vec![text(*n), text(*v)]).collect())
        });
    }
    add("SESSION_PRIVS", Everyone, &[("PRIVILEGE", V(40))], |store, model, _| {
        Ok(model.privileges.system_of(store.user()).into_iter().map(|p| vec![text(p)]).collect())
    });
    add("SESSION_ROLES", Everyone, &[("ROLE", V(128))], |store, model, _| {
        Ok(model.privileges.roles_of(store.user()).into_iter().map(|r| vec![text(r)]).collect())
    });
    add(
        "V$LOGMNR_LOGS",
        Catalog,
        &[
            ("LOG_ID", N),
            ("FILENAME", V(513)),
            ("LOW_TIME", D),
            ("HIGH_TIME", D),
            ("DB_ID", N),
            ("DB_NAME", V(8)),
            ("RESET_SCN", N),
            ("THREAD_ID", N),
            ("THREAD_SQN", N),
            ("LOW_SCN", N),
            ("NEXT_SCN", N),
            ("DICTIONARY_BEGIN", V(3)),
            ("DICTIONARY_END", V(3)),
            ("TYPE", V(7)),
            ("BLOCKSIZE", N),
            ("FILESIZE", N),
            ("INFO", V(32)),
            ("STATUS", N),
        ],
        logminer_logs,
    );
    add(
        "V$RECOVERY_FILE_DEST",
        Catalog,
        &[
            ("NAME", V(513)),
            ("SPACE_LIMIT", N),
            ("SPACE_USED", N),
            ("SPACE_RECLAIMABLE", N),
            ("NUMBER_OF_FILES", N),
            ("CON_ID", N),
        ],
        // Archived logs have a destination of their own.
        |_, _, _| Ok(vec![vec![NULL, number(0), number(0), number(0), number(0), number(0)]]),
    );
    add(
        "V$UNDOSTAT",
        Catalog,
        &[
            ("BEGIN_TIME", D),
            ("END_TIME", D),
            ("UNDOTSN", N),
            ("UNDOBLKS", N),
            ("TXNCOUNT", N),
            ("MAXQUERYLEN", N),
            ("SSOLDERRCNT", N),
            ("NOSPACEERRCNT", N),
            ("TUNED_UNDORETENTION", N),
            ("CON_ID", N),
        ],
        // As in an instance that has just been started: nothing is gathered.
        |_, _, _| Ok(Values::new()),
    );
    const TABLESPACES: Columns = &[
        ("TABLESPACE_NAME", V(30)),
        ("BLOCK_SIZE", N),
        ("STATUS", V(9)),
        ("CONTENTS", V(21)),
        ("LOGGING", V(9)),
        ("FORCE_LOGGING", V(3)),
        ("RETENTION", V(11)),
        ("BIGFILE", V(3)),
        ("ENCRYPTED", V(3)),
    ];
    add("DBA_TABLESPACES", Catalog, TABLESPACES, |store, _, _| {
        let space = |name: &str, contents: &str, retention: &str| {
            vec![
                text(name),
                number(8192),
                text("ONLINE"),
                text(contents),
                text("LOGGING"),
                text("NO"),
                text(retention),
                text("NO"),
                text("NO"),
            ]
        };
        // Undo is kept until `Database::expire_undo`.
        let mut spaces = vec![space("UNDOTBS1", "UNDO", "GUARANTEE"), space("USERS", "PERMANENT", "NOT APPLY")];
        let forced = store.scene()?.force_logging;
        for row in spaces.iter_mut().filter(|row| forced.as_deref().is_some_and(|forced| row[0] == text(forced))) {
            row[5] = text("YES");
        }
        Ok(spaces)
    });
    add(
        "V$ENCRYPTION_WALLET",
        Catalog,
        &[("WRL_TYPE", V(20)), ("WRL_PARAMETER", V(4000)), ("STATUS", V(30)), ("CON_ID", N)],
        |_, _, _| Ok(vec![vec![text("FILE"), NULL, text("NOT_AVAILABLE"), number(0)]]),
    );
    add(
        "V$TIMEZONE_FILE",
        Everyone,
        &[("FILENAME", V(20)), ("VERSION", N), ("CON_ID", N)],
        // 19c comes with version 32. Regions are not known here.
        |_, _, _| Ok(vec![vec![text("timezlrg_32.dat"), number(32), number(0)]]),
    );
    add(
        "DATABASE_PROPERTIES",
        Everyone,
        &[("PROPERTY_NAME", V(128)), ("PROPERTY_VALUE", V(4000)), ("DESCRIPTION", V(4000))],
        |_, _, _| {
            let property = |name: &str, value: &str, about: &str| vec![text(name), text(value), text(about)];
            Ok(vec![
                property("DST_UPGRADE_STATE", "NONE", "State of Day Light Saving Time Upgrade"),
                property("DST_PRIMARY_TT_VERSION", "32", "Version of primary timezone data file"),
                property("DBTIMEZONE", "00:00", "DB time zone"),
            ])
        },
    );
    add("V$STATNAME", Catalog, &[("STATISTIC#", N), ("NAME", V(64)), ("CLASS", N), ("CON_ID", N)], |_, _, _| {
        let name = |statistic, name, class| vec![number(statistic), text(name), number(class), number(0)];
        Ok(vec![name(STATISTIC_PGA, "session pga memory", 1), name(STATISTIC_SYNCH, "redo synch writes", 8)])
    });
    add("V$MYSTAT", Catalog, &[("SID", N), ("STATISTIC#", N), ("VALUE", N), ("CON_ID", N)], |store, _, _| {
        let value = |statistic, value| vec![number(store.session_id()), number(statistic), number(value), number(0)];
        Ok(vec![value(STATISTIC_PGA, PGA), value(STATISTIC_SYNCH, store.synch_writes())])
    });
    add(
        "V$CONTAINERS",
        Catalog,
        &[("CON_ID", N), ("DBID", N), ("NAME", V(128)), ("OPEN_MODE", V(10))],
        |store, _, _| {
            let dbid = meta(store, "dbid")?;
            let row = |(id, name): (i64, String)| vec![number(id), number(dbid + id), text(name), text("READ WRITE")];
            Ok(containers(store)?.into_iter().map(row).collect())
        },
    );
    const PDBS: Columns = &[
        ("PDB_ID", N),
        ("PDB_NAME", V(128)),
        ("STATUS", V(10)),
        ("LOGGING", V(9)),
        ("FORCE_LOGGING", V(3)),
        ("CON_ID", N),
    ];
    add("DBA_PDBS", Catalog, PDBS, |store, _, _| {
        let forced = store.scene()?.force_logging.as_deref() == Some("PDB");
        let row = |(id, name): (i64, String)| {
            vec![
                number(id),
                text(name),
                text("NORMAL"),
                text("LOGGING"),
                yes_no(forced && id == OWN_CONTAINER),
                number(id),
            ]
        };
        Ok(containers(store)?.into_iter().filter(|(id, _)| *id > 1).map(row).collect())
    });
    const SNAPSHOTS: Columns = &[("SNAP_ID", N), ("DBID", N), ("INSTANCE_NUMBER", N), ("BEGIN_INTERVAL_TIME", D)];
    add("DBA_HIST_SNAPSHOT", Catalog, SNAPSHOTS, |store, _, _| {
        if store.scene()?.growth.is_empty() {
            return Ok(Values::new());
        }
        let since = state(store)?.ticked - 10 * 86_400;
        Ok(vec![vec![number(1), number(meta(store, "dbid")?), number(1), date(since)]])
    });
    const SEGMENT_STATISTICS: Columns = &[
        ("SNAP_ID", N),
        ("DBID", N),
        ("INSTANCE_NUMBER", N),
        ("TS#", N),
        ("OBJ#", N),
        ("DATAOBJ#", N),
        ("SPACE_USED_DELTA", N),
    ];
    add("DBA_HIST_SEG_STAT", Catalog, SEGMENT_STATISTICS, |store, _, _| {
        let dbid = meta(store, "dbid")?;
        let row = |(n, (_, _, _, bytes)): (i64, (String, String, String, i64))| {
            vec![number(1), number(dbid), number(1), number(4), number(n), number(n), number(bytes)]
        };
        Ok((1..).zip(store.scene()?.growth).map(row).collect())
    });
    const SEGMENT_NAMES: Columns = &[
        ("DBID", N),
        ("TS#", N),
        ("OBJ#", N),
        ("DATAOBJ#", N),
        ("OWNER", V(128)),
        ("OBJECT_NAME", V(128)),
        ("SUBOBJECT_NAME", V(128)),
        ("OBJECT_TYPE", V(18)),
    ];
    add("DBA_HIST_SEG_STAT_OBJ", Catalog, SEGMENT_NAMES, |store, _, _| {
        let dbid = meta(store, "dbid")?;
        let row = |(n, (owner, name, kind, _)): (i64, (String, String, String, i64))| {
            vec![number(dbid), number(4), number(n), number(n), text(owner), text(name), NULL, text(kind)]
        };
        Ok((1..).zip(store.scene()?.growth).map(row).collect())
    });
    const CDB_OBJECTS: Columns =
        &[("OWNER", V(128)), ("OBJECT_NAME", V(128)), ("OBJECT_ID", N), ("OBJECT_TYPE", V(23)), ("CON_ID", N)];
    add("CDB_OBJECTS", Catalog, CDB_OBJECTS, |store, model, _| {
        if store.container()?.is_none() {
            return Ok(Values::new());
        }
        let row = |o: &Object| vec![text(&o.owner), text(&o.name), number(o.id), text(&o.kind), number(OWN_CONTAINER)];
        Ok(model.objects.iter().map(row).collect())
    });
    registry.family(
        "ENCRYPTED_COLUMNS",
        &[
            ("OWNER", V(128)),
            ("TABLE_NAME", V(128)),
            ("COLUMN_NAME", V(128)),
            ("ENCRYPTION_ALG", V(29)),
            ("SALT", V(3)),
            ("INTEGRITY_ALG", V(12)),
        ],
        1,
        // ENCRYPT is passed over.
        |_, _, _| Ok(Values::new()),
    );
    registry.add("V$LOGMNR_CONTENTS", Catalog, CONTENTS, Source::Redo);
}

const CHARACTER_SETS: &[(&str, &str)] =
    &[("NLS_CHARACTERSET", "AL32UTF8"), ("NLS_NCHAR_CHARACTERSET", "AL16UTF16"), ("NLS_RDBMS_VERSION", VERSION)];

/// In the order in which the rows of redo have their values.
const CONTENTS: &[(&str, Kind)] = &[
    ("SCN", N),
    ("START_SCN", N),
    ("COMMIT_SCN", N),
    ("TIMESTAMP", D),
    ("START_TIMESTAMP", D),
    ("COMMIT_TIMESTAMP", D),
    ("XIDUSN", N),
    ("XIDSLT", N),
    ("XIDSQN", N),
    ("XID", R(8)),
    ("PXIDUSN", N),
    ("PXIDSLT", N),
    ("PXIDSQN", N),
    ("PXID", R(8)),
    ("TX_NAME", V(256)),
    ("OPERATION", V(32)),
    ("OPERATION_CODE", N),
    ("ROLLBACK", N),
    ("SEG_OWNER", V(386)),
    ("SEG_NAME", V(386)),
    ("TABLE_NAME", V(386)),
    ("SEG_TYPE", N),
    ("SEG_TYPE_NAME", V(386)),
    ("TABLE_SPACE", V(128)),
    ("ROW_ID", V(18)),
    ("USERNAME", V(386)),
    ("SESSION#", N),
    ("SERIAL#", N),
    ("SESSION_INFO", V(4000)),
    ("THREAD#", N),
    ("SEQUENCE#", N),
    ("RBASQN", N),
    ("RBABLK", N),
    ("RBABYTE", N),
    ("RS_ID", V(32)),
    ("SSN", N),
    ("CSF", N),
    ("INFO", V(128)),
    ("STATUS", N),
    ("DATA_OBJ#", N),
    ("DATA_OBJD#", N),
    ("DATA_OBJV#", N),
    ("SAFE_RESUME_SCN", N),
    ("CLIENT_ID", V(64)),
    ("SRC_CON_ID", N),
    ("SRC_CON_NAME", V(128)),
    ("SQL_REDO", V(4000)),
    ("SQL_UNDO", V(4000)),
];

/// `V$` views are their `GV$` views without the first column, INST_ID.
fn without_instance(
    registry: &mut Registry,
    name: &str,
    columns: Columns,
    rows: fn(&Store, &Model, Scope) -> Result<Values, OraError>,
) {
    let (columns, scope) = if name.starts_with("GV$") { (columns, Scope::Dba) } else { (&columns[1..], Scope::User) };
    registry.add(name, Access::Catalog, columns, Source::Rows(rows, scope));
}

/// `CON_ID` of the pluggable database that everything is in.
const OWN_CONTAINER: i64 = 3;

/// The containers that a session sees: all of them from the root, only its own from a pluggable database.
fn containers(store: &Store) -> Result<Vec<(i64, String)>, OraError> {
    let scene = store.scene()?;
    let Some(container) = scene.container else { return Ok(Vec::new()) };
    let mut all = vec![(1, ROOT.to_owned()), (2, "PDB$SEED".to_owned()), (OWN_CONTAINER, container)];
    all.extend(scene.other_container.map(|(name, _)| (OWN_CONTAINER + 1, name)));
    let own = store.container()?;
    if own.as_deref() != Some(ROOT) {
        all.retain(|(_, name)| Some(name) == own.as_ref());
    }
    Ok(all)
}

fn meta(store: &Store, key: &str) -> Result<i64, OraError> {
    let found: Vec<(String, i64)> =
        store.query("SELECT key, CAST(value AS INTEGER) FROM meta", |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(found.into_iter().find(|(k, _)| k == key).map_or(0, |(_, v)| v))
}

/// The SCN at which a log ends; of the current one a number beyond every SCN, and beyond 63 bits, as from 12.1 on.
fn next_change(scn: Option<i64>) -> Value {
    scn.map_or_else(|| NO_SCN.parse().map_or(NULL, Value::Number), number)
}

struct State {
    scn: i64,
    log: i64,
    log_at: i64,
    log_size: i64,
    archivelog: bool,
    force_logging: bool,
    ticked: i64,
    undo_from: i64,
}

fn state(store: &Store) -> Result<State, OraError> {
    let rows = store.query(
        "SELECT scn, log, log_at, log_size, archivelog, force_logging, ticked, undo_from FROM state",
        |r| {
            Ok(State {
                scn: r.get(0)?,
                log: r.get(1)?,
                log_at: r.get(2)?,
                log_size: r.get(3)?,
                archivelog: r.get(4)?,
                force_logging: r.get(5)?,
                ticked: r.get(6)?,
                undo_from: r.get(7)?,
            })
        },
    )?;
    rows.into_iter().next().ok_or_else(|| OraError::new(600, "internal error code, arguments: [state]"))
}

fn database(store: &Store, model: &Model, _: Scope) -> Result<Values, OraError> {
    let scn = i64::try_from(store.current_scn()?.0).unwrap_or(i64::MAX);
    let state = state(store)?;
    let created = meta(store, "created")?;
    let name = super::database_name(store)?;
    let scene = store.scene()?;
    let has = |bit| yes_no(model.supplemental & bit != 0);
    Ok(vec![vec![
        number(meta(store, "dbid")?),
        text(&name),
        date(created),
        number(RESETLOGS_SCN),
        date(created),
        number(1),
        text(if state.archivelog { "ARCHIVELOG" } else { "NOARCHIVELOG" }),
        number(state.undo_from),
        number(state.undo_from),
        text("NOT ALLOWED"),
        text(if scene.is_standby() { "READ ONLY WITH APPLY" } else { "READ WRITE" }),
        text(scene.role.as_deref().unwrap_or("PRIMARY")),
        number(state.scn),
        has(SUPPLEMENTAL_MIN),
        has(SUPPLEMENTAL_PK),
        has(SUPPLEMENTAL_UI),
        yes_no(state.force_logging),
        number(13),
        text("Linux x86 64-bit"),
        number(scn),
        text("NO"),
        has(SUPPLEMENTAL_FK),
        has(SUPPLEMENTAL_ALL),
        text(name),
        yes_no(scene.container.is_some()),
        number(0),
    ]])
}

fn thread(store: &Store, _: &Model, _: Scope) -> Result<Values, OraError> {
    let state = state(store)?;
    let scene = store.scene()?;
    let created = meta(store, "created")?;
    let last: Vec<(i64, i64)> =
        store.query("SELECT id >> 8, time FROM redo ORDER BY id DESC LIMIT 1", |r| Ok((r.get(0)?, r.get(1)?)))?;
    let (scn, time) = last.first().copied().unwrap_or((state.scn, state.ticked));
    // What a standby shows means nothing, says the Reference: here, the one thread that its primary had once.
    let threads = if scene.is_standby() { 1 } else { scene.threads() };
    let row = |thread| {
        Ok(vec![
            number(thread),
            text("OPEN"),
            text("PUBLIC"),
            number(3),
            text(super::database_name(store)?),
            date(created),
            number(group_of(thread, state.log)),
            number(state.log),
            number(state.undo_from),
            date(created),
            number(RESETLOGS_SCN),
            date(created),
            number(0),
            NULL,
            number(state.log),
            number(state.log_at / BLOCK),
            // An instance without changes of its own writes the others' SCN every few seconds.
            number(scene.written(thread).unwrap_or(if scene.threads() > 1 { state.scn } else { scn })),
            date(time),
            number(0),
        ])
    };
    (1..=threads).map(row).collect()
}

fn online_logs(store: &Store, _: &Model, _: Scope) -> Result<Values, OraError> {
    let state = state(store)?;
    let logs = store.logs()?;
    let mut rows = Values::new();
    for group in 1..=3 * store.scene()?.threads() {
        let thread = (group - 1) / 3 + 1;
        // The newest sequence number that the group has held.
        let log = logs.iter().rev().find(|l| group_of(thread, l.sequence) == group);
        let size = (state.log_size + 8 * BLOCK) / BLOCK * BLOCK;
        rows.push(match log {
            None => vec![
                number(group),
                number(thread),
                number(0),
                number(size),
                number(BLOCK),
                number(1),
                text("YES"),
                text("UNUSED"),
                number(0),
                NULL,
                number(0),
                NULL,
                number(0),
            ],
            Some(log) => vec![
                number(group),
                number(thread),
                number(log.sequence),
                number(size),
                number(BLOCK),
                number(1),
                yes_no(log.archived),
                text(if log.sequence == state.log { "CURRENT" } else { "INACTIVE" }),
                number(log.first_scn),
                date(log.first_time),
                next_change(log.next_scn),
                log.next_time.map_or(NULL, date),
                number(0),
            ],
        });
    }
    Ok(rows)
}

fn archived_logs(store: &Store, _: &Model, _: Scope) -> Result<Values, OraError> {
    let created = meta(store, "created")?;
    let dictionaries = store.dictionary_logs()?;
    let scene = store.scene()?;
    let row = |(thread, log): (i64, &Log)| {
        let purged = log.purged || scene.is_missing(thread, log.sequence);
        vec![
            number(log.sequence),
            number(log.first_time),
            if purged { NULL } else { text(archive_name(thread, log.sequence)) },
            number(1),
            number(thread),
            number(log.sequence),
            number(RESETLOGS_SCN),
            date(created),
            number(created),
            number(log.first_scn),
            date(log.first_time),
            next_change(log.next_scn),
            log.next_time.map_or(NULL, date),
            number(log.bytes / BLOCK + 1),
            number(BLOCK),
            text("ARCH"),
            text("ARCH"),
            text("NO"),
            text("YES"),
            text("NO"),
            yes_no(purged),
            text(if purged { "D" } else { "A" }),
            log.next_time.map_or(NULL, date),
            yes_no(dictionaries.contains(&log.sequence)),
            yes_no(dictionaries.contains(&log.sequence)),
            text("NO"),
            number(0),
        ]
    };
    let logs = store.logs()?;
    // What a thread has not written, it has not archived either.
    let is_written = |thread: i64, log: &Log| {
        scene.written(thread).is_none_or(|written| log.next_scn.is_some_and(|next| next <= written + 1))
    };
    let archived = (1..=scene.threads())
        .flat_map(|thread| logs.iter().map(move |log| (thread, log)))
        .filter(|(thread, log)| log.archived && is_written(*thread, log));
    Ok(archived.map(row).collect())
}

fn transactions(store: &Store, _: &Model, _: Scope) -> Result<Values, OraError> {
    store.query(
        "SELECT id, usn, slot, sequence, start_scn, start_time, session FROM tx WHERE status = 0 ORDER BY id",
        |r| {
            let (id, usn, slot, sequence): (i64, i64, i64, i64) = (r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?);
            let (scn, time, session): (i64, i64, i64) = (r.get(4)?, r.get(5)?, r.get(6)?);
            let xid = [
                &u16::try_from(usn).unwrap_or(0).to_le_bytes()[..],
                &u16::try_from(slot).unwrap_or(0).to_le_bytes(),
                &u32::try_from(sequence).unwrap_or(0).to_le_bytes(),
            ]
            .concat();
            let start = match date(time) {
                Value::DateTime(d) => {
                    format!(
                        "{:02}/{:02}/{:02} {:02}:{:02}:{:02}",
                        d.month,
                        d.day,
                        d.year % 100,
                        d.hour,
                        d.minute,
                        d.second
                    )
                }
                _ => String::new(),
            };
            Ok(vec![
                number(1),
                Value::Bytes(id.to_be_bytes().to_vec()),
                number(usn),
                number(slot),
                number(sequence),
                number(4),
                text("ACTIVE"),
                text(start),
                number(scn & 0xffff_ffff),
                number(scn >> 32),
                Value::Bytes(session.to_be_bytes().to_vec()),
                number(1),
                number(1),
                Value::Bytes(xid),
                date(time),
                number(scn),
                number(0),
            ])
        },
    )
}

fn sessions(store: &Store, _: &Model, _: Scope) -> Result<Values, OraError> {
    let own = store.session_id();
    store.query(
        "SELECT s.sid, s.serial, s.user, s.pid, s.logon, s.module, s.action, u.id FROM sessions s LEFT JOIN users u ON u.name = s.user
         ORDER BY s.sid",
        |r| {
            let (sid, serial, user, pid): (i64, i64, String, i64) = (r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?);
            let (module, action): (Option<String>, Option<String>) = (r.get(5)?, r.get(6)?);
            Ok(vec![
                number(1),
                Value::Bytes(sid.to_be_bytes().to_vec()),
                number(sid),
                number(serial),
                number(sid),
                Value::Bytes(pid.to_be_bytes().to_vec()),
                r.get::<_, Option<i64>>(7)?.map_or(NULL, number),
                text(&user),
                NULL,
                text(if sid == own { "ACTIVE" } else { "INACTIVE" }),
                text("DEDICATED"),
                text(user),
                text(pid.to_string()),
                text("USER"),
                date(r.get(4)?),
                module.map_or(NULL, text),
                action.map_or(NULL, text),
                number(0),
            ])
        },
    )
}

fn parameters(store: &Store, _: &Model, _: Scope) -> Result<Values, OraError> {
    let name = super::database_name(store)?;
    let all = [
        ("compatible", 2, "19.0.0".to_owned(), "Database will be completely compatible with this software version"),
        ("db_block_size", 3, "8192".to_owned(), "Size of database block in bytes"),
        ("db_name", 2, name.clone(), "database name specified in CREATE DATABASE"),
        ("db_unique_name", 2, name, "Database Unique Name"),
        ("log_archive_dest_1", 2, "LOCATION=/standin/archive".to_owned(), "archival destination #1 text string"),
        (
            "max_string_size",
            2,
            "STANDARD".to_owned(),
            "controls maximum size of VARCHAR2, NVARCHAR2, and RAW types in SQL",
        ),
        ("nls_length_semantics", 2, "BYTE".to_owned(), "create columns using byte or char semantics by default"),
        ("processes", 3, "300".to_owned(), "user processes"),
        ("sessions", 3, "472".to_owned(), "user and system sessions"),
        ("undo_management", 2, "AUTO".to_owned(), "instance runs in SMU mode if TRUE, else in RBU mode"),
        ("undo_retention", 3, "86400".to_owned(), "undo retention in seconds"),
    ];
    let row = |(n, (name, kind, value, description)): (usize, (&str, i64, String, &str))| {
        vec![
            number(1),
            count(n + 1),
            text(name),
            number(kind),
            text(&value),
            text(value),
            text("TRUE"),
            text(description),
            number(0),
        ]
    };
    Ok(all.into_iter().enumerate().map(row).collect())
}

fn logminer_logs(store: &Store, _: &Model, _: Scope) -> Result<Values, OraError> {
    let logs = store.logs()?;
    let name = super::database_name(store)?;
    let dbid = meta(store, "dbid")?;
    let rows = store.logminer().files.iter().filter_map(|file| {
        let log = logs.iter().find(|l| l.sequence == file.sequence)?;
        Some(vec![
            number(log.sequence),
            text(&file.name),
            date(log.first_time),
            log.next_time.map_or(NULL, date),
            number(dbid),
            text(&name),
            number(RESETLOGS_SCN),
            number(file.thread),
            number(log.sequence),
            number(log.first_scn),
            next_change(log.next_scn),
            text("NO"),
            text("NO"),
            text(if log.archived { "ARCHIVED" } else { "ONLINE" }),
            number(BLOCK),
            number(log.bytes),
            NULL,
            number(0),
        ])
    });
    Ok(rows.collect())
}
