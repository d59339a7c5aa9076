package io.limiter.server.access.file;

import io.limiter.server.access.Access;
import io.limiter.server.access.AccessListener;
import io.limiter.server.key.ValueHash;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks each second whether the files of access and secrets have changed, and puts what they say in
 * force once they stay so until the next look. What cannot be used leaves the old in force, and is
 * logged once: nobody gets in, or is locked out, by a file that is half written. Its one thread is
 * a daemon.
 */
public final class AccessWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AccessWatch.class);
  private static final long INTERVAL_MILLIS = 1_000;

  private final AccessFiles from;
  private final @Nullable Access access;
  private final AccessListener listener;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "limiter-access");

  private final KeyDownloads downloads;
  private List<Path> files;
  private Set<URI> urls = Set.of();

  /** What the files held when they were last taken, or refused. */
  private byte[] settled;

  private volatile ValueHash values;

  /** What they held at the last look. */
  private byte[] seen;

  /** Reads the files, and looks when it is told to. */
  AccessWatch(
      AccessFiles from, KeyDownloads downloads, AccessListener listener, LongSupplier nowMillis)
      throws IOException {
    this.from = from;
    this.downloads = downloads;
    this.listener = listener;
    AccessFiles.Read first = from.read(downloads::text);
    files = first.files();
    asksAt(first.urls());
    settled = content();
    seen = settled;
    // Read after what it is compared with: else a change in between would never be seen.
    AccessFiles.Read read = from.read(downloads::text);
    values = read.values();
    AccessFiles.Callers callers = read.callers();
    access =
        callers == null
            ? null
            : new Access(
                callers.table(),
                callers.keys(),
                callers.seal(),
                listener,
                nowMillis,
                System::nanoTime);
    if (callers != null) {
      listener.loaded(/* good= */ true, callers.table());
    }
    thread.setDaemon(true);
  }

  /**
   * Reads the files, and watches them until it is closed.
   *
   * @param nowMillis since the epoch, to judge when tokens are over
   * @throws IOException when they cannot be used; the message says why and what to do
   */
  public static AccessWatch over(AccessFiles files, AccessListener listener, LongSupplier nowMillis)
      throws IOException {
    AccessWatch watch =
        new AccessWatch(files, new KeyDownloads(KeyDownloads.EVERY), listener, nowMillis);
    log.info(
        "Values of rules with hash: true are hashed with the first secret in {}, which must be"
            + " the same for every instance",
        files.secrets());
    watch.thread.start();
    return watch;
  }

  /** As the files say; empty if anybody may do anything. */
  public Optional<Access> access() {
    return Optional.ofNullable(access);
  }

  /** How values are hashed, as the file of secrets says now. */
  public ValueHash values() {
    return values;
  }

  private void run() {
    try {
      while (!ended.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          look();
        } catch (RuntimeException defect) {
          log.error("Looking at {} failed; all stays as it is", from, defect);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * A file may be looked at while it is written, or between two that are replaced: what is half new
   * may be valid, and is no change until it stays for two looks.
   */
  void look() {
    byte[] now = content();
    boolean stays = Arrays.equals(now, seen);
    seen = now;
    if (!stays || Arrays.equals(now, settled)) {
      return;
    }
    try {
      AccessFiles.Read read = from.read(downloads::text);
      if (!read.files().equals(files) || !read.urls().equals(urls)) {
        // What these hold is looked at before they are read, so that no change between is missed.
        files = read.files();
        asksAt(read.urls());
        now = content();
        seen = now;
        read = from.read(downloads::text);
      }
      settled = now;
      values = read.values();
      AccessFiles.Callers callers = read.callers();
      if (access != null && callers != null) {
        access.update(callers.table(), callers.keys(), callers.seal());
        listener.loaded(/* good= */ true, callers.table());
        log.info("Access is now as {} say, of {} callers", from, callers.table().callers().size());
      } else {
        log.info("Secrets are now as {} says", from);
      }
    } catch (IOException e) {
      settled = now;
      log.warn("{} stay in force as they were: {}", from, e.getMessage());
      if (access != null) {
        listener.loaded(/* good= */ false, access.table());
      }
    }
  }

  private void asksAt(Set<URI> changed) {
    urls = changed;
    downloads.keep(changed);
  }

  /** What the files hold, and what was had from the URLs. */
  private byte[] content() {
    return AccessFiles.content(files, urls.stream().sorted().map(downloads::text).toList());
  }

  /** Looks no more. */
  @Override
  public void close() {
    ended.countDown();
    downloads.close();
    if (access != null) {
      access.close();
    }
  }
}
