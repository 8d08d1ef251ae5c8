//! `GET /cat`: evaluates the 2-ary Ackermann function with both arguments on a stack of 128-bit integers.

use as_published::{Failure, Outcome, message, serve, whole_number};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    serve(|event| async move { Ok(cat(&event)) }).await
}

fn cat(event: &Value) -> Outcome {
    let query = &event["queryStringParameters"];
    let Some(m) = whole_number(&query["m"], "m", 4) else {
        return message(400, "m must be a whole number from 0 to 4");
    };
    let Some(n) = whole_number(&query["n"], "n", 50_000) else {
        return message(400, "n must be a whole number from 0 to 50000");
    };
    println!("computing A({m}, {n})");
    let result = ackermann(u128::from(m), u128::from(n));
    println!("result: {result}");
    (200, Some(json!({ "result": u64::try_from(result).unwrap_or(u64::MAX) })))
}

/// Evaluates A(m, n). Every step takes both arguments from the stack and puts up to three numbers on it.
fn ackermann(m: u128, n: u128) -> u128 {
    let mut stack = vec![m, n];
    loop {
        match (stack.pop(), stack.pop()) {
            (Some(result), None) => return result,
            (Some(n), Some(0)) => stack.push(n + 1),
            (Some(0), Some(m)) => {
                stack.push(m - 1);
                stack.push(1);
            }
            (Some(n), Some(m)) => {
                stack.push(m - 1);
                stack.push(m);
                stack.push(n - 1);
            }
            (None, _) => unreachable!("the result ends the loop before the stack is empty"),
        }
    }
}
