use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use contract::Failure;

/// One sheep: its tattoo, which is its key, and its weight in micrograms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheep {
    /// The tattoo: any number of 64 bits.
    pub tattoo: u64,
    /// The weight, in micrograms.
    pub weight: u64,
}

type Item = HashMap<String, AttributeValue>;

impl Sheep {
    pub(crate) fn key(&self) -> AttributeValue {
        AttributeValue::N(self.tattoo.to_string())
    }

    pub(crate) fn to_item(self) -> Item {
        HashMap::from([
            ("tattoo".to_owned(), self.key()),
            ("weight".to_owned(), AttributeValue::N(self.weight.to_string())),
        ])
    }

    pub(crate) fn from_item(item: &Item) -> Result<Self, Failure> {
        Ok(Self { tattoo: number(item, "tattoo")?, weight: number(item, "weight")? })
    }
}

fn number(item: &Item, name: &str) -> Result<u64, Failure> {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("an item has no whole number \"{name}\": {item:?}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheep_survives_the_table_with_all_64_bits() {
        let sheep = Sheep { tattoo: u64::MAX, weight: 160_000_000_000 };
        let item = sheep.to_item();
        assert_eq!(item["tattoo"], AttributeValue::N("18446744073709551615".to_owned()));
        assert_eq!(Sheep::from_item(&item).unwrap(), sheep);
    }

    #[test]
    fn an_item_without_a_weight_is_a_failure_that_names_it() {
        let item = HashMap::from([("tattoo".to_owned(), AttributeValue::N("1".to_owned()))]);
        assert!(Sheep::from_item(&item).unwrap_err().to_string().contains("\"weight\""));
    }
}
