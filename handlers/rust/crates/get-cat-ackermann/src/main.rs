//! `GET /cat`: evaluates the 2-ary Ackermann function. Pure CPU; links no AWS SDK.

mod ackermann;

use contract::{Answer, Failure, Request, bounded};
use serde_json::json;

const MAX_M: u64 = 4;
const MAX_N: u64 = 50_000;

fn main() -> Result<(), Failure> {
    contract::serve(|request| async move { Ok(cat(&request)) })
}

fn cat(request: &Request) -> Answer {
    let Some(m) = bounded(request.query_parameter("m"), 0..=MAX_M) else {
        return Answer::message(400, "m must be a whole number from 0 to 4");
    };
    let Some(n) = bounded(request.query_parameter("n"), 0..=MAX_N) else {
        return Answer::message(400, "n must be a whole number from 0 to 50000");
    };
    Answer::json(200, &json!({ "result": ackermann::evaluate(m, n) }))
}
