package io.limiter.server.rules.live;

import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import java.io.IOException;
import java.nio.file.Path;

/** The folder that rules are read from. */
interface Folder {

  /** What is in it now, without reading the files. */
  Listing list();

  /**
   * Reads it.
   *
   * @param inForce the rules that stay in force meanwhile
   * @throws IOException when it cannot be listed
   */
  LoadedRules read(RuleTable inForce) throws IOException;

  /** A directory by its name. Links in the name are followed anew each time. */
  static Folder at(Path directory) {
    return new Folder() {
      @Override
      public Listing list() {
        return Listing.of(directory);
      }

      @Override
      public LoadedRules read(RuleTable inForce) throws IOException {
        return RuleFiles.load(directory, inForce);
      }

      @Override
      public String toString() {
        return directory.toString();
      }
    };
  }
}
