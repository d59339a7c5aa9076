package io.limiter.server.program;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a service that are open. What was opened first is closed last. */
final class OpenParts {
  private static final Logger log = LoggerFactory.getLogger(OpenParts.class);

  private final Deque<Part> parts = new ArrayDeque<>();

  private record Part(String name, Runnable close, Runnable expectEnd) {}

  /**
   * Keeps a part to close it later.
   *
   * @param name for the log
   * @return the part
   */
  <T> T keep(String name, T part, Consumer<? super T> close) {
    return keep(name, part, close, unconcerned -> {});
  }

  /**
   * The same for a part that should hear of the end before its turn comes.
   *
   * @param expectEnd must not block
   */
  <T> T keep(String name, T part, Consumer<? super T> close, Consumer<? super T> expectEnd) {
    parts.push(new Part(name, () -> close.accept(part), () -> expectEnd.accept(part)));
    return part;
  }

  /** Tells the parts that they will be closed. */
  void announceEnd() {
    parts.forEach(part -> part.expectEnd.run());
  }

  /** Closes every part. A part that fails to close does not keep the others open. */
  void close() {
    while (!parts.isEmpty()) {
      Part part = parts.pop();
      try {
        part.close.run();
      } catch (RuntimeException e) {
        log.warn("The {} did not close cleanly", part.name, e);
      }
    }
  }
}
