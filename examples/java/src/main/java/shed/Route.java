package shed;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;

/** The base class of the handlers: reads API Gateway's event and writes the answer. An unexpected error becomes 500. */
abstract class Route implements RequestStreamHandler {
  private static final int MAX_DIGITS = 20;

  /** Returns the answer to a request. */
  abstract Answer answer(JsonNode event);

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
    Answer answer;
    try {
      answer = answer(JsonNode.parser().parse(input));
    } catch (RuntimeException unexpected) {
      unexpected.printStackTrace();
      answer = Answer.message(500, "Server error");
    }
    output.write(answer.json().getBytes(StandardCharsets.UTF_8));
  }

  /** Returns a value of `pathParameters` or `queryStringParameters`. Either object may be null. */
  static Optional<String> parameter(JsonNode event, String object, String name) {
    return event.field(object).filter(JsonNode::isObject).flatMap(found -> found.field(name)).map(JsonNode::asString);
  }

  /** Parses 1 to 20 ASCII digits, at most 2^64 - 1, as an unsigned long. Empty for any other text. */
  static Optional<Long> wholeNumber(String text) {
    if (text.isEmpty() || text.length() > MAX_DIGITS) return Optional.empty();
    if (!text.chars().allMatch(digit -> digit >= '0' && digit <= '9')) return Optional.empty();
    try {
      return Optional.of(Long.parseUnsignedLong(text));
    } catch (NumberFormatException aboveMaximum) {
      return Optional.empty();
    }
  }
}
