package io.limiter.server.rules.profile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request by which a gateway asks about another, however it came. Names of headers ignore case.
 */
public interface IncomingRequest {
  /** Its own method. */
  String method();

  /** Its own target: path and query, as they were sent. */
  String target();

  /** The value of a header, the first if there are several; null if there is none. */
  @Nullable String header(String name);

  /** Each line of a header, in the order in which they came. */
  List<String> headers(String name);

  /** The address of who sent it; null if it has none. */
  @Nullable String peer();

  /**
   * How long its headers say that an answer is of use, in nanoseconds; {@code Long.MAX_VALUE} if
   * they say nothing.
   */
  long waitNanos();
}
