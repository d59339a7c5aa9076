package io.limiter.server.key;

import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.algorithm.Window;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.ZoneId;

/** A limit in bytes: a letter and what follows from it. */
public final class LimitCode {
  private LimitCode() {}

  /** Writes one. */
  public static void write(Limit limit, DataOutputStream out) throws IOException {
    if (limit instanceof FixedWindow fixed) {
      write(fixed, out);
    } else if (limit instanceof SlidingLog log) {
      write('l', out, log.limit(), log.windowMicros());
    } else if (limit instanceof SlidingCounter counter) {
      write('c', out, counter.limit(), counter.windowMicros());
    } else if (limit instanceof TokenBucket token) {
      write('t', out, token.bucket().rate(), token.bucket().periodMicros(), token.limit());
    } else if (limit instanceof LeakyBucket leaky) {
      write('b', out, leaky.bucket().rate(), leaky.bucket().periodMicros(), leaky.limit());
    } else if (limit instanceof ConcurrencyLimit concurrency) {
      write('h', out, concurrency.limit(), concurrency.holdMicros());
    } else {
      throw new IllegalArgumentException(
          "a limit that tenants share is written as that of its counter; got " + limit);
    }
  }

  private static void write(FixedWindow fixed, DataOutputStream out) throws IOException {
    if (fixed.window() instanceof Window.Span span) {
      write('f', out, fixed.limit(), span.micros());
    } else if (fixed.window() instanceof Window.Never) {
      write('n', out, fixed.limit());
    } else if (fixed.window() instanceof Window.Calendar calendar) {
      write('F', out, fixed.limit());
      out.writeUTF(calendar.unit().name());
      out.writeUTF(calendar.zone().getId());
      out.writeByte(calendar.day());
    }
  }

  private static void write(char letter, DataOutputStream out, long... numbers) throws IOException {
    out.writeByte(letter);
    for (long number : numbers) {
      out.writeLong(number);
    }
  }

  /**
   * Reads what was written.
   *
   * @throws RuntimeException if it never was
   */
  public static Limit read(DataInputStream in) throws IOException {
    char letter = (char) in.readByte();
    return switch (letter) {
      case 'f' -> new FixedWindow(in.readLong(), new Window.Span(in.readLong()));
      case 'F' ->
          new FixedWindow(
              in.readLong(),
              new Window.Calendar(
                  Window.Calendar.Unit.valueOf(in.readUTF()),
                  ZoneId.of(in.readUTF()),
                  in.readByte()));
      case 'n' -> new FixedWindow(in.readLong(), new Window.Never());
      case 'l' -> new SlidingLog(in.readLong(), in.readLong());
      case 'c' -> new SlidingCounter(in.readLong(), in.readLong());
      case 't' -> TokenBucket.of(in.readLong(), in.readLong(), in.readLong());
      case 'b' -> LeakyBucket.of(in.readLong(), in.readLong(), in.readLong());
      case 'h' -> new ConcurrencyLimit(in.readLong(), in.readLong());
      default -> throw new IllegalArgumentException("no limit begins with " + letter);
    };
  }
}
