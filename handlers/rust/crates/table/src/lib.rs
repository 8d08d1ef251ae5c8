//! The shed's table in `DynamoDB`: all calls that the contract allows, by one client per environment.

mod client;
mod scan;
mod sheep;

pub use sheep::Sheep;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValue;
use contract::Failure;

/// The shed's table. Clones share one client.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// Returns the table that `BACKEND_TABLE_NAME` names, with a new client.
    ///
    /// # Errors
    /// If one of Lambda's variables is missing.
    pub fn from_environment() -> Result<Self, Failure> {
        Ok(Self { client: client::from_environment()?, name: client::variable("BACKEND_TABLE_NAME")? })
    }

    /// Adds a sheep unless its tattoo exists. Returns whether it was added.
    ///
    /// # Errors
    /// Any other error of `DynamoDB`.
    pub async fn add(&self, sheep: &Sheep) -> Result<bool, Failure> {
        let outcome = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(sheep.to_item()))
            .condition_expression("attribute_not_exists(tattoo)")
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), PutItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(failure(error)),
        }
    }

    /// Removes a sheep. Returns whether it existed.
    ///
    /// # Errors
    /// Any other error of `DynamoDB`.
    pub async fn remove(&self, sheep: &Sheep) -> Result<bool, Failure> {
        let outcome = self
            .client
            .delete_item()
            .table_name(&self.name)
            .key("tattoo", sheep.key())
            .condition_expression("attribute_exists(tattoo)")
            .return_values(ReturnValue::AllOld)
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), DeleteItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(failure(error)),
        }
    }
}

/// Converts an SDK error to a text with all of its causes. The SDK's own text is only "service error".
fn failure(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    DisplayErrorContext(error).to_string().into()
}
