//! `DELETE /wolf`: eats the heaviest sheep whose weight is a prime number. A scan plus CPU.

mod primes;

use std::sync::Arc;

use contract::{Answer, Failure};
use primes::{is_prime, primes_up_to};
use table::Table;

/// The square root of the largest weight, 160,000,000,000 µg.
const SIEVE_MAX: u32 = 400_000;

fn main() -> Result<(), Failure> {
    let table = Arc::new(Table::from_environment()?);
    contract::serve(move |_| eat(Arc::clone(&table)))
}

async fn eat(table: Arc<Table>) -> Result<Answer, Failure> {
    // The sieve runs on a separate thread while the scan waits for DynamoDB.
    let sieve = tokio::task::spawn_blocking(|| primes_up_to(SIEVE_MAX));
    let sheep = table.all().await?;
    let primes = sieve.await?;
    let prey = sheep.iter().filter(|sheep| is_prime(sheep.weight, &primes)).max_by_key(|sheep| sheep.weight);
    let Some(prey) = prey else {
        return Ok(Answer::message(404, "No fitting sheep"));
    };
    Ok(if table.remove(prey).await? {
        Answer::no_content()
    } else {
        Answer::message(409, &format!("Sheep is not in the shed: {}", prey.tattoo))
    })
}
