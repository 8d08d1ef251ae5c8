//! What the four functions of the shed have in common: requests, answers, numbers, and the loop that serves them.
//! Nothing here knows AWS's SDK, so that the cat does not link it.

mod answer;
mod number;
mod request;
mod serve;

pub use answer::Answer;
pub use number::{bounded, whole_number};
pub use request::Request;
pub use serve::{Failure, serve};
