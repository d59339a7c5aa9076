package io.limiter.server.key;

import io.limiter.algorithm.Limit;
import java.util.List;

/** What keeps a counter for each combination of some attributes' values: a rule. */
public interface CounterOwner {
  /** Unique in its domain; part of the counter's key. */
  String name();

  /** The attributes whose values make the counter's key; empty for one counter of all. */
  List<String> key();

  /** Its algorithm is part of the key: a counter of another algorithm is another counter. */
  Limit limit();

  /**
   * Whether its limit and its costs are in millionths of its unit. A counter of these is another
   * one: as a count of whole units it would say something else.
   */
  boolean countsMillionths();

  /** How the attributes' values are written into the key. */
  Keying keying();

  /** Whether it is tried out beside the owner before it, under the same name. */
  boolean isCandidate();
}
