//! The store on both databases: every case runs on SQLite in a file and on a PostgreSQL of its own.

/// Runs each case on both databases.
macro_rules! on_both {
    ($($case:ident),+ $(,)?) => { $(
        mod $case {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$case(crate::store::stage::Stage::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if crate::parts::installed::Part::Postgres.is_missing() {
                    return;
                }
                super::$case(crate::store::stage::Stage::postgres().await).await;
            }
        }
    )+ };
}

mod batches;
mod catalogs;
mod chain;
mod consequences;
mod durable;
mod folding;
mod loads;
mod numbers;
mod outage;
mod positions;
mod receipts;
mod replicas;
mod requests;
mod stage;
mod tenants;
mod tokens;
