package io.limiter.client.upstream;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** What one family of headers says of one unit. A reset is positive. */
record Statement(
    String unit, OptionalLong limit, OptionalLong remaining, Optional<Duration> reset) {
  static final Statement NOTHING =
      new Statement("", OptionalLong.empty(), OptionalLong.empty(), Optional.empty());

  boolean isUsedUp() {
    return remaining.isPresent() && remaining.getAsLong() == 0;
  }

  /** Whether it says how much may be sent until when. */
  private boolean isWhole() {
    return remaining.isPresent() && reset.isPresent();
  }

  /** Of two about one unit the one that leaves less; of equal ones the one that lasts longer. */
  Statement stricter(Statement other) {
    if (!isWhole() || !other.isWhole()) {
      return isWhole() || !other.isWhole() ? this : other;
    }
    int compared = Long.compare(remaining.getAsLong(), other.remaining.getAsLong());
    if (compared == 0) {
      compared = other.reset.get().compareTo(reset.get());
    }
    if (compared == 0) {
      return limit.isPresent() ? this : other;
    }
    return compared < 0 ? this : other;
  }

  /** Empty if it says nothing that can be told. */
  Optional<Observation> observation(Optional<Duration> block) {
    OptionalLong least = limit.isPresent() && limit.getAsLong() > 0 ? limit : OptionalLong.empty();
    if (least.isEmpty() && !isWhole() && block.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Observation(
            unit,
            least,
            isWhole() ? remaining : OptionalLong.empty(),
            isWhole() ? reset : Optional.empty(),
            block));
  }
}
