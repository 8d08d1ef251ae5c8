//! The code that the four functions share: answers, the log, the wrapper of a handler, and the table's client.

use std::collections::HashMap;

use aws_sdk_dynamodb::config::{Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use aws_sdk_dynamodb::{Client, Config};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::{Value, json};

/// An unexpected error. Its text is logged, and the client gets 500.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An HTTP status and its body. 204 has no body.
pub type Outcome = (u16, Option<Value>);

/// Handles events, one at a time. Logs the whole event and every step, as the demo did.
pub async fn serve<F>(handle: impl Fn(Value) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<Outcome, Failure>>,
{
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let event = event.payload;
        println!("event: {event}");
        println!("path parameters: {}", event["pathParameters"]);
        println!("query parameters: {}", event["queryStringParameters"]);
        let handled = handle(event);
        async move {
            let (status, body) = handled.await.unwrap_or_else(|failure| {
                println!("unexpected: {failure}");
                (500, Some(json!({ "message": "Server error" })))
            });
            println!("status: {status}");
            println!("body: {body:?}");
            let answer = answer(status, body);
            println!("answer: {answer}");
            Ok::<Value, Failure>(answer)
        }
    }))
    .await
}

fn answer(status: u16, body: Option<Value>) -> Value {
    let origin = std::env::var("ALLOW_ORIGIN").unwrap_or_else(|_| "*".to_owned());
    match body {
        None => json!({
            "statusCode": status,
            "headers": { "Access-Control-Allow-Origin": origin },
            "body": "",
        }),
        Some(body) => json!({
            "statusCode": status,
            "headers": { "Access-Control-Allow-Origin": origin, "Content-Type": "application/json" },
            "body": body.to_string(),
        }),
    }
}

/// The answer of an error: `{"message":…}`.
#[must_use]
pub fn message(status: u16, text: &str) -> Outcome {
    (status, Some(json!({ "message": text })))
}

/// Parses the whole number in a JSON string: 1 to 20 ASCII digits, at most `maximum`.
#[must_use]
pub fn whole_number(value: &Value, name: &str, maximum: u64) -> Option<u64> {
    println!("{name}: {value}");
    let text = value.as_str()?;
    let well_formed = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if well_formed { text.parse().ok()? } else { return None };
    (number <= maximum).then_some(number)
}

/// The shed's table, by one client per environment.
#[derive(Clone, Debug)]
pub struct Table {
    /// `DynamoDB`'s client.
    pub client: Client,
    /// The table's name.
    pub name: String,
}

impl Table {
    /// Returns the table that `BACKEND_TABLE_NAME` names.
    pub fn from_environment() -> Result<Self, Failure> {
        let credentials = Credentials::new(
            std::env::var("AWS_ACCESS_KEY_ID")?,
            std::env::var("AWS_SECRET_ACCESS_KEY")?,
            std::env::var("AWS_SESSION_TOKEN").ok(),
            None,
            "environment",
        );
        let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let mut config = Config::builder()
            .credentials_provider(credentials)
            .region(Region::new(std::env::var("AWS_REGION")?))
            .http_client(https);
        if let Ok(url) =
            std::env::var("AWS_ENDPOINT_URL_DYNAMODB").or_else(|_| std::env::var("AWS_ENDPOINT_URL"))
        {
            config = config.endpoint_url(url);
        }
        Ok(Self { client: Client::from_conf(config.build()), name: std::env::var("BACKEND_TABLE_NAME")? })
    }

    /// Scans the whole table, one segment after the other. Returns the number of items, and the items themselves unless
    /// `select` only counts them.
    pub async fn scan(&self, select: Select) -> Result<(u64, Vec<HashMap<String, AttributeValue>>), Failure> {
        let described = self.client.describe_table().table_name(&self.name).send().await?;
        let items = described.table.and_then(|table| table.item_count).unwrap_or(0);
        let segments = i32::try_from(1 + items / 100_000)?;
        println!("segments: {segments}");
        let (mut count, mut all) = (0, Vec::new());
        for segment in 0..segments {
            let mut start_key = None;
            loop {
                let page = self
                    .client
                    .scan()
                    .table_name(&self.name)
                    .select(select.clone())
                    .segment(segment)
                    .total_segments(segments)
                    .set_exclusive_start_key(start_key)
                    .send()
                    .await?;
                count += u64::try_from(page.count)?;
                println!("count so far: {count}");
                all.extend(page.items.unwrap_or_default());
                start_key = page.last_evaluated_key;
                if start_key.is_none() {
                    break;
                }
            }
        }
        Ok((count, all))
    }
}
