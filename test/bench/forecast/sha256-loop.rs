//! The calibration loop in native code: 50,000 chained SHA-256 hashes without SHA instructions, seven times. Prints the
//! shortest time of one hash in ns. Build: rustc -O -C panic=abort sha256-loop.rs

use std::time::Instant;

const HASHES: u32 = 50_000;
const REPEATS: u32 = 7;

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
fn round_constants() -> [u32; 64] {
    let mut constants = [0; 64];
    let primes = (2_u32..).filter(|n| (2..*n).all(|d| n % d != 0));
    for (constant, prime) in constants.iter_mut().zip(primes) {
        *constant = fraction_bits(f64::from(prime).cbrt());
    }
    constants
}

/// The first 32 bits of the fractional parts of the square roots of the first 8 primes (FIPS 180-4, 5.3.3).
fn initial_state() -> [u32; 8] {
    [2, 3, 5, 7, 11, 13, 17, 19].map(|prime| fraction_bits(f64::from(prime).sqrt()))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn fraction_bits(root: f64) -> u32 {
    (root.fract() * 2_f64.powi(32)) as u32
}

/// One block of SHA-256 (FIPS 180-4, 6.2.2).
#[inline(never)]
fn compress(state: &mut [u32; 8], block: &[u8; 64], constants: &[u32; 64]) {
    let mut words = [0_u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    for t in 16..64 {
        let (w15, w2) = (words[t - 15], words[t - 2]);
        let s0 = w15.rotate_right(7) ^ w15.rotate_right(18) ^ (w15 >> 3);
        let s1 = w2.rotate_right(17) ^ w2.rotate_right(19) ^ (w2 >> 10);
        words[t] = words[t - 16].wrapping_add(s0).wrapping_add(words[t - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for t in 0..64 {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let first = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(constants[t]).wrapping_add(words[t]);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(first), c, b, a, first.wrapping_add(s0.wrapping_add(majority)));
    }
    for (sum, value) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *sum = sum.wrapping_add(value);
    }
}

/// SHA-256 of a message shorter than 56 bytes, which is one block.
fn hash(message: &[u8], start: &[u32; 8], constants: &[u32; 64]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..message.len()].copy_from_slice(message);
    block[message.len()] = 0x80;
    block[56..].copy_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    let mut state = *start;
    compress(&mut state, &block, constants);
    state.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn main() {
    let (start, constants) = (initial_state(), round_constants());
    let abc: String = hash(b"abc", &start, &constants).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(abc, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let mut shortest = f64::INFINITY;
    for _ in 0..REPEATS {
        let mut data = b"a text that is shorter than one block of SHA-256".to_vec();
        let from = Instant::now();
        for _ in 0..HASHES {
            data = hash(&data, &start, &constants);
        }
        shortest = shortest.min(from.elapsed().as_secs_f64() * 1e9 / f64::from(HASHES));
        std::hint::black_box(&data);
    }
    println!("{shortest}");
}
