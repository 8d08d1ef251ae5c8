/// Evaluates A(m, n) by its rewriting rules, one rule at a time:
///
/// - A(0, n) = n + 1
/// - A(m, 0) = A(m − 1, 1)
/// - A(m, n) = A(m − 1, A(m, n − 1))
///
/// `m` and `n` are the arguments of the innermost call. The calls around it wait for its value as their second
/// argument; the stack holds their first arguments. There is no closed form and no cache, because this is the CPU
/// benchmark.
pub fn evaluate(mut m: u64, mut n: u64) -> u64 {
    let mut waiting = Vec::new();
    loop {
        if m == 0 {
            n += 1;
            match waiting.pop() {
                Some(outer) => m = outer,
                None => return n,
            }
        } else if n == 0 {
            m -= 1;
            n = 1;
        } else {
            waiting.push(m - 1);
            n -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::evaluate;

    #[test]
    fn a_0_n_is_n_plus_1() {
        for n in [0, 1, 13, 23_897, 50_000] {
            assert_eq!(evaluate(0, n), n + 1);
        }
    }

    #[test]
    fn a_m_0_is_a_of_m_minus_1_and_1() {
        for m in 1..=4 {
            assert_eq!(evaluate(m, 0), evaluate(m - 1, 1));
        }
    }

    #[test]
    fn a_m_n_is_a_of_m_minus_1_and_a_of_m_and_n_minus_1() {
        for (m, n) in [(1, 1), (1, 30), (2, 5), (3, 4)] {
            assert_eq!(evaluate(m, n), evaluate(m - 1, evaluate(m, n - 1)));
        }
    }

    #[test]
    fn known_values() {
        assert_eq!(evaluate(1, 2), 4);
        assert_eq!(evaluate(2, 3), 9);
        assert_eq!(evaluate(3, 8), 2045);
        assert_eq!(evaluate(4, 0), 13);
        assert_eq!(evaluate(1, 50_000), 50_002);
    }
}
