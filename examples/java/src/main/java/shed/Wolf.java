package shed;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;

/** DELETE /wolf: eats the heaviest sheep whose weight is a prime number. A scan plus CPU. */
public final class Wolf extends Route {
  /** The square root of the largest weight, 160,000,000,000 µg. */
  private static final int SIEVE_MAX = 400_000;
  private static final Shed SHED = new Shed();

  @Override
  Answer answer(JsonNode event) {
    // The sieve runs while the scan waits for DynamoDB.
    CompletableFuture<int[]> sieve = CompletableFuture.supplyAsync(() -> primesUpTo(SIEVE_MAX));
    var sheep = SHED.all();
    int[] primes = sieve.join();
    Optional<Shed.Sheep> prey = sheep.stream()
        .filter(one -> isPrime(one.weight(), primes))
        .max(Comparator.comparingLong(Shed.Sheep::weight));
    if (prey.isEmpty()) return Answer.message(404, "No fitting sheep");
    return SHED.remove(prey.get().tattoo())
        ? new Answer(204, null)
        : Answer.message(409, "Sheep is not in the shed: " + prey.get().tattoo());
  }

  /** Returns all primes up to a maximum inclusive, ascending, by the sieve of Eratosthenes. */
  static int[] primesUpTo(int maximum) {
    boolean[] isComposite = new boolean[maximum + 1];
    int[] primes = new int[maximum / 2 + 1];
    int count = 0;
    for (int candidate = 2; candidate <= maximum; candidate++) {
      if (isComposite[candidate]) continue;
      primes[count++] = candidate;
      // Smaller multiples have a smaller prime factor and are marked already.
      for (long multiple = (long) candidate * candidate; multiple <= maximum; multiple += candidate) {
        isComposite[(int) multiple] = true;
      }
    }
    return Arrays.copyOf(primes, count);
  }

  /** Whether a number is prime. Divides by primes, which must contain all primes up to the number's root. */
  static boolean isPrime(long number, int[] primes) {
    for (long prime : primes) {
      if (prime * prime > number) break;
      if (number % prime == 0) return false;
    }
    return number > 1;
  }
}
