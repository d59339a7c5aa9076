package example.llm;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request for a completion, bounded and with what it may cost.
 *
 * @param body as the model gets it
 * @param model which one
 * @param stream whether the answer comes in pieces
 * @param input a rough count of the prompt's tokens
 * @param output the most tokens of the answer; of a stream that names no bound, a first piece
 */
record ChatRequest(String body, String model, boolean stream, long input, long output) {
  private static final long MOST_TOKENS = 1_000_000;
  private static final long MOST_WITHOUT_STREAM = 1024;
  private static final int BYTES_A_TOKEN = 4;
  private static final int TOKENS_A_MESSAGE = 4;
  private static final int MOST_MODEL_NAME = 128;

  /**
   * Reads one.
   *
   * @throws Failures.WrongRequestException if it is wrong; the message names the field and the
   *     remedy
   */
  static ChatRequest read(byte[] body, JsonMapper json, long piece) {
    JsonNode root;
    try {
      root = json.readTree(body);
    } catch (JacksonException notJson) {
      throw new Failures.WrongRequestException("the body is not JSON; send an object");
    }
    if (!(root instanceof ObjectNode request)) {
      throw new Failures.WrongRequestException(
          "the body is no object; send one with model and messages");
    }
    String model = request.path("model").asString("");
    if (model.isEmpty() || model.length() > MOST_MODEL_NAME) {
      throw new Failures.WrongRequestException(
          "model has %d characters; name it with 1 to %d"
              .formatted(model.length(), MOST_MODEL_NAME));
    }
    if (request.path("n").asLong(1) != 1) {
      throw new Failures.WrongRequestException("n is not 1; send a request for each answer");
    }
    boolean stream = request.path("stream").asBoolean(false);
    if (stream) {
      request.putObject("stream_options").put("include_usage", true);
    }
    long input = input(request.path("messages"));
    long output = output(request, stream, piece);
    return new ChatRequest(request.toString(), model, stream, input, output);
  }

  /** A little much for English, so that few are in debt. */
  private static long input(JsonNode messages) {
    if (!messages.isArray()) {
      throw new Failures.WrongRequestException("messages is no list; send the conversation");
    }
    long tokens = 0;
    for (JsonNode message : messages) {
      int bytes = message.path("content").toString().getBytes(StandardCharsets.UTF_8).length;
      tokens += bytes / BYTES_A_TOKEN + TOKENS_A_MESSAGE;
    }
    return tokens;
  }

  private static long output(ObjectNode request, boolean stream, long piece) {
    String name = request.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
    JsonNode most = request.path(name);
    if (most.isMissingNode()) {
      if (stream) {
        return piece;
      }
      // What comes at once cannot be cut: so it is bounded.
      request.put(name, MOST_WITHOUT_STREAM);
      return MOST_WITHOUT_STREAM;
    }
    if (!most.isIntegralNumber()
        || !most.canConvertToLong()
        || most.asLong() < 1
        || most.asLong() > MOST_TOKENS) {
      throw new Failures.WrongRequestException(
          "%s is %s; use 1 to %d".formatted(name, most, MOST_TOKENS));
    }
    return most.asLong();
  }
}
