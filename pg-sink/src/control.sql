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
    last_error_at timestamptz,
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
    oldest_open_scn bigint,
    oldest_open_seen_at timestamptz,
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

CREATE TABLE IF NOT EXISTS {s}.cutover (
    attempt integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('completed', 'refused', 'failed')),
    reason text,
    scn bigint,
    overrides jsonb NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE {s}.cutover IS
    'Attempts to cut over. An attempt without an outcome is at work, or was killed; overrides says what it was told to go on over, and what that was';

CREATE TABLE IF NOT EXISTS {s}.cutover_step (
    attempt integer NOT NULL REFERENCES {s}.cutover,
    number integer NOT NULL,
    step text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    detail jsonb,
    PRIMARY KEY (attempt, number)
);
COMMENT ON TABLE {s}.cutover_step IS 'What each attempt to cut over did, and what it found. A step without an end was broken off';

CREATE OR REPLACE VIEW {s}.monitor_table AS
SELECT t.table_id, t.source_schema, t.source_name, t.target_schema, t.target_name,
    CASE
        WHEN c.chunks > 0 AND c.done = c.chunks THEN 'completed'
        WHEN t.last_error_at >= coalesce(c.claimed_at, t.last_error_at) THEN 'errored'
        WHEN c.begun > 0 THEN 'loading'
        ELSE 'queued'
    END AS full_load,
    c.rows AS rows_loaded, t.estimated_rows, c.bytes AS bytes_loaded, c.rejected AS rows_rejected, l.losses AS values_converted,
    c.started_at AS load_started_at,
    CASE WHEN c.chunks > 0 AND c.done = c.chunks THEN c.finished_at END AS load_ended_at,
    CASE WHEN c.done < c.chunks AND c.rows > 0 AND t.estimated_rows >= c.rows
        THEN c.started_at + (c.finished_at - c.started_at) * (t.estimated_rows::float8 / c.rows) END AS load_estimated_end_at,
    t.inserts, t.updates, t.deletes, t.inserts + t.updates + t.deletes AS applied_changes,
    coalesce(p.changes, 0) AS pending_changes, t.inserts + t.updates + t.deletes + coalesce(p.changes, 0) AS incoming_changes,
    t.lobs_not_logged, t.errors + c.rejected + x.exceptions AS data_errors, t.errors, t.last_error, t.last_error_at, t.last_commit_scn, t.last_commit_time
FROM {s}.table_status t
CROSS JOIN LATERAL (SELECT count(*) AS chunks, count(*) FILTER (WHERE state <> 'queued') AS begun,
        count(*) FILTER (WHERE state = 'done') AS done, coalesce(sum(rows), 0)::bigint AS rows,
        coalesce(sum(bytes), 0)::bigint AS bytes, coalesce(sum(rejected), 0)::bigint AS rejected,
        min(started_at) AS started_at, max(started_at) AS claimed_at, max(finished_at) AS finished_at
    FROM {s}.load_chunk WHERE table_id = t.table_id) c
CROSS JOIN LATERAL (SELECT coalesce(sum(count), 0)::bigint AS losses FROM {s}.loss WHERE table_id = t.table_id) l
CROSS JOIN LATERAL (SELECT count(*) AS exceptions FROM {s}.exception WHERE table_id = t.table_id) x
LEFT JOIN {s}.pending p USING (table_id);
COMMENT ON VIEW {s}.monitor_table IS 'Where each table stands: one row a table';
COMMENT ON COLUMN {s}.monitor_table.table_id IS 'The table''s number in this schema';
COMMENT ON COLUMN {s}.monitor_table.source_schema IS 'The Oracle schema';
COMMENT ON COLUMN {s}.monitor_table.source_name IS 'The Oracle table';
COMMENT ON COLUMN {s}.monitor_table.target_schema IS 'The PostgreSQL schema';
COMMENT ON COLUMN {s}.monitor_table.target_name IS 'The PostgreSQL table';
COMMENT ON COLUMN {s}.monitor_table.full_load IS
    'queued (no chunk is begun), loading, completed (all chunks are in), errored (the last thing that happened to it was an error; it goes on with the next run)';
