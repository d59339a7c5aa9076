package io.limiter.server.rules.live;

import io.limiter.server.rules.file.LoadedRules;

/** What came of reading the rules. */
sealed interface Reading {

  /** Files, whether all of them are in order or not. */
  record Files(LoadedRules loaded) implements Reading {}

  /**
   * Nothing.
   *
   * @param why what is wrong, and what to do
   */
  record Nothing(String why) implements Reading {}
}
