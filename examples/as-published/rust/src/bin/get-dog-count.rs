//! `GET /dog`: counts the sheep by a scan.

use as_published::{Failure, Table, serve};
use aws_sdk_dynamodb::types::Select;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let table = Table::from_environment()?;
    serve(|_| {
        let table = table.clone();
        async move {
            let (count, _) = table.scan(Select::Count).await?;
            Ok((200, Some(json!({ "count": count }))))
        }
    })
    .await
}
