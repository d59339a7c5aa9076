package io.limiter.script;

import io.limiter.algorithm.Limit;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments of the {@code draw} script, whose layout is described at the head of {@code
 * draw.lua}.
 */
public final class DrawArguments {
  private DrawArguments() {}

  /**
   * The call's ARGV.
   *
   * @param limit a fixed window or a token bucket
   * @param most how much to charge if that much remains, 1 or more
   * @param aroundMicros about the time by Redis, for which calendar windows are sent
   */
  public static List<String> of(Limit limit, long most, long aroundMicros) {
    List<String> arguments = new ArrayList<>(8);
    arguments.add("1");
    Rows.add(limit, aroundMicros, arguments);
    arguments.add(Long.toString(most));
    return arguments;
  }
}
