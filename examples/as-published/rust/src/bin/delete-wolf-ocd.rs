//! `DELETE /wolf`: eats the heaviest sheep of prime weight. Divides every weight by all primes up to 400,000.

use as_published::{Failure, Outcome, Table, message, serve};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, Select};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let table = Table::from_environment()?;
    serve(|_| eat(table.clone())).await
}

async fn eat(table: Table) -> Result<Outcome, Failure> {
    let (count, sheep) = table.scan(Select::AllAttributes).await?;
    println!("sheep: {count}");
    let primes = primes_up_to(400_000);
    println!("primes: {}", primes.len());
    let prey = sheep
        .iter()
        .filter_map(|item| Some((number(item.get("weight")?)?, number(item.get("tattoo")?)?)))
        .filter(|(weight, _)| primes.iter().all(|prime| !weight.is_multiple_of(*prime)))
        .max();
    println!("prey: {prey:?}");
    let Some((_, tattoo)) = prey else {
        return Ok(message(404, "No fitting sheep"));
    };
    table
        .client
        .delete_item()
        .table_name(&table.name)
        .key("tattoo", AttributeValue::N(tattoo.to_string()))
        .condition_expression("attribute_exists(tattoo)")
        .return_values(ReturnValue::AllOld)
        .send()
        .await?;
    Ok((204, None))
}

fn number(value: &AttributeValue) -> Option<u64> {
    value.as_n().ok()?.parse().ok()
}

/// Returns all primes up to `max`, by the sieve of Eratosthenes.
fn primes_up_to(max: usize) -> Vec<u64> {
    let mut is_composite = vec![false; max + 1];
    let mut primes = Vec::new();
    for candidate in 2..=max {
        if is_composite[candidate] {
            continue;
        }
        primes.push(candidate as u64);
        for multiple in (candidate * candidate..=max).step_by(candidate) {
            is_composite[multiple] = true;
        }
    }
    primes
}
