package shed;

import java.util.Arrays;
import java.util.Optional;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;

/** GET /cat: evaluates the 2-ary Ackermann function. Pure CPU; loads no class of DynamoDB's client. */
public final class Cat extends Route {
  private static final long MAX_M = 4;
  private static final long MAX_N = 50_000;

  @Override
  Answer answer(JsonNode event) {
    Optional<Long> m = bounded(event, "m", MAX_M);
    if (m.isEmpty()) return Answer.message(400, "m must be a whole number from 0 to 4");
    Optional<Long> n = bounded(event, "n", MAX_N);
    if (n.isEmpty()) return Answer.message(400, "n must be a whole number from 0 to 50000");
    return new Answer(200, "{\"result\":" + ackermann(m.get(), n.get()) + "}");
  }

  private static Optional<Long> bounded(JsonNode event, String name, long maximum) {
    return parameter(event, "queryStringParameters", name)
        .flatMap(Route::wholeNumber)
        .filter(number -> Long.compareUnsigned(number, maximum) <= 0);
  }

  /**
   * Evaluates A(m, n) by its rewriting rules, one rule at a time. m and n are the arguments of the innermost call; the
   * stack holds the first arguments of the calls that wait for its value. There is no closed form and no cache, because
   * this is the CPU benchmark.
   */
  static long ackermann(long m, long n) {
    long[] waiting = new long[1024];
    int depth = 0;
    for (;;) {
      if (m == 0) {
        n++;
        if (depth == 0) return n;
        m = waiting[--depth];
      } else if (n == 0) {
        m--;
        n = 1;
      } else {
        if (depth == waiting.length) waiting = Arrays.copyOf(waiting, 2 * depth);
        waiting[depth++] = m - 1;
        n--;
      }
    }
  }
}
