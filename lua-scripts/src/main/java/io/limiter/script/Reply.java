package io.limiter.script;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reply of the {@code decide} script: filled in the order in which Redis sends it, then read in
 * the same order. The layout is described at the head of {@code decide.lua}. Not safe to share
 * between threads.
 */
public final class Reply {
  /** What a question without header is told first if it was not admitted each time. */
  private static final int NEVER = -2;

  private static final int SOME = -3;

  private long[] numbers = new long[16];
  private final List<String> texts = new ArrayList<>(0);
  private int size;
  private int next;

  /** What follows for a question. */
  public enum Code {
    DENIED,
    ADMITTED,
    REPLAYED,
    CONFLICT,
    NEEDS_WINDOW,
    BROKEN,
    REFUSED,
    EXPIRED,
    ELSEWHERE
  }

  private static final Code[] CODES = Code.values();

  /** Adds an integer as it arrives. */
  public void add(long number) {
    if (size == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * size);
    }
    numbers[size++] = number;
  }

  /** Adds a string as it arrives. */
  public void add(String text) {
    add(texts.size());
    texts.add(text);
  }

  /** The next element, an integer. */
  public long nextNumber() {
    if (next >= size) {
      throw new IllegalStateException("the reply ends after %d elements".formatted(size));
    }
    return numbers[next++];
  }

  /** The next element, a string. */
  public String nextText() {
    return texts.get((int) nextNumber());
  }

  /** The next element, a question's code; of a question without header it is below 0. */
  public Code nextCode() {
    return CODES[(int) Math.abs(nextNumber())];
  }

  /** Whether a question without header was decided, so that {@link #nextRun} comes next. */
  public boolean hasRun() {
    return next >= size || numbers[next] >= SOME;
  }

  /**
   * What a question without header is told.
   *
   * @param times how often it was asked
   */
  public Run nextRun(Limit limit, long cost, int times) {
    long first = nextNumber();
    int granted = first >= 0 ? times : first == SOME ? (int) nextNumber() : 0;
    Outcome.@Nullable Admitted all = null;
    long inUse = 0;
    if (granted > 0) {
      long remaining = first >= 0 ? first : nextNumber();
      Algorithm algorithm = limit.algorithm();
      all = new Outcome.Admitted(remaining, nextNumber(), algorithm.delays() ? nextNumber() : 0);
      if (times > 1 && algorithm.tellsUse()) {
        inUse = nextNumber();
      }
    }
    @Nullable Outcome beyond = null;
    if (granted < times) {
      long refusal = granted > 0 ? nextNumber() : first;
      beyond =
          refusal == NEVER
              ? new Outcome.Never(nextNumber(), nextNumber())
              : new Outcome.Denied(nextNumber(), nextNumber(), nextNumber());
    }
    return new Run(limit, cost, granted, all, inUse, beyond);
  }

  /** The next four elements, what one counter said. */
  public Outcome nextOutcome() {
    long status = nextNumber();
    long remaining = nextNumber();
    long reset = nextNumber();
    long wait = nextNumber();
    return status == 1
        ? new Outcome.Admitted(remaining, reset, wait)
        : status == 0
            ? new Outcome.Denied(remaining, reset, wait)
            : new Outcome.Never(remaining, reset);
  }

  /** Whether all elements were read. */
  public boolean isRead() {
    return next == size;
  }
}
