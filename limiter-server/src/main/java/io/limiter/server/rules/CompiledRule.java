package io.limiter.server.rules;

/**
 * A rule with its overrides, each worked out to its effect when the file was loaded.
 *
 * @param effect on requests that no override applies to
 * @param overrides by the requests that they apply to; the first one decides
 */
record CompiledRule(Effect effect, WhenIndex<Effect> overrides) {

  /** Whether any request counts against it at all. */
  boolean everCounts() {
    return effect instanceof Effect.Counted || !overrides.isEmpty();
  }
}
