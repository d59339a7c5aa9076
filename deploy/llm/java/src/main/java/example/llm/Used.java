package example.llm;

import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/** Tokens of one answer: as the model says in the end, until then what is known. */
final class Used {
  private final long estimate;
  private long sent;
  private OptionalLong toldInput = OptionalLong.empty();
  private OptionalLong toldOutput = OptionalLong.empty();

  /**
   * Nothing yet.
   *
   * @param estimate of the prompt's tokens
   */
  Used(long estimate) {
    this.estimate = estimate;
  }

  /**
   * How many output tokens an event has. Models send a token an event. If yours sends more at once,
   * count the text as the prompt's is.
   */
  static long tokens(JsonNode event) {
    long tokens = 0;
    for (JsonNode choice : event.path("choices")) {
      tokens += choice.path("delta").path("content").asString("").isEmpty() ? 0 : 1;
    }
    return tokens;
  }

  /** An event of a stream, or a whole answer. */
  void see(JsonNode event) {
    sent += tokens(event);
    JsonNode usage = event.path("usage");
    if (usage.isObject()) {
      toldInput = OptionalLong.of(usage.path("prompt_tokens").asLong(estimate));
      toldOutput = OptionalLong.of(usage.path("completion_tokens").asLong(sent));
    }
  }

  /** Whether there is anything to pay for. */
  boolean any() {
    return sent > 0 || toldOutput.isPresent();
  }

  long input() {
    return toldInput.orElse(estimate);
  }

  long output() {
    return toldOutput.orElse(sent);
  }
}
