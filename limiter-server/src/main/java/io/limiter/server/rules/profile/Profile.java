package io.limiter.server.rules.profile;

import java.util.Map;

/**
 * How the requests of one gateway become questions, and what it is answered. Immutable; safe to
 * share between threads.
 *
 * @param name 1 to 64 letters, digits, dots, underscores and dashes; gateways call it by this
 * @param file the file that defines it
 * @param domain that it asks about
 */
public record Profile(String name, String file, String domain, Reading reading, Telling telling) {
  private static final long BYTES = 1_000;

  /** With a text of the longest. */
  private static final long ATTRIBUTE_BYTES = 2_500;

  /** The attributes of the question that a request is. To be called while it can be read. */
  public Map<String, String> attributes(IncomingRequest asked) {
    return reading.attributes(asked);
  }

  /** What a request is charged by rules that count requests. */
  public long cost(IncomingRequest asked) {
    return reading.cost().of(asked);
  }

  /**
   * How long an answer is of use, in nanoseconds.
   *
   * @param otherwise if nothing says so that is believed
   */
  public long waitNanos(IncomingRequest asked, long otherwise) {
    long said = reading.deadline() ? asked.waitNanos() : Long.MAX_VALUE;
    return said == Long.MAX_VALUE ? otherwise : said;
  }

  /** About how much of the heap it takes, rounded up. */
  long heapBytes() {
    return BYTES + ATTRIBUTE_BYTES * reading.attributes().size();
  }
}
