//! `POST /sheeps/{tattoo}`: adds a sheep of a random weight. One small write.

use std::ops::RangeInclusive;
use std::sync::Arc;

use contract::{Answer, Failure, Request, whole_number};
use serde_json::json;
use table::{Sheep, Table};

/// Micrograms: a sheep weighs 80 to 160 kg.
const WEIGHTS: RangeInclusive<u64> = 80_000_000_000..=160_000_000_000;

fn main() -> Result<(), Failure> {
    let table = Arc::new(Table::from_environment()?);
    contract::serve(move |request| add_sheep(Arc::clone(&table), request))
}

async fn add_sheep(table: Arc<Table>, request: Request) -> Result<Answer, Failure> {
    let Some(tattoo) = request.path_parameter("tattoo").and_then(whole_number) else {
        return Ok(Answer::message(400, "tattoo must be a whole number from 0 to 18446744073709551615"));
    };
    let sheep = Sheep { tattoo, weight: fastrand::u64(WEIGHTS) };
    Ok(if table.add(&sheep).await? {
        Answer::json(201, &json!({ "tattoo": sheep.tattoo, "weight": sheep.weight }))
    } else {
        Answer::message(400, &format!("Sheep already in the shed: {tattoo}"))
    })
}
