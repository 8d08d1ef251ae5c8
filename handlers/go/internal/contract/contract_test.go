package contract

import (
	"math"
	"testing"
)

func TestWholeNumber(t *testing.T) {
	accepted := map[string]uint64{
		"0": 0, "42": 42, "00000000000000000042": 42, "18446744073709551615": math.MaxUint64,
	}
	for text, want := range accepted {
		if got, ok := WholeNumber(text, math.MaxUint64); !ok || got != want {
			t.Errorf("%q: got %d, %t", text, got, ok)
		}
	}
	refused := []string{
		"", "+5", "-5", " 5", "5 ", "5\n", "5.0", "1e3", "0x10", "٣", "５", "²", "1_000",
		"000000000000000000042", "18446744073709551616",
	}
	for _, text := range refused {
		if got, ok := WholeNumber(text, math.MaxUint64); ok {
			t.Errorf("%q: got %d", text, got)
		}
	}
	if _, ok := WholeNumber("5", 4); ok {
		t.Error("5 is above 4")
	}
}

func TestNoContentHasNoType(t *testing.T) {
	if _, typed := NoContent().Headers["Content-Type"]; typed {
		t.Error("204 has a Content-Type")
	}
}
