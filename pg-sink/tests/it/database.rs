use std::sync::atomic::{AtomicU32, Ordering};
use tokio_postgres::{Client, Config, NoTls};

/// A database of one test, dropped with it.
pub(crate) struct Database {
    config: Config,
    name: String,
}

pub(crate) fn server() -> Config {
    let url = std::env::var("DATABASE_URL").expect(
        "DATABASE_URL must name a throw-away PostgreSQL and a superuser of it; `make test` starts one and sets it",
    );
    url.parse().expect("DATABASE_URL is not a connection string of PostgreSQL")
}

pub(crate) async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("cannot connect to DATABASE_URL");
    tokio::spawn(async move { drop(connection.await) });
    client
}

impl Database {
    pub(crate) async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("pg_sink_test_{}_{number}", std::process::id());
        let server = connect(&server()).await;
        server.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
        server.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).await.unwrap();
        let mut config = crate::database::server();
        config.dbname(&name);
        Database { config, name }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) async fn client(&self) -> Client {
        connect(&self.config).await
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// A connection of a role without any rights of its own but to log in; made where it is missing.
    pub(crate) async fn client_as(&self, role: &str) -> Client {
        let admin = self.client().await;
        let make = format!(
            "DO $$ BEGIN CREATE ROLE {role} LOGIN PASSWORD 'throw away'; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$"
        );
        admin.batch_execute(&make).await.unwrap();
        let mut config = self.config.clone();
        config.user(role).password("throw away");
        connect(&config).await
    }

    /// Ends the server's side of a connection, as `kill` would.
    pub(crate) async fn kill(&self, pid: i32) {
        let admin = self.client().await;
        admin.execute("SELECT pg_terminate_backend($1)", &[&pid]).await.unwrap();
        while admin
            .query_one("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", &[&pid])
            .await
            .unwrap()
            .get::<_, bool>(0)
        {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}

pub(crate) async fn pid(client: &Client) -> i32 {
    client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0)
}

/// The rows of a query as text: fields with `|` between, rows with line ends.
pub(crate) async fn text(client: &Client, sql: &str) -> String {
    use tokio_postgres::SimpleQueryMessage::Row;
    let rows = client.simple_query(sql).await.unwrap();
    let rows = rows.iter().filter_map(|m| match m {
        Row(row) => Some((0..row.len()).map(|i| row.get(i).unwrap_or("NULL")).collect::<Vec<_>>().join("|")),
        _ => None,
    });
    rows.collect::<Vec<_>>().join("\n")
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = self.name.clone();
        let drop = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let client = connect(&server()).await;
                let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            });
        };
        let _ = std::thread::spawn(drop).join();
    }
}
