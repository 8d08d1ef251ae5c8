// GET /dog: counts the sheep by a scan, with almost no work around it.
package main

import (
	"context"

	"shedbench/go/internal/contract"
	"shedbench/go/internal/table"
)

func main() {
	shed := table.FromEnvironment()
	contract.Serve(func(ctx context.Context, _ contract.Request) (contract.Answer, error) {
		count, err := shed.Count(ctx)
		return contract.JSON(200, map[string]int64{"count": count}), err
	})
}
