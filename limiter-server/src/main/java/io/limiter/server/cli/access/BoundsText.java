package io.limiter.server.cli.access;

import io.limiter.server.access.CallerLimits;
import java.util.ArrayList;
import java.util.List;

/** The bounds of a caller, as its file says them. */
final class BoundsText {
  private BoundsText() {}

  /** Those that it has, such as {@code questions 500/s, streams 20}. */
  static String of(CallerLimits bounds) {
    List<String> all = new ArrayList<>();
    add(all, "questions", bounds.questionsPerSecond(), "/s");
    add(all, "connections", bounds.connections(), "");
    add(all, "streams", bounds.streams(), "");
    add(all, "work", bounds.workPerSecond(), "/s");
    add(all, "bytes", bounds.bytesPerSecond(), "/s");
    add(all, "inline-counters", bounds.inlineCounters(), "");
    if (bounds.inlineWindowMicros() > 0) {
      all.add("inline-window " + duration(bounds.inlineWindowMicros() / 1_000));
    }
    return String.join(", ", all);
  }

  private static void add(List<String> all, String field, long bound, String unit) {
    if (bound > 0) {
      all.add(field + " " + bound + unit);
    }
  }

  /** In the largest unit in which it is whole, as a file may say it. */
  private static String duration(long millis) {
    long[] units = {86_400_000, 3_600_000, 60_000, 1_000};
    String[] names = {"d", "h", "m", "s"};
    for (int i = 0; i < units.length; i++) {
      if (millis % units[i] == 0) {
        return millis / units[i] + names[i];
      }
    }
    return millis + "ms";
  }
}
