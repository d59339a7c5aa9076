package io.limiter.server.rules.live;

import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Files in memory, whose listing changes only when a test says so. Safe to share. */
final class FolderFake implements Folder {
  private final SortedMap<String, String> files = new TreeMap<>();
  private int version;
  private Runnable duringReads = () -> {};

  /** Changes files without a trace in the listing. */
  synchronized void setSilently(String file, String text) {
    files.put(file, text);
  }

  synchronized void set(String file, String text) {
    setSilently(file, text);
    touch();
  }

  synchronized void touch() {
    version++;
  }

  /** What happens each time after the files were read and before the next poll. */
  synchronized void duringReads(Runnable happens) {
    duringReads = happens;
  }

  @Override
  public synchronized Listing list() {
    return new Listing(List.of("version " + version), Set.of());
  }

  @Override
  public LoadedRules read(RuleTable inForce) throws IOException {
    LoadedRules loaded = loaded();
    during().run();
    return loaded;
  }

  private synchronized Runnable during() {
    return duringReads;
  }

  synchronized LoadedRules loaded() {
    return RuleFiles.load(
        files.entrySet().stream()
            .map((Map.Entry<String, String> file) -> source(file.getKey(), file.getValue()))
            .toList());
  }

  private static RuleFiles.Source source(String file, String text) {
    return new RuleFiles.Source(file, text);
  }

  @Override
  public String toString() {
    return "the folder";
  }
}
