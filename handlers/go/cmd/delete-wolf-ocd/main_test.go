package main

import "testing"

func TestPrimality(t *testing.T) {
	primes := primesUpTo(sieveMax)
	if len(primes) != 33_860 || primes[len(primes)-1] != 399_989 {
		t.Fatalf("%d primes, the last %d", len(primes), primes[len(primes)-1])
	}
	for number, want := range map[uint64]bool{
		0: false, 1: false, 2: true, 9: false, 31: true,
		80_000_000_000: false, 80_000_000_021: true, 159_999_999_983: true, 160_000_000_000: false,
		399_989 * 399_989: false,
	} {
		if got := isPrime(number, primes); got != want {
			t.Errorf("%d: %t", number, got)
		}
	}
}
