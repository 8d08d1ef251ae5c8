// GET /cat: evaluates the 2-ary Ackermann function. Pure CPU; links no AWS SDK.
package main

import (
	"context"

	"shedbench/go/internal/contract"
)

const maxM, maxN = 4, 50_000

func main() {
	contract.Serve(func(_ context.Context, request contract.Request) (contract.Answer, error) {
		m, ok := contract.WholeNumber(request.QueryStringParameters["m"], maxM)
		if !ok {
			return contract.Message(400, "m must be a whole number from 0 to 4"), nil
		}
		n, ok := contract.WholeNumber(request.QueryStringParameters["n"], maxN)
		if !ok {
			return contract.Message(400, "n must be a whole number from 0 to 50000"), nil
		}
		return contract.JSON(200, map[string]uint64{"result": ackermann(m, n)}), nil
	})
}

// ackermann evaluates A(m, n) by its rewriting rules, one rule at a time:
//
//	A(0, n) = n + 1
//	A(m, 0) = A(m − 1, 1)
//	A(m, n) = A(m − 1, A(m, n − 1))
//
// The innermost call stands in m and n; of the calls around it, which wait for its value as their second argument, the
// stack holds the first arguments. No closed form and no cache: this is the CPU benchmark.
func ackermann(m, n uint64) uint64 {
	var waiting []uint64
	for {
		switch {
		case m == 0:
			n++
			last := len(waiting) - 1
			if last < 0 {
				return n
			}
			m = waiting[last]
			waiting = waiting[:last]
		case n == 0:
			m--
			n = 1
		default:
			waiting = append(waiting, m-1)
			n--
		}
	}
}
