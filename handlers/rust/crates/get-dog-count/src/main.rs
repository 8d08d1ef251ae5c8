//! `GET /dog`: counts the sheep by a scan, with almost no work around it.

use std::sync::Arc;

use contract::{Answer, Failure};
use serde_json::json;
use table::Table;

fn main() -> Result<(), Failure> {
    let table = Arc::new(Table::from_environment()?);
    contract::serve(move |_| count_sheep(Arc::clone(&table)))
}

async fn count_sheep(table: Arc<Table>) -> Result<Answer, Failure> {
    Ok(Answer::json(200, &json!({ "count": table.count().await? })))
}
