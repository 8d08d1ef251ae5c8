package shed;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;

/** POST /sheeps/{tattoo}: adds a sheep of a random weight. One small write. */
public final class PostSheep extends Route {
  /** Micrograms: a sheep weighs 80 to 160 kg. */
  private static final long MIN_WEIGHT = 80_000_000_000L;
  private static final long MAX_WEIGHT = 160_000_000_000L;
  private static final Shed SHED = new Shed();

  @Override
  Answer answer(JsonNode event) {
    Optional<Long> tattoo = parameter(event, "pathParameters", "tattoo").flatMap(Route::wholeNumber);
    if (tattoo.isEmpty()) {
      return Answer.message(400, "tattoo must be a whole number from 0 to 18446744073709551615");
    }
    String digits = Long.toUnsignedString(tattoo.get());
    long weight = ThreadLocalRandom.current().nextLong(MIN_WEIGHT, MAX_WEIGHT + 1);
    return SHED.add(digits, weight)
        ? new Answer(201, "{\"tattoo\":" + digits + ",\"weight\":" + weight + "}")
        : Answer.message(400, "Sheep already in the shed: " + digits);
  }
}
