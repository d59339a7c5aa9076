package io.limiter.script;

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
    BROKEN
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

  /** The next element, a question's code. */
  public Code nextCode() {
    return CODES[(int) nextNumber()];
  }

  /**
   * What follows for a question without header.
   *
   * @param code that came before it, ADMITTED or DENIED
   * @param times how often it was asked
   */
  public Run nextRun(Code code, Limit limit, long cost, int times) {
    int granted = code == Code.ADMITTED ? times : times == 1 ? 0 : (int) nextNumber();
    Outcome.@Nullable Admitted all = null;
    long inUse = 0;
    if (granted > 0) {
      all = new Outcome.Admitted(nextNumber(), nextNumber(), nextNumber());
      inUse = times == 1 ? 0 : nextNumber();
    }
    @Nullable Outcome beyond = granted < times ? nextOutcome() : null;
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
