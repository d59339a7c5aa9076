package example.llm;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Passes server-sent events on, until the stream ends, the caller is gone, or the budget is.
 *
 * <p>Writing is how a hang-up is noticed. So while the model is silent, comments are written.
 */
final class EventStream {
  private static final String DATA = "data: ";
  private static final String OBJECT = DATA + "{";

  private final Lines lines;
  private final Budget budget;
  private final Used used;
  private final Duration beat;
  private final JsonMapper json;

  EventStream(Lines lines, Budget budget, Used used, Duration beat, JsonMapper json) {
    this.lines = lines;
    this.budget = budget;
    this.used = used;
    this.beat = beat;
    this.json = json;
  }

  /** Returns when it is over, however it ended. */
  void pass(OutputStream caller) throws InterruptedException {
    try {
      boolean within = false;
      while (true) {
        String line;
        try {
          line = lines.next(beat);
        } catch (EOFException end) {
          return;
        } catch (IOException failure) {
          error(caller, "upstream_failed", "the model broke off");
          return;
        }
        if (!count(line)) {
          error(caller, "rate_limit_exceeded", "the budget is used up; the answer ends here");
          return;
        }
        if (line != null) {
          within = !line.isEmpty();
          write(caller, line + "\n");
        } else if (!within) {
          write(caller, ":\n\n");
        }
        if (!within) {
          caller.flush();
        }
      }
    } catch (IOException gone) {
      // The caller. What it was sent is paid for, and the model is told by a closed connection.
    }
  }

  /** Whether it may be passed on. */
  private boolean count(@Nullable String line) {
    if (line == null) {
      return budget.isHeld();
    }
    if (!line.startsWith(OBJECT)) {
      return true;
    }
    JsonNode event;
    try {
      event = json.readTree(line.substring(DATA.length()));
    } catch (JacksonException notJson) {
      return true;
    }
    long tokens = Used.tokens(event);
    if (tokens > 0 && !budget.hasRoomFor(used.output() + tokens)) {
      return false;
    }
    used.see(event);
    return true;
  }

  private void error(OutputStream caller, String code, String message) throws IOException {
    write(caller, DATA + json.writeValueAsString(Failures.body(code, message)) + "\n\n");
    caller.flush();
  }

  private static void write(OutputStream caller, String text) throws IOException {
    caller.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
