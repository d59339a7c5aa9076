package example.llm;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a stream, for one thread that takes them. A model that is faster than the caller
 * reads is slowed down. Closing it before its end closes the connection, so that the model stops.
 */
final class Lines implements Flow.Subscriber<String>, AutoCloseable {
  private static final long AHEAD = 64;

  private final Duration patience;

  /** An empty one is the end. */
  private final BlockingQueue<Optional<String>> arrived = new LinkedBlockingQueue<>();

  private long heardNanos = System.nanoTime();
  private volatile Flow.@Nullable Subscription subscription;
  private volatile @Nullable Throwable failure;
  private volatile boolean closed;

  Lines(Duration patience) {
    this.patience = patience;
  }

  /**
   * The next line.
   *
   * @param longest how long to wait for it
   * @return null if none came
   * @throws EOFException at the end
   * @throws IOException if the stream broke off, or was silent for too long
   */
  @Nullable String next(Duration longest) throws IOException, InterruptedException {
    Optional<String> line = arrived.poll(longest.toNanos(), TimeUnit.NANOSECONDS);
    long now = System.nanoTime();
    if (line == null) {
      if (now - heardNanos > patience.toNanos()) {
        throw new IOException("the model was silent for " + patience);
      }
      return null;
    }
    if (line.isEmpty()) {
      Throwable why = failure;
      throw why == null ? new EOFException() : new IOException(why.getMessage(), why);
    }
    heardNanos = now;
    Flow.Subscription more = subscription;
    if (more != null) {
      more.request(1);
    }
    return line.get();
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    if (closed) {
      subscription.cancel();
    } else {
      subscription.request(AHEAD);
    }
  }

  @Override
  public void onNext(String line) {
    arrived.add(Optional.of(line));
  }

  @Override
  public void onError(Throwable failure) {
    this.failure = failure;
    arrived.add(Optional.empty());
  }

  @Override
  public void onComplete() {
    arrived.add(Optional.empty());
  }

  @Override
  public void close() {
    closed = true;
    Flow.Subscription rest = subscription;
    if (rest != null) {
      rest.cancel();
    }
  }
}
