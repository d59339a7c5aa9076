package io.limiter.server.rules.live;

import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.table.RuleTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules in force. Whoever asks gets one immutable table; a change of the files swaps it whole.
 * A bad file keeps the rules that its domain had. A directory that cannot be read keeps all.
 *
 * <p>Files are read when two polls in a row saw the same listing. What was read is used if the
 * listing is still the same afterwards. So a file that is being written is never taken half. Any
 * thread may ask; one at a time polls.
 */
public final class LiveRules implements Supplier<RuleTable> {
  private static final Logger log = LoggerFactory.getLogger(LiveRules.class);

  /** So many lines of what is odd are logged at a time. */
  private static final int MOST_TOLD = 20;

  private final @Nullable Folder folder;
  private final Clock clock;
  private final Debounce debounce = new Debounce();
  private volatile RulesListener listener = good -> {};
  private volatile RulesState state;
  private volatile Set<Path> folders = Set.of();

  private LiveRules(@Nullable Folder folder, LoadedRules loaded, Clock clock) {
    this.folder = folder;
    this.clock = clock;
    this.state = RulesState.of(loaded, clock.instant());
    tellStart(state);
  }

  private static void tellStart(RulesState start) {
    List<String> problems = start.lastAttempt().problems();
    if (!problems.isEmpty()) {
      problems.forEach(log::error);
      log.error(
          "Problems of the rules: {}. Questions about these domains fail until they are mended: {}",
          problems.size(),
          start.inForce().table().unreadable().keySet());
    }
    tellOdd(List.of(), start.lastAttempt());
  }

  /** Rules that stay as they are. */
  public static LiveRules fixed(LoadedRules loaded, Clock clock) {
    return new LiveRules(null, loaded, clock);
  }

  /**
   * Rules of a directory, to be polled.
   *
   * @param loaded what was read from it; the first polls find what has changed since
   */
  public static LiveRules of(Path directory, LoadedRules loaded, Clock clock) {
    return of(Folder.at(directory), loaded, clock);
  }

  static LiveRules of(Folder folder, LoadedRules loaded, Clock clock) {
    return new LiveRules(folder, loaded, clock);
  }

  /** Tells {@code listener} of the last load, and of every later one. */
  public void listen(RulesListener listener) {
    this.listener = listener;
    listener.loaded(state.lastAttempt().good());
  }

  @Override
  public RuleTable get() {
    return state.inForce().table();
  }

  /** What is in force, and what became of the last attempt to change it. */
  public RulesState state() {
    return state;
  }

  /** Whether there is anything to poll. */
  public boolean mayChange() {
    return folder != null;
  }

  /** Where changes would happen, as of the last poll. */
  Set<Path> folders() {
    return folders;
  }

  /**
   * Lists the directory and, if it has changed and is stable, reads it.
   *
   * @return whether to poll again soon, since something is changing
   */
  synchronized boolean poll() {
    Folder from = folder;
    if (from == null) {
      return false;
    }
    Listing now = from.list();
    folders = now.folders();
    return switch (debounce.seen(now)) {
      case UNCHANGED -> false;
      case POLL_AGAIN -> true;
      case COMPLAIN -> {
        accept(
            from,
            new Reading.Nothing(
                "%s has changed at each of the last %d looks; write elsewhere and rename into place"
                    .formatted(from, Debounce.RESTLESS)));
        yield true;
      }
      case READ -> read(from);
    };
  }

  private boolean read(Folder from) {
    Reading reading = reading(from, get());
    if (!debounce.isStable(from.list())) {
      return true;
    }
    accept(from, reading);
    // What could not be read may become readable without a trace in the listing: try again.
    if (reading instanceof Reading.Files read && read.loaded().readWhole()) {
      debounce.done();
    } else {
      debounce.retry();
    }
    return false;
  }

  private static Reading reading(Folder from, RuleTable inForce) {
    try {
      return new Reading.Files(from.read(inForce));
    } catch (IOException e) {
      return new Reading.Nothing(
          "%s cannot be listed: %s; bring it back or allow this user to read it"
              .formatted(from, Listing.reason(e)));
    } catch (RuntimeException | StackOverflowError e) {
      return new Reading.Nothing(
          "%s could not be read for a defect of this program, please report it: %s%s"
              .formatted(from, e, at(e)));
    }
  }

  private static String at(Throwable defect) {
    StackTraceElement[] frames = defect.getStackTrace();
    return frames.length == 0 ? "" : " at " + frames[0];
  }

  private void accept(Folder from, Reading reading) {
    RulesState before = state;
    before
        .after(reading, clock.instant())
        .ifPresent(
            after -> {
              state = after;
              listener.loaded(after.lastAttempt().good());
              tell(from, before, after);
              RulesState.Attempt last = before.lastAttempt();
              tellOdd(odd(last), after.lastAttempt());
            });
  }

  private static List<String> odd(RulesState.Attempt attempt) {
    return Stream.concat(
            attempt.warnings().stream(),
            attempt.leftOut().stream().map(file -> "Left out of the rules: " + file))
        .toList();
  }

  /** Each line once, until it is gone and comes back. */
  private static void tellOdd(List<String> told, RulesState.Attempt attempt) {
    List<String> odd = new ArrayList<>(odd(attempt));
    odd.removeAll(Set.copyOf(told));
    odd.stream().limit(MOST_TOLD).forEach(log::warn);
    if (odd.size() > MOST_TOLD) {
      log.warn("{} more such lines, see /rules", odd.size() - MOST_TOLD);
    }
  }

  private static void tell(Folder from, RulesState before, RulesState after) {
    Changes changes = Changes.between(before.inForce(), after.inForce());
    List<String> problems = after.lastAttempt().problems();
    String hash = after.inForce().hash();
    if (problems.isEmpty()) {
      log.info("Rules loaded from {}: {}; in force is SHA-256 {}", from, changes, hash);
    } else {
      problems.forEach(log::error);
      log.error(
          "Problems of the rules in {}: {}. What they concern stays as it was; otherwise {};"
              + " in force is SHA-256 {}",
          from,
          problems.size(),
          changes,
          hash);
    }
  }
}
