package io.limiter.server.rules.live;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the rules' directory every so often, and at once when the system says that something
 * happened there. The looks are what counts: not every file system tells.
 */
public final class RulesWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RulesWatch.class);

  /** How soon to look again at a directory that is changing. */
  private static final Duration SOON = Duration.ofMillis(50);

  private final LiveRules rules;
  private final Duration pause;
  private final Thread thread;
  private @Nullable WatchService events;
  private @Nullable WatchKey watched;
  private volatile boolean ending;

  private RulesWatch(LiveRules rules, Duration pause) {
    this.rules = rules;
    this.pause = pause;
    this.thread = new Thread(this::run, "rules");
    thread.setDaemon(true);
  }

  /** Starts to watch, until it is closed. */
  public static RulesWatch over(LiveRules rules, Duration pause) {
    RulesWatch watch = new RulesWatch(rules, pause);
    if (rules.directory() != null) {
      watch.thread.start();
    }
    return watch;
  }

  private void run() {
    boolean changing = false;
    while (!ending) {
      try {
        await(changing ? SOON : pause);
        changing = rules.look();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.error("Looking at the rules failed; the rules stay as they are", e);
        changing = false;
      }
    }
  }

  /** Waits that long, or until something happens in the directory. */
  private void await(Duration most) throws InterruptedException {
    WatchService service = watching();
    if (service == null) {
      TimeUnit.NANOSECONDS.sleep(most.toNanos());
      return;
    }
    WatchKey key = service.poll(most.toNanos(), TimeUnit.NANOSECONDS);
    if (key != null) {
      key.pollEvents();
      if (!key.reset()) {
        watched = null;
      }
    }
  }

  /** The system's events for the directory as it is now; null where it has none. */
  private @Nullable WatchService watching() {
    Path directory = rules.directory();
    if (directory == null) {
      return null;
    }
    try {
      if (events == null) {
        events = FileSystems.getDefault().newWatchService();
      }
      WatchKey key = watched;
      if (key == null || !directory.toRealPath().equals(key.watchable())) {
        if (key != null) {
          key.cancel();
        }
        watched =
            directory
                .toRealPath()
                .register(
                    events,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_DELETE,
                    StandardWatchEventKinds.ENTRY_MODIFY);
      }
      return events;
    } catch (IOException | UnsupportedOperationException e) {
      log.debug("No events from {}; looking at it every {}", directory, pause, e);
      watched = null;
      return null;
    }
  }

  /** Stops looking. */
  @Override
  public void close() {
    ending = true;
    thread.interrupt();
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
