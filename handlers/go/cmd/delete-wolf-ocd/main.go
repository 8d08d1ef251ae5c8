// DELETE /wolf: eats the heaviest sheep whose weight is a prime number. A scan plus CPU.
package main

import (
	"context"
	"fmt"

	"shedbench/go/internal/contract"
	"shedbench/go/internal/table"
)

// The square root of the largest weight, 160,000,000,000 µg.
const sieveMax = 400_000

func main() {
	shed := table.FromEnvironment()
	contract.Serve(func(ctx context.Context, _ contract.Request) (contract.Answer, error) {
		// The sieve runs while the scan waits for DynamoDB.
		sieve := make(chan []uint64, 1)
		go func() { sieve <- primesUpTo(sieveMax) }()
		sheep, err := shed.All(ctx)
		if err != nil {
			return contract.Answer{}, err
		}
		primes := <-sieve
		var prey table.Sheep
		for _, one := range sheep {
			if isPrime(one.Weight, primes) && one.Weight > prey.Weight {
				prey = one
			}
		}
		if prey.Weight == 0 {
			return contract.Message(404, "No fitting sheep"), nil
		}
		removed, err := shed.Remove(ctx, prey.Tattoo)
		if err != nil || removed {
			return contract.NoContent(), err
		}
		return contract.Message(409, fmt.Sprintf("Sheep is not in the shed: %d", prey.Tattoo)), nil
	})
}

// primesUpTo returns all primes up to maximum inclusive, ascending, by the sieve of Eratosthenes.
func primesUpTo(maximum uint64) []uint64 {
	isComposite := make([]bool, maximum+1)
	var primes []uint64
	for candidate := uint64(2); candidate <= maximum; candidate++ {
		if isComposite[candidate] {
			continue
		}
		primes = append(primes, candidate)
		// Smaller multiples have a smaller prime factor and are marked already.
		for multiple := candidate * candidate; multiple <= maximum; multiple += candidate {
			isComposite[multiple] = true
		}
	}
	return primes
}

// isPrime reports whether number is prime. It divides by primes, which must contain all primes up to number's root.
func isPrime(number uint64, primes []uint64) bool {
	for _, prime := range primes {
		if prime*prime > number {
			break
		}
		if number%prime == 0 {
			return false
		}
	}
	return number > 1
}
