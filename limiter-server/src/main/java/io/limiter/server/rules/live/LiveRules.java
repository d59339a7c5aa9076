package io.limiter.server.rules.live;

import io.limiter.server.rules.LoadedRules;
import io.limiter.server.rules.Problem;
import io.limiter.server.rules.RuleFiles;
import io.limiter.server.rules.RuleTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules of a directory, as they are now. Whoever asks gets one immutable table; a change of the
 * files swaps it whole. A file that is bad keeps the rules that its domain had.
 *
 * <p>Files are read once their listing has stood still between two looks, so that one that is being
 * written is not read half. Any thread may ask; one at a time may look.
 */
public final class LiveRules implements Supplier<RuleTable> {
  private static final Logger log = LoggerFactory.getLogger(LiveRules.class);

  private final @Nullable Path directory;
  private final Clock clock;
  private volatile RulesListener listener = good -> {};
  private volatile RulesState state;
  private @Nullable Listing seen;
  private String readHash;
  private boolean read;
  private boolean lost;

  private LiveRules(@Nullable Path directory, LoadedRules loaded, String hash, Clock clock) {
    this.directory = directory;
    this.clock = clock;
    this.readHash = hash;
    this.state =
        new RulesState(
            loaded.table().withHash(hash),
            hash,
            clock.instant(),
            loaded.problems(),
            clock.instant());
  }

  /** Tells {@code listener} of the last load, and of every one that comes. */
  public void listen(RulesListener listener) {
    this.listener = listener;
    tell();
  }

  /** Rules that stay as they are. */
  public static LiveRules fixed(LoadedRules loaded, Clock clock) {
    return new LiveRules(null, loaded, "", clock);
  }

  /**
   * Rules of a directory, to be looked at again and again.
   *
   * @throws IOException when the directory cannot be listed
   */
  public static LiveRules of(Path directory, Clock clock) throws IOException {
    String hash = Listing.contentHash(directory);
    return new LiveRules(directory, RuleFiles.load(directory), hash, clock);
  }

  @Override
  public RuleTable get() {
    return state.table();
  }

  /** What is in force. */
  public RulesState state() {
    return state;
  }

  /** The directory; null for rules that stay as they are. */
  @Nullable Path directory() {
    return directory;
  }

  /**
   * Looks at the directory and, if it has changed and stands still, reads it.
   *
   * @return whether there is more to do soon, since the directory is changing
   */
  public synchronized boolean look() {
    Path place = directory;
    if (place == null) {
      return false;
    }
    try {
      Listing now = Listing.of(place);
      if (lost) {
        log.info("The rules directory {} is back", place);
        lost = false;
      }
      if (!now.equals(seen)) {
        seen = now;
        read = false;
        return true;
      }
      if (!read) {
        read = load(place);
      }
      return !read;
    } catch (IOException e) {
      if (!lost) {
        lost = true;
        log.error("The rules directory {} cannot be read; the rules stay as they are", place, e);
        listener.loaded(false);
      }
      seen = null;
      return false;
    }
  }

  private boolean load(Path place) throws IOException {
    String before = Listing.contentHash(place);
    if (before.equals(readHash)) {
      return true;
    }
    LoadedRules loaded = RuleFiles.load(place);
    if (!Listing.contentHash(place).equals(before)) {
      return false; // Changed while it was read.
    }
    readHash = before;
    RulesState old = state;
    boolean good = loaded.problems().isEmpty();
    RuleTable table = loaded.orLastGood(old.table()).withHash(before);
    boolean kept = !good && table.domains().equals(old.table().domains());
    state = new RulesState(table, before, clock.instant(), loaded.problems(), clock.instant());
    tell();
    List<Problem> problems = loaded.problems();
    if (good) {
      log.info("Rules loaded from {}: {} domains, {}", place, table.domains().size(), before);
    } else {
      problems.forEach(problem -> log.error("{}", problem));
      log.error(
          "The rules in {} have {} problems; {}",
          place,
          problems.size(),
          kept ? "domains in bad files keep their rules" : "good files are in force");
    }
    return true;
  }

  private void tell() {
    listener.loaded(state.problems().isEmpty());
  }
}
