//! The shed's table in `DynamoDB`: every call that the contract allows, made by one client per environment.

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

/// The table, shared by everything that an environment does with it.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// The table that `BACKEND_TABLE_NAME` names, with a client of its own.
    ///
    /// # Errors
    /// Where one of Lambda's variables is missing.
    pub fn from_environment() -> Result<Self, Failure> {
        Ok(Self { client: client::from_environment()?, name: client::variable("BACKEND_TABLE_NAME")? })
    }

    /// Adds a sheep unless its tattoo is taken; tells whether it was added.
    ///
    /// # Errors
    /// Whatever else `DynamoDB` refuses.
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

    /// Removes a sheep; tells whether it was still there.
    ///
    /// # Errors
    /// Whatever else `DynamoDB` refuses.
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

/// An SDK error with all of its causes in its text: by itself it says no more than "service error".
fn failure(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    DisplayErrorContext(error).to_string().into()
}
