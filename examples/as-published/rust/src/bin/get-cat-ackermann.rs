//! `GET /cat`: evaluates the 2-ary Ackermann function with a stack of pairs of 128-bit integers.

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

/// Evaluates A(m, n). The stack holds both arguments of every call that waits.
fn ackermann(m: u128, n: u128) -> u128 {
    let mut stack = vec![(m, n)];
    let mut known = None;
    while let Some((m, n)) = stack.pop() {
        let n = known.take().unwrap_or(n);
        if m == 0 {
            known = Some(n + 1);
        } else if n == 0 {
            stack.push((m - 1, 1));
        } else {
            stack.push((m - 1, 0));
            stack.push((m, n - 1));
        }
    }
    known.unwrap_or(0)
}
