package io.limiter.script;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Owed;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the keys and arguments of one call of the {@code settle} script, counter by counter. The
 * layout is described at the head of {@code settle.lua}. Not safe to share between threads.
 */
public final class SettleArguments {
  private final long aroundMicros;
  private final long fromMicros;
  private final long untilMicros;
  private final List<String> keys = new ArrayList<>();
  private final List<String> rows = new ArrayList<>();
  private final List<String> owed = new ArrayList<>();

  /**
   * A call about no counter yet.
   *
   * @param aroundMicros about the time by Redis, for which calendar windows are sent
   * @param fromMicros the earliest time by Redis at which anything is charged
   * @param untilMicros the latest
   */
  public SettleArguments(long aroundMicros, long fromMicros, long untilMicros) {
    this.aroundMicros = aroundMicros;
    this.fromMicros = fromMicros;
    this.untilMicros = untilMicros;
  }

  /**
   * Charges a counter.
   *
   * @param all what it is owed, the earliest first
   */
  public void counter(String key, Limit limit, List<Owed> all) {
    keys.add(key);
    Rows.add(limit, aroundMicros, rows);
    owed.add(Integer.toString(all.size()));
    for (Owed one : all) {
      owed.add(Long.toString(one.atMicros()));
      owed.add(Long.toString(one.cost()));
    }
  }

  /** The call's KEYS. */
  public List<String> keys() {
    return keys;
  }

  /** The call's ARGV. */
  public List<String> arguments() {
    List<String> arguments = new ArrayList<>(3 + rows.size() + owed.size());
    arguments.add(Integer.toString(keys.size()));
    arguments.addAll(rows);
    arguments.add(Long.toString(fromMicros));
    arguments.add(Long.toString(untilMicros));
    arguments.addAll(owed);
    return arguments;
  }
}
