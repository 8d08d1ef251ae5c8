package main

import "testing"

func TestAckermann(t *testing.T) {
	for _, known := range []struct{ m, n, result uint64 }{
		{0, 0, 1}, {0, 50_000, 50_001}, {1, 50_000, 50_002}, {2, 3, 9}, {3, 8, 2045}, {4, 0, 13},
	} {
		if got := ackermann(known.m, known.n); got != known.result {
			t.Errorf("A(%d, %d) = %d, not %d", known.m, known.n, got, known.result)
		}
	}
}
