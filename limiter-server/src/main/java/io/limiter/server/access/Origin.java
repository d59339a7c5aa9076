package io.limiter.server.access;

import org.jspecify.annotations.Nullable;

/**
 * Where a call came from, for logs. Nothing is decided by it. Immutable.
 *
 * @param host the address at the other end of the connection; empty on a Unix socket
 * @param trace the trace that the call says it is part of, 32 hexadecimal digits; empty for none
 */
public record Origin(String host, String trace) {
  /** Not known. */
  public static final Origin NONE = new Origin("", "");

  private static final int TRACE_DIGITS = 32;
  private static final int PARENT_DIGITS = 16;

  /** Version, trace, parent and flags, with what stands between them. */
  private static final int LENGTH = 2 + 1 + TRACE_DIGITS + 1 + PARENT_DIGITS + 1 + 2;

  /**
   * From a host and the header {@code traceparent}.
   *
   * @param host null if it is not known
   * @param traceparent as W3C Trace Context has it; null, and anything else, for no trace
   */
  public static Origin of(@Nullable String host, @Nullable String traceparent) {
    String trace = traceparent == null ? "" : trace(traceparent);
    return new Origin(host == null ? "" : host, trace);
  }

  private static String trace(String header) {
    boolean first = header.startsWith("00-");
    if (header.length() < LENGTH
        || (first && header.length() > LENGTH)
        || (header.length() > LENGTH && header.charAt(LENGTH) != '-')
        || header.startsWith("ff")) {
      return "";
    }
    int at = 3 + TRACE_DIGITS;
    boolean formed =
        isHex(header, 0, 2)
            && header.charAt(2) == '-'
            && isHex(header, 3, at)
            && header.charAt(at) == '-'
            && isHex(header, at + 1, at + 1 + PARENT_DIGITS)
            && header.charAt(at + 1 + PARENT_DIGITS) == '-'
            && isHex(header, LENGTH - 2, LENGTH);
    return formed && !isZero(header, 3, at) && !isZero(header, at + 1, at + 1 + PARENT_DIGITS)
        ? header.substring(3, at)
        : "";
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }
}