COMMENT ON COLUMN {s}.monitor_table.rows_loaded IS 'Rows in chunks that are committed';
COMMENT ON COLUMN {s}.monitor_table.estimated_rows IS 'Rows expected, as the source''s statistics have it; NULL where it has none';
COMMENT ON COLUMN {s}.monitor_table.bytes_loaded IS 'Bytes of COPY data in chunks that are committed';
COMMENT ON COLUMN {s}.monitor_table.rows_rejected IS 'Rows set aside in the table reject while loading';
COMMENT ON COLUMN {s}.monitor_table.values_converted IS 'Values that lost something while loading, as the policy of their column allows: see the table loss';
COMMENT ON COLUMN {s}.monitor_table.load_started_at IS 'When its first chunk was claimed';
COMMENT ON COLUMN {s}.monitor_table.load_ended_at IS 'When its last chunk was committed; NULL until all are';
COMMENT ON COLUMN {s}.monitor_table.load_estimated_end_at IS
    'When its load ends at the pace until now, interruptions included; NULL before a chunk is committed, without an estimate of rows, and at the end';
COMMENT ON COLUMN {s}.monitor_table.inserts IS 'Rows inserted by following';
COMMENT ON COLUMN {s}.monitor_table.updates IS 'Rows updated by following';
COMMENT ON COLUMN {s}.monitor_table.deletes IS 'Rows deleted by following, those of a TRUNCATE included';
COMMENT ON COLUMN {s}.monitor_table.applied_changes IS 'inserts + updates + deletes';
COMMENT ON COLUMN {s}.monitor_table.pending_changes IS 'Changes read from the redo and not yet applied, those of open transactions included; as of monitor.follower_said_at';
COMMENT ON COLUMN {s}.monitor_table.incoming_changes IS 'applied_changes + pending_changes';
COMMENT ON COLUMN {s}.monitor_table.lobs_not_logged IS 'LOB values that changed and that the redo did not hold: the target has the old ones';
COMMENT ON COLUMN {s}.monitor_table.data_errors IS 'Errors recorded + rows set aside + changes in the table exception';
COMMENT ON COLUMN {s}.monitor_table.errors IS 'Errors recorded, of loading and of applying';
COMMENT ON COLUMN {s}.monitor_table.last_error IS 'The last of them';
COMMENT ON COLUMN {s}.monitor_table.last_error_at IS 'When that was';
COMMENT ON COLUMN {s}.monitor_table.last_commit_scn IS 'SCN of the last commit with a change of this table that is applied';
COMMENT ON COLUMN {s}.monitor_table.last_commit_time IS 'When that was, by the source''s clock';

CREATE OR REPLACE VIEW {s}.monitor AS
SELECT m.state, m.failure, m.load_scn,
    t.tables, t.queued AS tables_queued, t.loading AS tables_loading, t.completed AS tables_completed, t.errored AS tables_errored,
    t.rows_loaded, t.estimated_rows, t.bytes_loaded, t.load_started_at,
    CASE WHEN t.tables > 0 AND t.completed = t.tables THEN t.load_ended_at END AS load_ended_at,
    CASE WHEN t.completed < t.tables AND t.rows_loaded > 0 AND t.estimated_rows >= t.rows_loaded
        THEN t.load_started_at + (k.finished_at - t.load_started_at) * (t.estimated_rows::float8 / t.rows_loaded) END AS load_estimated_end_at,
    t.inserts, t.updates, t.deletes, t.inserts + t.updates + t.deletes AS applied_changes, t.pending_changes,
    t.inserts + t.updates + t.deletes + t.pending_changes AS incoming_changes,
    coalesce(p.transactions, 0) AS applied_transactions, coalesce(f.pending_transactions, 0) AS pending_transactions, t.data_errors,
    p.commit_scn AS applied_scn, f.source_scn,
    CASE WHEN m.state <> 'completed' THEN greatest(0, f.source_scn - p.commit_scn + 1) END AS lag_scn,
    CASE WHEN m.state <> 'completed'
        THEN f.lag_seconds + greatest(0, extract(epoch FROM clock_timestamp() - f.updated_at)::float8) END AS lag_seconds,
    f.oldest_open_scn, f.oldest_open_seen_at, f.updated_at AS follower_said_at
