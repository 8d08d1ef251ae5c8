package shed;

import software.amazon.awssdk.protocols.jsoncore.JsonNode;

/** GET /dog: counts the sheep by a scan, with almost no work around it. */
public final class Dog extends Route {
  private static final Shed SHED = new Shed();

  @Override
  Answer answer(JsonNode event) {
    return new Answer(200, "{\"count\":" + SHED.count() + "}");
  }
}
