use aws_sdk_dynamodb::operation::scan::ScanOutput;
use aws_sdk_dynamodb::types::Select;
use contract::Failure;
use tokio::task::JoinSet;

use crate::{Sheep, Table, failure};

/// How many sheep one segment of a parallel scan should read: about five pages of 1 MB.
const SHEEP_PER_SEGMENT: i64 = 100_000;

/// The largest number of segments that `DynamoDB` accepts. See
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html>
const MAX_SEGMENTS: i64 = 1_000_000;

impl Table {
    /// Counts the sheep by a scan of the whole table.
    ///
    /// # Errors
    /// Any error of `DynamoDB`.
    pub async fn count(&self) -> Result<u64, Failure> {
        let counts = self
            .scan(Select::Count, |page, total: &mut u64| {
                *total += u64::try_from(page.count)?;
                Ok(())
            })
            .await?;
        Ok(counts.into_iter().sum())
    }

    /// Returns all sheep, in no particular order, by a scan of the whole table.
    ///
    /// # Errors
    /// Any error of `DynamoDB`, or an item that is not a sheep.
    pub async fn all(&self) -> Result<Vec<Sheep>, Failure> {
        let segments = self
            .scan(Select::AllAttributes, |page, sheep: &mut Vec<Sheep>| {
                sheep.reserve(page.items().len());
                for item in page.items() {
                    sheep.push(Sheep::from_item(item)?);
                }
                Ok(())
            })
            .await?;
        Ok(segments.concat())
    }

    /// Scans all pages of all segments, the segments in parallel. Returns what `take` gathered of each segment.
    async fn scan<T>(
        &self,
        select: Select,
        take: fn(&ScanOutput, &mut T) -> Result<(), Failure>,
    ) -> Result<Vec<T>, Failure>
    where
        T: Default + Send + 'static,
    {
        let segments = segment_count(self.item_count().await?);
        let mut running = JoinSet::new();
        for segment in 0..segments {
            let (table, select) = (self.clone(), select.clone());
            running.spawn(async move {
                let mut gathered = T::default();
                let mut start_key = None;
                loop {
                    let page = table
                        .client
                        .scan()
                        .table_name(&table.name)
                        .select(select.clone())
                        .segment(segment)
                        .total_segments(segments)
                        .set_exclusive_start_key(start_key)
                        .send()
                        .await
                        .map_err(failure)?;
                    take(&page, &mut gathered)?;
                    start_key = page.last_evaluated_key;
                    if start_key.is_none() {
                        return Ok::<T, Failure>(gathered);
                    }
                }
            });
        }
        let mut all = Vec::new();
        while let Some(segment) = running.join_next().await {
            all.push(segment??);
        }
        Ok(all)
    }

    /// The number of items of the table when `DynamoDB` last counted them, about every six hours.
    async fn item_count(&self) -> Result<i64, Failure> {
        let described = self.client.describe_table().table_name(&self.name).send().await.map_err(failure)?;
        Ok(described.table.and_then(|table| table.item_count).unwrap_or(0))
    }
}

/// The number of segments: one, and another for every 100,000 items.
fn segment_count(items: i64) -> i32 {
    let segments = (1 + items.max(0) / SHEEP_PER_SEGMENT).min(MAX_SEGMENTS);
    i32::try_from(segments).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hundred_thousand_items_ask_for_another_segment() {
        assert_eq!(segment_count(0), 1);
        assert_eq!(segment_count(99_999), 1);
        assert_eq!(segment_count(100_000), 2);
        assert_eq!(segment_count(250_000), 3);
    }

    #[test]
    fn the_number_of_segments_stays_within_what_dynamodb_takes() {
        assert_eq!(segment_count(i64::MAX), 1_000_000);
        assert_eq!(segment_count(-1), 1);
    }
}
