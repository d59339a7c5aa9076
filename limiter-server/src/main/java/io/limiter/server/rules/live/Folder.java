package io.limiter.server.rules.live;

import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import java.io.IOException;
import java.nio.file.Path;

/** Where rules are, to be looked at and to be read. */
interface Folder {

  /** What it looks like. */
  Listing look();

  /**
   * Reads it.
   *
   * @throws IOException when it cannot be listed
   */
  LoadedRules read() throws IOException;

  /** A directory, under the name it was given: links in that name are followed at each look. */
  static Folder at(Path directory) {
    return new Folder() {
      @Override
      public Listing look() {
        return Listing.of(directory);
      }

      @Override
      public LoadedRules read() throws IOException {
        return RuleFiles.load(directory);
      }

      @Override
      public String toString() {
        return directory.toString();
      }
    };
  }
}
