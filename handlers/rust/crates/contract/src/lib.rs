//! The code that the four functions of the shed share: requests, answers, numbers, and the loop that serves requests.
//! This crate does not depend on the AWS SDK, so that the cat's binary contains none of it.

mod answer;
mod number;
mod request;
mod serve;

pub use answer::Answer;
pub use number::{bounded, whole_number};
pub use request::Request;
pub use serve::{Failure, serve};
