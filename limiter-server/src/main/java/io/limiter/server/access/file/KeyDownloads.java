package io.limiter.server.access.file;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.limiter.server.access.IssuerKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that issuers publish at URLs. Each is asked once a minute, whatever callers show: a
 * token that names an unknown key has nobody asked anything. What cannot be had, or used, leaves in
 * force what was had before. Safe to use from any thread.
 */
final class KeyDownloads implements AutoCloseable {
  static final Duration EVERY = Duration.ofMinutes(1);

  private static final Logger log = LoggerFactory.getLogger(KeyDownloads.class);
  private static final int MOST_BYTES = 1 << 20;
  private static final int THREADS = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Duration every;
  private final Map<URI, Download> downloads = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newScheduledThreadPool(
          THREADS,
          new ThreadFactoryBuilder()
              .setNameFormat("limiter-issuer-keys-%d")
              .setDaemon(true)
              .build());

  /**
   * Of no issuer yet.
   *
   * @param every how often each URL is asked; {@link #EVERY} but in tests
   */
  KeyDownloads(Duration every) {
    this.every = every;
  }

  /** What was had last from a URL; empty if it was never to be had. */
  Optional<String> text(URI at) {
    Download known = downloads.get(at);
    return known == null ? Optional.empty() : Optional.ofNullable(known.text);
  }

  /**
   * Asks these from now on, and no others. Waits for the first answers of new ones, but not for
   * long: an issuer that is away is no reason to serve nobody.
   */
  void keep(Set<URI> wanted) {
    downloads
        .values()
        .removeIf(
            one -> {
              boolean goes = !wanted.contains(one.at);
              if (goes) {
                one.repeated.cancel(/* mayInterruptIfRunning= */ true);
              }
              return goes;
            });
    wanted.forEach(at -> downloads.computeIfAbsent(at, Download::new));
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (Download one : downloads.values()) {
      one.awaitFirst(end - System.nanoTime());
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  /** What one URL holds. */
  private final class Download {
    private final URI at;
    private final CountDownLatch tried = new CountDownLatch(1);
    private final Future<?> repeated;
    private volatile @Nullable String text;

    Download(URI at) {
      this.at = at;
      repeated =
          timer.scheduleWithFixedDelay(this::run, 0, every.toMillis(), TimeUnit.MILLISECONDS);
    }

    void awaitFirst(long nanos) {
      try {
        var unused = tried.await(nanos, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void run() {
      try {
        String read = fetch(at);
        var unused = IssuerKeys.read(read);
        text = read;
      } catch (IOException | IllegalArgumentException e) {
        log.warn(
            "The keys at {} cannot be had: {}; {}",
            at,
            e instanceof IOException io ? reason(io) : "the document " + e.getMessage(),
            text == null
                ? "until then tokens of their issuer are refused"
                : "tokens of their issuer are judged by those of before");
      } catch (RuntimeException defect) {
        // One that is thrown would end the repetitions.
        log.error("Asking {} for keys failed; it is asked again", at, defect);
      } finally {
        tried.countDown();
      }
    }
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName().equals("IOException")
        ? String.valueOf(e.getMessage())
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  /** Reads all, however slowly it comes, in bounded time. */
  private static String fetch(URI at) throws IOException {
    long end = System.nanoTime() + 2 * PATIENCE.toNanos();
    HttpURLConnection asked = (HttpURLConnection) at.toURL().openConnection();
    asked.setConnectTimeout((int) PATIENCE.toMillis());
    asked.setReadTimeout((int) PATIENCE.toMillis());
    asked.setInstanceFollowRedirects(false);
    asked.setUseCaches(false);
    asked.setRequestProperty("Accept", "application/jwk-set+json, application/json");
    try {
      int status = asked.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException("it answers " + status + "; name the URL of the document itself");
      }
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] piece = new byte[8 << 10];
      try (InputStream in = asked.getInputStream()) {
        for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
          all.write(piece, 0, got);
          if (all.size() > MOST_BYTES) {
            throw new IOException("it holds more than %d bytes".formatted(MOST_BYTES));
          }
          if (System.nanoTime() - end > 0) {
            throw new IOException("it takes longer than " + PATIENCE.multipliedBy(2));
          }
        }
      }
      return all.toString(StandardCharsets.UTF_8);
    } finally {
      asked.disconnect();
    }
  }
}