FROM {s}.migration m
CROSS JOIN LATERAL (SELECT count(*) AS tables, count(*) FILTER (WHERE full_load = 'queued') AS queued,
        count(*) FILTER (WHERE full_load = 'loading') AS loading, count(*) FILTER (WHERE full_load = 'completed') AS completed,
        count(*) FILTER (WHERE full_load = 'errored') AS errored, coalesce(sum(rows_loaded), 0)::bigint AS rows_loaded,
        sum(estimated_rows)::bigint AS estimated_rows, coalesce(sum(bytes_loaded), 0)::bigint AS bytes_loaded,
        min(load_started_at) AS load_started_at, max(load_ended_at) AS load_ended_at,
        coalesce(sum(inserts), 0)::bigint AS inserts, coalesce(sum(updates), 0)::bigint AS updates,
        coalesce(sum(deletes), 0)::bigint AS deletes, coalesce(sum(pending_changes), 0)::bigint AS pending_changes,
        coalesce(sum(data_errors), 0)::bigint AS data_errors FROM {s}.monitor_table) t
CROSS JOIN LATERAL (SELECT max(finished_at) AS finished_at FROM {s}.load_chunk) k
LEFT JOIN {s}.position p ON true
LEFT JOIN {s}.follow f ON true;
COMMENT ON VIEW {s}.monitor IS 'Where the migration stands: one row';
COMMENT ON COLUMN {s}.monitor.state IS 'initializing, running, ready_to_cutover, cutover_started, completed or failed';
COMMENT ON COLUMN {s}.monitor.failure IS 'Why the last attempt failed';
COMMENT ON COLUMN {s}.monitor.load_scn IS 'The SCN at which everything is loaded';
COMMENT ON COLUMN {s}.monitor.tables IS 'Tables that move';
COMMENT ON COLUMN {s}.monitor.tables_queued IS 'Of these, tables whose load has not begun';
COMMENT ON COLUMN {s}.monitor.tables_loading IS 'Tables that are being loaded';
COMMENT ON COLUMN {s}.monitor.tables_completed IS 'Tables that are loaded';
COMMENT ON COLUMN {s}.monitor.tables_errored IS 'Tables whose load was stopped by an error';
COMMENT ON COLUMN {s}.monitor.rows_loaded IS 'Rows in chunks that are committed';
COMMENT ON COLUMN {s}.monitor.estimated_rows IS 'Rows expected, of the tables that have an estimate';
COMMENT ON COLUMN {s}.monitor.bytes_loaded IS 'Bytes of COPY data in chunks that are committed';
COMMENT ON COLUMN {s}.monitor.load_started_at IS 'When the first chunk was claimed';
COMMENT ON COLUMN {s}.monitor.load_ended_at IS 'When the last chunk was committed; NULL until all are';
COMMENT ON COLUMN {s}.monitor.load_estimated_end_at IS 'When the load ends at the pace until now; NULL as in monitor_table';
COMMENT ON COLUMN {s}.monitor.inserts IS 'Rows inserted by following';
COMMENT ON COLUMN {s}.monitor.updates IS 'Rows updated by following';
COMMENT ON COLUMN {s}.monitor.deletes IS 'Rows deleted by following';
COMMENT ON COLUMN {s}.monitor.applied_changes IS 'inserts + updates + deletes';
COMMENT ON COLUMN {s}.monitor.pending_changes IS 'Changes read and not yet applied, those of open transactions included';
COMMENT ON COLUMN {s}.monitor.incoming_changes IS 'applied_changes + pending_changes';
COMMENT ON COLUMN {s}.monitor.applied_transactions IS 'Source transactions applied';
COMMENT ON COLUMN {s}.monitor.pending_transactions IS 'Source transactions read and not yet applied, those that are open included';
COMMENT ON COLUMN {s}.monitor.data_errors IS 'Errors recorded + rows set aside + changes in the table exception, of all tables';
COMMENT ON COLUMN {s}.monitor.applied_scn IS 'All commits below this SCN are applied, and of those at it the ones that the position lists';
COMMENT ON COLUMN {s}.monitor.source_scn IS 'The source''s SCN when the follower last looked';
COMMENT ON COLUMN {s}.monitor.lag_scn IS 'SCNs of the source that the target has not reached; NULL before anything is known and once completed';
COMMENT ON COLUMN {s}.monitor.lag_seconds IS
    'How old the newest state of the source is that the target has reached, in seconds; grows while the follower is silent; NULL as lag_scn';
COMMENT ON COLUMN {s}.monitor.oldest_open_scn IS 'SCN at which the oldest transaction began that is open at the source; NULL where none is';
COMMENT ON COLUMN {s}.monitor.oldest_open_seen_at IS 'Since when the follower has known it to be the oldest, by the target''s clock';
COMMENT ON COLUMN {s}.monitor.follower_said_at IS 'When the follower last wrote what it knows';
