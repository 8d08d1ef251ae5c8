// POST /sheeps/{tattoo}: adds a sheep of a random weight. One small write.
package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"shedbench/go/internal/contract"
	"shedbench/go/internal/table"
)

// Micrograms: a sheep weighs 80 to 160 kg.
const minWeight, maxWeight = 80_000_000_000, 160_000_000_000

func main() {
	shed := table.FromEnvironment()
	contract.Serve(func(ctx context.Context, request contract.Request) (contract.Answer, error) {
		tattoo, ok := contract.WholeNumber(request.PathParameters["tattoo"], math.MaxUint64)
		if !ok {
			return contract.Message(400, "tattoo must be a whole number from 0 to 18446744073709551615"), nil
		}
		weight := minWeight + rand.Uint64N(maxWeight-minWeight+1)
		added, err := shed.Add(ctx, table.Sheep{Tattoo: tattoo, Weight: weight})
		if err != nil || !added {
			return contract.Message(400, fmt.Sprintf("Sheep already in the shed: %d", tattoo)), err
		}
		// A struct keeps the order of the fields.
		return contract.JSON(201, struct {
			Tattoo uint64 `json:"tattoo"`
			Weight uint64 `json:"weight"`
		}{tattoo, weight}), nil
	})
}
