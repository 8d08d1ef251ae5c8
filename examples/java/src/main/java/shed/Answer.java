package shed;

/** An answer that API Gateway converts to an HTTP response. The body is JSON, or null for 204. */
record Answer(int status, String body) {
  private static final String ORIGIN = System.getenv().getOrDefault("ALLOW_ORIGIN", "*");

  /** The answer of an error: `{"message":…}`. The texts of the contract need no escapes. */
  static Answer message(int status, String text) {
    return new Answer(status, "{\"message\":\"" + text + "\"}");
  }

  String json() {
    String type = body == null ? "" : ",\"Content-Type\":\"application/json\"";
    String text = body == null ? "" : body.replace("\"", "\\\"");
    return "{\"statusCode\":" + status + ",\"headers\":{\"Access-Control-Allow-Origin\":\"" + ORIGIN + "\"" + type
        + "},\"body\":\"" + text + "\"}";
  }
}
