package io.limiter.server.rules.live;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for events in folders, or for a timeout where the system reports none. One thread may wait;
 * any may close it, which ends the waiting.
 */
final class FolderEvents implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FolderEvents.class);

  /** The most folders: a watch costs the system dearly, and rules lie in few. */
  private static final int MOST_FOLDERS = 64;

  private final @Nullable WatchService events = events();
  private final Map<Path, WatchKey> watched = new HashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private static @Nullable WatchService events() {
    try {
      return FileSystems.getDefault().newWatchService();
    } catch (IOException | UnsupportedOperationException e) {
      log.info("The system tells of no changes of files ({}); they are looked for", e.toString());
      return null;
    }
  }

  /** Waits until something happens in one of {@code folders}, at most for {@code timeout}. */
  void await(Set<Path> folders, Duration timeout) throws InterruptedException {
    WatchService service = events;
    if (service == null) {
      closed.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return;
    }
    try {
      // A folder that was not watched before may have changed unseen: no waiting then.
      if (!watch(service, folders)) {
        heard(service.poll(timeout.toNanos(), TimeUnit.NANOSECONDS));
      }
      for (WatchKey more = service.poll(); more != null; more = service.poll()) {
        heard(more);
      }
    } catch (ClosedWatchServiceException e) {
      closed.await();
    }
  }

  private void heard(@Nullable WatchKey key) {
    if (key != null) {
      key.pollEvents();
      if (!key.reset()) {
        watched.values().remove(key);
      }
    }
  }

  /** Watches these and no others; returns whether one of them was not watched before. */
  private boolean watch(WatchService service, Set<Path> folders) {
    Set<Path> gone = new HashSet<>(watched.keySet());
    gone.removeAll(folders);
    for (Path folder : gone) {
      WatchKey key = watched.remove(folder);
      if (key != null) {
        key.cancel();
      }
    }
    boolean more = false;
    for (Path folder : folders) {
      if (!watched.containsKey(folder) && watched.size() < MOST_FOLDERS) {
        more |= register(service, folder);
      }
    }
    return more;
  }

  private boolean register(WatchService service, Path folder) {
    try {
      WatchKey key =
          folder.register(
              service,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_DELETE,
              StandardWatchEventKinds.ENTRY_MODIFY);
      watched.put(folder, key);
      return true;
    } catch (IOException e) {
      log.debug("The system does not tell of changes in {}", folder, e);
      return false;
    }
  }

  @Override
  public void close() {
    closed.countDown();
    WatchService service = events;
    if (service != null) {
      try {
        service.close();
      } catch (IOException e) {
        log.debug("The watch could not be closed", e);
      }
    }
  }
}
