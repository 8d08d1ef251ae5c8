//! `POST /sheeps/{tattoo}`: adds a sheep of a random weight.

use as_published::{Failure, Outcome, Table, message, serve, whole_number};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let table = Table::from_environment()?;
    serve(|event| add(table.clone(), event)).await
}

async fn add(table: Table, event: Value) -> Result<Outcome, Failure> {
    let Some(tattoo) = whole_number(&event["pathParameters"]["tattoo"], "tattoo", u64::MAX) else {
        return Ok(message(400, "tattoo must be a whole number from 0 to 18446744073709551615"));
    };
    let weight = fastrand::u64(80_000_000_000..=160_000_000_000);
    println!("weight: {weight}");
    let put = table
        .client
        .put_item()
        .table_name(&table.name)
        .item("tattoo", AttributeValue::N(tattoo.to_string()))
        .item("weight", AttributeValue::N(weight.to_string()))
        .condition_expression("attribute_not_exists(tattoo)")
        .send()
        .await;
    match put {
        Ok(_) => Ok((201, Some(json!({ "tattoo": tattoo, "weight": weight })))),
        Err(SdkError::ServiceError(error))
            if matches!(error.err(), PutItemError::ConditionalCheckFailedException(_)) =>
        {
            Ok(message(400, &format!("Sheep already in the shed: {tattoo}")))
        }
        Err(error) => Err(error.into()),
    }
}
