/// Returns all primes up to `max` inclusive, ascending, by the sieve of Eratosthenes.
pub fn primes_up_to(max: u32) -> Vec<u32> {
    let size = max as usize + 1;
    let mut is_composite = vec![false; size];
    let mut primes = Vec::new();
    for candidate in 2..=max {
        let start = candidate as usize;
        if is_composite[start] {
            continue;
        }
        primes.push(candidate);
        // Smaller multiples have a smaller prime factor and are marked already. If the square overflows, it is above
        // `max`.
        if let Some(square) = start.checked_mul(start) {
            for multiple in (square..size).step_by(start) {
                is_composite[multiple] = true;
            }
        }
    }
    primes
}

/// Whether `number` is prime. It divides by all of `primes` up to the root of `number`, which must be included.
pub fn is_prime(number: u64, primes: &[u32]) -> bool {
    number > 1
        && primes
            .iter()
            .map(|&prime| u64::from(prime))
            .take_while(|prime| prime * prime <= number)
            .all(|prime| !number.is_multiple_of(prime))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sieve_finds_the_primes_and_nothing_else() {
        assert_eq!(primes_up_to(0), Vec::<u32>::new());
        assert_eq!(primes_up_to(1), Vec::<u32>::new());
        assert_eq!(primes_up_to(2), [2]);
        assert_eq!(primes_up_to(31), [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31]);
        assert_eq!(primes_up_to(120).len(), 30);
    }

    #[test]
    fn the_sieve_of_the_wolf_holds_33860_primes() {
        let primes = primes_up_to(400_000);
        assert_eq!(primes.len(), 33_860);
        assert_eq!(primes.last(), Some(&399_989));
    }

    #[test]
    fn primality_holds_at_the_ends_of_the_weights() {
        let primes = primes_up_to(400_000);
        assert!(is_prime(80_000_000_021, &primes));
        assert!(!is_prime(80_000_000_000, &primes));
        assert!(is_prime(159_999_999_983, &primes));
        assert!(!is_prime(160_000_000_000, &primes));
    }

    #[test]
    fn the_square_of_the_largest_prime_in_the_sieve_is_no_prime() {
        assert!(!is_prime(399_989 * 399_989, &primes_up_to(400_000)));
    }

    #[test]
    fn small_numbers_are_judged_right() {
        let primes = primes_up_to(400_000);
        let found: Vec<u64> = (0..32).filter(|&number| is_prime(number, &primes)).collect();
        assert_eq!(found, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31]);
    }
}
