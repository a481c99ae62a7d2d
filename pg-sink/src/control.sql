CREATE TABLE IF NOT EXISTS {s}.migration (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    format integer NOT NULL,
    dbid bigint NOT NULL,
    resetlogs_id bigint NOT NULL,
    load_scn bigint,
    state text NOT NULL CHECK (state IN ('initializing', 'running', 'ready_to_cutover', 'cutover_started', 'completed', 'failed')),
    failure text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE {s}.migration IS 'The migration that this schema steers: exactly one row';

CREATE TABLE IF NOT EXISTS {s}.phase (
    phase text PRIMARY KEY,
    statements integer NOT NULL,
    done_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE {s}.phase IS 'DDL phases that are done, each written in the transaction of its statements';

CREATE TABLE IF NOT EXISTS {s}.table_status (
    table_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_schema text NOT NULL,
    source_name text NOT NULL,
    target_schema text NOT NULL,
    target_name text NOT NULL,
    estimated_rows bigint,
    inserts bigint NOT NULL DEFAULT 0,
    updates bigint NOT NULL DEFAULT 0,
    deletes bigint NOT NULL DEFAULT 0,
    lobs_not_logged bigint NOT NULL DEFAULT 0,
    last_commit_scn bigint,
    last_commit_time timestamp,
    errors bigint NOT NULL DEFAULT 0,
    last_error text,
    UNIQUE (source_schema, source_name),
    UNIQUE (target_schema, target_name)
);
COMMENT ON TABLE {s}.table_status IS 'The tables that move, with what the apply did to each, counted in the transactions that did it';

CREATE TABLE IF NOT EXISTS {s}.load_chunk (
    chunk_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_id integer NOT NULL REFERENCES {s}.table_status,
    number integer NOT NULL,
    range text NOT NULL,
    scn bigint NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'claimed', 'done')),
    claimed_by text,
    rows bigint,
    bytes bigint,
    rejected bigint,
    started_at timestamptz,
    finished_at timestamptz,
    UNIQUE (table_id, number)
);
COMMENT ON TABLE {s}.load_chunk IS
    'The load ledger. A chunk is done in the transaction of its COPY; the row lock of that transaction, not the state, is what keeps other workers off';

CREATE TABLE IF NOT EXISTS {s}.reject (
    reject_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_id integer NOT NULL REFERENCES {s}.table_status,
    chunk integer,
    row_id text,
    column_name text,
    reason text NOT NULL,
    source_row jsonb NOT NULL,
    rejected_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE {s}.reject IS 'Rows that were not loaded because a value does not fit or the server refuses them, in readable form';

CREATE TABLE IF NOT EXISTS {s}.build (
    build_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target_schema text NOT NULL,
    target_name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('key', 'check', 'index', 'analyze')),
    name text NOT NULL,
    step integer NOT NULL,
    sql text NOT NULL,
    table_bytes bigint NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'claimed', 'done')),
    claimed_by text,
    started_at timestamptz,
    finished_at timestamptz,
    UNIQUE (target_schema, target_name, kind, name)
);
COMMENT ON TABLE {s}.build IS
    'What is built once the rows are there. Built and marked done in one transaction, whose row lock keeps other workers off; of a table, what has a lower step is done before';

CREATE TABLE IF NOT EXISTS {s}.loss (
    table_id integer NOT NULL REFERENCES {s}.table_status,
    chunk integer NOT NULL,
    column_name text NOT NULL,
    loss text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (table_id, chunk, column_name, loss)
);
COMMENT ON TABLE {s}.loss IS
    'How many values of the rows loaded lost what, because the policy of their column allows it: rounded, cut, made NULL. Written in the transaction of the chunk';

CREATE TABLE IF NOT EXISTS {s}.position (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position text NOT NULL,
    commit_scn bigint NOT NULL,
    transactions bigint NOT NULL DEFAULT 0,
    changes bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE {s}.position IS 'How far the changes are applied (JSON), written in the transaction that applies them';

CREATE TABLE IF NOT EXISTS {s}.exception (
    exception_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_id integer NOT NULL REFERENCES {s}.table_status,
    commit_scn bigint NOT NULL,
    xid text NOT NULL,
    change_scn bigint NOT NULL,
    operation text NOT NULL CHECK (operation IN ('insert', 'update', 'delete', 'truncate', 'ddl')),
    row_key text,
    row_id text,
    conflict text,
    action text NOT NULL CHECK (action IN ('skipped', 'overwritten', 'quarantined')),
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS exception_table ON {s}.exception (table_id);
COMMENT ON TABLE {s}.exception IS
    'Changes that did not fit the target and were passed over as the policy says, written in the transaction that applies the rest';
COMMENT ON COLUMN {s}.exception.commit_scn IS 'SCN of the commit of its transaction';
COMMENT ON COLUMN {s}.exception.xid IS 'Id of its transaction';
COMMENT ON COLUMN {s}.exception.change_scn IS 'SCN of the change';
COMMENT ON COLUMN {s}.exception.row_key IS 'The key of its row in readable form; NULL of tables without a key. No other value of the row is recorded';
COMMENT ON COLUMN {s}.exception.row_id IS 'ROWID of its row at the source';
COMMENT ON COLUMN {s}.exception.conflict IS 'insert_exists, update_missing, delete_missing, many_rows, constraint or value; NULL of changes that fit but belong to a transaction that was set aside';
COMMENT ON COLUMN {s}.exception.action IS 'skipped: left out; overwritten: the target has what the source says; quarantined: its whole transaction was left out';
COMMENT ON COLUMN {s}.exception.reason IS 'Why, with the constraint or column and the SQLSTATE where there are such';

CREATE TABLE IF NOT EXISTS {s}.follow (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    pending_transactions bigint NOT NULL,
    lag_seconds double precision,
    source_scn bigint,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE {s}.follow IS 'What the follower last said of changes that it has read and not yet applied';

CREATE TABLE IF NOT EXISTS {s}.pending (
    table_id integer PRIMARY KEY REFERENCES {s}.table_status,
    changes bigint NOT NULL
);
COMMENT ON TABLE {s}.pending IS 'Changes read and not yet applied, by table';

CREATE TABLE IF NOT EXISTS {s}.taken_down (
    taken_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('foreign key', 'trigger')),
    schema_name text NOT NULL,
    table_name text NOT NULL,
    name text NOT NULL,
    definition text NOT NULL,
    validated boolean NOT NULL,
    enabled text NOT NULL,
    comment text,
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    restored_at timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS taken_down_open ON {s}.taken_down (kind, schema_name, table_name, name) WHERE restored_at IS NULL;
COMMENT ON TABLE {s}.taken_down IS 'Foreign keys dropped and triggers disabled for the migration, with what it takes to put them back';
