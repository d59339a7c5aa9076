package io.limiter.script;

import io.limiter.algorithm.Limit;
import io.limiter.share.SharedLimit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The limits of one call, each sent once. Not safe to share between threads. */
final class LimitRows {
  private final long aroundMicros;
  private final Map<Limit, String> indexes = new HashMap<>();
  private final List<String> texts = new ArrayList<>();
  private @Nullable Limit lastLimit;
  private String lastIndex = "";
  private int algorithms;
  private boolean shares;

  /**
   * None yet.
   *
   * @param aroundMicros about the time by Redis, for which calendar windows are sent
   */
  LimitRows(long aroundMicros) {
    this.aroundMicros = aroundMicros;
  }

  /** The place of a limit's row, from 1. */
  @SuppressWarnings("ReferenceEquality")
  String index(Limit limit) {
    // A batch's questions mostly share one limit, which is the same object.
    if (limit != lastLimit) {
      lastIndex = indexes.computeIfAbsent(limit, this::addRow);
      lastLimit = limit;
    }
    return lastIndex;
  }

  private String addRow(Limit limit) {
    if (limit instanceof SharedLimit shared) {
      shares = true;
      texts.addAll(Rows.head(shared));
    }
    Rows.add(limit, aroundMicros, texts);
    algorithms |= Scripts.bit(limit.algorithm());
    return Integer.toString(indexes.size() + 1);
  }

  /** How many there are. */
  int count() {
    return indexes.size();
  }

  /** The rows as arguments, one after the other. */
  List<String> texts() {
    return texts;
  }

  /** The algorithms, the sum of their {@link Scripts#bit bits}. */
  int algorithms() {
    return algorithms;
  }

  /** Whether tenants share any of their counters. */
  boolean shares() {
    return shares;
  }
}
