package io.limiter.client.deny;

import com.google.protobuf.CodedOutputStream;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Caches denials near the caller: a question that was denied a moment ago is denied again without a
 * call.
 *
 * <p>Others can only prolong a denial, as long as nothing is given back. So it holds from when its
 * question was sent until the first of its waits is over, less a thousandth, since clocks differ by
 * less; and at most for the given time. The waits that are told again are shorter by the time since
 * the answer came.
 *
 * <p>Questions are equal if their messages are, but for the request's id and the wish for a
 * receipt. Some always go to the service: those with an idempotency key, since an earlier admission
 * may be kept under it, and looks, where nothing has a cost. Only what the shared counters said is
 * cached. What has the status of a candidate is not, since a candidate counts on denial. Nor is a
 * denial since too many are at work: it ends when one of them does.
 *
 * <p>What gives something back {@linkplain #empty empties} the cache. A denial whose question was
 * sent before that is not cached after it.
 *
 * <p>Thread-safe. Its parts are locked one by one, each for a moment.
 */
public final class DenyCache {
  private static final int PARTS = 16;
  private static final int MOST_ENTRIES = 10_000;
  private static final long MOST_BYTES = 8 << 20;

  private final long longestNanos;
  private final LongSupplier nanoTime;
  private final List<Part> parts = new ArrayList<>();
  private final AtomicLong generation = new AtomicLong();
  private final LongAdder answered = new LongAdder();
  private final Asked sent = new Asked(null, 0, 0);
  private volatile boolean closed;

  /**
   * A cache without entries.
   *
   * @param longest how long a denial is answered at most; zero: nothing is cached
   * @param nanoTime a clock that never goes back
   */
  public DenyCache(Duration longest, LongSupplier nanoTime) {
    this(longest, nanoTime, PARTS, MOST_ENTRIES, MOST_BYTES);
  }

  DenyCache(Duration longest, LongSupplier nanoTime, int parts, int mostEntries, long mostBytes) {
    this.longestNanos = longest.toNanos();
    this.nanoTime = nanoTime;
    this.closed = longest.isZero();
    for (int i = 0; i < parts; i++) {
      this.parts.add(new Part(mostEntries / parts, mostBytes / parts));
    }
  }

  /** Takes a question that is about to be sent. */
  public Asked ask(CheckAndConsumeRequest question) {
    String key = closed || !isCacheable(question) ? null : key(question);
    return key == null ? sent : new Asked(key, generation.get(), nanoTime.getAsLong());
  }

  /** Forgets all denials, also of questions that are under way. */
  public void empty() {
    // First: what is cached from now on with what was counted before is found to be too old.
    generation.incrementAndGet();
    parts.forEach(Part::clear);
  }

  /** Answers nothing any more. */
  public void close() {
    closed = true;
    empty();
  }

  /** How many questions it answered. */
  public long answered() {
    return answered.sum();
  }

  /** How many denials it holds, those that are over included. */
  int size() {
    return parts.stream().mapToInt(Part::size).sum();
  }

  private Part part(String key) {
    int hash = key.hashCode();
    return parts.get(Math.floorMod(hash ^ (hash >>> 16), parts.size()));
  }

  private static boolean isCacheable(CheckAndConsumeRequest question) {
    boolean looks =
        question.hasCost()
            && question.getCost() == 0
            && question.getUnitCostsMap().values().stream().allMatch(cost -> cost == 0);
    return question.getIdempotencyKey().isEmpty() && !looks;
  }

  /**
   * The bytes of the message as a text. Unlike messages, texts are found quickly in a map even if
   * callers choose them to have one hash.
   */
  private static String key(CheckAndConsumeRequest question) {
    CheckAndConsumeRequest same =
        question.getWantReceipt() || !question.getRequestId().isEmpty()
            ? question.toBuilder().clearWantReceipt().clearRequestId().build()
            : question;
    byte[] bytes = new byte[same.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    // Else maps would be written in any order.
    out.useDeterministicSerialization();
    try {
      same.writeTo(out);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** A question, from before it is sent to its answer. */
  public final class Asked {
    private final @Nullable String key;
    private final long generationThen;
    private final long sentNanos;

    private Asked(@Nullable String key, long generationThen, long sentNanos) {
      this.key = key;
      this.generationThen = generationThen;
      this.sentNanos = sentNanos;
    }

    /** What it is answered without being sent; null if it has to be sent. Counts it. */
    public @Nullable CheckAndConsumeResponse denial() {
      if (key == null) {
        return null;
      }
      Denial denial = part(key).get(key);
      if (denial == null) {
        return null;
      }
      // A denial that came after this question was taken is as good.
      if (denial.generation() != generation.get() || sentNanos - denial.endNanos() >= 0) {
        part(key).remove(key, denial);
        return null;
      }
      answered.increment();
      return denial.at(sentNanos);
    }

    /** It was sent, and this is the answer. */
    public void answered(CheckAndConsumeResponse response) {
      if (key == null || closed || !Denial.mayBeCached(response)) {
        return;
      }
      long lasts = Math.min(longestNanos, Denial.lastsNanos(response));
      Denial denial = new Denial(response, nanoTime.getAsLong(), sentNanos + lasts, generationThen);
      if (denial.receivedNanos() - denial.endNanos() < 0 && generationThen == generation.get()) {
        part(key).put(key, denial);
      }
    }
  }
}
