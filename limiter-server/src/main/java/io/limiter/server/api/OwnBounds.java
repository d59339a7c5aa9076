package io.limiter.server.api;

import com.google.protobuf.MessageLite;
import io.limiter.server.access.AccessException;
import io.limiter.server.access.Asker;
import io.limiter.server.access.CallerLimits;
import io.limiter.server.decide.Request;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks is counted against bounds of its own. Whoever has none costs nothing. Safe to
 * use from any thread.
 */
public final class OwnBounds {
  private OwnBounds() {}

  /**
   * Counts questions and the message that they came in.
   *
   * @param questions 1 or more
   * @throws AccessException if they are too many now; then nothing is counted
   */
  public static void take(Asker who, int questions, MessageLite wire) {
    who.take(questions, who.bounds().bytesPerSecond() == 0 ? 0 : wire.getSerializedSize());
  }

  /** The owner of questions without rules of their own. */
  public static Request.Owner owner(Asker who) {
    return who.bounds().workPerSecond() == 0 ? Request.Owner.NOBODY : named(who);
  }

  /**
   * The owner of questions.
   *
   * @param bringsRules whether they come with rules
   */
  static Request.Owner owner(Asker who, boolean bringsRules) {
    return bringsRules ? named(who) : owner(who);
  }

  private static Request.Owner named(Asker who) {
    CallerLimits bounds = who.bounds();
    return new Request.Owner(who.name(), bounds.inlineCounters(), work(who, bounds));
  }

  /** How many counters its questions may ask. */
  static Request.Work work(Asker who) {
    return work(who, who.bounds());
  }

  private static Request.Work work(Asker who, CallerLimits bounds) {
    return bounds.workPerSecond() == 0 ? Request.Work.UNBOUNDED : new Bounded(who);
  }

  private record Bounded(Asker who) implements Request.Work {
    @Override
    public @Nullable RuntimeException refusal(int counters) {
      try {
        who.work(counters);
        return null;
      } catch (AccessException refused) {
        return refused;
      }
    }

    @Override
    public void giveBack(int counters) {
      who.giveBackWork(counters);
    }
  }
}
