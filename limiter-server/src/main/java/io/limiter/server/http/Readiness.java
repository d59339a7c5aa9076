package io.limiter.server.http;

import io.limiter.server.rules.Quoted;
import java.util.List;

/**
 * Whether this instance should get traffic, and why.
 *
 * @param parts what it depends on
 */
public record Readiness(List<Part> parts) {
  public Readiness {
    parts = List.copyOf(parts);
  }

  /**
   * One thing that an instance depends on.
   *
   * @param says its state, for people
   */
  public record Part(String name, boolean ready, String says) {}

  /** That of what depends on nothing. */
  public static Readiness ofNothing() {
    return new Readiness(List.of());
  }

  /** Whether every part is ready. */
  public boolean ready() {
    return parts.stream().allMatch(Part::ready);
  }

  /** Whether every part but one is ready. */
  boolean readyBut(String name) {
    return parts.stream().allMatch(part -> part.ready() || part.name().equals(name));
  }

  /** The whole as text: the result in the first line, then a line for each part. */
  String text() {
    StringBuilder text = new StringBuilder(ready() ? "ready\n" : "not ready\n");
    for (Part part : parts) {
      text.append(part.ready() ? "ok   " : "FAIL ")
          .append(part.name())
          .append(": ")
          .append(Quoted.line(part.says()))
          .append('\n');
    }
    return text.toString();
  }
}
